"""What a stream keeps for a consumer that has not read yet. Bounded, and every loss counted."""

from __future__ import annotations

from collections import deque
from typing import Generic, Literal, TypeVar, get_args

from attrs import Attribute, field, frozen
from typing_extensions import final

from ibkit.errors import PlanError

T = TypeVar("T")

Policy = Literal["conflate", "drop-oldest", "drop-newest", "fail"]


def _check_size(_owner: object, attribute: Attribute[int], value: int) -> None:
    if value < 1:
        raise PlanError(attribute.name, value, "a buffer keeps at least 1 value")


def _check_policy(_owner: object, attribute: Attribute[Policy], value: Policy) -> None:
    if value not in get_args(Policy):
        raise PlanError(attribute.name, value, f"one of {', '.join(get_args(Policy))}")


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

    size: int = field(default=1024, validator=_check_size)
    policy: Policy = field(default="conflate", validator=_check_policy)


class Unread(Generic[T]):
    """The unread values of one consumer. `put` says False if the stream must break."""

    __slots__ = ("dropped", "size", "values")

    def __init__(self, size: int) -> None:
        self.size = size
        self.values: deque[T] = deque()
        self.dropped = 0

    def put(self, value: T) -> bool:
        raise NotImplementedError  # pragma: no cover - each policy has its own


@final
class _DropOldest(Unread[T]):
    __slots__ = ()

    def put(self, value: T) -> bool:
        values = self.values
        if len(values) >= self.size:
            values.popleft()
            self.dropped += 1
        values.append(value)
        return True


@final
class _DropNewest(Unread[T]):
    __slots__ = ()

    def put(self, value: T) -> bool:
        if len(self.values) < self.size:
            self.values.append(value)
        else:
            self.dropped += 1
        return True


@final
class _Fail(Unread[T]):
    __slots__ = ()

    def put(self, value: T) -> bool:
        if len(self.values) < self.size:
            self.values.append(value)
            return True
        self.dropped += 1
        return False


def unread(buffer: Buffer) -> Unread[T]:
    """Make an empty buffer of this sort."""
    if buffer.policy == "drop-newest":
        return _DropNewest(buffer.size)
    if buffer.policy == "fail":
        return _Fail(buffer.size)
    return _DropOldest(1 if buffer.policy == "conflate" else buffer.size)
