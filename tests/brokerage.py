"""A broker of the simulator under the hand of a test: instruments, commands, events in short.

An event in short is a line: order id, message, what matters of it. ``1 OS Filled 2/0 @100`` is
the orderStatus of order 1, filled 2, remaining 0, average 100; ``1 E202`` is error 202.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ibkit.sim._engine import (
    Broker,
    Cancel,
    CancelAll,
    Commissioned,
    Event,
    Executed,
    Hours,
    Models,
    OrderBound,
    OrderKey,
    OrderShown,
    OrderTerms,
    OrderView,
    Place,
    PositionChanged,
    Refused,
    Session,
    StatusReported,
)
from ibkit.sim._market._instrument import Instrument, Leg
from ibkit.sim._market._ticks import Quote, Trade
from ibkit.sim._scenario import Account, Scenario

UTC = dt.timezone.utc
NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, 10:00 in New York."""
ACCOUNT = "DU1000001"


def dec(value: object) -> Decimal:
    return Decimal(str(value))


def _instrument(con_id: int, symbol: str, sec_type: str, exchange: str, **more: object):
    fields: dict[str, object] = {
        "currency": "USD",
        "local_symbol": symbol,
        "trading_class": symbol,
        "min_tick": dec("0.01"),
    } | more
    return Instrument(con_id=con_id, symbol=symbol, sec_type=sec_type, exchange=exchange, **fields)


ES = _instrument(
    1, "ES", "FUT", "CME", local_symbol="ESH6", multiplier="50", min_tick=dec("0.25"),
    zone="US/Central", last_trade=dt.date(2026, 3, 20), valid_exchanges=("CME", "QBALGO"),
)  # fmt: skip
MES = _instrument(2, "MES", "FUT", "CME", multiplier="5", min_tick=dec("0.25"))
AAPL = _instrument(
    3, "AAPL", "STK", "SMART", trading_class="NMS", primary_exchange="NASDAQ",
    valid_exchanges=("SMART", "NASDAQ"),
)  # fmt: skip
EURUSD = _instrument(
    4, "EUR", "CASH", "IDEALPRO", local_symbol="EUR.USD", min_tick=dec("0.00005"),
    min_size=dec(1), size_increment=dec(1),
)  # fmt: skip
ZC = _instrument(
    5, "ZC", "FUT", "CBOT", multiplier="5000", price_magnifier=100, min_tick=dec("0.25")
)
ESM = _instrument(
    6, "ES", "FUT", "CME", local_symbol="ESM6", multiplier="50", min_tick=dec("0.25"),
    last_trade=dt.date(2026, 6, 18),
)  # fmt: skip
SPREAD = _instrument(
    7, "ES", "BAG", "CME", local_symbol="ES", trading_class="COMB", min_tick=dec("0.05"),
    legs=(
        Leg(con_id=6, ratio=1, action="BUY", exchange="CME"),
        Leg(con_id=1, ratio=1, action="SELL", exchange="CME"),
    ),
)  # fmt: skip
OPTION = _instrument(
    8, "AAPL", "OPT", "SMART", multiplier="100", strike=dec(200), right="C",
    last_trade=dt.date(2026, 6, 19),
)  # fmt: skip
SPX = _instrument(9, "SPX", "IND", "CBOE")
OLD = _instrument(10, "ES", "FUT", "CME", last_trade=dt.date(2025, 12, 19))
INSTRUMENTS = {
    instrument.con_id: instrument
    for instrument in (ES, MES, AAPL, EURUSD, ZC, ESM, SPREAD, OPTION, SPX, OLD)
}


class RegularHours:
    """New York stocks: 9:30 to 16:00, extended 4:00 to 20:00; the same for everything else."""

    def session(self, instrument: Instrument, now: dt.datetime, *, extended: bool) -> Session:
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        while True:
            if extended:
                opens, closes = day + dt.timedelta(hours=9), day + dt.timedelta(hours=25)
            else:
                opens, closes = day + dt.timedelta(hours=14.5), day + dt.timedelta(hours=21)
            if closes > now and opens.weekday() < 5:
                return Session(opens, closes)
            day += dt.timedelta(days=1)

    def day_end(self, instrument: Instrument, now: dt.datetime) -> dt.datetime:
        return self.session(instrument, now, extended=True).closes


