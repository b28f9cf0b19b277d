"""Events that are safe to listen to.

`subscribe` connects a handler to any eventkit event so that the reference is strong (eventkit
drops bound methods of temporaries, traps B33), exceptions are recorded (B30) and coroutines run
on the running loop (B31). `SafeEvent` is an eventkit event that does this for every listener.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

from attrs import define, field
from eventkit import Event
from ib_async import IB, Trade
from typing_extensions import Self

from . import _compat as compat  # attrs needs the name _compat for itself
from ._health import HealthRecord, name_of

T = TypeVar("T")


class _Guard:
    """Calls a handler and lets nothing out."""

    __slots__ = ("context", "handler", "health")

    def __init__(self, handler: Callable[..., object], context: str, health: HealthRecord) -> None:
        self.handler = handler
        self.context = f"handler {name_of(handler)} of {context}"
        self.health = health

    def __call__(self, *args: object) -> None:
        try:
            result = self.handler(*args)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is recorded
            self.health.failed(self.context, error)
            return
        if result is not None and inspect.isawaitable(result):
            self.health.spawn(result, self.context)


@final
@define(eq=False, repr=False)
class Subscription:
    """A handler on an event. `close` takes it off; closing twice is harmless."""

    _event: Any  # eventkit has no types
    _guard: _Guard | None

    def close(self) -> None:
        """Disconnect the handler."""
        if self._guard is not None:
            self._event.disconnect(self._guard)
            self._guard = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def subscribe(
    event: Any, handler: Callable[..., object], *, health: HealthRecord, context: str = ""
) -> Subscription:
    """
    Connect *handler*, a function or a coroutine function, to an eventkit event.

    The reference is strong until the returned subscription is closed. What the handler raises
    goes to *health* with its name and *context* (the event's name by default).
    """
    guard = _Guard(handler, context or event.name(), health)
    event.connect(guard, keep_ref=True)
    return Subscription(event, guard)


@define(eq=False, repr=False)
class Subscriptions:
    """Several subscriptions that are closed together."""

    health: HealthRecord
    _closers: list[Callable[[], object]] = field(factory=list, init=False)

    def add(self, event: Any, handler: Callable[..., object], context: str = "") -> None:
        """Subscribe, as `subscribe` does."""
        self.on_close(subscribe(event, handler, health=self.health, context=context).close)

    def on_close(self, closer: Callable[[], object]) -> None:
        """Call *closer* as well when these are closed."""
        self._closers.append(closer)

    def close(self) -> None:
        """Close all of them."""
        while self._closers:
            self._closers.pop()()


if TYPE_CHECKING:

    class _Event(Generic[T]):
        """What `SafeEvent` has of eventkit's Event, which has no types."""

        _slots: Any
        _value: Any

        def __init__(self, name: str = "") -> None: ...
        def name(self) -> str:
            """Under which it was made."""
            ...

        def connect(self, *arguments: Any, **options: Any) -> Self:
            """Add a listener."""
            ...

        def disconnect(self, *arguments: Any) -> Self:
            """Take a listener off."""
            ...

        def emit(self, value: T) -> None:
            """Call every listener."""
            ...

        def __len__(self) -> int: ...
        def __await__(self) -> Generator[Any, None, T]: ...
        def __aiter__(self) -> AsyncIterator[T]: ...

else:

    class _Event(Event, Generic[T]):
        """eventkit's Event, with the type of its value."""


class SafeEvent(_Event[T]):
    """
    An eventkit event of one value, on which every listener is safe.

    ``event += handler``, ``async for value in event`` and ``await event`` work as in ib_async.
    Listeners are held strongly: take them off with ``event -= handler``.

    >>> event = SafeEvent("fills", HealthRecord())
    >>> event += print
    >>> event.emit("one fill")
    one fill
    """

    def __init__(self, name: str, health: HealthRecord) -> None:
        super().__init__(name)
        self._health = health
        self._guards: list[_Guard] = []

    def connect(
        self,
        listener: Callable[[T], object],
        error: Callable[..., object] | None = None,
        done: Callable[..., object] | None = None,
        keep_ref: bool = True,  # noqa: FBT001, FBT002 - the signature of eventkit
    ) -> Self:
        """Add a listener, a function or a coroutine function of the one value."""
        if isinstance(listener, Event):  # an operator such as event.filter(...)
            super().connect(listener, error, done, keep_ref)
            return self
        guard = _Guard(listener, self.name(), self._health)
        self._guards.append(guard)
        super().connect(guard, error, done, keep_ref=True)
        return self

    def disconnect(
        self,
        listener: Callable[[T], object],
        error: Callable[..., object] | None = None,
        done: Callable[..., object] | None = None,
    ) -> Self:
        """Take a listener off, once. One that is not there is no error."""
        guard = next((g for g in self._guards if g.handler == listener), None)
        if guard is not None:
            self._guards.remove(guard)
        super().disconnect(guard or listener, error, done)
        return self

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._slots.slots)

    def emit(self, value: T) -> None:
        """Call every listener with *value*."""
        if self._slots.slots:  # most of what can happen is not listened to
            super().emit(value)
        else:
            self._value = (value,)

    __iadd__ = connect
    __isub__ = disconnect
    __call__ = emit


_TRADE_EVENTS = (
    "statusEvent",
    "modifyEvent",
    "fillEvent",
    "filledEvent",
    "commissionReportEvent",
    "cancelEvent",
    "cancelledEvent",
)


def watch_errors(ib: IB, health: HealthRecord) -> Subscriptions:
    """
    Record what users' own handlers on the events of *ib* and of its trades raise.

    Their ``ib.execDetailsEvent += handler`` stays as it is; only the exceptions that eventkit
    would lose are caught at its error events.
    """
    watching = Subscriptions(health)

    def recorder(context: str) -> Callable[[object, Exception], None]:
        return lambda _source, error: health.failed(f"a handler of {context}", error)

    slots = {name: compat.error_slot(recorder(f"Trade.{name}")) for name in _TRADE_EVENTS}

    def watch_trade(trade: Trade) -> None:
        if len(trade.statusEvent.error_event) == 0:
            for name, slot in slots.items():
                compat.catch_errors(getattr(trade, name), slot)

    for name in ib.events:
        watching.add(getattr(ib, name).error_event, recorder(f"IB.{name}"))
    for event in (ib.newOrderEvent, ib.openOrderEvent):
        watching.add(event, watch_trade)
    return watching
