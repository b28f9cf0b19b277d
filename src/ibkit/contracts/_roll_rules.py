"""Rules that say when to leave a contract: small values with one method."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen

from ibkit._ib._arguments import is_whole
from ibkit.errors import PlanError
from ibkit.products import (
    Calendar,
    Product,
    RuleUnknown,
    add_business_days,
    business_day_of_month,
    on_or_before,
    product_calendar,
)

from ._activity import Activity
from ._listing import Listing


@frozen(kw_only=True)
class RollQuestion:
    """What a rule is asked: when to leave one month of a product."""

    listing: Listing
    later: Sequence[Listing] = ()
    """The months after it, nearest first."""
    calendar: Calendar = field()
    """The business days to count; those of the exchange by default."""
    activity: Activity | None = None

    @calendar.default
    def _of_the_exchange(self) -> Calendar:
        return product_calendar(self.listing.product)


class RollRule(Protocol):
    """When to leave a contract. Anything with this method serves."""

    def roll_day(self, question: RollQuestion, /) -> dt.date | None:
        """The first day on which a later month is the front; None if the rule cannot say yet."""
        ...


@frozen
class BeforeLastTrade:
    """So many business days before the last trade.

    >>> from ibkit.products import ContractMonth, product
    >>> june = Listing.by_rule(product("ES"), ContractMonth(2026, 6))
    >>> str(BeforeLastTrade(5).roll_day(RollQuestion(listing=june)))
    '2026-06-11'
    """

    days: int = field(default=5, validator=is_whole(0))

    def roll_day(self, question: RollQuestion, /) -> dt.date:
        """Count back from the last trade."""
        return add_business_days(question.listing.last_trade, -self.days, question.calendar)


@frozen
class BeforeFirstNotice:
    """So many business days before first notice; before the last trade if there is no notice.

    Raises:
        RuleUnknown: the product is delivered, and nobody knows when notices begin.

    >>> from ibkit.products import ContractMonth, product
    >>> june = Listing.by_rule(product("GC"), ContractMonth(2026, 6))
    >>> str(BeforeFirstNotice(2).roll_day(RollQuestion(listing=june)))
    '2026-05-27'
    """

    days: int = field(default=2, validator=is_whole(0))

    def roll_day(self, question: RollQuestion, /) -> dt.date:
        """Count back from first notice, or from the last trade."""
        listing = question.listing
        if "first notice" in listing.unknown:
            reason = "neither the gateway nor the table knows it; use BeforeLastTrade"
            raise RuleUnknown(listing.product.root, "first notice", reason)
        day = listing.first_notice or listing.last_trade
        return add_business_days(day, -self.days, question.calendar)


@frozen
class DayOfMonth:
    """A day of the contract month, or of a month so many before (-1) or after it.

    A calendar day that is no business day becomes the business day before it. With
    `business` the day is counted in business days, and -1 is the last of the month.

    Args:
        day: 1 to 31, or the number of a business day.
        months: which month, counted from the one that names the contract.
        business: count business days.

    >>> from ibkit.products import ContractMonth, product
    >>> march = RollQuestion(listing=Listing.by_rule(product("CL"), ContractMonth(2026, 3)))
    >>> str(DayOfMonth(10, months=-1).roll_day(march))
    '2026-02-10'
    >>> str(DayOfMonth(5, months=-1, business=True).roll_day(march))
    '2026-02-06'
    """

    day: int = field()
    months: int = field(default=0, kw_only=True)
    business: bool = field(default=False, kw_only=True)

    @day.validator
    def _is_a_day(self, _: object, day: int) -> None:
        if type(day) is not int or not (1 <= day <= 31 or -23 <= day <= -1):
            raise PlanError("day", day, "1 to 31, or a business day counted back from the last, -1")

    def roll_day(self, question: RollQuestion, /) -> dt.date:
        """Find the day in the month."""
        month = question.listing.month.plus(self.months)
        if self.business or self.day < 0:
            return business_day_of_month(month, self.day, question.calendar)
        last = month.plus(1).first_day - dt.timedelta(days=1)
        return on_or_before(last.replace(day=min(self.day, last.day)), question.calendar)


@frozen(init=False)
class Earliest:
    """The earliest day that any of several rules gives.

    So a crossover gets its latest day: it follows the volume, but not into delivery.

    >>> Earliest(BeforeLastTrade(5), BeforeFirstNotice(2)).rules[0]
    BeforeLastTrade(days=5)
    """

    rules: tuple[RollRule, ...]

    def __init__(self, *rules: RollRule) -> None:
        if not rules:
            raise PlanError("rules", (), "at least one rule")
        self.__attrs_init__(rules=tuple(checked_rule(rule) for rule in rules))

    def roll_day(self, question: RollQuestion, /) -> dt.date | None:
        """Ask each rule, and pass over those that cannot say yet."""
        days = [rule.roll_day(question) for rule in self.rules]
        return min((day for day in days if day is not None), default=None)


def default_rule(product: Product) -> RollRule:
    """The convention of the table: when most people have left a contract of this product.

    >>> from ibkit.products import product
    >>> default_rule(product("ES")), default_rule(product("GC"))
    (BeforeLastTrade(days=5), BeforeFirstNotice(days=3))
    """
    if product.roll.before == "first notice":
        return BeforeFirstNotice(product.roll.days)
    return BeforeLastTrade(product.roll.days)


def checked_rule(rule: RollRule) -> RollRule:
    """Give a rule back, and refuse what is none; the class of a rule is none either."""
    given: object = rule
    if isinstance(given, type) or not callable(getattr(given, "roll_day", None)):
        raise PlanError("rule", given, "a rule, such as BeforeLastTrade(5) or VolumeCrossover()")
    return rule


def rule_for(product: Product, rule: RollRule | None) -> RollRule:
    """The rule that was given, or the convention of the product."""
    return default_rule(product) if rule is None else checked_rule(rule)


def leave_day(rule: RollRule, question: RollQuestion) -> dt.date:
    """The first day on which a later month is the front: the rule's, or after the last trade."""
    last = question.listing.last_trade + dt.timedelta(days=1)
    day = rule.roll_day(question)
    return last if day is None else min(day, last)
