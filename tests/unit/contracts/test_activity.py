import datetime as dt
from decimal import Decimal

import pytest

from ibkit.contracts import Activity, ContractMonth
from ibkit.products import MalformedMonth

DAY = dt.date(2026, 6, 11)


def test_months_and_figures_are_read_as_they_are_written():
    figures = Activity(volume={"M26": {DAY: 1e6}}, open_interest={"2026-06": {DAY: "7"}})

    assert figures.volume == {ContractMonth(2026, 6): {DAY: Decimal(1_000_000)}}
    assert figures.open_interest[ContractMonth(2026, 6)][DAY] == 7


def test_a_month_that_is_none_is_refused():
    with pytest.raises(MalformedMonth):
        Activity(volume={"front": {DAY: 1}})
