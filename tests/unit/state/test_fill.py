import datetime as dt
from decimal import Decimal

import attrs
import pytest
from ib_async import CommissionReport, Contract, Execution

from ibkit.state._fill import FillBook, exact, known, trade_of

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
UNSET = 1.7976931348623157e308


def execution(exec_id, size=1.0, price=5000.0):
    return Execution(execId=exec_id, time=NOW, side="SLD", shares=size, price=price, cumQty=size)


@pytest.mark.parametrize(
    ("value", "meant"),
    [(0.0, Decimal("0.0")), (5000.25, Decimal("5000.25")), (UNSET, None), (float("nan"), None)],
)
def test_unset_is_none_and_zero_is_zero(value, meant):
    assert known(value) == meant


def test_numbers_are_taken_as_they_were_written():
    assert exact(0.1) + exact(0.2) == Decimal("0.3")


@pytest.mark.parametrize(
    ("exec_id", "parts"),
    [("a.b.01.02", ("a.b.01", 2)), ("a.b.01.10", ("a.b.01", 10)), ("odd", ("odd", 0))],
)
def test_the_last_group_of_an_id_is_the_correction(exec_id, parts):
    assert trade_of(exec_id) == parts


def test_an_older_correction_that_comes_late_says_nothing_new():
    book = FillBook()
    book.execution(Contract(), execution("a.02", price=2.0), recovered=False)

    assert book.execution(Contract(), execution("a.01", price=1.0), recovered=True) is None
    assert book.all()[0].price == 2


def test_a_correction_keeps_the_commission():
    book = FillBook()
    book.execution(Contract(), execution("a.01"), recovered=False)
    book.commission(CommissionReport("a.01", 2.0, "USD", 10.0))
    change = book.execution(Contract(), execution("a.02", price=4999.0), recovered=False)

    assert change.before.price == 5000
    assert (change.after.price, change.after.commission) == (4999, 2)
    assert book.get("a.01") == book.get("a.02") == change.after


def test_the_same_commission_twice_is_told_once():
    book = FillBook()
    book.execution(Contract(), execution("a.01"), recovered=False)
    report = CommissionReport("a.01", 2.0, "USD", UNSET)

    assert book.commission(report) is not None
    assert book.commission(report) is None


def test_a_sale_takes_from_the_position():
    book = FillBook()
    book.execution(Contract(), execution("a.01", size=3.0), recovered=False)

    assert book.all()[0].signed_size == -3
    assert len(book) == 1


def test_a_commission_that_waits_is_not_touched_by_others():
    book, report = FillBook(), CommissionReport(execId="a.01", commission=2.5)
    report.realizedPNL = 1.7976931348623157e308
    book.commission(report)
    report.realizedPNL = 0.0  # so does ib_async
    book.execution(Contract(), Execution(execId="a.01", permId=9), recovered=False)

    assert book.get("a.01").realized_pnl is None
    assert [fill.exec_id for fill in book.of(9)] == ["a.01"]
    assert book.of(8) == ()


def test_a_commission_changes_nothing_else_of_a_fill():
    book = FillBook()
    book.execution(Contract(conId=1), execution("a.01"), recovered=True)
    before = book.all()[0]
    book.commission(CommissionReport(before.exec_id, 2.25, "USD", 7.0))

    assert book.all() == (
        attrs.evolve(before, commission=Decimal("2.25"), currency="USD", realized_pnl=Decimal(7)),
    )
