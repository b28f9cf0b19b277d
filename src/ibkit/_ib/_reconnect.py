"""When to try again."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Attribute, define, field, frozen, validators

from ibkit.errors import PlanError

from ._arguments import is_seconds, is_whole

Uniform = Callable[[], float]
"""Draws a number from 0 to 1, as ``random.random`` does."""


def _is_jitter(_: object, attribute: Attribute[float], value: object) -> None:
    if not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise PlanError(attribute.name, value, "a fraction from 0 to below 1")


@frozen(kw_only=True)
class Reconnect:
    """
    How a lost connection is made again.

    The first attempt comes *first* seconds after the loss, each further one after twice the
    delay of the one before, at most after *maximum* seconds. Each delay is shortened or
    lengthened by up to the fraction *jitter*, so that programs which lost the same gateway do
    not return all at once. After *attempts* failures in a row the link closes; None never
    gives up (a gateway is away for minutes each night), 0 never reconnects.

    >>> policy = Reconnect(first=1, maximum=10, jitter=0)
    >>> [policy.delay(attempt, lambda: 0.5) for attempt in range(1, 7)]
    [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    >>> Reconnect(attempts=0).delay(1, lambda: 0.5) is None
    True
    """

    attempts: int | None = field(default=None, validator=validators.optional(is_whole(0)))
    first: float = field(default=1.0, validator=is_seconds)
    maximum: float = field(default=60.0, validator=is_seconds)
    jitter: float = field(default=0.2, validator=_is_jitter)

    def delay(self, attempt: int, uniform: Uniform) -> float | None:
        """Seconds before this attempt, counted from 1; None when there are no more."""
        if self.attempts is not None and attempt > self.attempts:
            return None
        doublings = min(attempt - 1, 64)
        delay = min(self.first * 2.0**doublings, self.maximum)
        return delay * (1 + self.jitter * (2 * uniform() - 1))


@define(eq=False)
class Attempts:
    """
    Counts the attempts of one link.

    The first connect is tried once. The count starts again when the link has been up for as
    long as the longest delay: a gateway that accepts and drops is not hammered.
    """

    policy: Reconnect
    uniform: Uniform
    number: int = field(default=0, init=False)
    _up_since: float | None = field(default=None, init=False)
    _proven: bool = field(default=False, init=False)

    def begin(self) -> None:
        """The user asks for a connection."""
        self.number, self._proven = 0, False

    def up(self, now: float) -> None:
        """The link is up."""
        self._proven, self._up_since = True, now

    def lost(self, now: float) -> None:
        """The link is up no more."""
        if self._up_since is not None and now - self._up_since >= self.policy.maximum:
            self.number = 0
        self._up_since = None

    def give_up(self) -> None:
        """Trying again is of no use."""
        self._proven = False

    def next_delay(self) -> float | None:
        """Seconds to the next attempt; None when there is none."""
        if not self._proven:
            return None
        self.number += 1
        return self.policy.delay(self.number, self.uniform)
