"""How far what is read can be trusted."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import frozen

from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkState
from ibkit.errors import NotConnected, StateUnknown


class Level(Enum):
    """Three answers to *is this how things are now?*"""

    FRESH = "fresh"
    STALE = "stale"
    """It was so at `Freshness.since`; TWS has lost IB meanwhile."""
    UNKNOWN = "unknown"
    """Nobody knows: not connected, or not yet synchronised. Reading raises."""


@frozen
class Freshness:
    """
    How far a view can be trusted, and since when.

    >>> str(Freshness(Level.FRESH, None, "synchronised"))
    'fresh'
    """

    level: Level
    since: datetime | None
    reason: str

    def __str__(self) -> str:
        since = f" since {self.since:%H:%M:%S}" if self.since else ""
        reason = "" if self.level is Level.FRESH else f": {self.reason}"
        return f"{self.level.value}{since if self.level is not Level.FRESH else ''}{reason}"


READ_ONLY = "the connection is read-only, and TWS tells no orders over it"

_LEVELS = {
    LinkState.UP: Level.FRESH,
    LinkState.BROKER_LOST: Level.STALE,
    LinkState.RESYNCING: Level.STALE,
}


def freshness_of(link: Link) -> Freshness:
    """What the state of a link means for everything that is read over it."""
    return Freshness(_LEVELS.get(link.state, Level.UNKNOWN), link.since, link.reason)


def require_known(link: Link, what: str) -> None:
    """Raise `NotConnected` or `StateUnknown` where nothing can be said of *what*."""
    if link.state in _LEVELS:
        return
    if link.state is LinkState.SYNCING:
        raise StateUnknown(what, "the answers of TWS are still coming in; wait for link.up_async()")
    raise NotConnected(f"reading {what} ({link.reason})")
