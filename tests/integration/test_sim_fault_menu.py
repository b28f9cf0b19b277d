"""The rest of the fault menu, as a real ib_async client meets it; see also test_sim_faults."""

import asyncio

import pytest
from ib_async import IB, Contract, LimitOrder, MarketOrder

from cards import card
from ibkit.sim import OrderTerms, random_schedule
from ibkit.testing import plug_in, run_virtual
from sim_client import Log, client, connected, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            return await test(gateway, ib)

    return run_virtual(main())


async def placed(ib, gateway, *orders):
    trades = [ib.placeOrder(future(gateway), order) for order in orders]
    await asyncio.sleep(0.5)
    return trades


@card("FLT-19", "menu 4")
@pytest.mark.parametrize(("quantity", "end"), [(None, "Filled"), (1, "Cancelled")])
def test_a_cancel_may_lose_the_race_against_a_fill(quantity, end):
    async def test(gateway, ib):
        (trade,) = await placed(ib, gateway, LimitOrder("BUY", 3, 4000))
        seen = []
        trade.statusEvent += lambda t: seen.append(t.orderStatus.status)
        gateway.faults.race_cancel(quantity)
        ib.cancelOrder(trade.order)
        await asyncio.sleep(3)
        return seen, sum(fill.quantity for fill in gateway.truth.fills)

    seen, filled = run(test)

    assert seen[0] == "PendingCancel"
    assert seen[-1] == end
    assert filled == (quantity or 3)


@card("FLT-20", "menu 5")
def test_any_request_may_be_refused_with_any_error():
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.refuse("ReqContractDetails", 321, "Error validating request", times=2)
        gateway.faults.refuse("ReqPositions", 1100, "for another client", client_id=9)
        refused = [
            asyncio.ensure_future(ib.reqContractDetailsAsync(future(gateway))) for _ in range(2)
        ]
        await asyncio.wait(refused, timeout=5)
        for each in refused:
            each.cancel()
        positions = await ib.reqPositionsAsync()
        return log.codes, positions, await ib.reqContractDetailsAsync(future(gateway))

    codes, positions, details = run(test)

    assert (codes, positions, len(details)) == ([321, 321], [], 1)


@card("FLT-21", "menu 7")
def test_of_two_questions_for_the_time_one_may_be_answered():
    async def test(gateway, ib):
        times = []
        ib.wrapper.currentTime, real = times.append, ib.wrapper.currentTime
        gateway.faults.answer_once("ReqCurrentTime")
        for _ in range(2):
            ib.client.reqCurrentTime()
        await asyncio.sleep(1)
        ib.wrapper.currentTime = real
        return len(times), await ib.reqCurrentTimeAsync() is not None

    assert run(test) == (1, True)


@card("FLT-22", "menu 8")
def test_two_targets_may_fill_in_one_burst():
    async def test(gateway, ib):
        await placed(ib, gateway, MarketOrder("BUY", 2))
        targets = await placed(
            ib, gateway, LimitOrder("SELL", 1, 5100), LimitOrder("SELL", 1, 5200)
        )
        chunks = []
        ib.updateEvent += lambda: chunks.append([t.orderStatus.status for t in targets])
        prices = {t.orderStatus.permId: t.order.lmtPrice for t in targets}
        gateway.faults.fill_in_one_burst(prices)
        await asyncio.sleep(0.5)
        return chunks[0], gateway.truth.positions

    assert run(test) == (["Filled", "Filled"], {})


@card("FLT-23", "menu 8")
def test_of_orders_in_one_group_the_first_fill_ends_the_others():
    async def test(gateway, ib):
        orders = [LimitOrder("SELL", 1, 5100), LimitOrder("SELL", 1, 5200)]
        orders = IB.oneCancelsAll(orders, "g", 1)
        trades = await placed(ib, gateway, *orders)
        gateway.faults.fill_in_one_burst({t.orderStatus.permId: 5150 for t in trades})
        await asyncio.sleep(0.5)
        return [t.orderStatus.status for t in trades]

    assert run(test) == ["Filled", "Cancelled"]


@card("FLT-24", "menu 8")
def test_a_parent_may_be_filled_in_part_and_rejected_with_its_children_waiting():
    async def test(gateway, ib):
        bracket = ib.bracketOrder("BUY", 3, 4000, 4100, 3900)
        parent, *_ = await placed(ib, gateway, *bracket)
        perm_id = parent.orderStatus.permId
        gateway.faults.fill_order(perm_id, 1, 4000)
        await asyncio.sleep(0.5)
        partly = parent.orderStatus.filled
        gateway.faults.cancel_order(perm_id, "by the exchange")
        await asyncio.sleep(0.5)
        working = [(o.terms.action, o.working) for o in gateway.truth.orders]
        return partly, parent.orderStatus.status, working

    partly, status, working = run(test)

    assert (partly, status) == (1, "Cancelled")
    assert all(size <= 1 for _, size in working)


