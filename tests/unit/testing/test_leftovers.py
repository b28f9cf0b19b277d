from ib_async import Future, LimitOrder, StopOrder

from ibkit.testing import VirtualLoop
from ibkit.testing._leftovers import complaint, open_lines, open_orders
from ibkit.testing._rig import connected_client, running_gateway


def busy(act):
    loop = VirtualLoop()
    try:
        with running_gateway(loop, seed=7) as gateway, connected_client(loop, 3) as ib:
            (es,) = loop.run_until_complete(ib.qualifyContractsAsync(Future("ES", "202603", "CME")))
            act(ib, es)
            loop.advance(1)
            return open_orders(gateway), open_lines(gateway), open_lines(gateway, 4)
    finally:
        loop.close()


def test_orders_are_told_by_name_with_what_remains_and_their_prices():
    def act(ib, es):
        ib.placeOrder(es, LimitOrder("BUY", 2, 4000.25, orderId=50))
        ib.placeOrder(es, StopOrder("SELL", 10, 3000, orderId=51))

    assert busy(act)[0] == [
        "order 50 of client 3: BUY 2 ESH6 LMT 4000.25 (Submitted)",
        "order 51 of client 3: SELL 10 ESH6 STP 3000 (PreSubmitted)",
    ]


def test_lines_are_told_by_kind_and_instrument_per_client():
    def act(ib, es):
        ib.reqMktData(es)
        ib.reqMktDepth(es)
        ib.reqTickByTickData(es, "BidAsk")
        ib.reqRealTimeBars(es, 5, "TRADES", useRTH=False)

    _, lines, of_others = busy(act)

    assert sorted(line.split(":")[0] for line in lines) == [
        "bars_5s of ESH6", "depth of ESH6", "quotes of ESH6", "tick_by_tick of ESH6",
    ]  # fmt: skip
    assert all(line.endswith("of client 3") for line in lines)
    assert of_others == []


def test_what_every_client_follows_is_no_line():
    assert busy(lambda ib, es: None) == ([], [], [])


def test_nothing_found_is_no_complaint():
    assert complaint([]) is None
    assert "one; two" in str(complaint(["one", "two"]))
