"""All months of a product, in the order in which they end."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import final, overload

from attrs import evolve, field, frozen

from ibkit._ib._arguments import day_of, instance, whole
from ibkit.errors import ChainExhausted, PlanError, UnknownContract
from ibkit.products import (
    Calendar,
    ContractMonth,
    MalformedMonth,
    Product,
    listed_months,
    parse_local_symbol,
    product_calendar,
)

from . import _faces as faces
from ._activity import Activity
from ._listing import Listing
from ._roll_rules import RollQuestion, RollRule, leave_day, rule_for
from ._schedule import RollSchedule, schedule_of


def _sorted(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    return tuple(sorted(listings, key=lambda each: (each.last_trade, each.month)))


@final
@frozen(kw_only=True, repr=False)
class FuturesChain(Sequence[Listing]):
    """The months of one product, sorted by their real last trading day. Immutable.

    The contract month does not sort them: CL for February ends in January. Made by
    `FuturesResolver.chain_async` from what is listed, or from any listings of one product.

    `front` and `schedule` consider the months that most people hold (the active cycle of the
    product); everything else counts all months of the chain.

    Args:
        product: whose months they are.
        listings: in any order.
        calendar: business days instead of those of the exchange.
        since: the first day of which it is known that no traded month is missing. What was
            front before is refused; None refuses nothing.

    Raises:
        PlanError: a listing of another product, or a month twice.

    >>> import datetime as dt
    >>> from ibkit.products import product
    >>> chain = FuturesChain.by_rule(product("ES"), dt.date(2026, 6, 10))
    >>> print(chain.front(dt.date(2026, 6, 10)), chain.front(dt.date(2026, 6, 11)))
    ESM6 ESU6
    >>> print(chain.next(chain.month("M6")), chain.nth(2, dt.date(2026, 6, 18)), len(chain))
    ESU6 ESU6 12
    """

    product: Product
    listings: tuple[Listing, ...] = field(converter=_sorted)
    calendar: Calendar = field(eq=False)
    since: dt.date | None = None
    _days: tuple[dt.date, ...] = field(init=False, eq=False)
    _places: dict[ContractMonth, int] = field(init=False, eq=False)
    _held: tuple[Listing, ...] = field(init=False, eq=False)
    """The months that most people hold."""
    _held_before: tuple[int, ...] = field(init=False, eq=False)
    """How many of them stand before each place of the chain."""

    @calendar.default
    def _of_the_exchange(self) -> Calendar:
        return product_calendar(self.product)

    def __attrs_post_init__(self) -> None:
        months = [each.month for each in self.listings]
        if wrong := [each for each in self.listings if each.product.root != self.product.root]:
            raise PlanError("listings", str(wrong[0]), f"months of {self.product.root} only")
        if twice := [str(month) for month, times in Counter(months).items() if times > 1]:
            raise PlanError("listings", twice[0], "each month once; weekly contracts have no place")
        places = {month: place for place, month in enumerate(months)}
        object.__setattr__(self, "_days", tuple(each.last_trade for each in self.listings))
        object.__setattr__(self, "_places", places)
        letters = self.product.active_months
        is_held = [not letters or month.letter in letters for month in months]
        held = tuple(each for each, kept in zip(self.listings, is_held, strict=True) if kept)
        object.__setattr__(self, "_held", held)
        object.__setattr__(self, "_held_before", (0, *accumulate(is_held)))

    @classmethod
    def by_rule(
        cls, product: Product, today: dt.date, *, calendar: Calendar | None = None
    ) -> FuturesChain:
        """Make the chain that should be listed on a day, from the table alone.

        Its contracts have no conId. Ask a resolver for the chain that is listed.
        """
        months = listed_months(product, day_of(today, "today"), calendar=calendar)
        listings = (Listing.by_rule(product, month, calendar) for month in months)
        calendar = calendar or product_calendar(product)
        return cls(product=product, listings=listings, calendar=calendar, since=today)

    # --- a sequence ---

    def __len__(self) -> int:
        return len(self.listings)

    @overload
    def __getitem__(self, index: int) -> Listing: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Listing, ...]: ...
    def __getitem__(self, index: int | slice) -> Listing | tuple[Listing, ...]:
        return self.listings[index]

    def __iter__(self) -> Iterator[Listing]:
        return iter(self.listings)

    # --- look-ups ---

    @property
    def active(self) -> FuturesChain:
        """The chain of the months that most people hold."""
        return evolve(self, listings=self._held)

    def trading(self, on: dt.date) -> tuple[Listing, ...]:
        """The months that still trade on a day, their last one included."""
        return self.listings[bisect_left(self._days, day_of(on, "on")) :]

    def front(
        self, on: dt.date, rule: RollRule | None = None, *, activity: Activity | None = None
    ) -> Listing:
        """The front month as traders mean it: the first that has not been left on that day.

        Args:
            on: the trading day.
            rule: when a contract is left; the convention of the product by default.
            activity: the figures that a crossover needs.

        Raises:
            ChainExhausted: every month of the chain has been left, or the day is before it.
        """
        self._check_reach(day_of(on, "on"))
        rule = rule_for(self.product, rule)
        candidates = self._held_from(bisect_left(self._days, on))
        for place, listing in enumerate(candidates):
            if leave_day(rule, self._question(candidates, place, activity)) > on:
                return listing
        raise ChainExhausted(self.product.root, f"no month is left to be the front on {on}")

    def leave_day(
        self, listing: Listing, rule: RollRule | None = None, *, activity: Activity | None = None
    ) -> dt.date:
        """The first day on which a later month than this one is the front."""
        months = self._held_from(self._place(listing) + 1)
        question = self._question((listing, *months), 0, activity)
        return leave_day(rule_for(self.product, rule), question)

    def next(self, listing: Listing) -> Listing:
        """The month that most people hold after this one.

        Raises:
            ChainExhausted: there is none in the chain.
            UnknownContract: the listing is not in the chain.
        """
        later = self._held_from(self._place(listing) + 1)
        if not later:
            raise ChainExhausted(self.product.root, f"no month after {listing} is in the chain")
        return later[0]

    def nth(self, n: int, on: dt.date) -> Listing:
        """The nth nearby: of the months that trade on a day, the nearest is the first.

        Raises:
            ChainExhausted: fewer trade, or the day is before the chain.
            PlanError: `n` is below 1.
        """
        self._check_reach(day_of(on, "on"))
        n = whole(n, "n", 1)
        found = self.trading(on)
        if len(found) < n:
            reason = f"{len(found)} months trade on {on}, so there is no nearby {n}"
            raise ChainExhausted(self.product.root, reason)
        return found[n - 1]

    def month(self, name: ContractMonth | str) -> Listing:
        """The listing of a month: ``2026-12``, ``Z26``, ``ESZ6``; of a one-digit year the nearest.

        Raises:
            UnknownContract: it is not in the chain; names what is.
            MalformedMonth: no month.
        """
        for month in self._meant(name):
            if month in self._places:
                return self.listings[self._places[month]]
        shown = [each.month.code for each in self.listings]
        raise UnknownContract(
            f"{self.product.root} {name}", "this month is not in the chain", nearest=shown[:12]
        )

    def by_con_id(self, con_id: int) -> Listing | None:
        """The listing with this conId, None if there is none."""
        return next((each for each in self.listings if con_id and each.con_id == con_id), None)

    def schedule(
        self,
        rule: RollRule | None,
        start: dt.date,
        end: dt.date,
        *,
        activity: Activity | None = None,
    ) -> RollSchedule:
        """Who is front from when to when.

        Args:
            rule: when a contract is left; None is the convention of the product.
            start: first day.
            end: last day.
            activity: the figures that a crossover needs.

        Raises:
            ChainExhausted: the chain ends before `end`, or knows nothing of `start`.
            PlanError: `end` before `start`.
        """
        if day_of(end, "end") < day_of(start, "start"):
            raise PlanError("end", end, f"a day from {start} on")
        self._check_reach(start)
        return schedule_of(
            self.product,
            self._held_from(bisect_left(self._days, start)),
            rule_for(self.product, rule),
            start,
            end,
            calendar=self.calendar,
            activity=activity,
        )

    def _check_reach(self, day: dt.date) -> None:
        if self.since is not None and day < self.since:
            reason = f"the chain knows which months traded from {self.since} on, not on {day}"
            raise ChainExhausted(self.product.root, reason)

    def _meant(self, name: ContractMonth | str) -> list[ContractMonth]:
        if isinstance(name, ContractMonth):
            return [name]
        if not self.listings:
            return []
        try:
            return [ContractMonth.parse(name, today=self._days[0])]
        except MalformedMonth:
            text = str(name).upper()
            if text != self.product.root and text.startswith(self.product.local_class):
                return [parse_local_symbol(text, self._days[0]).month]
            raise

    def _place(self, listing: Listing) -> int:
        instance(listing, "listing", Listing, "a Listing of the chain, as chain.month('Z6') gives")
        place = self._places.get(listing.month, -1)
        if place < 0 or self.listings[place] != listing:
            raise UnknownContract(listing, f"it is not in this chain of {self.product.root}")
        return place

    def _held_from(self, place: int) -> tuple[Listing, ...]:
        """The months that most people hold, from a place of the chain on."""
        return self._held[self._held_before[place] :]

    def _question(
        self, listings: Sequence[Listing], place: int, activity: Activity | None
    ) -> RollQuestion:
        return RollQuestion(
            listing=listings[place],
            later=listings[place + 1 :],
            calendar=self.calendar,
            activity=activity,
        )

    # --- faces ---

    def __repr__(self) -> str:
        if not self.listings:
            return f"<FuturesChain {self.product.root}: empty>"
        return f"<FuturesChain {self.product.root}: {len(self)} months, {self[0]} to {self[-1]}>"

    def __str__(self) -> str:
        return faces.text(faces.chain_table(self))

    def _repr_html_(self) -> str:
        return faces.html(faces.chain_table(self))
