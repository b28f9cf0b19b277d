"""Everything that leans on the inside of ib_async, in one place.

Written against ib_async 2.1. Each function has a canary in tests/unit/ib/test_compat.py that
fails when a release changes what it leans on. Nothing else in ibkit touches ``ib.client``,
``ib.wrapper`` or an underscored name of ib_async.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

import ib_async
from eventkit import event as eventkit
from ib_async import IB, AccountValue, Contract, PortfolioItem, Position, util
from ib_async.client import Client
from typing_extensions import Self

PINNED = "2.1"

OLDEST_SERVER: int = Client.MinClientVersion

# Codes after which ib_async leaves a request pending (wrapper.py 1630-1640; traps B12).
SWALLOWED = frozenset({105, 110, 165, 321, 329, 399, 404, 434, 492, 10167}) | frozenset(
    range(2100, 2200)
)


def is_pinned_version() -> bool:
    """Whether the installed ib_async is one that this file was written for."""
    return ib_async.__version__.startswith(f"{PINNED}.")


def blocking_loop() -> asyncio.AbstractEventLoop:
    """The running loop, or the one on which ib_async's blocking calls run."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    with warnings.catch_warnings():
        # Python 3.12 and 3.13 warn when ib_async asks the policy, which then makes the loop
        warnings.simplefilter("ignore", DeprecationWarning)
        return cast("asyncio.AbstractEventLoop", util.getLoop())  # type: ignore[no-untyped-call]  # so in ib_async


# --- the connection -----------------------------------------------------------


def is_ready(ib: IB) -> bool:
    """Logged in: the server version, an order id and the accounts are known."""
    return ib.client.isReady()


def server_version(ib: IB) -> int:
    """The version that TWS named, 0 before."""
    return ib.client.serverVersion()


def accounts(ib: IB) -> tuple[str, ...]:
    """The managed accounts, as TWS listed them."""
    return tuple(ib.client.getAccounts())


def address(ib: IB) -> tuple[str, int, int]:
    """Host, port and client id of the last connect."""
    return ib.client.host, ib.client.port, ib.client.clientId


def has_transport(ib: IB) -> bool:
    """Whether TCP has accepted the connection."""
    return ib.client.conn.transport is not None


def received(ib: IB) -> int:
    """How many messages came in this session."""
    return ib.client._numMsgRecv  # noqa: SLF001


def backlog(ib: IB) -> int:
    """How many messages ib_async holds back (client.py 323-352)."""
    return len(ib.client._msgQ)  # noqa: SLF001


class ConnectionEvents(NamedTuple):
    """Events of ib_async's client and connection."""

    data: Any
    """Raw bytes, after ib_async has read them."""
    lost: Any
    """The socket is gone (with a text)."""
    failed: Any
    """ib_async's client found fault with the connection (a text), before it resets itself."""
    ended: Any
    """A session that had been logged in was ended by the other side."""


def connection_events(ib: IB) -> ConnectionEvents:
    """What happens to the socket. The connection object may be exchanged between connects."""
    client = ib.client
    return ConnectionEvents(
        client.conn.hasData, client.conn.disconnected, client.apiError, client.apiEnd
    )


async def log_in(ib: IB, host: str, port: int, client_id: int) -> None:
    """Open the socket and wait for the login, without end; the caller sets the deadline."""
    ib.wrapper.clientId = client_id
    await ib.client.connectAsync(host, port, client_id, 0)  # type: ignore[no-untyped-call]  # so in ib_async


def keep_alive(ib: IB) -> None:
    """Let the system notice a peer that vanished without a word, in about two minutes."""
    transport = ib.client.conn.transport
    sock = transport.get_extra_info("socket") if transport else None
    if sock is None:
        return
    options = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in options.items():
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def hang_up(ib: IB, *, abort: bool = True) -> None:
    """End the connection in whatever state it is.

    ``ib.disconnect`` raises when the login is half done. *abort* does not wait for the peer to
    take what is unsent: the transport of a dead one would stay open for ever, and ib_async's
    next connect waits for its end.
    """
    transport = ib.client.conn.transport
    if is_ready(ib):
        ib.disconnect()
    else:
        ib.client.disconnect()  # type: ignore[no-untyped-call]  # so in ib_async
        ib.wrapper.reset()  # type: ignore[no-untyped-call]  # so in ib_async
    if transport is not None and abort:
        with contextlib.suppress(NotImplementedError):
            transport.abort()


