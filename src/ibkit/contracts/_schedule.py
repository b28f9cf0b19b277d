"""Who is front from when to when, over any span of years, with or without a gateway."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, final, overload

from attrs import field, frozen

from ibkit._ib._arguments import day_of
from ibkit.errors import ChainExhausted, PlanError
from ibkit.products import Calendar, ContractMonth, Product, product_calendar

from . import _faces as faces
from ._activity import Activity
from ._listing import Listing
from ._roll_rules import RollQuestion, RollRule, leave_day, rule_for

_DAY = dt.timedelta(days=1)
_EARLIEST_END = 12
"""Months. No contract of the table stops that long before the month that names it."""
_LATEST_END = 6
"""Months. SR3 trades until the third month after its name."""


@frozen
class RollPeriod:
    """One month as the front, from its first to its last day, both included."""

    listing: Listing
    start: dt.date
    end: dt.date

    def __str__(self) -> str:
        return f"{self.listing}: {self.start} to {self.end}"


class Roll(NamedTuple):
    """The day on which the front changes: on it, `to` is the front already."""

    day: dt.date
    from_: Listing
    to: Listing


@final
@frozen(kw_only=True, repr=False)
class RollSchedule(Sequence[RollPeriod]):
    """Periods without a gap or an overlap, in order.

    >>> import datetime as dt
    >>> from ibkit.products import product
    >>> plan = roll_schedule(product("ES"), dt.date(2026, 3, 2), dt.date(2026, 9, 30))
    >>> for period in plan:
    ...     print(period)
    ESH6: 2026-03-02 to 2026-03-12
    ESM6: 2026-03-13 to 2026-06-10
    ESU6: 2026-06-11 to 2026-09-10
    ESZ6: 2026-09-11 to 2026-09-30
    >>> print(plan.at(dt.date(2026, 6, 11)), plan.rolls[0].day)
    ESU6 2026-03-13
    """

    product: Product
    rule: RollRule
    periods: tuple[RollPeriod, ...]
    _starts: tuple[dt.date, ...] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(each.start for each in self.periods))

    def __len__(self) -> int:
        return len(self.periods)

    @overload
    def __getitem__(self, index: int) -> RollPeriod: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RollPeriod, ...]: ...
    def __getitem__(self, index: int | slice) -> RollPeriod | tuple[RollPeriod, ...]:
        return self.periods[index]

    def __iter__(self) -> Iterator[RollPeriod]:
        return iter(self.periods)

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.periods[0].start

    @property
    def end(self) -> dt.date:
        """The last day."""
        return self.periods[-1].end

    @property
    def rolls(self) -> tuple[Roll, ...]:
        """The days on which the front changes."""
        pairs = zip(self.periods, self.periods[1:], strict=False)
        return tuple(Roll(after.start, before.listing, after.listing) for before, after in pairs)

    def at(self, day: dt.date) -> Listing:
        """The front on a day.

        Raises:
            PlanError: the day is outside the schedule.
        """
        if not self.start <= day <= self.end:
            raise PlanError("day", day, f"{self.start} to {self.end}")
        return self.periods[bisect_right(self._starts, day) - 1].listing

    def __repr__(self) -> str:
        root = self.product.root
        return f"<RollSchedule {root}: {len(self)} periods, {self.start} to {self.end}>"

    def __str__(self) -> str:
        return faces.text(faces.schedule_table(self))

    def _repr_html_(self) -> str:
        return faces.html(faces.schedule_table(self))


def roll_schedule(
    product: Product,
    start: dt.date,
    end: dt.date,
    *,
    rule: RollRule | None = None,
    calendar: Calendar | None = None,
    activity: Activity | None = None,
) -> RollSchedule:
    """Make the schedule of a product from rules alone, for any span of years, without a gateway.

    Its listings have no conId. The months are those of the active cycle; holidays of years to
    come are forecasts.

    Args:
        product: of which future; ``product("ES")``.
        start: first day.
        end: last day.
        rule: when a contract is left; the convention of the product by default.
        calendar: business days instead of those of the exchange.
        activity: the figures that a crossover needs.

    Raises:
        PlanError: `end` before `start`.
        RuleUnknown: the table does not know the dates of the product.
    """
    if day_of(end, "end") < day_of(start, "start"):
        raise PlanError("end", end, f"a day from {start} on")
    calendar = calendar or product_calendar(product)
    listings = sorted(_months(product, start, end, calendar), key=lambda each: each.last_trade)
    rule = rule_for(product, rule)
    return schedule_of(product, listings, rule, start, end, calendar=calendar, activity=activity)


def _months(
    product: Product, start: dt.date, end: dt.date, calendar: Calendar
) -> Iterator[Listing]:
    """Every active month that can be the front between two days, and some more."""
    letters = product.active_months or product.listed_months
    month = ContractMonth.of(start).plus(-_LATEST_END)
    last = ContractMonth.of(end).plus(_EARLIEST_END + _LATEST_END)
    while month <= last:
        if month.letter in letters:
            listing = Listing.by_rule(product, month, calendar)
            if listing.last_trade >= start:
                yield listing
        month = month.plus(1)


def schedule_of(
    product: Product,
    listings: Sequence[Listing],
    rule: RollRule,
    start: dt.date,
    end: dt.date,
    *,
    calendar: Calendar,
    activity: Activity | None,
) -> RollSchedule:
    """Put listings, sorted by last trade, into a schedule."""
    periods: list[RollPeriod] = []
    day = start
    for place, listing in enumerate(listings):
        if day > end:
            break
        question = RollQuestion(
            listing=listing, later=listings[place + 1 :], calendar=calendar, activity=activity
        )
        leave = leave_day(rule, question)
        if leave > day:
            periods.append(RollPeriod(listing, day, min(leave - _DAY, end)))
            day = leave
    if day <= end:
        raise ChainExhausted(product.root, f"no month is left to be the front on {day}")
    return RollSchedule(product=product, rule=rule, periods=tuple(periods))
