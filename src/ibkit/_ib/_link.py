"""The connection to TWS: made, watched, made again; its state known at every moment."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Final, final

from attrs import define, evolve, field, frozen
from ib_async import IB

from ibkit.errors import (
    ConnectionFailed,
    IbkitError,
    NotConnected,
    RequestTimeout,
    StateUnknown,
)

from . import _compat as compat  # attrs needs the name _compat for itself
from ._blocking import blocking
from ._codes import Notice
from ._dial import dial
from ._events import SafeEvent, Subscriptions, watch_errors
from ._farms import AVAILABLE, FARM_CODES, Farm, FarmChanged, Farms
from ._greeting import Address, Ending, Failure
from ._health import log
from ._link_table import DATA_LOST, Action, LinkChanged, LinkState, Signal, step
from ._reconnect import Attempts, Reconnect, Uniform
from ._requests import Requests
from ._sync import SyncFailed, SyncPlan, synchronise
from ._times import has_unknown_zone, readable_time

_SIGNALS = {
    1100: Signal.BROKER_LOST,
    2110: Signal.BROKER_LOST,
    1101: Signal.DATA_LOST,
    1102: Signal.DATA_KEPT,
    1300: Signal.MOVED,
}
_OFFLINE = frozenset({LinkState.DOWN, LinkState.CONNECTING, LinkState.CLOSED})
_HISTORY = 200
SHARED = "_ibkit_link"
"""The name under which an IB knows its link (`_shared.link_of`)."""
_NOWHERE = Address(host="", port=0, client_id=-1)


@frozen(kw_only=True)
class Patience:
    """
    How long a link waits, in seconds.

    >>> Patience(login=20).silence
    30.0
    """

    login: float = 10.0
    """For a whole login."""
    sync: float = 10.0
    """For each part of the synchronisation, without any progress."""
    silence: float = 30.0
    """Without any message, before TWS is asked whether it lives; it has *login* to answer."""
    quiet: float = 30.0
    """For a further loss of IB, when only the data farms tell that the last one is over."""


@final
@define(eq=False, repr=False, auto_attribs=False)
class Link:
    """
    One connection of one ``IB`` to TWS.

    ``Link(ib, address)`` makes the connection with `open_async` and keeps it up;
    `Link.adopt` watches an ``IB`` that you connect yourself. Every change of `state` is a
    `LinkChanged` on `changed` and in `history`. A disconnect that you ask for, here or with
    ``ib.disconnect()``, is never undone.

    >>> from ibkit.sim import SimGateway
    >>> async def main():
    ...     async with SimGateway() as gateway:
    ...         address = Address(host="127.0.0.1", port=gateway.port, client_id=5)
    ...         link = Link(IB(), address)
    ...         await link.open_async()
    ...         up = link.is_up
    ...         link.close()
    ...         return up, [change.new.value for change in link.history]
    >>> asyncio.run(main())
    (True, ['connecting', 'syncing', 'up', 'closed'])
    """

    ib: IB = field()
    address: Address = field(default=_NOWHERE)
    reconnect: Reconnect = field(factory=Reconnect, kw_only=True)
    patience: Patience = field(factory=Patience, kw_only=True)
    requests: Requests = field(kw_only=True)
    account: str = field(default="", kw_only=True)
    """Whose values and portfolio are kept up to date; the only one by default."""
    readonly: bool = field(default=False, kw_only=True)
    """The API is in read-only mode: orders are not asked for."""
    uniform: Uniform = field(default=random.random, kw_only=True)

    state: LinkState = field(default=LinkState.DOWN, init=False)
    epoch: int = field(default=0, init=False)
    since: datetime = field(init=False)
    reason: str = field(default="not opened yet", init=False)
    failure: ConnectionFailed | None = field(default=None, init=False)
    """Why the last attempt failed."""
    missing: tuple[str, ...] = field(default=(), init=False)
    """What the last synchronisation could not get, and can be done without."""
    changed: SafeEvent[LinkChanged] = field(init=False)
    farm_changed: SafeEvent[FarmChanged] = field(init=False)

    _history: deque[LinkChanged] = field(init=False)
    _farms: Farms = field(factory=Farms, init=False)
    _listening: Subscriptions = field(init=False)
    _activity: asyncio.Future[object] | None = field(default=None, init=False)
    _signals: deque[tuple[Signal, str, int | None]] = field(factory=deque, init=False)
    _busy: bool = field(default=False, init=False)
    _own_hang_up: bool = field(default=False, init=False)
    _leaving: bool = field(default=False, init=False)
    _attempts: Attempts = field(init=False)
    _early: list[tuple[Signal, str, int]] = field(factory=list, init=False)
    _zone_was_told: bool = field(default=False, init=False)
    _synced_epoch: int = field(default=0, init=False)
    _dialled_epoch: int = field(default=0, init=False)

    @requests.default
    def _own_requests(self) -> Requests:
        return Requests(self.ib)

    def __attrs_post_init__(self) -> None:
        health = self.requests.health
        self.since = health.clock()
        self.changed = SafeEvent("link.changed", health)
        self.farm_changed = SafeEvent("link.farm_changed", health)
        self._history = deque(maxlen=_HISTORY)
        self._attempts = Attempts(self.reconnect, self.uniform)
        self._listening = Subscriptions(health)
        self._listening.add(self.ib.connectedEvent, self._connected)
        self._listening.add(self.ib.disconnectedEvent, self._disconnected)
        self._listening.add(self.requests.notices, self._notice)
        vars(self.ib)[SHARED] = self
        self._listening.on_close(compat.before_disconnect(self.ib, self._user_disconnects))
        self._listening.on_close(compat.keep_one_summary(self.ib))
        self._listening.on_close(compat.rewrite_execution_times(self.ib, self._execution_time))
        self._listening.on_close(watch_errors(self.ib, health).close)

    @classmethod
    def adopt(
        cls,
        ib: IB,
        *,
        reconnect: Reconnect | None = None,
        patience: Patience | None = None,
        account: str = "",
        readonly: bool = False,
    ) -> Link:
        """
        Watch an ``IB`` that you connect yourself, now or later.

        What it knows is checked at once, since ib_async takes a missing answer for an empty
        one. It is reconnected after a loss only when you give *reconnect*; your own
        ``ib.connect`` after a loss is noticed.
        """
        link = cls(
            ib,
            reconnect=reconnect or Reconnect(attempts=0),
            patience=patience or Patience(),
            account=account,
            readonly=readonly,
        )
        if compat.is_ready(ib):
            link._connected()
        return link

    # --- what is known --------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Link {self.address} {self.state.value}: {self.reason}>"

    @property
    def is_up(self) -> bool:
        """Whether positions, open orders and executions are known to be complete."""
        return self.state is LinkState.UP

    @property
    def farms(self) -> Mapping[str, Farm]:
        """The data farms by name, as far as TWS has told."""
        return self._farms.by_name()

    @property
    def history(self) -> tuple[LinkChanged, ...]:
        """The latest changes, oldest first."""
        return tuple(self._history)

    def require_up(self, what: str) -> None:
        """Raise unless the link is up: `NotConnected`, or `StateUnknown` while synchronising."""
        if self.state is LinkState.UP:
            return
        if self.state in _OFFLINE:
            raise NotConnected(what)
        reason = f"the link is {self.state.value}: {self.reason}; nothing was sent"
        raise StateUnknown(what, reason)

    async def up_async(self, timeout: float | None = None) -> None:
        """
        Wait until the link is up.

        Raises `ConnectionFailed` or `NotConnected` when it closes instead, and `RequestTimeout`
        after *timeout* seconds.
        """
        try:
            await asyncio.wait_for(self._settled(), timeout)
        except asyncio.TimeoutError:
            raise RequestTimeout(f"the connection to {self.address}", timeout or 0) from None
        if self.state is LinkState.CLOSED:
            raise self.failure or NotConnected(f"the connection to {self.address}")

    up: Final = blocking(up_async)

    # --- what the user wants ----------------------------------------------------

    async def open_async(self) -> None:
        """
        Connect, and return when the link is up.

        The first attempt is the only one: raises `ConnectionFailed` with the cause and what to
        do. Later losses are repaired as `reconnect` says.
        """
        self.failure = None
        self._attempts.begin()
        self._signal(Signal.OPEN, "asked to connect")
        try:
            await self.up_async()
        except asyncio.CancelledError:
            self.close("connecting was cancelled")
            raise

    open: Final = blocking(open_async)

    def close(self, reason: str = "closed by the user") -> None:
        """Disconnect, and stay disconnected."""
        self._signal(Signal.CLOSE, reason)

    def release(self) -> None:
        """Let go of the ``IB`` as it is: watch and repair nothing any more."""
        self._stop_activity()
        self._listening.close()
        self.requests.close()
        if vars(self.ib).get(SHARED) is self:
            del vars(self.ib)[SHARED]

    # --- what happens -------------------------------------------------------------

    def _connected(self) -> None:
        if self.state in {LinkState.DOWN, LinkState.CLOSED}:
            host, port, client_id = compat.address(self.ib)
            self.address = Address(host=host, port=port, client_id=client_id)
            self._signal(Signal.CONNECTED, "connected by the user")

    def _disconnected(self) -> None:
        if not self._own_hang_up:
            self._signal(Signal.SOCKET_LOST, "the connection was lost")

    def _user_disconnects(self) -> None:
        if not self._own_hang_up:
            self._leaving = compat.is_ready(self.ib)
            self._signal(Signal.CLOSE, "ib.disconnect() was called")
            self._leaving = False

    def _execution_time(self, text: str) -> str:
        if has_unknown_zone(text) and not self._zone_was_told:
            self._zone_was_told = True
            log.warning("the zone of executions is unknown: %r; set IB.TimezoneTWS", text)
        return readable_time(text)

    def _notice(self, notice: Notice) -> None:
        if notice.code in FARM_CODES:
            self._farm(notice)
        elif notice.code in _SIGNALS:
            if notice.code == 1300 and (port := re.search(r"(\d+)\D*$", notice.text)):
                self.address = evolve(self.address, port=int(port[1]))
            happened = (_SIGNALS[notice.code], notice.meaning, notice.code)
            if self.state is LinkState.CONNECTING:
                self._early.append(happened)  # in the packet that ended the login
            else:
                self._signal(*happened)

    def _farm(self, notice: Notice) -> None:
        now = self.requests.health.clock()
        epoch = self.epoch + (self.state is LinkState.CONNECTING)
        change = self._farms.heard(notice.code, notice.text, now, epoch)
        if change is None:
            return
        self.farm_changed.emit(change)
        if change.new.state in AVAILABLE:
            self._signal(Signal.FARM_OK, f"the farm {change.new.name} is back", notice.code)

    # --- the machine ----------------------------------------------------------------

    def _signal(self, signal: Signal, reason: str, code: int | None = None) -> None:
        """Take a signal; those that arise meanwhile come after it, in order."""
        self._signals.append((signal, reason, code))
        if self._busy:
            return
        self._busy = True
        try:
            while self._signals:
                self._advance(*self._signals.popleft())
        finally:
            self._busy = False

    def _advance(self, signal: Signal, reason: str, code: int | None) -> None:
        passage = step(self.state, signal)
        if passage is None:
            return
        self._stop_activity()
        old, self.state = self.state, passage.state
        if old is LinkState.UP:
            self._attempts.lost(compat.blocking_loop().time())
        if self.state in _OFFLINE:
            self._farms.clear()
        if signal is Signal.CLOSE:
            self.failure = None
        for action in passage.actions:
            self._act(action, signal)
        if old is not self.state or signal is Signal.DATA_LOST:
            self._tell(old, signal, reason, code)
        self._start_activity(signal)

    def _act(self, action: Action, signal: Signal) -> None:
        if action is Action.BEGIN_EPOCH:
            self.epoch += 1
            if signal is Signal.LOGGED_IN:
                self._dialled_epoch = self.epoch
        elif action is Action.HANG_UP and not self._leaving:
            # politely when the user ends it: what he has sent shall arrive
            self._hang_up(abort=signal is not Signal.CLOSE)
        elif action is Action.ANNOUNCE:
            self.failure = None
            self._attempts.up(compat.blocking_loop().time())
            if self._dialled_epoch == self.epoch:
                self._dialled_epoch = 0
                self.ib.connectedEvent.emit()

    def _hang_up(self, *, abort: bool) -> None:
        self._own_hang_up = True
        try:
            compat.hang_up(self.ib, abort=abort)
        finally:
            self._own_hang_up = False

    def _tell(self, old: LinkState, signal: Signal, reason: str, code: int | None) -> None:
        now = self.requests.health.clock()
        if old is not self.state:
            self.since = now
        self.reason = reason
        change = LinkChanged(
            old=old,
            new=self.state,
            reason=reason,
            time=now,
            epoch=self.epoch,
            code=code,
            data_lost=signal in DATA_LOST,
            missing=self.missing if self.state is LinkState.UP else (),
        )
        self._history.append(change)
        self.changed.emit(change)

    # --- what runs while a state lasts --------------------------------------------------

    def _start_activity(self, signal: Signal) -> None:
        activities: Mapping[LinkState, Callable[[Signal], Coroutine[Any, Any, None]]] = {
            LinkState.DOWN: self._retry,
            LinkState.CONNECTING: self._dial,
            LinkState.SYNCING: self._sync,
            LinkState.UP: self._listen_for_silence,
            LinkState.BROKER_LOST: self._wait_for_quiet,
            LinkState.RESYNCING: self._sync,
        }
        if self.state in activities:
            work = activities[self.state](signal)
            self._activity = self.requests.health.spawn(work, f"link, {self.state.value}")

    def _stop_activity(self) -> None:
        if self._activity is not None:
            with contextlib.suppress(RuntimeError):  # its loop may be closed
                self._activity.cancel()
            self._activity = None

    async def _dial(self, _: Signal) -> None:
        codes, health = self.requests.codes, self.requests.health
        self._early.clear()
        failure = await dial(self.ib, self.address, self.patience.login, codes, health)
        if failure is not None:
            self._failed(failure, Signal.DIAL_FAILED)
            return
        self._signal(Signal.LOGGED_IN, "logged in")
        for happened in self._early:
            self._signal(*happened)

    async def _sync(self, _: Signal) -> None:
        plan = SyncPlan(
            accounts=compat.accounts(self.ib) if compat.is_ready(self.ib) else (),
            account=self.account,
            readonly=self.readonly,
            everything=self._synced_epoch != self.epoch,
            timeout=self.patience.sync,
        )
        try:
            self.missing = await synchronise(self.requests, plan)
        except SyncFailed as failed:
            self._failed(failed.failure, Signal.SYNC_FAILED)
            return
        self._synced_epoch = self.epoch
        if self.state is LinkState.SYNCING and self._farms.all_away():
            # a login says how the farms are; nothing else tells that TWS has not found IB yet
            self._signal(Signal.BROKER_LOST, "logged in, and no data farm is connected")
        else:
            self._signal(Signal.SYNCED, "positions, open orders and executions are complete")

    def _failed(self, failure: Failure, signal: Signal) -> None:
        self.failure = failure.error(self.address)
        if failure.is_final:
            self._attempts.give_up()
        self._signal(signal, self.failure.reason, self.failure.code)

    async def _retry(self, _: Signal) -> None:
        delay = self._attempts.next_delay()
        if delay is not None:
            await asyncio.sleep(delay)
            self._signal(Signal.OPEN, f"attempt {self._attempts.number} to reconnect")
            return
        if self.failure is None:
            self.failure = Failure(ending=Ending.LOST).error(self.address)
        self._signal(Signal.EXHAUSTED, self.failure.reason, self.failure.code)

    async def _listen_for_silence(self, _: Signal) -> None:
        silence, heard = self.patience.silence, compat.received(self.ib)
        while True:
            await asyncio.sleep(silence)
            before, heard = heard, compat.received(self.ib)
            if heard == before:
                try:
                    await self.requests.current_time_async(timeout=self.patience.login)
                except RequestTimeout:
                    self._signal(Signal.SILENT, f"no word from TWS for {silence:g} s")
                    return
                except IbkitError as error:
                    log.debug("asking TWS for the time: %s", error)  # a loss signals itself

    async def _wait_for_quiet(self, signal: Signal) -> None:
        if signal is Signal.FARM_OK:
            await asyncio.sleep(self.patience.quiet)
            self._signal(Signal.QUIET, "the farms are back, and no further loss was reported")

    async def _settled(self) -> None:
        while self.state not in {LinkState.UP, LinkState.CLOSED}:
            await self.changed
