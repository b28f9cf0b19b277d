"""What a rule of the roll looks at, and what it answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from ._plan import RollPlan
from ._shown import Shown
from ._steps import Step
from ._ways import Way
from ._working import ZERO

SETTLE = dt.timedelta(seconds=5)
"""How long positions and fills may tell different stories before the position is believed."""
GLANCE = 0.5
"""Seconds until the next look while they do."""


@frozen(kw_only=True)
class Progress:
    """What the broker does not show: how long it has been tried, and what was made of it."""

    way: Way
    since: dt.datetime | None = None
    """When the roll's order was sent or repriced last."""
    attempt: int = 0
    crossing: bool = False
    odd_since: dt.datetime | None = None
    """Since when positions and fills tell different stories."""
    gone_old: Decimal = ZERO
    """What left the old month by other means than this roll."""
    gone_new: Decimal = ZERO
    halt: str = ""
    """Why it is to stop as soon as no order of it works."""


class Decision(NamedTuple):
    """The next steps, and when to look again if nothing happens before."""

    steps: tuple[Step, ...]
    progress: Progress
    wake: float = 0.0


@frozen(kw_only=True)
class Look:
    """All that a rule may look at."""

    plan: RollPlan
    shown: Shown
    progress: Progress
    now: dt.datetime

    @property
    def covered(self) -> Decimal:
        """How much of the new month is held because of this roll."""
        return max(ZERO, min(self.shown.held_new, self.shown.bought))
