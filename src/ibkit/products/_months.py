"""The month a contract is named after, which need not be the month in which it stops trading."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from ._errors import MalformedMonth

MONTH_CODES = "FGHJKMNQUVXZ"
"""The letters of January to December in futures symbols."""

_NAMES = {
    spelling: number
    for number, name in enumerate(
        (
            *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE"),
            *("JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"),
        ),
        start=1,
    )
    for spelling in (name, name[:3])
}
_MONTHS, _YEARS = range(1, 13), range(1900, 2200)
_YEARS_OF_EXPIRED = 2
"""IB serves an expired future for two years (gateway-behaviour 2.1)."""


class ContractMonth(NamedTuple):
    """The delivery month of a contract. Ordered by time, hashable, two numbers.

    The year is a full year. CL for February 2026 stops trading in January: that date is
    `last_trade`, this value is the name of the contract.

    >>> month = ContractMonth.parse("DEC 26")
    >>> month, str(month), month.code, month.yyyymm
    (ContractMonth(year=2026, month=12), '2026-12', 'Z26', '202612')
    >>> month.plus(1) > month
    True
    """

    year: int
    month: int

    @classmethod
    def parse(cls, text: object, *, today: dt.date | None = None) -> ContractMonth:
        """Read a month in any of the forms traders and IB write.

        A two-digit year means 2000 to 2099. A one-digit year (``Z6``) repeats every ten years
        and needs `today`: it is read in the window of ten years that begins two years before
        today. So it means the contract that can still trade, if there is one in the next eight
        years, or else one that has expired and that IB still serves.

        Raises:
            MalformedMonth: no month, or a one-digit year without `today`.

        >>> str(ContractMonth.parse("Z9", today=dt.date(2030, 1, 15)))
        '2029-12'
        >>> str(ContractMonth.parse("H0", today=dt.date(2029, 12, 1)))
        '2030-03'
        >>> ContractMonth.parse("20261218")
        Traceback (most recent call last):
        ...
        ibkit.products._errors.MalformedMonth: contract month '20261218': a date of eight digits \
is a last trading day at IB, not a month; accepted are 2026-12, 202612, Z26, Z2026, DEC 26, \
Dec 2026, or Z6 together with `today`
        """
        if isinstance(text, ContractMonth):
            if text.month not in _MONTHS or text.year not in _YEARS:
                raise MalformedMonth(text, "a full year, and a month from 1 to 12")
            return text
        cleaned = str(text).strip().upper()
        for pattern in _FORMS:
            if found := pattern.fullmatch(cleaned):
                return cls._checked(text, _month_number(found["month"]), found["year"], today)
        raise MalformedMonth(text, _why_not(cleaned))

    @classmethod
    def _checked(cls, text: object, month: int, year: str, today: dt.date | None) -> ContractMonth:
        if not 1 <= month <= 12:
            raise MalformedMonth(text, f"there is no month {month}")
        if len(year) == 1:
            if today is None:
                raise MalformedMonth(text, "a one-digit year repeats every ten years; give `today`")
            return _next(int(year), month, cls.of(today).plus(-12 * _YEARS_OF_EXPIRED))
        return cls(int(year) + (2000 if len(year) == 2 else 0), month)

    @classmethod
    def of(cls, day: dt.date) -> ContractMonth:
        """Name the month in which a day lies.

        >>> ContractMonth.of(dt.date(2026, 6, 18))
        ContractMonth(year=2026, month=6)
        """
        return cls(day.year, day.month)

    @property
    def letter(self) -> str:
        """The month code: ``Z`` for December."""
        return MONTH_CODES[self.month - 1]

    @property
    def code(self) -> str:
        """Month code and two digits of the year: ``Z26``."""
        return f"{self.letter}{self.year % 100:02d}"

    @property
    def yyyymm(self) -> str:
        """As IB's ``contractMonth`` and ``lastTradeDateOrContractMonth`` write it."""
        return f"{self.year}{self.month:02d}"

    @property
    def first_day(self) -> dt.date:
        """The first calendar day."""
        return dt.date(self.year, self.month, 1)

    def plus(self, months: int) -> ContractMonth:
        """Count months forward, or back with a negative number.

        >>> str(ContractMonth(2026, 1).plus(-2))
        '2025-11'
        """
        years, month = divmod(self.month - 1 + months, 12)
        return ContractMonth(self.year + years, month + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})[-/ ]?(?P<month>\d{2})",
        rf"(?P<month>[{MONTH_CODES}])(?P<year>\d{{1,2}}|\d{{4}})",
        rf"(?P<month>{'|'.join(_NAMES)})[ '-]*(?P<year>\d{{2}}|\d{{4}})",
    )
)


def _next(digit: int, month: int, start: ContractMonth) -> ContractMonth:
    """The first such month, of a year that ends in `digit`, from `start` on."""
    found = ContractMonth(start.year + (digit - start.year) % 10, month)
    return found if found >= start else found.plus(120)


def _month_number(text: str) -> int:
    if len(text) == 1:
        return MONTH_CODES.index(text) + 1
    return _NAMES.get(text) or int(text)


def _why_not(text: str) -> str:
    if re.fullmatch(r"\d{8}", text):
        return "a date of eight digits is a last trading day at IB, not a month"
    return "no month and year found in it"
