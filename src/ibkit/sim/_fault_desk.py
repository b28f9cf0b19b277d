"""`gateway.faults`: everything that goes wrong between a program and IB, by name.

The numbers are those of the fault menu in ``docs/explanation/simulator-fidelity.md``.
"""

from __future__ import annotations

import datetime as dt
import difflib
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Protocol, final

from attrs import evolve

from ibkit.sim import _checked as checked
from ibkit.sim._engine import (
    Event,
    Operator,
    OrderKey,
    OrderShown,
    OrderTerms,
    OrderView,
    Place,
    Refused,
)
from ibkit.sim._faults import Effect, Rule
from ibkit.sim._message_names import altered, checked_answer, checked_request
from ibkit.sim._order_faults import fill_together, race_cancel
from ibkit.sim._order_names import exec_id_of, perm_id_of, terms_of
from ibkit.sim._schedule import At
from ibkit.sim._session import HISTORY, Floor, Spelling, farm_named, kind_of
from ibkit.sim._transport import Clock, Server

log = logging.getLogger("ibkit.sim")

NOTICES = {
    10349: "Order TIF was set to DAY based on order preset.",
    10311: "This order will be directly routed to {exchange}. Direct routed orders may result in "
    "higher trade fees.",
    399: "Order Message:\nWarning: your order will not be placed at the exchange until later",
    2109: "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the "
    "order type and destination. PlaceOrder is now being processed.",
}
"""Texts that come with an order and change nothing, though their codes are no warnings."""


class _Fault(Protocol):
    def __call__(self, **arguments: object) -> None: ...


