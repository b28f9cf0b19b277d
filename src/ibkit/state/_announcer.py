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
    Tells what changes in what ib_async holds of an account, or of all.

    It listens, and remembers what was told last, from its first listener on: most views are
    only read, and TWS tells some forty account values with every fill.
    """

    def __init__(
        self, name: str, health: HealthRecord, source: Source[R, K, V], account: str = ""
    ) -> None:
        super().__init__(name, health)
        self._source, self._account = source, account
        self._last: dict[tuple[str, K], tuple[R, V]] = {}
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
        held = {self._place(told) for told in self._source.held()}
        for place in [place for place in self._last if place not in held]:
            self._removed(place)

    def _place(self, told: R) -> tuple[str, K] | None:
        """The account and the key, if this is about them."""
        place = self._source.key(told)
        return place if place and self._account in ("", place[0]) else None

    def _remember(self) -> None:
        for told in self._source.held():
            if (place := self._place(told)) is not None:
                self._last[place] = told, self._source.value(told)

    def _heard(self, told: R) -> None:
        place = self._place(told)
        if place is None:
            return
        if self._source.is_gone(told):
            self._removed(place)
            return
        last = self._last.get(place)
        if last is not None and last[0] == told:
            return
        value = self._source.value(told)
        self._last[place] = told, value
        key = place[1]
        self.emit(Added(key, value) if last is None else Changed(key, last[1], value))

    def _removed(self, place: tuple[str, K]) -> None:
        last = self._last.pop(place, None)
        if last is not None:
            self.emit(Removed(place[1], last[1]))


@final
class Announcers(Generic[R, K, V]):
    """The announcers of one source by account, made when they are asked for."""

    def __init__(self, name: str, health: HealthRecord, source: Source[R, K, V]) -> None:
        self._name, self._health, self._source = name, health, source
        self._of: dict[str, Announcer[R, K, V]] = {}

    def of(self, account: str) -> Announcer[R, K, V]:
        """Of one account, or of all (``""``)."""
        if account not in self._of:
            self._of[account] = Announcer(self._name, self._health, self._source, account)
        return self._of[account]

    def catch_up(self) -> None:
        """Tell what is gone."""
        for announcer in self._of.values():
            announcer.catch_up()

    def close(self) -> None:
        """Tell nothing any more."""
        for announcer in self._of.values():
            announcer.close()
