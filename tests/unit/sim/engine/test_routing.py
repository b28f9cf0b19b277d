from __future__ import annotations

from brokerage import AAPL, ES, Desk
from cards import card
from ibkit.sim._engine._routing import Routing


def test_a_stock_at_an_exchange_is_warned_of_once_per_client_and_exchange():
    routing = Routing()

    def codes(client_id: int, sec_type: str, exchange: str) -> list[int]:
        answer = routing.warning(client_id, sec_type, exchange)
        return [answer.code] if answer else []

    assert codes(1, "STK", "SMART") == codes(1, "FUT", "CME") == []
    assert (codes(1, "STK", "NYSE"), codes(1, "STK", "NYSE")) == ([10311], [])
    assert (codes(1, "STK", "ARCA"), codes(2, "STK", "NYSE")) == ([10311], [10311])


@card("STS-29", "5 U")
def test_a_switch_warns_of_direct_routing_with_the_first_order():
    desk = Desk(direct_route="warn")
    first = desk.place(1, "LMT", of=AAPL, exchange="NASDAQ", limit_price=90)

    assert (first[0], first[-1]) == ("1 E10311", "1 OS Submitted")
    assert "2 E10311" not in desk.place(2, "LMT", of=AAPL, exchange="NASDAQ", limit_price=90)


@card("STS-30", "5 U")
def test_or_holds_each_such_order_until_it_is_sent_again():
    desk = Desk(direct_route="hold")

    assert desk.place(1, "LMT", of=AAPL, exchange="NASDAQ", limit_price=90) == ["1 E10311"]
    assert desk.broker.orders() == ()
    assert desk.place(1, "LMT", of=AAPL, exchange="NASDAQ", limit_price=90)[-1] == "1 OS Submitted"
    assert desk.place(2, "LMT", of=ES, limit_price=90)[-1] == "2 OS Submitted"