@card("FLT-25", "menu 8")
def test_orders_on_both_sides_may_be_refused():
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.switch(refuse_both_sides=True)
        await placed(ib, gateway, LimitOrder("BUY", 1, 4000), LimitOrder("SELL", 1, 6000))
        return log.codes

    assert run(test) == [201]


@card("FLT-26", "menu 10")
@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("JST", "20260302 10:00:00 JST"),
        ("MET", "20260302 10:00:00 MET"),
        ("", "20260302 10:00:00"),
        ("-", "20260302-15:00:00"),
    ],
)
def test_times_may_have_another_zone_none_or_be_written_in_utc(zone, text):
    async def test(gateway, ib):
        fields = []
        decoder = ib.client.decoder
        decoder.interpret, real = fields.append, decoder.interpret
        gateway.faults.write_times(zone)
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        decoder.interpret = real
        return next(row for row in fields if row[0] == "11")

    assert text in run(test)


@card("FLT-27", "menu 10")
def test_the_greeting_may_have_a_zone_that_nobody_knows():
    async def test(gateway, ib):
        gateway.faults.write_times("China Standard Time")
        async with client(gateway, 5) as other:
            return other.wrapper.ib.TimezoneTWS or "none", other.isConnected()

    zone, connected_ = run(test)

    assert connected_
    assert zone


@card("FLT-28", "menu 10")
@pytest.mark.parametrize(("blank", "text"), [(False, "1.7976931348623157E308"), (True, "")])
def test_unset_numbers_are_the_largest_ones_or_empty_fields(blank, text):
    async def test(gateway, ib):
        fields = []
        decoder = ib.client.decoder
        decoder.interpret, real = fields.append, decoder.interpret
        gateway.faults.blank_unset(on=blank)
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        decoder.interpret = real
        return next(row for row in fields if row[0] == "59")

    assert run(test)[5] == text  # the realized P&L of a trade that opens


@card("FLT-29", "menu 10")
def test_any_field_of_an_answer_may_be_another():
    async def test(gateway, ib):
        gateway.faults.alter("OrderStatus", {"status": "Lost", "filled": 7})
        (trade,) = await placed(ib, gateway, LimitOrder("BUY", 1, 4000))
        return [entry.status for entry in trade.log]

    assert "Lost" in run(test)


@card("FLT-30", "menu 11")
def test_pacing_may_be_violated_at_any_time():
    async def test(gateway, ib):
        log = Log(ib)
        text = (
            "Historical Market Data Service error message:Historical data request pacing violation"
        )
        gateway.faults.refuse("ReqHistoricalData", 162, text)
        bars = await ib.reqHistoricalDataAsync(
            future(gateway), "", "1 D", "5 mins", "TRADES", useRTH=False
        )
        return log.codes, len(bars)

    assert run(test) == ([162], 0)


@card("FLT-31", "menu 12")
def test_a_better_price_moves_the_rows_behind_it():
    async def test(gateway, ib):
        ticker = ib.reqMktDepth(future(gateway), 3)
        await asyncio.sleep(0.5)
        ticker.domTicks.clear()
        gateway.market.quote("ES", bid=5000.25, ask=5000.5)
        await asyncio.sleep(0.5)
        return [(t.position, t.operation) for t in ticker.domTicks if t.side == 1]

    assert run(test)[:2] == [(2, 2), (0, 0)]  # the last goes, the new one comes in front


@card("FLT-32", "menu 13")
@pytest.mark.parametrize("exchange", ["GLOBEX", "ECBOT"])
def test_old_names_of_exchanges_are_200(exchange):
    async def test(gateway, ib):
        log = Log(ib)
        await ib.reqContractDetailsAsync(Contract(secType="FUT", symbol="ES", exchange=exchange))
        return log.codes

    assert run(test) == [200]


@card("FLT-33", "menu 13")
@pytest.mark.parametrize(("expired", "count"), [(False, 0), (True, 1)])
def test_what_has_expired_is_there_only_for_who_asks_for_it(expired, count):
    async def test(gateway, ib):
        contract = Contract(
            secType="FUT",
            symbol="ES",
            exchange="CME",
            lastTradeDateOrContractMonth="202509",
            includeExpired=expired,
        )
        return len(await ib.reqContractDetailsAsync(contract))

    assert run(test) == count


