"""One client of a floor, without bytes and without an event loop: requests in, answers out."""

import datetime as dt
from decimal import Decimal

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Broker
from ibkit.sim._market import Market
from ibkit.sim._scenario import Scenario
from ibkit.sim._session import Floor, TradingHours

MONDAY = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
FRAME = b"API\0\0\0\0\x09v157..178"


class Talk:
    """A floor at 10:00 in New York, and clients by number."""

    def __init__(self, **switches):
        self.now = MONDAY
        self.scenario = Scenario(**switches)
        self.market = Market(self.scenario, 7)
        self.broker = Broker(
            self.scenario,
            self.market.instrument,
            increment=self.market.increment,
            hours=TradingHours(self.market),
            quote=self.market.quote_at,
        )
        self.floor = Floor(self.scenario, self.market, self.broker, self.now)
        self.heard = []
        self.floor.trace = self._note
        self.quote("ES", bid=5000, ask=Decimal("5000.25"), bid_size=50, ask_size=50)

    def _note(self, session, way, message):
        if way == "<":
            self.heard.append((session.client_id, message))

    def log_in(self, client_id=3):
        """A new client; what it heard so far is forgotten."""
        session = self.floor.open(f"peer {client_id}", self.now)
        session.receive(FRAME, self.now)
        self.floor.handle(session, wire.StartApi(client_id, ""), self.now)
        self.heard.clear()
        return session

    @property
    def session(self):
        """The client 3, who logs in when first needed."""
        return self.floor.logged_in(3) or self.log_in(3)

    def ask(self, *requests, session=None):
        """What everybody hears when a client sends requests."""
        session = session or self.session
        self.heard.clear()
        for request in requests:
            self.floor.handle(session, request, self.now)
        return self.answers()

    def wait(self, seconds):
        """What everybody hears while time goes by."""
        self.heard.clear()
        self.now += dt.timedelta(seconds=seconds)
        self.floor.advance(self.now)
        return self.answers()

    def answers(self):
        return [message for _, message in self.heard]

    def quote(self, name, **prices):
        """What everybody hears when a quote changes."""
        self.heard.clear()
        self.floor.deliver(self.market.quote(name, self.now, **prices), self.now)
        return self.answers()

    def trade(self, name, price, size=1):
        """What everybody hears when somebody trades."""
        self.heard.clear()
        self.floor.deliver(self.market.trade(name, self.now, price, size=size), self.now)
        return self.answers()

    def contract(self, name="ES"):
        """What a client would send to name an instrument."""
        instrument = self.market.named(name, self.now)
        return wire.ContractFields(con_id=instrument.con_id, exchange=instrument.exchange)

    def place(self, order_id=1, name="ES", **terms):
        """A placeOrder: a limit far away unless told otherwise."""
        usual = {
            "action": "BUY",
            "total_quantity": Decimal(1),
            "order_type": "LMT",
            "lmt_price": Decimal(4000),
            "tif": "GTC",
            "transmit": True,
        }
        if terms.get("order_type") == "MKT":
            usual["lmt_price"] = None
        order = wire.OrderFields()._replace(**{**usual, **terms})
        return wire.PlaceOrder(order_id, self.contract(name), order)