class Desk:
    """A broker, the clock of the test, and what the broker has said."""

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        models: Models | None = None,
        hours: Hours | None = None,
        increment=None,
        now: dt.datetime = NOW,
        cash: object = 10_000_000,
        **switches: object,
    ) -> None:
        if scenario is None:
            switches.setdefault("accounts", (Account(cash=dec(cash)),))
            scenario = Scenario(**switches)
        self.now = now
        self.broker = Broker(
            scenario, INSTRUMENTS.get, models=models, hours=hours, increment=increment
        )
        self.events: list[Event] = []

    # -- what a client does

    def place(
        self,
        order_id: int,
        order_type: str = "MKT",
        action: str = "BUY",
        quantity: object = 1,
        *,
        client: int = 1,
        of: Instrument = ES,
        exchange: str | None = None,
        **terms: object,
    ) -> list[str]:
        """Place an order; numbers may be plain ones."""
        return self.send(
            Place(
                key=OrderKey(client, order_id),
                con_id=of.con_id,
                exchange=of.exchange if exchange is None else exchange,
                terms=terms_of(order_type, action, quantity, **terms),
            )
        )

    def cancel(self, order_id: int, *, client: int = 1, by: int | None = None) -> list[str]:
        return self.send(Cancel(key=OrderKey(client, order_id), by=client if by is None else by))

    def cancel_all(self, by: int = 1) -> list[str]:
        return self.send(CancelAll(by=by))

    def send(self, command) -> list[str]:
        return self.say(self.broker.apply(command, self.now))

    # -- what the world does

    def quote(
        self, bid: object, ask: object, size: object = 100, *, of: Instrument = ES
    ) -> list[str]:
        bid, ask = (None if price is None else dec(price) for price in (bid, ask))
        tick = Quote(of.con_id, self.now, bid, dec(size), ask, dec(size))
        return self.say(self.broker.tick(tick, self.now))

    def trade(self, price: object, size: object = 100, *, of: Instrument = ES) -> list[str]:
        tick = Trade(of.con_id, self.now, dec(price), dec(size))
        return self.say(self.broker.tick(tick, self.now))

    def wait(self, **delta: float) -> list[str]:
        """Let time pass."""
        return self.until(self.now + dt.timedelta(**delta))

    def until(self, when: dt.datetime) -> list[str]:
        self.now = when
        return self.say(self.broker.advance(when))

    def operator(self, method: str, *args: object, **kwargs: object) -> list[str]:
        """Call a method of the operator; the time goes in as its last positional argument."""
        return self.say(getattr(self.broker.operator, method)(*args, self.now, **kwargs))

    # -- what is there

    def order(self, order_id: int, *, client: int = 1) -> OrderView:
        view = self.broker.order(OrderKey(client, order_id))
        assert view is not None
        return view

    def status(self, order_id: int) -> str:
        return self.order(order_id).status

    def perm_id(self, order_id: int, *, client: int = 1) -> int:
        return self.order(order_id, client=client).perm_id

    def held(self, instrument: Instrument = ES) -> Decimal:
        position = self.broker.position(ACCOUNT, instrument.con_id)
        return Decimal(0) if position is None else position.quantity

    def cash(self, currency: str = "USD") -> Decimal:
        return self.broker.figures(ACCOUNT).cash[currency]

    def fills(self) -> list[str]:
        return [f"{fill.side} {fill.quantity}@{fill.price}" for fill in self.broker.executions()]

    def say(self, events: list[Event]) -> list[str]:
        self.events = events
        return [line for event in events if (line := short(event))]

    def last(self, kind: type[Event]) -> Event:
        return next(event for event in reversed(self.events) if isinstance(event, kind))


def terms_of(
    order_type: str = "MKT", action: str = "BUY", quantity: object = 1, **more: object
) -> OrderTerms:
    numbers = {
        name: dec(value) if type(value) in {int, float, str} and name in PRICES else value
        for name, value in more.items()
    }
    size = None if quantity is None else dec(quantity)
    return OrderTerms(action=action, quantity=size, order_type=order_type, **numbers)


PRICES = {
    "limit_price", "aux_price", "trail_stop_price", "trailing_percent", "limit_offset",
    "adjusted_trigger", "adjusted_stop", "adjusted_limit", "adjusted_trail", "cash_quantity",
}  # fmt: skip


def number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def short(event: Event) -> str:
    """Return an event as a line; positions are left out."""
    if isinstance(event, PositionChanged):
        return ""
    if isinstance(event, OrderBound):
        return f"bound {event.key.client_id} {event.key.order_id}"
    if isinstance(event, Refused):
        return f"{event.key.order_id} E{event.code}"
    order = event.order
    head = order.key.order_id
    if isinstance(event, OrderShown):
        return f"{head} OO {order.status}"
    if isinstance(event, StatusReported):
        return f"{head} OS {_status(order)}"
    if isinstance(event, Executed):
        return (
            f"{head} EX {event.fill.side} {number(event.fill.quantity)}@{number(event.fill.price)}"
        )
    if isinstance(event, Commissioned):
        return f"{head} CR {number(event.fill.commission)}"
    return f"{head} what-if {order.status}"


def _status(order: OrderView) -> str:
    text = order.status
    if order.filled:
        text += f" {number(order.filled)}/{number(order.remaining)} @{number(order.average_price)}"
    if order.why_held:
        text += f" [{order.why_held}]"
    return text
