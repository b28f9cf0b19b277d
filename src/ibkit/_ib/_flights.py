"""Questions under way: one flight per question, each with an end.

A flight ends by TWS's answer, by an error of TWS, by the loss of the connection, or when those
who wait for it give up. ib_async leaves several of these ends open (traps B12-B16); here every
one gives a result or a typed error, and leaves nothing behind in ib_async.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Hashable, Mapping
from typing import Any, final

from attrs import define, evolve, field
from ib_async import IB

from ibkit.errors import ConnectionLost, GatewayError, PacingViolation

from . import _compat as compat  # attrs needs the name _compat for itself
from ._codes import CODES, Codes, RequestVerdict, Scope, Severity
from ._flight import GRACE, Ask, Flight, MakeError
from ._sender import Sender

_MOST_DRAINS = 256

# Which request an error without an id belongs to, by the beginning of its slot.
_NAMELESS: Mapping[int, tuple[str, ...]] = {124: ("marketRule",), 2101: ("accountValues",)}
_READ_ONLY = ("openOrders", "completedOrders")


@final
@define(eq=False, repr=False)
class Flights:
    """All questions under way on one IB."""

    ib: IB
    sender: Sender
    codes: Codes = CODES
    _flying: dict[Hashable, Flight] = field(factory=dict, init=False)
    _by_id: dict[compat.Slot, Flight] = field(factory=dict, init=False)
    _queues: dict[str, deque[Flight]] = field(factory=dict, init=False)
    _unsure: set[str] = field(factory=set, init=False)
    _drains: deque[compat.Slot] = field(factory=deque, init=False)
    _spared: Flight | None = field(default=None, init=False)

    def join(self, ask: Ask[Any]) -> Flight:
        """Board the flight of this question, or start it."""
        flight = self._flying.get(ask.key)
        if flight is None:
            flight = self._flying[ask.key] = Flight(ask, self)
            flight.answer.add_done_callback(functools.partial(self._landed, flight))
            self._line_up(flight)
        flight.waiters += 1
        return flight

    def leave(self, flight: Flight) -> None:
        """Get off. When the last one leaves a flight that has no answer, it is given up."""
        flight.waiters -= 1
        if not flight.waiters and not flight.answer.done():
            self._give_up(flight)

    def end_all(self, reason: str) -> None:
        """The connection is gone: everybody gets `ConnectionLost`."""
        for flight in list(self._flying.values()):
            flight.fail(functools.partial(ConnectionLost, str(flight.ask), reason))
        self._unsure.clear()
        self._drains.clear()

    def heard(self, req_id: int, code: int, text: str) -> bool:
        """Take a message of TWS before ib_async does. True if it belongs to a flight."""
        flight = self._nameless(code, text) if req_id == -1 else self._by_id.get(req_id)
        if flight is None or flight.answer.done():
            return False
        verdict = self.codes.about_request(code)
        error = self._error(flight, code, text)
        if req_id == -1 and not _slots_of(code, text) and verdict is RequestVerdict.FAILED:
            verdict = RequestVerdict.DOUBTFUL  # it may be another's
        if verdict is RequestVerdict.FAILED:
            flight.fail(error)
            compat.empty_slot(self.ib, flight.slot)
            return True
        flight.heard.append(f"{code}: {text}")
        if verdict is RequestVerdict.DOUBTFUL:
            asyncio.get_running_loop().call_later(GRACE, flight.fail, error)
        if code not in compat.SWALLOWED:
            # ib_async would end it with an empty answer: take it out of the way meanwhile
            compat.empty_slot(self.ib, flight.slot)
            self._spared = flight
        return True

    def was_heard(self) -> None:
        """ib_async has dealt with the message that `heard` took first."""
        flight, self._spared = self._spared, None
        if flight is not None and not flight.answer.done():
            self._open(flight)

    def by_id(self, req_id: int) -> Flight | None:
        """The flight with this request id."""
        return self._by_id.get(req_id)

    def ask_again(self, flight: Flight) -> None:
        """Send the question of a flight once more, from within its answer."""
        self._open(flight)
        self.sender.submit(flight.ask.lane, functools.partial(self._write, flight))

    def _nameless(self, code: int, text: str) -> Flight | None:
        waiting = [
            flight
            for flight in self._flying.values()
            if flight.ask.slot and flight.sent and not flight.answer.done()
        ]
        if slots := _slots_of(code, text):
            return next((f for f in waiting if str(f.ask.slot).startswith(slots)), None)
        known = self.codes[code]
        refusal = known.scope is Scope.REQUEST and known.severity is not Severity.NOTICE
        return waiting[0] if refusal and len(waiting) == 1 else None

    def _error(self, flight: Flight, code: int, text: str) -> MakeError:
        kind = PacingViolation if self.codes.is_pacing(code, text) else GatewayError
        req_id = flight.slot if isinstance(flight.slot, int) else None
        return functools.partial(kind, code, text, str(flight.ask), req_id)

    def _line_up(self, flight: Flight) -> None:
        """Questions without an id go one after the other per slot (traps B14)."""
        slot = flight.ask.slot
        if slot is None:
            self._submit(flight)
            return
        queue = self._queues.setdefault(slot, deque())
        queue.append(flight)
        if len(queue) == 1:
            self._take_slot(flight, slot)

    def _take_slot(self, flight: Flight, slot: str, *_: object) -> None:
        stranger = compat.holder(self.ib, slot)
        if stranger is not None and not stranger.done():
            # somebody asked through ib_async itself: let that end first
            stranger.add_done_callback(functools.partial(self._take_slot, flight, slot))
            return
        if stranger is not None:  # and gave up
            self._expect_late(flight.ask)
        self._submit(flight)

    def _submit(self, flight: Flight) -> None:
        if flight.answer.done():
            return
        send = functools.partial(self._send, flight)
        try:
            flight.ticket = self.sender.submit(flight.ask.lane, send)
        except Exception as error:  # noqa: BLE001 - it is raised at every waiter
            flight.fail(functools.partial(_same, error))

    def _send(self, flight: Flight) -> None:
        ask = flight.ask
        if flight.answer.done():
            return
        if not compat.is_ready(self.ib):
            flight.fail(functools.partial(ConnectionLost, str(ask)))
            return
        req_id = -1 if ask.slot else compat.new_id(self.ib)
        flight.slot, flight.sent = ask.slot or req_id, True
        if ask.slot:
            flight.unsure = ask.slot in self._unsure
        else:
            self._by_id[req_id] = flight
        self._open(flight)
        self._write(flight)

    def _open(self, flight: Flight) -> None:
        contract = flight.ask.contract
        compat.open_slot(self.ib, flight.slot, flight.answer, flight.rows, contract)

    def _write(self, flight: Flight) -> None:
        if flight.answer.done():
            return
        req_id = flight.slot if isinstance(flight.slot, int) else -1
        try:
            flight.ask.send(self.ib.client, req_id)
        except Exception as error:  # noqa: BLE001 - it is raised at every waiter
            flight.fail(functools.partial(_same, error))

    def _landed(self, flight: Flight, _: object) -> None:
        """The flight is over: leave nothing behind, and let the next one start."""
        if self._flying.get(flight.ask.key) is flight:
            del self._flying[flight.ask.key]
        self._by_id.pop(flight.slot, None)
        if flight.sent and compat.holder(self.ib, flight.slot) in {flight.answer, None}:
            compat.close_slot(self.ib, flight.slot)
        if flight.ask.stays and flight.sent and flight.error is None:
            self._withdraw(flight)
        if flight.ticket is not None:
            self.sender.leave(flight.ticket)
        slot = flight.ask.slot
        if slot is not None and (queue := self._queues.get(slot)):
            first = queue[0] is flight
            queue.remove(flight)
            if not queue:
                del self._queues[slot]
            elif first:
                self._take_slot(queue[0], slot)

    def _give_up(self, flight: Flight) -> None:
        """Nobody waits any more: withdraw the question, and expect its late answer."""
        ask = flight.ask
        self._flying.pop(ask.key, None)
        if flight.sent:
            self._expect_late(ask)
            self._withdraw(flight)
            self._forget(flight)
        elif (
            ask.slot is not None
            and self._queues[ask.slot][0] is flight
            and compat.occupant(self.ib, ask.slot) is not None
        ):
            # the stranger in the slot has waited as long as we did: it will wait for ever
            compat.close_slot(self.ib, ask.slot)
            self._expect_late(ask)
        flight.answer.finish()

    def _expect_late(self, ask: Ask[Any]) -> None:
        """For the rest of the session every answer in this slot may be a late one."""
        if ask.slot is not None and ask.in_rows:
            self._unsure.add(ask.slot)

    def _withdraw(self, flight: Flight) -> None:
        cancel, flight.ask = flight.ask.cancel, evolve(flight.ask, cancel=None)
        if cancel is not None and compat.is_ready(self.ib):
            cancel(self.ib.client, int(flight.slot))

    def _forget(self, flight: Flight) -> None:
        if not flight.ask.drain:
            compat.close_slot(self.ib, flight.slot)
            return
        compat.drain_slot(self.ib, flight.slot)
        self._drains.append(flight.slot)
        if len(self._drains) > _MOST_DRAINS:
            compat.close_slot(self.ib, self._drains.popleft())


def _same(error: Exception) -> Exception:
    return error


def _slots_of(code: int, text: str) -> tuple[str, ...]:
    """Which requests an error without an id is an answer to, where that is certain."""
    return _READ_ONLY if "read-only" in text.lower() else _NAMELESS.get(code, ())
