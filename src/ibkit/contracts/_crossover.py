"""Rules that follow the crowd: leave a contract when a later one has more volume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from attrs import field, frozen, validators

from ibkit._ib._arguments import is_whole
from ibkit.errors import PlanError
from ibkit.products import add_business_days

from ._activity import Series
from ._roll_rules import RollQuestion

_ONE_OR_MORE = is_whole(1)


@frozen
class VolumeCrossover:
    """Leave when a later month has had more volume in so many sessions in a row.

    The roll takes effect on the business day after the last of those sessions, when its volume
    is known. It never flips back: once left, a contract is left, whatever its volume does. Any
    later month counts, not only the next one, so that a thin month (gold in October) is skipped.
    A session without a figure for the contract is passed over.

    Without a crossing it says nothing, and the contract is left after its last trade: put it into
    `Earliest` with a rule that knows a latest day.

    Args:
        sessions: how many in a row.
        within: only sessions of the last so many business days before the last trade count, so
            that a stray figure months ahead rolls nothing. None: all count.

    Raises:
        PlanError: asked without figures (``activity=``).
    """

    sessions: int = field(default=2, validator=_ONE_OR_MORE)
    within: int | None = field(default=None, validator=validators.optional(_ONE_OR_MORE))

    def roll_day(self, question: RollQuestion, /) -> dt.date | None:
        """Find the first such row of sessions."""
        series = _series(question, "volume")
        return _crossed(question, series, self.sessions, self.within)


@frozen
class OpenInterestCrossover:
    """Leave when a later month has had more open interest in so many sessions in a row.

    Otherwise as `VolumeCrossover`. Open interest moves later and more steadily than volume, so
    one session is enough by default.

    Raises:
        PlanError: asked without figures (``activity=``).
    """

    sessions: int = field(default=1, validator=_ONE_OR_MORE)
    within: int | None = field(default=None, validator=validators.optional(_ONE_OR_MORE))

    def roll_day(self, question: RollQuestion, /) -> dt.date | None:
        """Find the first such row of sessions."""
        series = _series(question, "open_interest")
        return _crossed(question, series, self.sessions, self.within)


def _series(question: RollQuestion, kind: Literal["volume", "open_interest"]) -> Series:
    found: Series = getattr(question.activity, kind) if question.activity else {}
    if not found:
        raise PlanError(
            "activity",
            question.activity,
            f"the {kind.replace('_', ' ')} of each month and day, as Activity({kind}=...)",
        )
    return found


def _crossed(
    question: RollQuestion, series: Series, sessions: int, within: int | None
) -> dt.date | None:
    in_a_row = 0
    for day, is_beaten in _sessions(question, series, within):
        in_a_row = in_a_row + 1 if is_beaten else 0
        if in_a_row == sessions:
            return add_business_days(day, 1, question.calendar)
    return None


def _sessions(
    question: RollQuestion, series: Series, within: int | None
) -> Iterator[tuple[dt.date, bool]]:
    """Each day with a figure for the contract, and whether a later month had more."""
    mine = series.get(question.listing.month, {})
    others = [series[each.month] for each in question.later if each.month in series]
    start = dt.date.min
    if within is not None:
        start = add_business_days(question.listing.last_trade, -within, question.calendar)
    for day in sorted(day for day in mine if day >= start):
        yield day, any(other.get(day, -1) > mine[day] for other in others)
