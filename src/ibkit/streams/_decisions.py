"""What the ledger is asked for, and what it decides. The manager carries the decisions out."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from ._kinds import Spec
from ._limits import Pool

WhenFull = Literal["wait", "refuse", "evict"]
"""What to do when no place is free: see `StreamManager`."""
NOTHING_MORE: frozenset[int] = frozenset()


@frozen(kw_only=True)
class Holder:
    """Someone for whom a line is held. The number is never used twice."""

    number: int
    name: str
    priority: int = 0
    when_full: WhenFull = "wait"


@frozen
class Request:
    """One request at IB. The token is never used twice, unlike a place in a pool."""

    token: int
    spec: Spec
    wants: frozenset[int] = NOTHING_MORE
    """What several holders may need more or less of: generic ticks, or rows of a book."""


@frozen
class Open:
    """Send this request."""

    request: Request


@frozen
class Share:
    """The holder is served by a request that is already open."""

    holder: Holder
    request: Request


@frozen
class Wait:
    """The holder is queued: no place is free, or IB wants a pause, or nothing is connected."""

    holder: Holder


@frozen
class Refuse:
    """The holder did not want to wait. Nothing is held for it, and nothing was sent."""

    holder: Holder
    pool: Pool
    limit: int
    holders: tuple[str, ...]


@frozen
class Evict:
    """This request gives up its place to *by*; its holders wait from now on."""

    request: Request
    by: Spec


@frozen
class Cancel:
    """Send the cancel of this request. It comes once for each `Open`, unless IB ended it first."""

    request: Request


Decision = Open | Share | Wait | Refuse | Evict | Cancel


@frozen(kw_only=True)
class PoolStatistics:
    """How full one stock of subscriptions is."""

    used: int
    limit: int | None
    """As configured or as learned from IB; ``None`` if no limit is known."""
    waiting: int
    """Lines that wait for a place; several streams may wait for one line."""
    holders: tuple[str, ...] = ()
    """Who holds them, by the names of the streams."""


@frozen(kw_only=True)
class StreamStatistics:
    """How full everything is, at one moment."""

    pools: dict[Pool, PoolStatistics]
    opened: int = 0
    """Requests sent since the manager was made."""
    cancelled: int = 0
    abandoned: int = 0
    """Streams that were dropped without being closed."""
    late: int = field(default=0)
    """Messages that arrived for a cancelled request; they were ignored."""

    def __getitem__(self, pool: Pool) -> PoolStatistics:
        return self.pools[pool]

    def __str__(self) -> str:
        return ", ".join(
            f"{use.used} of {'-' if use.limit is None else use.limit} {pool.value}"
            + (f" ({use.waiting} wait)" if use.waiting else "")
            for pool, use in self.pools.items()
        )

    def _repr_html_(self) -> str:
        head = "<tr><th></th><th>used</th><th>limit</th><th>waiting</th></tr>"
        rows = "".join(
            f"<tr><th>{pool.value}</th><td>{use.used}</td>"
            f"<td>{'-' if use.limit is None else use.limit}</td><td>{use.waiting}</td></tr>"
            for pool, use in self.pools.items()
        )
        return f"<table>{head}{rows}</table>"
