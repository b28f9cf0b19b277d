"""What a stream keeps for a consumer that has not read yet. Bounded, and every loss counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, Literal, Protocol, TypeVar, get_args

from attrs import field, frozen
from typing_extensions import final

from ibkit._ib._arguments import is_whole, word

T = TypeVar("T")

Policy = Literal["conflate", "drop-oldest", "drop-newest", "fail"]
"""What a full buffer does: see `Buffer`."""


def _policy(value: Policy) -> Policy:
    return word(value, "policy", get_args(Policy))


@frozen
class Buffer:
    """How many unread values a stream keeps for its consumer, and what one more does.

    * ``conflate``: only the newest waits, whatever the size. Right for quotes and books, whose
      every value is the whole state.
    * ``drop-oldest``: the newest *size* wait.
    * ``drop-newest``: the oldest *size* wait; what comes while they do is lost.
    * ``fail``: the stream breaks, so that a consumer that needs every value knows.

    Whatever is not delivered is counted in ``Stream.dropped``.

    Raises:
        PlanError: The size is less than 1, or the policy is not one of the four.

    >>> Buffer(100, "drop-oldest").policy
    'drop-oldest'
    """

    size: int = field(default=1024, validator=is_whole(1))
    policy: Policy = field(default="conflate", converter=_policy)


def _nobody_waits() -> None:
    """Stand in for a reader that does not wait."""


class Waiter(Protocol):
    """Somebody who waits for a value: a future."""

    def done(self) -> bool:
        """Say whether it waits no more."""

    def set_result(self, result: None, /) -> None:
        """Let it look again."""


class Unread(Generic[T]):
    """What one consumer has not read, and the last values it was given, read or not.

    It is the one call per tick and consumer, so each policy writes out the whole of it, and
    whoever waits is found here: with a thousand lines each object that a tick touches counts.
    """

    __slots__ = ("dropped", "others", "overflow", "past", "queue", "size", "waiter")

    def __init__(self, size: int, keep: int) -> None:
        self.size: int = size
        self.queue: deque[T] = deque()
        self.past: deque[T] = deque(maxlen=keep)
        self.dropped: int = 0
        self.waiter: Waiter | None = None
        """Woken by the next value."""
        self.others: list[Waiter] = []
        """Those who wait besides, if several read."""
        self.overflow: Callable[[], None] = _nobody_waits
        """Called when the stream must break."""

    def put(self, value: T) -> None:
        """Take one more value; when full, lose the oldest."""
        self.past.append(value)
        queue = self.queue
        if len(queue) >= self.size:
            queue.popleft()
            self.dropped += 1
        queue.append(value)
        if self.waiter is not None:
            self.wake()

    def wait(self, waiter: Waiter) -> None:
        """Wake this one at the next value, or at the end."""
        if self.waiter is None or self.waiter.done():
            self.waiter = waiter
        else:
            self.others = [*(one for one in self.others if not one.done()), waiter]

    def wake(self) -> None:
        """Let those who wait look again."""
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if self.others:
            others, self.others = self.others, []
            for other in others:
                if not other.done():
                    other.set_result(None)


@final
class _DropNewest(Unread[T]):
    __slots__ = ()

    def put(self, value: T) -> None:
        self.past.append(value)
        if len(self.queue) < self.size:
            self.queue.append(value)
        else:
            self.dropped += 1
        if self.waiter is not None:
            self.wake()


@final
class _Fail(Unread[T]):
    __slots__ = ()

    def put(self, value: T) -> None:
        self.past.append(value)
        if len(self.queue) >= self.size:
            self.dropped += 1
            self.overflow()
            return
        self.queue.append(value)
        if self.waiter is not None:
            self.wake()


def unread(buffer: Buffer, keep: int = 0) -> Unread[T]:
    """Make an empty buffer of this sort, which remembers the last *keep* values."""
    if buffer.policy == "drop-newest":
        return _DropNewest(buffer.size, keep)
    if buffer.policy == "fail":
        return _Fail(buffer.size, keep)
    return Unread(1 if buffer.policy == "conflate" else buffer.size, keep)
