"""When the next historical request may be sent, with the time as an argument.

IB's rules (TWS API documentation, "Historical Data Limitations"; gateway-behaviour 3.5): no
identical request within 15 seconds, fewer than 6 for the same contract, exchange and kind of
data within 2 seconds, at most 60 in 10 minutes, BID_ASK counts twice, at most 50 open at a time.
For bars above 30 seconds only the last one binds. Downloads, the back-fills of streams and live
bars all count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Any

from attrs import Attribute, define, field, frozen

from ibkit.errors import PlanError

IB_OPENS = 50
"""Historical requests that may be open at a time, live bars among them."""


def _positive(_owner: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, (int, float)) or not value > 0:
        raise PlanError(attribute.name, value, "a limit is above 0")


@frozen(kw_only=True)
class HistoryPacing:
    """
    How fast to ask for history. The defaults are IB's rules, and a little more.

    >>> HistoryPacing().most
    60
    """

    most: int = field(default=60, validator=_positive)
    """Requests in `window` seconds."""
    window: float = field(default=600.0, validator=_positive)
    identical: float = field(default=15.0, validator=_positive)
    """Seconds between two identical requests."""
    burst: int = field(default=5, validator=_positive)
    """Requests for one contract, exchange and kind of data in `burst_window` seconds."""
    burst_window: float = field(default=2.0, validator=_positive)
    largest_paced: int = field(default=30, validator=_positive)
    """Seconds: larger bars are not paced."""
    at_once: int = field(default=3, validator=_positive)
    """Downloads and back-fills that are open at a time. The rest of IB's 50 is for live bars."""
    margin: float = field(default=0.5, validator=_positive)
    """Seconds added to every wait: IB counts when a request arrives, not when it leaves."""


@frozen
class Question:
    """A request as the rules see it."""

    identity: Hashable
    """Equal for identical requests."""
    series: Hashable
    """Equal for the same contract, exchange and kind of data."""
    weight: int = 1
    """What it counts: 2 for BID_ASK."""
    is_paced: bool = True


@define(eq=False)
class HistoryPacer:
    """
    Counts what was sent, and says when the next may be.

    >>> pacer = HistoryPacer()
    >>> question = Question("1 D of ES", "ES")
    >>> pacer.next_time(question, 100.0)
    100.0
    >>> pacer.sent(question, 100.0)
    >>> pacer.next_time(question, 101.0)
    115.5
    """

    pacing: HistoryPacing = field(factory=HistoryPacing)
    open: int = field(default=0, init=False)
    """Requests under way: downloads and back-fills."""
    live: int = field(default=0, init=False)
    """Live bars that are open."""
    _all: deque[tuple[float, int]] = field(factory=deque, init=False)
    _identical: dict[Hashable, float] = field(factory=dict, init=False)
    _bursts: dict[Hashable, deque[tuple[float, int]]] = field(factory=dict, init=False)
    _blocked: float = field(default=float("-inf"), init=False)

    @property
    def has_room(self) -> bool:
        """Whether one more may be open."""
        return self.open < min(self.pacing.at_once, IB_OPENS - self.live)

    @property
    def most_live(self) -> int:
        """How many live bars may be open, so that downloads always find a place."""
        return max(0, IB_OPENS - self.pacing.at_once)

    def next_time(self, question: Question, now: float) -> float:
        """The first moment, *now* or later, at which this may be sent."""
        if not question.is_paced:
            return now
        self._forget(now)
        rules = self.pacing
        after = [now, self._blocked]
        if (last := self._identical.get(question.identity)) is not None:
            after.append(last + rules.identical + rules.margin)
        burst = self._bursts.get(question.series, ())
        after.append(_free(burst, rules.burst, rules.burst_window + rules.margin, question.weight))
        after.append(_free(self._all, rules.most, rules.window + rules.margin, question.weight))
        return max(after)

    def sent(self, question: Question, now: float) -> None:
        """Count a request."""
        if not question.is_paced:
            return
        self._forget(now)
        self._identical[question.identity] = now
        self._bursts.setdefault(question.series, deque()).append((now, question.weight))
        self._all.append((now, question.weight))

    def violated(self, now: float, seconds: float) -> None:
        """IB says that it was too much: nothing paced goes out for a while."""
        self._blocked = max(self._blocked, now + seconds)

    def _forget(self, now: float) -> None:
        rules = self.pacing
        _drop(self._all, now - rules.window - rules.margin)
        for series, burst in list(self._bursts.items()):
            _drop(burst, now - rules.burst_window - rules.margin)
            if not burst:
                del self._bursts[series]
        old = now - rules.identical - rules.margin
        self._identical = {key: at for key, at in self._identical.items() if at > old}


def series_of(con_id: int, exchange: str, what: str) -> Hashable:
    """What the rule about one contract, exchange and kind of data goes by."""
    return con_id, exchange, what


def _drop(sent: deque[tuple[float, int]], before: float) -> None:
    while sent and sent[0][0] <= before:
        sent.popleft()


def _free(
    sent: deque[tuple[float, int]] | tuple[()], most: int, window: float, weight: int
) -> float:
    """When a window has room for so much more."""
    used = sum(each for _, each in sent)
    for at, each in sent:
        if used + weight <= most:
            return float("-inf")
        used -= each
        free_at = at + window
        if used + weight <= most:
            return free_at
    return float("-inf")
