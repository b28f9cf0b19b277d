"""What becomes of a line about which TWS has complained."""

from __future__ import annotations

from typing import Protocol

from ibkit._ib._codes import Notice
from ibkit.errors import NotSubscribed, StreamBroken

from ._consumer import End
from ._limits import LIMIT_CODES, Pool
from ._line import Line
from ._recovery import DELIVERING, Signal
from ._routing import MOST_ATTEMPTS, Verdict, effect_of, is_patient


class Clerk(Protocol):
    """What carries the consequences out."""

    def end(self, line: Line, end: End) -> None:
        """End a line for good."""

    def full(self, line: Line, pool: Pool, reason: str) -> None:
        """Queue a line for which IB has no place."""

    def notice(self, code: int, text: str) -> Notice:
        """Put a message and its meaning into one value."""


def hear(clerk: Clerk, line: Line, code: int, text: str) -> None:
    """Take an error that carries the id of the request of *line*."""
    effect = effect_of(code, text, delivered=line.phase in DELIVERING)
    if effect is Verdict.ECHO:
        return
    if effect is Verdict.DELAYED:
        line.delayed(text)
    elif effect is Verdict.NOT_SUBSCRIBED:
        _break(clerk, line, NotSubscribed(code, text, line.plan.name))
    elif effect is Verdict.BROKEN or effect is Verdict.EXPIRED:
        _give_up(clerk, line, code, text)
    else:
        line.tell(clerk.notice(code, text))
        if effect is Verdict.FULL:
            clerk.full(line, LIMIT_CODES[code], f"error {code}: {text}")
        elif isinstance(effect, Signal):
            _try_again(clerk, line, effect, code, text)


def _try_again(clerk: Clerk, line: Line, signal: Signal, code: int, text: str) -> None:
    if line.attempts >= MOST_ATTEMPTS and not is_patient(code):
        _break(clerk, line, StreamBroken(code, text, line.plan.name))
    else:
        line.signal(signal, f"error {code}: {text}")


def _give_up(clerk: Clerk, line: Line, code: int, text: str) -> None:
    """A contract that has delivered and is unknown now has gone from the market."""
    if line.is_started:
        clerk.end(line, End(f"the market closed it for good (error {code}: {text})"))
    else:
        _break(clerk, line, StreamBroken(code, text, line.plan.name))


def _break(clerk: Clerk, line: Line, error: StreamBroken) -> None:
    clerk.end(line, End(str(error), error))