def before_disconnect(ib: IB, callback: Callable[[], object]) -> Callable[[], None]:
    """Call *callback* whenever somebody calls ``ib.disconnect()``, connected or not.

    ib_async emits the same event for a lost and for a wanted end (traps B13), and none at all
    when it is called between two attempts to reconnect. Returns a function that takes it off.
    """
    original = ib.disconnect

    def disconnect() -> str | None:
        if sys.is_finalizing():  # ``IB.__del__`` of a program that ends without a disconnect
            return None
        callback()
        return original()

    ib.disconnect = disconnect  # type: ignore[method-assign]  # on this object only
    return lambda: setattr(ib, "disconnect", original)


# --- what is held ---------------------------------------------------------------


def position(ib: IB, account: str, con_id: int) -> Position | None:
    """One position, without a list of all (``ib.positions`` makes one)."""
    return ib.wrapper.positions.get(account, {}).get(con_id)


def portfolio_item(ib: IB, account: str, con_id: int) -> PortfolioItem | None:
    """One portfolio item, without a list of all."""
    return ib.wrapper.portfolio.get(account, {}).get(con_id)


def account_value(ib: IB, account: str, tag: str, currency: str) -> AccountValue | None:
    """One account value, without a list of all."""
    return ib.wrapper.accountValues.get((account, tag, currency, ""))


def account_tag(ib: IB, account: str, tag: str) -> AccountValue | None:
    """One account value in the currency that was told first."""
    values = ib.wrapper.accountValues
    return next(
        (values[key] for key in values if (key[0], key[1], key[3]) == (account, tag, "")), None
    )


def drop_positions(ib: IB, stale: Iterable[Position]) -> None:
    """Forget positions, but for those that TWS has told anew meanwhile."""
    for old in stale:
        held = ib.wrapper.positions.get(old.account, {})
        if held.get(old.contract.conId) is old:
            del held[old.contract.conId]
            ib.wrapper.portfolio.get(old.account, {}).pop(old.contract.conId, None)


# --- requests -----------------------------------------------------------------

Slot = int | str


class Sink(list[Any]):
    """A list that keeps nothing: rows of an answer that came too late."""

    def append(self, _row: object) -> None:
        """Drop a row."""

    def __iadd__(self, _rows: object) -> Self:  # type: ignore[misc]  # accepts what a list does
        return self


def new_id(ib: IB) -> int:
    """The next request id."""
    return ib.client.getReqId()


def holder(ib: IB, slot: Slot) -> asyncio.Future[Any] | None:
    """What stands in a slot, if anything."""
    return ib.wrapper._futures.get(slot)  # noqa: SLF001


def occupant(ib: IB, slot: Slot) -> asyncio.Future[Any] | None:
    """Who waits for the answer in a slot, if anybody."""
    future = holder(ib, slot)
    return None if future is None or future.done() else future


def open_slot(
    ib: IB, slot: Slot, future: asyncio.Future[Any], rows: list[Any], contract: Contract | None
) -> None:
    """Let the answer with this key go to *future* (what ``wrapper.startReq`` does)."""
    ib.wrapper._futures[slot] = future  # noqa: SLF001
    ib.wrapper._results[slot] = rows  # noqa: SLF001
    if contract is not None:
        ib.wrapper._reqId2Contract[cast("int", slot)] = contract  # noqa: SLF001


def empty_slot(ib: IB, slot: Slot) -> None:
    """End a request before ib_async hears of its error; the contract stays for errorEvent."""
    ib.wrapper._futures.pop(slot, None)  # noqa: SLF001
    ib.wrapper._results.pop(slot, None)  # noqa: SLF001


def close_slot(ib: IB, slot: Slot) -> None:
    """Forget a request, so that nothing of it stays behind (traps B15, B16)."""
    empty_slot(ib, slot)
    ib.wrapper._reqId2Contract.pop(cast("int", slot), None)  # noqa: SLF001


def drain_slot(ib: IB, slot: Slot) -> None:
    """Forget a request and swallow its late rows until their end.

    Without the slot each late row of contract details is a KeyError in the log, and each late
    row of executions is taken for a new fill.
    """
    close_slot(ib, slot)
    done: asyncio.Future[Any] = blocking_loop().create_future()
    done.cancel()
    open_slot(ib, slot, done, Sink(), None)


# --- events -------------------------------------------------------------------


def error_slot(handler: Callable[[object, Exception], None]) -> Any:
    """What `catch_errors` puts on an event; one can be put on many."""
    return eventkit.Slot(None, None, handler)


def catch_errors(event: Any, slot: Any) -> None:
    """Hear what handlers of *event* raise: ``event.error_event.connect`` in a tenth of its time.

    Seven events of each new trade are watched, and placing an order must stay cheap.
    """
    event.error_event._slots.slots.append(slot)  # noqa: SLF001


def cancel_order(ib: IB, order_id: int) -> None:
    """Send a cancel for an id that ``ib`` may not know: ``ib.cancelOrder`` logs an error."""
    ib.client.cancelOrder(order_id)  # type: ignore[no-untyped-call]  # so in ib_async


