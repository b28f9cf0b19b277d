"""Events of what ib_async holds: Added, Changed and Removed, for those who listen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar, final

from attrs import frozen
from typing_extensions import Self, override

from ibkit._ib._events import SafeEvent, Subscription, subscribe
from ibkit._ib._health import HealthRecord

from ._view import Added, Changed, Removed, ViewChange

R = TypeVar("R")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@frozen(kw_only=True)
class Source(Generic[R, K, V]):
    """Where something comes from, and how it is read."""

    event: Any
    """Emits each of them as TWS tells it; eventkit has no types."""
    held: Callable[[], Iterable[R]]
    """All that ib_async holds now."""
    key: Callable[[R], tuple[str, K] | None]
    """The account and the key; ``None`` for what is not of this kind."""
    value: Callable[[R], V]
    is_gone: Callable[[R], bool] = lambda _: False


@final
class Announcer(SafeEvent[ViewChange[K, V]], Generic[R, K, V]):
    """
    Tells what changes in what ib_async holds.

    It listens, and remembers what was told last, from its first listener on: most views are
    only read, and TWS tells some forty account values with every fill.
    """

    def __init__(self, name: str, health: HealthRecord, source: Source[R, K, V]) -> None:
        super().__init__(name, health)
        self._source = source
        self._last: dict[tuple[str, K], R] = {}
        self._listening: Subscription | None = None
        self._closed = False

    @override
    def connect(self, *args: Any, **kwargs: Any) -> Self:
        """Add a listener, a function or a coroutine function of the one value."""
        if self._listening is None and not self._closed:
            self._remember()
            self._listening = subscribe(self._source.event, self._heard, health=self._health)
        return super().connect(*args, **kwargs)

    __iadd__ = connect

    def close(self) -> None:
        """Tell nothing any more."""
        self._closed = True
        if self._listening is not None:
            self._listening.close()

    def catch_up(self) -> None:
        """Tell what is gone. Nobody tells of what closed while the connection was down."""
        if self._listening is None or self._closed:
            return
        held = {self._source.key(told) for told in self._source.held()}
        for place in [place for place in self._last if place not in held]:
            self._removed(place)

    def _remember(self) -> None:
        for told in self._source.held():
            if (place := self._source.key(told)) is not None:
                self._last[place] = told

    def _heard(self, told: R) -> None:
        place = self._source.key(told)
        if place is None:
            return
        if self._source.is_gone(told):
            self._removed(place)
            return
        before = self._last.get(place)
        self._last[place] = told
        if before is None:
            self.emit(Added(place[1], self._source.value(told)))
        elif before != told:
            value = self._source.value
            self.emit(Changed(place[1], value(before), value(told)))

    def _removed(self, place: tuple[str, K]) -> None:
        before = self._last.pop(place, None)
        if before is not None:
            self.emit(Removed(place[1], self._source.value(before)))
