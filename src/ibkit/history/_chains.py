"""Where the months of a future come from, and which of them a continuous series needs."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from attrs import evolve, frozen

from ibkit.contracts._activity import Activity
from ibkit.contracts._chain import FuturesChain
from ibkit.contracts._crossover import VolumeCrossover
from ibkit.contracts._listing import Listing
from ibkit.contracts._roll_rules import Earliest, RollRule
from ibkit.contracts._schedule import RollPeriod, RollSchedule, roll_schedule
from ibkit.errors import ChainExhausted
from ibkit.products import RuleUnknown

_DAY = dt.timedelta(days=1)

LEAD = 7
"""Days before its roll from which a month is downloaded: the gap is measured there."""
_VOLUME_LEAD = 60
_LATEST_NEXT = 200
"""Days after the end of a series until which a month may end that was its front."""


class ChainSource(Protocol):
    """Finds the months of a future. A `FuturesResolver` does."""

    async def chain_async(self, root: str, *, include_expired: bool = False) -> FuturesChain:
        """All months, with the expired ones that IB still knows."""
        ...


def wants_volume(rule: RollRule | None) -> bool:
    """Whether a rule is read from the volumes of the months."""
    if isinstance(rule, Earliest):
        return any(map(wants_volume, rule.rules))
    return isinstance(rule, VolumeCrossover)


@frozen
class Stretch:
    """The dates over which one month is downloaded, both included."""

    listing: Listing
    start: dt.date
    end: dt.date


def stretches(schedule: RollSchedule) -> list[Stretch]:
    """Each month as the front, and before that as far as the gap at its roll needs."""
    return [_stretch(period, is_first=not place) for place, period in enumerate(schedule)]


def _stretch(period: RollPeriod, *, is_first: bool) -> Stretch:
    start = period.start if is_first else period.start - LEAD * _DAY
    return Stretch(period.listing, start, period.end)


def volume_stretches(chain: FuturesChain, start: dt.date, end: dt.date) -> list[Stretch]:
    """The months whose volumes a crossover compares between two days."""
    last = end + _LATEST_NEXT * _DAY
    return [
        Stretch(each, start - _VOLUME_LEAD * _DAY, min(end, each.last_trade))
        for each in chain.active
        if start <= each.last_trade <= last
    ]


def schedule_in(
    chain: FuturesChain,
    rule: RollRule | None,
    start: dt.date,
    end: dt.date,
    activity: Activity | None = None,
) -> RollSchedule:
    """
    Who was front, by a chain that holds the expired months.

    Raises:
        ChainExhausted: IB has forgotten a month of the span (it does after two years), or does
            not list one yet.
    """
    schedule = evolve(chain, since=None).schedule(rule, start, end, activity=activity)
    try:
        first = roll_schedule(
            chain.product, start, start, rule=rule, calendar=chain.calendar, activity=activity
        )
    except RuleUnknown:
        return schedule  # nobody knows better than the chain
    if first[0].listing.month < schedule[0].listing.month:
        reason = f"{first[0].listing} was front on {start}, and IB does not list it any more"
        raise ChainExhausted(chain.product.root, reason)
    return schedule