@card("FLT-34", "menu 14")
def test_other_clients_and_people_may_have_orders_of_the_same_id():
    async def test(gateway, ib):
        limit = OrderTerms(action="BUY", quantity=1, order_type="LMT", limit_price=4002)
        gateway.faults.place_by_hand("ES", limit)
        async with client(gateway, 5) as other:
            for each in (ib, other):
                each.client.placeOrder(50, future(gateway), LimitOrder("BUY", 1, 4000, orderId=50))
            await asyncio.sleep(0.5)
            return sorted(tuple(o.key) for o in gateway.truth.orders)

    assert run(test) == [(0, 0), (3, 50), (5, 50)]


@card("FLT-35", "menu 15")
def test_ticks_may_go_on_after_a_cancel():
    async def test(gateway, ib):
        contract = future(gateway)
        ticker = ib.reqMktData(contract)
        await asyncio.sleep(0.5)
        gateway.faults.delay_request("CancelMktData", 2)
        ib.cancelMktData(contract)
        await asyncio.sleep(0.5)
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(0.5)
        late = ticker.bid
        await asyncio.sleep(2)
        return late, [s.kind for s in gateway.truth.subscriptions if s.kind == "quotes"]

    assert run(test) == (5010, [])


@card("FLT-36", "menu 15")
def test_a_cancel_right_after_the_request_may_come_before_it():
    async def test(gateway, ib):
        log = Log(ib)
        contract = future(gateway)
        gateway.faults.delay_request("ReqMktData", 0.2)
        ib.reqMktData(contract)
        ib.cancelMktData(contract)
        await asyncio.sleep(1)
        leaked = [s.kind for s in gateway.truth.subscriptions if s.kind == "quotes"]
        return log.codes, leaked

    assert run(test) == ([300], ["quotes"])


@card("FLT-37", "menu 15")
def test_or_be_told_that_nothing_was_subscribed():
    async def test(gateway, ib):
        log = Log(ib)
        contract = future(gateway)
        ib.reqMktData(contract)
        gateway.faults.refuse("CancelMktData", 354, "Requested market data is not subscribed.")
        ib.cancelMktData(contract)
        await asyncio.sleep(0.5)
        return log.codes

    assert run(test) == [354]


@card("FLT-38", "menu 6")
@pytest.mark.parametrize(
    "fault",
    [
        lambda faults: faults.cut_at("StartApi"),
        lambda faults: faults.cut_at("StartApi", after=True),
        lambda faults: faults.withhold("NextValidId"),
        lambda faults: faults.withhold("ManagedAccounts"),
        lambda faults: faults.refuse("StartApi", 326, "in use"),
        lambda faults: faults.ignore("StartApi"),
    ],
)
def test_a_fault_during_the_log_in_fails_that_log_in_only(fault):
    async def test(gateway, ib):
        fault(gateway.faults)
        other = plug_in(IB(), gateway)
        with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
            await other.connectAsync(clientId=5, timeout=2)
        other.disconnect()
        await asyncio.sleep(1)
        async with client(gateway, 5):
            return sorted(gateway.truth.clients), len(gateway._floor.sessions)

    assert run(test) == ([3, 5], 2)


async def trade_on(ib, contract):
    """Buy, offer to sell, cancel what is open; connect again where that has become necessary."""
    try:
        if not ib.isConnected():
            await ib.connectAsync(clientId=3, timeout=2)
        ib.placeOrder(contract, MarketOrder("BUY", 1))
        ib.placeOrder(contract, LimitOrder("SELL", 1, 4000))
        for trade in ib.openTrades():
            ib.cancelOrder(trade.order)
    except (ConnectionError, TimeoutError, asyncio.TimeoutError):
        ib.disconnect()


@card("FLT-39", "issue: faults by seed")
@pytest.mark.parametrize("seed", [1, 2])
def test_positions_follow_from_the_fills_whatever_goes_wrong(seed):
    async def test(gateway, ib):
        contract = future(gateway)
        gateway.faults.schedule(random_schedule(seed, 160, every=5))
        for _ in range(20):
            await asyncio.sleep(8)
            await trade_on(ib, contract)
        return gateway.truth

    truth = run(test)

    signs = {"BOT": 1, "SLD": -1}
    assert len(truth.fills) > 5
    assert sum(truth.positions.values()) == sum(signs[f.side] * f.quantity for f in truth.fills)
    assert all(order.remaining > 0 for order in truth.orders)
