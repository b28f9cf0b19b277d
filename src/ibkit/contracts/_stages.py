"""The state of a roll, as a table: the first row that holds names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from attrs import frozen


class RollStage(Enum):
    """Where a roll stands."""

    NOT_DUE = "not due"
    DUE = "due"
    PASSIVE = "passive"
    FORCED = "forced"
    PART_DONE = "part-done"
    DONE = "done"
    STUCK = "stuck"


@frozen(kw_only=True)
class RollState:
    """What the stage of a roll depends on."""

    today: dt.date
    roll_day: dt.date
    """The first day on which a later month is the front."""
    force_day: dt.date
    """From this day on the roll does not wait for a good price any more."""
    left: Decimal
    """Still held in the old contract, without its sign."""
    rolled: Decimal = Decimal(0)
    """Held in the new contract because of this roll, or closed there since."""
    exits_left: int = 0
    """Working exits on the old contract."""
    working: bool = False
    """An order of the roll is at the broker."""
    uneven: bool = False
    """One leg is ahead of the other."""
    trouble: str = ""
    """Why it cannot go on by itself."""


class StageRule(NamedTuple):
    """One row."""

    stage: RollStage
    when: str
    holds: Callable[[RollState], bool]


STAGE_RULES: tuple[StageRule, ...] = (
    StageRule(RollStage.STUCK, "it cannot go on by itself", lambda s: bool(s.trouble)),
    StageRule(
        RollStage.DONE,
        "rolled, nothing is left in the old contract, neither position nor exits",
        lambda s: s.rolled > 0 and not (s.left or s.exits_left or s.uneven or s.working),
    ),
    StageRule(
        RollStage.PART_DONE,
        "part of it is rolled, or the exits have yet to follow",
        lambda s: s.rolled > 0 or s.uneven,
    ),
    StageRule(
        RollStage.FORCED,
        "the deadline is near: the price of the market is taken",
        lambda s: s.left > 0 and s.today >= s.force_day,
    ),
    StageRule(RollStage.PASSIVE, "its order works at a limit", lambda s: s.working),
    StageRule(
        RollStage.DUE,
        "a later month is the front",
        lambda s: s.left > 0 and s.today >= s.roll_day,
    ),
    StageRule(RollStage.NOT_DUE, "the contract is still the front", lambda _: True),
)

_S = RollStage
_ENDS = {
    _S.STUCK: "something needs a decision",
    _S.PART_DONE: "a part was filled",
    _S.DONE: "all was filled, and the exits have moved",
}
STAGE_WAYS: dict[RollStage, dict[RollStage, str]] = {
    _S.NOT_DUE: {
        _S.DUE: "the roll day has come",
        _S.FORCED: "the deadline is near",
        _S.PASSIVE: "rolled early",
        **_ENDS,
    },
    _S.DUE: {
        _S.PASSIVE: "the order is sent",
        _S.FORCED: "the deadline is near",
        _S.NOT_DUE: "the position was closed otherwise",
        **_ENDS,
    },
    _S.PASSIVE: {
        _S.DUE: "the order is gone, nothing was filled",
        _S.FORCED: "the deadline is near",
        _S.NOT_DUE: "the order is gone, and the position too",
        **_ENDS,
    },
    _S.FORCED: {
        _S.PASSIVE: "the position was closed otherwise, the order is still there",
        _S.NOT_DUE: "the position was closed otherwise",
        **_ENDS,
    },
    _S.PART_DONE: {_S.DONE: _ENDS[_S.DONE], _S.STUCK: _ENDS[_S.STUCK]},
    _S.DONE: {_S.STUCK: "a position came back"},
    _S.STUCK: {stage: "it was seen to" for stage in _S if stage is not _S.STUCK},
}
"""Every way from one stage to another. Any other is an error of ours."""


def stage_of(state: RollState) -> RollStage:
    """The stage that the first matching row names."""
    return next(rule.stage for rule in STAGE_RULES if rule.holds(state))


def draw_stages() -> str:
    """Write both tables as Markdown, for the documentation."""
    rules = "\n".join(f"| {rule.stage.value} | {rule.when} |" for rule in STAGE_RULES)
    ways = "\n".join(
        f"| {before.value} | {after.value} | {why} |"
        for before, afters in STAGE_WAYS.items()
        for after, why in afters.items()
    )
    return (
        f"| stage | when (the first row that holds) |\n|---|---|\n{rules}\n\n"
        f"| from | to | means |\n|---|---|---|\n{ways}\n"
    )
