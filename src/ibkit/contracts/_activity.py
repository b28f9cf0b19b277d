"""What was traded and held in each month, day by day: what crossovers are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from attrs import field, frozen

from ibkit.products import ContractMonth, Price, exact

Series: TypeAlias = Mapping[ContractMonth, Mapping[dt.date, Decimal]]


def _series(
    given: Mapping[ContractMonth | str, Mapping[dt.date, Price]],
) -> Series:
    return {
        ContractMonth.parse(month): {day: exact(size) for day, size in days.items()}
        for month, days in given.items()
    }


@frozen(kw_only=True)
class Activity:
    """Volume and open interest of the months of one product, by trading day.

    A day that is missing is not zero: it is not known, and decides nothing. Months are
    `ContractMonth` or text such as ``2026-06``.

    >>> import datetime as dt
    >>> day = dt.date(2026, 6, 11)
    >>> activity = Activity(volume={"2026-06": {day: 800_000}, "2026-09": {day: 1_100_000}})
    >>> activity.volume[ContractMonth(2026, 9)][day]
    Decimal('1100000')
    """

    volume: Series = field(factory=dict, converter=_series)
    open_interest: Series = field(factory=dict, converter=_series)
