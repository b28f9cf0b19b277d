"""What every signal does to a stream: one table, for all kinds of streams.

The rule behind it: from the moment something may be missing there is a `Gap`; whatever cannot be
trusted to come back is requested again, under a fresh id; the first data after that ends the gap.

A farm that breaks and comes back (2103, 2104) does not say whose data it carried. A line that is
silent meanwhile has a gap. Whatever is silent after the farm is back is requested again, because
such a line may stay dead for hours while everything else looks well (nautilus_trader, pull
request 3968); so is one that had still delivered something after the break, for that may have
been under way.

A request that is never answered is repeated, less and less often: before a farm is connected TWS
may lose one without a word (gateway-behaviour 4.1).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from attrs import frozen

from ._kinds import Kind


class Phase(enum.Enum):
    """How a line stands."""

    WAITING = "waiting"
    """Nothing is requested: it is queued, or pauses before the next request."""
    OPENING = "opening"
    """Requested; nothing has come yet."""
    TENTATIVE = "opening while a farm is broken"
    LIVE = "live"
    PASSING = "live while a farm is broken"
    DOUBTFUL = "doubtful"
    """Requested; a farm is broken that may be its own."""
    CUT = "cut"
    """Requested; TWS has no connection to IB."""
    RETURNING = "returning"
    """Requested; what was broken is said to work again. Watched for data."""
    DOWN = "down"
    """There is no connection to TWS."""
    ENDED = "ended"


class Signal(enum.Enum):
    """What happens to a line."""

    ADMITTED = "its request was sent"
    DATA = "data arrived"
    SILENT = "nothing came although the market is open"
    JUMPED = "bars are missing"
    EVICTED = "its place was given to a stream of higher priority"
    REFUSED = "IB has no place for it"
    DROPPED = "IB dropped it"
    INTERRUPTED = "IB delivers no more and wants to be asked again"
    PAUSED = "IB refused it for now"
    BOOK_RESET = "the book was reset"
    SOCKET_LOST = "the connection to TWS was lost"
    SOCKET_BACK = "connected to TWS"
    SERVER_LOST = "TWS lost its connection to IB"
    DATA_KEPT = "TWS is connected to IB again, with the subscriptions kept"
    DATA_LOST = "TWS is connected to IB again, with the subscriptions lost"
    FARM_BROKEN = "a market data farm is broken"
    FARM_OK = "a market data farm is there"
    FARM_BACK = "a market data farm is back"
    """One that was said to be broken."""


class Action(enum.Enum):
    """What is to be done, in this order."""

    GAP = "open a gap, unless one is open"
    CLEAR = "forget what was known of the market"
    RESUME = "say that data flows, and close the gap if one is open"
    WATCH = "look again in a few seconds whether data came"
    AWAIT = "look again whether data came, after a time that grows with each vain request"
    RETRY = "cancel the request, which was not answered, and send a new one"
    AGAIN = "cancel the request and send a new one"
    RENEW = "send a new request; IB has ended the old one"
    LATER = "send a new request after a pause; IB has ended the old one"


DELIVERING = frozenset({Phase.LIVE, Phase.PASSING})
"""The phases in which data goes to consumers."""


@frozen
class Step:
    """Where a signal leads, and what is done on the way."""

    phase: Phase
    actions: tuple[Action, ...] = ()


_A, _P, _S = Action, Phase, Signal

_ANEW = Step(_P.WAITING, (_A.GAP, _A.CLEAR, _A.AGAIN))
_UNANSWERED = Step(_P.WAITING, (_A.RETRY,))
_DOWN = {_S.SOCKET_LOST: Step(_P.DOWN, (_A.GAP, _A.CLEAR))}
_REQUESTED = {
    **_DOWN,
    _S.EVICTED: Step(_P.WAITING, (_A.GAP, _A.CLEAR)),
    _S.REFUSED: Step(_P.WAITING, (_A.GAP, _A.CLEAR)),
    _S.DROPPED: Step(_P.WAITING, (_A.GAP, _A.CLEAR, _A.RENEW)),
    _S.PAUSED: Step(_P.WAITING, (_A.GAP, _A.CLEAR, _A.LATER)),
    _S.INTERRUPTED: _ANEW,
    _S.DATA_LOST: _ANEW,
    # 1100 comes several times in one outage, which ends in 1101 or 1102. What was asked for before
    # it may be answered after it, and flow no more.
    _S.SERVER_LOST: Step(_P.CUT, (_A.GAP,)),
    # TWS sends the whole book after a reset, as it does after a request.
    _S.BOOK_RESET: Step(_P.OPENING, (_A.GAP, _A.CLEAR, _A.WATCH)),
}


def _back(phase: Phase) -> dict[Signal, Step]:
    """Go to *phase* when a farm is there, and see whether data comes."""
    step = Step(phase, (_A.WATCH,))
    return {_S.FARM_OK: step, _S.FARM_BACK: step}


TABLE: Mapping[Phase, Mapping[Signal, Step]] = {
    _P.WAITING: {
        **_DOWN,
        _S.ADMITTED: Step(_P.OPENING, (_A.AWAIT,)),
    },
    _P.OPENING: {
        **_REQUESTED,
        _S.DATA: Step(_P.LIVE, (_A.RESUME,)),
        **_back(_P.OPENING),
        _S.DATA_KEPT: Step(_P.OPENING, (_A.WATCH,)),
        _S.SILENT: _UNANSWERED,
        _S.FARM_BROKEN: Step(_P.TENTATIVE),
    },
    _P.TENTATIVE: {
        **_REQUESTED,
        _S.DATA: Step(_P.PASSING, (_A.RESUME,)),
        **_back(_P.OPENING),
        _S.DATA_KEPT: Step(_P.OPENING, (_A.WATCH,)),
        _S.SILENT: _UNANSWERED,  # the broken farm need not be its own
    },
    _P.LIVE: {
        **_REQUESTED,
        _S.JUMPED: Step(_P.WAITING, (_A.AGAIN,)),
        _S.FARM_BROKEN: Step(_P.DOUBTFUL),
        # It began, or went on, when another farm came back.
        _S.FARM_BACK: Step(_P.LIVE, (_A.WATCH,)),
        # Without a 1100 before it: the outage was not announced, but it was there.
        _S.DATA_KEPT: Step(_P.RETURNING, (_A.WATCH,)),
        _S.SILENT: _ANEW,
    },
    _P.PASSING: {
        **_REQUESTED,
        _S.JUMPED: Step(_P.WAITING, (_A.AGAIN,)),
        _S.FARM_BROKEN: Step(_P.DOUBTFUL),
        _S.DATA_KEPT: Step(_P.RETURNING, (_A.WATCH,)),
        **_back(_P.LIVE),
    },
    _P.DOUBTFUL: {
        **_REQUESTED,
        _S.DATA: Step(_P.PASSING),
        _S.DATA_KEPT: Step(_P.RETURNING, (_A.WATCH,)),
        **_back(_P.RETURNING),
    },
    _P.CUT: {
        **_REQUESTED,
        # Data says nothing here: it may have been under way when the line was cut.
        _S.DATA_KEPT: Step(_P.RETURNING, (_A.WATCH,)),
        **_back(_P.RETURNING),
    },
    _P.RETURNING: {
        **_REQUESTED,
        # Silent from the break until now: there is a gap, even if nobody had to do anything.
        _S.DATA: Step(_P.LIVE, (_A.GAP, _A.RESUME)),
        _S.SILENT: _ANEW,
        # One that breaks now changes nothing: this is still to be watched, and owes a gap.
        **_back(_P.RETURNING),
    },
    _P.DOWN: {
        _S.SOCKET_BACK: Step(_P.WAITING),
    },
    _P.ENDED: {},
}

_STATEFUL = frozenset({Kind.QUOTES, Kind.SNAPSHOT, Kind.DEPTH, Kind.BARS})
"""Kinds whose values build on earlier messages. After a hole only a new request, which begins
with the whole state (for bars: with the bars that were missed), makes them true again."""


def step(kind: Kind, phase: Phase, signal: Signal) -> Step:
    """Say what *signal* does to a line in *phase*; a pair that is not in the table does nothing."""
    if phase is Phase.RETURNING and signal is Signal.DATA and kind in _STATEFUL:
        return _ANEW
    return TABLE[phase].get(signal) or Step(phase)


_FOR_ALL: Mapping[int, Signal] = {
    1100: _S.SERVER_LOST,
    1101: _S.DATA_LOST,
    1102: _S.DATA_KEPT,
    2103: _S.FARM_BROKEN,
    2104: _S.FARM_OK,
    2110: _S.SERVER_LOST,
}
CUTS: Mapping[int, bool] = {
    code: signal is _S.SERVER_LOST for code, signal in _FOR_ALL.items() if code != 2103
}
"""After which messages TWS has no connection to IB, and after which it has one again."""
_FOR_BARS: Mapping[int, Signal] = {2105: _S.FARM_BROKEN, 2106: _S.FARM_OK}
_IDLE = {2107: 2106, 2108: 2104}
"""A farm that sleeps until it is needed; after a break that is the end of it."""


def signal_of(code: int, kind: Kind, *, is_back: bool = False) -> Signal | None:
    """Say what a message without a request id means for a line (gateway-behaviour 4.3).

    Args:
        code: The code.
        kind: Of the line.
        is_back: Whether it is about a farm that was broken before.

    >>> signal_of(2105, Kind.BARS), signal_of(2105, Kind.QUOTES)
    (<Signal.FARM_BROKEN: 'a market data farm is broken'>, None)
    """
    if is_back:
        code = _IDLE.get(code, code)
    signal = _FOR_ALL.get(code) or (_FOR_BARS.get(code) if kind is Kind.BARS else None)
    return _S.FARM_BACK if is_back and signal is _S.FARM_OK else signal


WATCH_SECONDS = 10.0
"""How long a line may be silent after things are said to work again."""

_FIRST_LOOK = 15.0
_FIRST_LOOKS: Mapping[Kind, float] = {
    Kind.TICKS: 20.0,  # a second request for an instrument may follow after 15 seconds
    Kind.BARS: 60.0,  # a long past takes its time
}
_LONGEST_LOOK = 300.0


def patience(kind: Kind, unanswered: int) -> float:
    """Give the seconds to wait for an answer after so many requests that had none.

    >>> [patience(Kind.QUOTES, n) for n in (0, 1, 2, 9)], patience(Kind.BARS, 0)
    ([15.0, 30.0, 60.0, 300.0], 60.0)
    """
    first = _FIRST_LOOKS.get(kind, _FIRST_LOOK)
    return min(_LONGEST_LOOK, first * 2.0 ** min(unanswered, 10))


_SOON = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_LATER = (5.0, 10.0, 30.0, 60.0)


def pause_before(attempt: int, *, later: bool = False) -> float:
    """Give the seconds to wait before request number *attempt* (from 1) since the last data.

    >>> [pause_before(n) for n in (1, 2, 99)], [pause_before(n, later=True) for n in (1, 2)]
    ([0.0, 1.0, 60.0], [5.0, 10.0])
    """
    pauses = _LATER if later else _SOON
    return pauses[min(attempt, len(pauses)) - 1]