@final
class FaultDesk:
    """Faults of one gateway. Each acts at once, or lies in wait for the next message of a kind."""

    _floor: Floor
    _server: Server
    _clock: Clock

    @classmethod
    def _of(cls, floor: Floor, server: Server, clock: Clock) -> FaultDesk:
        self = cls()
        self._floor, self._server, self._clock = floor, server, clock
        return self

    # -- connections: menu 6

    def cut(self, client_id: int | None = None) -> None:
        """Reset the connections, of one client or of all; what is unsent is gone.

        One that is cut already stays so. A client that was never there raises `LookupError`.
        """
        known = sorted(self._floor.clients)
        if client_id is not None and client_id not in known:
            raise LookupError(f"client_id: got {client_id!r}; so far there were {known or 'none'}")
        self._server.abort(client_id)

    def cut_at(self, request: str, *, nth: int = 1, after: bool = False) -> None:
        """Reset the connection when the *nth* request of a name arrives.

        Before it is looked at, so that it is lost; with *after*, when it has been carried out
        and before its answers go out.
        """
        effect: Effect = "cut_after" if checked.flag("after", after) else "cut"
        skip = checked.whole("nth", nth, least=1) - 1
        self._add(Rule(message=checked_request(request), effect=effect, skip=skip))

    def refuse_connections(self, times: int = 1) -> None:
        """Accept the next connections and close them at once."""
        self._server.refuse_next = checked.whole("times", times)

    def stay_silent(self, times: int = 1) -> None:
        """Accept the next connections and never answer them (a half handshake)."""
        self._server.silent_next = checked.whole("times", times)

    def restart(self, *, ids_back_by: int = 0) -> None:
        """Restart the gateway: every connection closes. Order ids may go back (A6)."""
        self._floor.broker.roll_back_ids(checked.whole("ids_back_by", ids_back_by))
        self._server.abort(None)

    def split_packets(self, size: int) -> None:
        """Send everything in pieces of *size* bytes, also within length prefixes; 0 ends it (9)."""
        self._server.piece = checked.whole("size", size)

    # -- IB behind the gateway: menu 6

    def lose_connectivity(self, times: int = 1) -> None:
        """1100, *times* over: the gateway has lost IB. Orders wait, data and fills stop.

        Who logs in meanwhile hears 2110 and that every farm is broken.
        """
        times = checked.whole("times", times, least=1)
        self._floor.go_offline()
        self._notice_all(1100, times=times)

    def restore(self, *, data_lost: bool = False) -> None:
        """1102; or 1101 with *data_lost*, after which every data subscription is dead.

        What was said to be broken is said to be OK again.
        """
        if checked.flag("data_lost", data_lost):
            self._floor.kill_data()
        self._notice_all(1101 if data_lost else 1102, "usfarm; ushmds; secdefnj")
        for notice in self._floor.farms.mend():
            self._notice_all(*notice)
        self._floor.go_online(self._clock.now())
        self._server.flush()

    def lose_data(self) -> None:
        """1100 and 1101: every data subscription is dead until it is asked for again."""
        self.lose_connectivity()
        self.restore(data_lost=True)

    def farm_down(self, farm: str = "usfarm") -> None:
        """2103: quotes stop. Of ``ushmds`` 2105: live bars end (10182), history is refused (162).

        Of ``secdefnj`` 2157, and nothing else.
        """
        self._notice_all(*self._floor.farms.report(farm_named(farm), is_up=False))
        if self._floor.farms.is_down(HISTORY):
            self._floor.refuse_all("live_bars", 10182)
            self._server.flush()

    def farm_up(self, farm: str = "usfarm", *, dead: bool = False) -> None:
        """2104 (or 2106, 2158): data flow again.

        With *dead*, what the farm fed before stays silent (A2): of ``ushmds`` the live bars, of
        a farm of quotes all other data.
        """
        farm = farm_named(farm)
        if checked.flag("dead", dead):
            self._floor.kill_data(kind_of(farm).feeds)
        self._notice_all(*self._floor.farms.report(farm, is_up=True))
        self._floor.show_market(self._clock.now())
        self._server.flush()

    def nightly_reset(self) -> None:
        """2110 and broken farms; `restore` ends it."""
        self._notice_all(2110)
        self._floor.go_offline()
        self.farm_down()

    def move_port(self, port: int) -> None:
        """1300 with the new port, then every connection closes."""
        self._notice_all(1300, checked.whole("port", port, least=1))
        self._server.close_all("the port has moved")

    def compete(self) -> None:
        """10197 for every quote line, which is dead afterwards."""
        self._floor.refuse_all("quotes", 10197)
        self._server.flush()

    # -- messages: menu 3, 5, 7, 11, 15

    def ignore(self, request: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Never answer the next requests of a name, such as ``ReqPositions``."""
        name = checked_request(request)
        self._add(Rule(message=name, effect="drop", times=times, client_id=client_id))

    def answer_once(self, request: str = "ReqCurrentTime") -> None:
        """Answer the next request of a name and not the one after it.

        So does TWS with two requests for the time within a second.
        """
        self._add(Rule(message=checked_request(request), effect="drop", skip=1))

    def delay_request(self, request: str, seconds: float, times: int = 1) -> None:
        """Act late on the next requests of a name; what follows them is not held up (15).

        Of ``CancelMktData``: ticks go on after the cancel. Of ``ReqMktData``: a cancel right
        after it finds nothing (300), and the subscription begins afterwards.
        """
        name, late = checked_request(request), checked.delay("seconds", seconds)
        self._add(Rule(message=name, effect="delay", times=times, delay=late))

    def refuse(
        self,
        request: str,
        code: int,
        text: str,
        times: int = 1,
        *,
        client_id: int | None = None,
    ) -> None:
        """Answer the next requests of a name with an error, such as 162 or 321."""
        name, error = checked_request(request), _error(code, text)
        self._add(
            Rule(message=name, effect="refuse", times=times, client_id=client_id, error=error)
        )

    def withhold(self, answer: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Leave out the next answers of a name, such as ``PositionEnd`` or ``OrderStatus``."""
        name = checked_answer(answer)
        self._add(Rule(message=name, effect="drop", times=times, client_id=client_id))

    def double(self, answer: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Send the next answers of a name twice."""
        name = checked_answer(answer)
        self._add(Rule(message=name, effect="double", times=times, client_id=client_id))

    def delay(self, answer: str, seconds: float, times: int = 1) -> None:
        """Send the next answers of a name late, after what follows them."""
        name, late = checked_answer(answer), checked.delay("seconds", seconds)
        self._add(Rule(message=name, effect="delay", times=times, delay=late))

    def alter(self, answer: str, fields: Mapping[str, object], times: int = 1) -> None:
        """Send the next answers of a name with other values.

        The fields are those that the trace shows, with dots for what is inside of others:
        ``alter("OrderStatus", {"status": "Lost"})``,
        ``alter("ExecDetails", {"execution.time": "20260302 10:00:00 JST"})``.
        """
        change = altered(checked_answer(answer), fields)
        self._add(Rule(message=answer, effect="alter", times=times, change=change))

    def clear(self) -> None:
        """Forget every rule for messages and connections that has not been used up."""
        self._floor.interference.clear()
        self._server.refuse_next = self._server.silent_next = self._server.piece = 0
        self._floor.spelling = None

    # -- how things are written: menu 10

    def write_times(self, zone: str | None) -> None:
        """Write times with another name of the zone, such as ``JST``, with none, or in UTC.

        *zone* is what stands behind every time, in the greeting too; an empty text leaves the
        zone out; ``-`` writes UTC as ``20260302-15:00:00``; ``None`` ends it. But for ``-``
        the figures stay those of the log-in zone.
        """
        named = None if zone is None else checked.text("zone", zone)
        self._spell(evolve(self._spelling, zone=named))

    def blank_unset(self, *, on: bool = True) -> None:
        """Write unset numbers as empty fields instead of 1.7976931348623157E308 (10)."""
        self._spell(evolve(self._spelling, blank_unset=checked.flag("on", on)))

    # -- orders: menu 1, 2, 3, 4, 5, 8, 14; an order is named by its perm id, or "client/order"

    def notice_next_order(self, code: int = 10349, text: str | None = None) -> None:
        """Send a harmless notice with the next accepted order (1).

        10349, 10311, 399 and 2109 have their texts; any other code needs one.
        """
        if text is None and code not in NOTICES:
            raise ValueError(f"code: got {code}, which needs a text; {list(NOTICES)} have theirs")
        self._operator.notice_next(*_error(code, NOTICES[code] if text is None else text))

    def reject_next_order(self, reason: str = "", *, error_first: bool = False) -> None:
        """Reject the next new order: Inactive and 201, or the other way round (2)."""
        error_first = checked.flag("error_first", error_first)
        self._operator.reject_next(checked.text("reason", reason), error_first=error_first)

    def hold_next_order(self) -> None:
        """Hold the next order for locating securities: Inactive, and alive (2)."""
        self._operator.hold_next()

    def release_order(self, perm_id: int | str) -> None:
        """Let a held order work (2)."""
        self._publish(lambda now: self._operator.release(self._perm_id(perm_id), now))

    def refuse_next_order(self, code: int, text: str) -> None:
        """Refuse the next new order with an error only; the broker has nothing (5)."""
        self._operator.refuse_next(*_error(code, text))

    def refuse_next_modify(self, code: int, text: str) -> None:
        """Refuse the next modification; the order works on as it was (5)."""
        self._operator.refuse_next_modify(*_error(code, text))

    def race_cancel(self, quantity: Decimal | int | None = None) -> None:
        """Let the next cancelOrder come too late: PendingCancel, then a fill (4).

        The order fills at its limit, or at the market; a *quantity* below what remains leaves
        the rest to be cancelled a second later.
        """
        action = race_cancel(None if quantity is None else checked.above_zero("quantity", quantity))
        self._add(Rule(message="CancelOrder", effect="instead", action=action))

    def reject_order(self, perm_id: int | str, reason: str = "") -> None:
        """Reject a live order (2)."""
        checked.text("reason", reason)
        self._publish(lambda now: self._operator.reject(self._perm_id(perm_id), reason, now))

    def cancel_order(self, perm_id: int | str, reason: str = "") -> None:
        """Let the exchange cancel a live order that nobody asked to cancel."""
        checked.text("reason", reason)
        self._publish(
            lambda now: self._operator.cancel_unasked(self._perm_id(perm_id), reason, now)
        )

    def fill_order(
        self, perm_id: int | str, quantity: Decimal | float, price: Decimal | float
    ) -> None:
        """Fill an order by hand, in part or whole, whatever the market says (8)."""
        perm_id = self._perm_id(perm_id)
        size, at = checked.number("quantity", quantity), checked.number("price", price)
        remaining = self._order(perm_id).remaining
        if not 0 < size <= remaining:
            raise ValueError(f"quantity: got {size}; {remaining} of the order remain")
        self._publish(lambda now: self._operator.fill(perm_id, size, at, now))

    def fill_in_one_burst(self, prices: Mapping[int | str, Decimal | float]) -> None:
        """Fill several orders in whole before anybody hears of it: *prices* by order (8).

        What the first fills have ended (a sibling in an OCA group) is left out.
        """
        table = "a table of orders and their prices"
        if not checked.instance("prices", prices, Mapping, table):
            raise checked.refusal("prices", prices, table)
        at = {self._perm_id(o): checked.number("price", price) for o, price in prices.items()}
        self._publish(lambda now: fill_together(self._floor.broker, at, now))

    def report_status(self, perm_id: int | str, status: str | None = None) -> None:
        """Repeat an orderStatus, or send a false one: late, regressed (B3)."""
        if status is not None:
            checked.text("status", status)
        self._publish(lambda now: self._operator.report(self._perm_id(perm_id), now, status=status))

    def correct_fill(self, exec_id: str, price: Decimal | float) -> None:
        """Correct an execution, ``latest`` or by its id: the next correction number (3)."""
        name, at = exec_id_of(self._floor.broker, exec_id), checked.number("price", price)
        self._publish(lambda now: self._operator.correct_execution(name, now, price=at))

    def bust_fill(self, exec_id: str) -> None:
        """Take an execution back, ``latest`` or by its id (3)."""
        name = exec_id_of(self._floor.broker, exec_id)
        self._publish(lambda now: self._operator.bust(name, now))

    def place_by_hand(self, name: str | int, terms: OrderTerms | Mapping[str, object]) -> None:
        """Place an order as a person in TWS does: no client, no order id (14).

        In a scenario file the terms are a table of the fields of `OrderTerms`. Terms that TWS
        would not take raise `ValueError`.
        """
        instrument, what = self._floor.market.named(name, self._clock.now()), terms_of(terms)
        self._publish(
            lambda now: self._operator.place(instrument.con_id, instrument.exchange, what, now)
        )

    def place_as_client(
        self,
        client_id: int,
        order_id: int,
        name: str | int,
        terms: OrderTerms | Mapping[str, object],
    ) -> None:
        """Place an order of another client, which need not be connected (14).

        If it is not, nobody else could hear that the order is refused: that is a `ValueError`,
        unless it was to be refused (`refuse_next_order`).
        """
        key = OrderKey(checked.whole("client_id", client_id), checked.whole("order_id", order_id))
        instrument = self._floor.market.named(name, self._clock.now())
        command = Place(
            key=key,
            con_id=instrument.con_id,
            exchange=instrument.exchange,
            terms=terms_of(terms),
        )
        connected = any(session.client_id == client_id for session in self._floor.sessions)

        def act(now: dt.datetime) -> list[Event]:
            scripted = self._operator.refusals
            events = self._floor.broker.apply(command, now)
            arranged = connected or self._operator.refusals < scripted
            accepted = any(isinstance(e, OrderShown) and e.order.key == key for e in events)
            for event in events:  # a notice looks like a refusal, but the order is there
                if isinstance(event, Refused) and not (arranged or accepted):
                    raise ValueError(f"terms: refused with {event.code}: {event.text}")
            return events

        self._publish(act)

    # -- data: menu 12

    def reset_depth(self) -> None:
        """317 for every book, and the book anew."""
        self._floor.reset_depth(self._clock.now())
        self._server.flush()

    # -- switches and schedules

    def switch(self, **changes: object) -> None:
        """Change switches of the `Scenario` while the gateway runs (3, 4, 8, 10, 11).

        *limits* may be a table of those limits that change.

        Raises:
            TypeError: There is no such switch.
            ValueError: It has no such value; or it makes the world: it is given to `SimGateway`.

        """
        fixed = sorted({"accounts", "sessions"} & changes.keys())
        if fixed:
            raise ValueError(f"{', '.join(fixed)}: cannot change while the gateway runs")
        if isinstance(limits := changes.get("limits"), Mapping):
            changes["limits"] = evolve(self._floor.scenario.limits, **limits)
        scenario = evolve(self._floor.scenario, **changes)  # type: ignore[arg-type]  # checked by attrs
        broker = self._floor.broker
        broker.models = broker.models.switched(self._floor.scenario, scenario)
        self._floor.scenario = broker.scenario = scenario

    def schedule(self, lines: Iterable[At]) -> None:
        """Let faults happen later, on the gateway's clock.

        A fault that cannot be carried out when its time has come (an order that is gone) is
        logged as an error, and the others go on.

        Raises:
            ValueError: A line names no fault, or gives it arguments that it does not take.

        """
        now = self._clock.now()
        if isinstance(checked.instance("lines", lines, Iterable, "a list of At"), At):
            raise checked.refusal("lines", lines, "a list of At")
        calls = [(line, self._bound(line)) for line in lines]
        for line, call in calls:
            self._floor.timers.at(now + checked.delay("seconds", line.seconds), call)
        self._server.flush()

    # -- inside

    @property
    def _operator(self) -> Operator:
        return self._floor.broker.operator

    def _bound(self, line: At) -> Callable[[dt.datetime], None]:
        if not isinstance(line, At):
            raise checked.refusal("lines", line, "each of them an At(seconds, fault, arguments)")
        if line.fault not in FAULTS:
            close = difflib.get_close_matches(str(line.fault).lower(), FAULTS, 3) or FAULTS
            nearest = f"did you mean {', '.join(close)}?"
            raise ValueError(f"{line}: no method of FaultDesk is called {line.fault!r}; {nearest}")
        fault: _Fault = getattr(self, line.fault)
        try:
            checked.seconds("seconds", line.seconds)
            inspect.signature(fault).bind(**line.arguments)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{line}: {error}") from error
        return _call(fault, line)

    def _add(self, rule: Rule) -> None:
        self._floor.interference.add(rule)

    @property
    def _spelling(self) -> Spelling:
        return self._floor.spelling or Spelling()

    def _spell(self, spelling: Spelling) -> None:
        self._floor.spelling = None if spelling == Spelling() else spelling

    def _notice_all(self, code: int, *words: object, times: int = 1) -> None:
        for _ in range(times):
            for session in self._floor.ready_sessions():
                session.refuse(-1, code, *words)
        self._server.flush()

    def _perm_id(self, order: int | str) -> int:
        return perm_id_of(self._floor.broker, order)

    def _order(self, perm_id: int) -> OrderView:
        for view in self._floor.broker.orders():
            if view.perm_id == perm_id:
                return view
        raise LookupError(f"perm_id: got {perm_id}, which is no live order of this gateway")

    def _publish(self, act: Callable[[dt.datetime], Iterable[Event]]) -> None:
        now = self._clock.now()
        self._floor.advance(now)
        try:
            events = act(now)
        except KeyError as error:
            raise LookupError(f"{error}: no such order or execution, or it has ended") from error
        self._floor.publish(events)
        self._server.flush()


FAULTS = [name for name in vars(FaultDesk) if not name.startswith("_") and name != "schedule"]


def _error(code: object, text: object) -> tuple[int, str]:
    return checked.whole("code", code), checked.text("text", text)


def _call(fault: _Fault, line: At) -> Callable[[dt.datetime], None]:
    def call(_now: dt.datetime) -> None:
        try:
            fault(**line.arguments)
        except (LookupError, TypeError, ValueError) as error:
            log.error("%s could not be carried out: %s", line, error)  # noqa: TRY400

    return call
