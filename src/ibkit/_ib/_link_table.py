"""The states of a connection, and every way from one to another.

All that changes the state of a link stands in this table, and the table knows nothing of
sockets: a signal comes in, the next state and what to do at the passage come out. Each state has
one activity that runs while it lasts and ends with it, so a signal that leads back into the same
state starts its activity again. A pair that is not in the table changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from attrs import frozen


class LinkState(Enum):
    """
    How things stand between this program, TWS, and IB.

    Only in ``UP`` are positions, open orders and executions known to be complete.

    >>> [state.value for state in LinkState]
    ['down', 'connecting', 'syncing', 'up', 'broker lost', 'resyncing', 'closed']
    """

    DOWN = "down"
    """No connection; the next attempt may be on its way."""
    CONNECTING = "connecting"
    SYNCING = "syncing"
    """Logged in; positions, open orders and executions are being asked for."""
    UP = "up"
    BROKER_LOST = "broker lost"
    """Connected to TWS, and TWS is not connected to IB."""
    RESYNCING = "resyncing"
    """TWS is connected to IB again; what happened meanwhile is being asked for."""
    CLOSED = "closed"
    """Ended by the user, or given up."""


class Signal(Enum):
    """What can happen to a link."""

    OPEN = "open"  # the user wants a connection
    CLOSE = "close"  # the user wants none
    LOGGED_IN = "logged in"  # our own attempt went through
    CONNECTED = "connected"  # the user connected the IB himself
    DIAL_FAILED = "dial failed"
    EXHAUSTED = "exhausted"  # no attempt is left
    SOCKET_LOST = "socket lost"
    SYNCED = "synced"
    SYNC_FAILED = "sync failed"
    BROKER_LOST = "broker lost"  # 1100, 2110
    DATA_LOST = "data lost"  # 1101
    DATA_KEPT = "data kept"  # 1102
    FARM_OK = "farm ok"  # 2104, 2106, 2158
    QUIET = "quiet"  # nothing more was heard of the loss
    SILENT = "silent"  # TWS answers nothing
    MOVED = "moved"  # 1300


class Action(Enum):
    """What to do at a passage, before the activity of the new state starts."""

    BEGIN_EPOCH = "begin epoch"
    HANG_UP = "hang up"
    ANNOUNCE = "announce"  # emit ib_async's own connectedEvent, once per epoch


@frozen(kw_only=True)
class LinkChanged:
    """
    A link went from one state to another (or heard of lost data while in one).

    >>> from datetime import timezone
    >>> now = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
    >>> change = LinkChanged(
    ...     old=LinkState.UP, new=LinkState.DOWN, reason="the connection was lost", time=now,
    ...     epoch=1, data_lost=True,
    ... )
    >>> change.new.value, change.data_lost
    ('down', True)
    """

    old: LinkState
    new: LinkState
    reason: str
    time: datetime
    epoch: int
    """Counts the logins: what was subscribed in an earlier epoch is gone."""
    code: int | None = None
    """The code of TWS that brought it about, if one did."""
    data_lost: bool = False
    """Market data subscriptions of before are gone, or may be: subscribe again."""
    missing: tuple[str, ...] = ()
    """What the synchronisation could not get, and can be done without."""


@frozen
class Step:
    """Where a signal leads."""

    state: LinkState
    actions: tuple[Action, ...] = ()


DATA_LOST = frozenset(
    {
        Signal.SOCKET_LOST,
        Signal.DATA_LOST,
        Signal.QUIET,
        Signal.SILENT,
        Signal.MOVED,
        Signal.SYNC_FAILED,
        Signal.CLOSE,
    }
)
"""The signals after which market data subscriptions are gone, or may be."""

_S, _A = LinkState, Action

_LOST = Step(_S.DOWN)
_DROPPED = Step(_S.DOWN, (_A.HANG_UP,))
_CLOSED = Step(_S.CLOSED, (_A.HANG_UP,))
_BEGUN = Step(_S.SYNCING, (_A.BEGIN_EPOCH,))
_SYNCED = Step(_S.UP, (_A.ANNOUNCE,))

# What every state with a login has in common.
_ONLINE: Mapping[Signal, Step] = {
    Signal.CLOSE: _CLOSED,
    Signal.SOCKET_LOST: _LOST,
    Signal.MOVED: _DROPPED,
    Signal.BROKER_LOST: Step(_S.BROKER_LOST),
    Signal.DATA_LOST: Step(_S.RESYNCING),
    Signal.DATA_KEPT: Step(_S.RESYNCING),
}

TABLE: Mapping[LinkState, Mapping[Signal, Step]] = {
    _S.DOWN: {
        Signal.OPEN: Step(_S.CONNECTING),
        Signal.CONNECTED: _BEGUN,
        Signal.EXHAUSTED: Step(_S.CLOSED),
        Signal.CLOSE: Step(_S.CLOSED),
    },
    _S.CONNECTING: {
        Signal.LOGGED_IN: _BEGUN,
        Signal.DIAL_FAILED: _LOST,
        Signal.CLOSE: _CLOSED,
    },
    _S.SYNCING: {
        **_ONLINE,
        Signal.SYNCED: _SYNCED,
        Signal.SYNC_FAILED: _DROPPED,
        # the socket is new: data cannot have been kept, and the sync covers the rest
        Signal.DATA_KEPT: Step(_S.SYNCING),
        Signal.DATA_LOST: Step(_S.SYNCING),
    },
    _S.UP: {
        **_ONLINE,
        Signal.SILENT: _DROPPED,
    },
    _S.BROKER_LOST: {
        # 1100 comes many times during one outage (gateway-behaviour 4.3)
        **_ONLINE,
        # after 2110 only the farms may say that it is over: wait whether 1100 returns
        Signal.FARM_OK: Step(_S.BROKER_LOST),
        Signal.QUIET: Step(_S.RESYNCING),
    },
    _S.RESYNCING: {
        **_ONLINE,
        Signal.SYNCED: _SYNCED,
        Signal.SYNC_FAILED: _DROPPED,
    },
    _S.CLOSED: {
        Signal.OPEN: Step(_S.CONNECTING),
        Signal.CONNECTED: _BEGUN,
    },
}


def step(state: LinkState, signal: Signal) -> Step | None:
    """Tell where *signal* leads from *state*; None when it changes nothing.

    >>> step(LinkState.UP, Signal.BROKER_LOST).state
    <LinkState.BROKER_LOST: 'broker lost'>
    >>> step(LinkState.CLOSED, Signal.SOCKET_LOST) is None
    True
    """
    return TABLE[state].get(signal)
