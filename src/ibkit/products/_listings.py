"""Which contract months of a product stand on the board on a day.

Exchanges list by rules of their own, and change them; a gateway knows what is listed. These
counts are for schedules and for the simulator. Those that gateway-behaviour 6.1 to 6.4 or an
exchange's page states are in `_STATED`; the rest, by asset class, are a convention of ours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple, get_args

from ._calendar import Calendar
from ._expiry import last_trade, product_calendar
from ._months import ContractMonth
from ._product import Product
from ._table import product_of

Cycle = Literal["listed", "active"]
"""All months that are listed, or those that most people hold."""


class _Part(NamedTuple):
    """The next `number` months with these letters that earlier parts have not taken."""

    number: int
    letters: str = ""
    """Empty: the product's own listed months."""


_QUARTERS = "HMUZ"
_STATED: dict[str, tuple[_Part, ...]] = {
    root: parts
    for roots, parts in {
        "ES": (_Part(9, _QUARTERS), _Part(3, "Z")),
        "MES NQ MNQ RTY M2K": (_Part(5, _QUARTERS),),
        "YM MYM DX": (_Part(4, _QUARTERS),),
        "ZT Z3N ZF ZN TN TWE ZB UB": (_Part(3, _QUARTERS),),
        "FGBS FGBM FGBL FGBX": (_Part(3, _QUARTERS),),
        "6A 6B 6C 6E 6J": (_Part(20, _QUARTERS), _Part(3)),
        "6M": (_Part(13), _Part(2, _QUARTERS)),
        "RP": (_Part(6, _QUARTERS),),
        "BTC": (_Part(6), _Part(1, "Z")),
        "ETH": (_Part(6), _Part(4, _QUARTERS)),
        "MCL": (_Part(12), _Part(2, "MZ")),
        "HSI MHI": (_Part(2), _Part(2, _QUARTERS)),
        "NK": (_Part(6), _Part(20, _QUARTERS)),
    }.items()
    for root in roots.split()
}
_BY_CLASS: dict[str, tuple[_Part, ...]] = {
    "equity": (_Part(5),),
    "vol": (_Part(9),),
    "crypto": (_Part(6),),
    "rates": (_Part(12),),
    "fx": (_Part(6),),
    "energy": (_Part(24),),
    "metals": (_Part(18),),
    "grains": (_Part(10),),
    "livestock": (_Part(8),),
    "softs": (_Part(10),),
}
_OTHERS = (_Part(8),)
_LONGEST_AFTERLIFE = 6
"""Months. SR3 trades until the third month after its name."""
_HORIZON = 12 * 12
"""Months ahead in which a contract is looked for."""


def listed_months(
    product: Product | str,
    today: dt.date,
    *,
    cycle: Cycle = "listed",
    calendar: Calendar | None = None,
) -> tuple[ContractMonth, ...]:
    """The months that trade on a day, nearest first; a contract counts on its last day too.

    How many there are is a convention where no source states it (see the module's head); which
    months come into question is the table's. With ``cycle="active"`` only those most people
    hold are left.

    Raises:
        RuleUnknown: the table has no last-trade rule for the product.

    >>> from ibkit.products import product
    >>> [each.code for each in listed_months(product("NQ"), dt.date(2026, 6, 18))]
    ['M26', 'U26', 'Z26', 'H27', 'M27']
    >>> [each.code for each in listed_months(product("CL"), dt.date(2026, 1, 21))][:3]
    ['H26', 'J26', 'K26']
    """
    if cycle not in get_args(Cycle):
        raise ValueError(f"cycle {cycle!r}: accepted are {', '.join(get_args(Cycle))}")
    product = product_of(product)
    calendar = calendar or product_calendar(product)
    taken: set[ContractMonth] = set()
    for part in _STATED.get(product.root) or _BY_CLASS.get(product.asset_class, _OTHERS):
        letters = part.letters or product.listed_months or product.active_months
        fresh = (m for m in _trading(product, letters, today, calendar) if m not in taken)
        taken.update(tuple(islice(fresh, part.number)))
    kept = product.active_months if cycle == "active" else product.listed_months
    return tuple(sorted(month for month in taken if not kept or month.letter in kept))


def _trading(
    product: Product, letters: str, today: dt.date, calendar: Calendar
) -> Iterator[ContractMonth]:
    start = ContractMonth.of(today).plus(-_LONGEST_AFTERLIFE)
    for ahead in range(_HORIZON):
        month = start.plus(ahead)
        if month.letter in letters and last_trade(product, month, calendar) >= today:
            yield month