# --- messages -----------------------------------------------------------------


def intercept(ib: IB, name: str, listener: Callable[..., bool]) -> Callable[[], None]:
    """Call *listener* before ``ib.wrapper.<name>``; what it answers True to goes no further.

    Returns a function that takes the listener off. The listener must not raise: ib_async would
    drop the message.
    """
    current = getattr(ib.wrapper, name)
    if not isinstance(current, _Intercepted):
        current = _Intercepted(current)
        setattr(ib.wrapper, name, current)
    current.listeners = (*current.listeners, listener)
    return lambda: current.remove(listener)


def after_sending(ib: IB, name: str, listener: Callable[..., object]) -> Callable[[], None]:
    """Call *listener* with the arguments of ``ib.client.<name>`` once it has returned.

    orderModifyEvent tells the order that was placed first, not the one that was sent to change
    it (ib.py 848-856). Returns a function that takes the listener off; the listener must not
    raise.
    """
    current = getattr(ib.client, name)
    if not isinstance(current, _Sent):
        current = _Sent(current)
        setattr(ib.client, name, current)
    current.listeners = (*current.listeners, listener)
    return lambda: current.remove(listener)


HISTORICAL_BARS = 17


def intercept_message(
    ib: IB, number: int, listener: Callable[[list[str]], bool]
) -> Callable[[], None]:
    """Call *listener* with the fields of each message of this number, before ib_async reads them.

    What it answers True to goes no further. Returns a function that takes the listener off. The
    listener must not raise: ib_async would drop the message.
    """
    handlers = ib.client.decoder.handlers
    current = handlers[number]
    if not isinstance(current, _Intercepted):
        current = handlers[number] = _Intercepted(current)
    current.listeners = (*current.listeners, listener)

    def take_off() -> None:
        current.remove(listener)
        if not current.listeners and handlers[number] is current:  # else it stays below another
            handlers[number] = current.original

    return take_off


class _Sent:
    __slots__ = ("listeners", "original")

    def __init__(self, original: Callable[..., object]) -> None:
        self.original = original
        self.listeners: tuple[Callable[..., object], ...] = ()

    def __call__(self, *args: object) -> None:
        self.original(*args)
        for listener in self.listeners:
            listener(*args)

    def remove(self, listener: Callable[..., object]) -> None:
        self.listeners = tuple(one for one in self.listeners if one is not listener)


class _Intercepted:
    __slots__ = ("listeners", "original")

    def __init__(self, original: Callable[..., object]) -> None:
        self.original = original
        self.listeners: tuple[Callable[..., bool], ...] = ()

    def __call__(self, *args: object) -> None:
        for listener in self.listeners:
            if listener(*args):
                return
        self.original(*args)

    def remove(self, listener: Callable[..., bool]) -> None:
        self.listeners = tuple(one for one in self.listeners if one is not listener)


_EXECUTION = 11
_EXECUTION_TIME = 15


def rewrite_execution_times(ib: IB, rewrite: Callable[[str], str]) -> Callable[[], None]:
    """Change the time text of executions before ib_async reads it (decoder.py 426-475).

    Returns a function that undoes it.
    """
    handlers = ib.client.decoder.handlers
    original = handlers[_EXECUTION]

    def read(fields: list[str]) -> None:
        fields[_EXECUTION_TIME] = rewrite(fields[_EXECUTION_TIME])
        original(fields)

    handlers[_EXECUTION] = read
    return functools.partial(handlers.__setitem__, _EXECUTION, original)


def keep_one_summary(ib: IB) -> Callable[[], None]:
    """Ask for the account summary again at 1102, and keep one such extra subscription.

    ib_async opens one more at every 1102, also when nobody asked for a summary, and cancels
    none; IB allows two (ib.py 412-416; traps B20). Returns a function that undoes it.
    """
    again: list[int] = []

    def on_error(_req_id: int, code: int, _text: str, _contract: object) -> None:
        if code != 1102 or not ib.wrapper.acctSummary:
            return
        for req_id in again:
            ib.client.cancelAccountSummary(req_id)  # type: ignore[no-untyped-call]  # so in ib_async
        again[:] = [ib.client._reqIdSeq]  # noqa: SLF001
        asyncio.ensure_future(ib.reqAccountSummaryAsync()).add_done_callback(_retrieve)

    ib.errorEvent.disconnect(ib._onError)  # noqa: SLF001
    ib.errorEvent.connect(on_error)

    def undo() -> None:
        ib.errorEvent.disconnect(on_error)
        ib.errorEvent.connect(ib._onError)  # noqa: SLF001

    return undo


def _retrieve(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
