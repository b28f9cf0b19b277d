"""What a roll tells while it runs, and how it ended."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import frozen

from ._faces import plain
from ._stages import RollStage


@frozen(kw_only=True)
class RollAlert:
    """Something that somebody should know now."""

    product: str
    """The root: ``ES``."""
    account: str
    text: str
    is_critical: bool = False
    """Money is at risk until somebody acts."""
    time: dt.datetime

    def __str__(self) -> str:
        return f"{self.product} in {self.account}: {self.text}"


@frozen(kw_only=True)
class RollResult:
    """How a roll ended; one that is stuck raises `RollStuck`. Sizes have no sign."""

    account: str
    old: str
    """Local symbol of the month that was left."""
    new: str
    stage: RollStage
    moved: Decimal
    """What was closed in the old month and opened in the new one."""
    left: Decimal
    """What is still held in the old month."""
    streams: tuple[str, ...] = ()
    """The streams that went along."""
    alerts: tuple[RollAlert, ...] = ()

    def __str__(self) -> str:
        left = f", {plain(self.left)} left" if self.left else ""
        return f"{self.old} -> {self.new} {self.stage.value}, {plain(self.moved)} moved{left}"
