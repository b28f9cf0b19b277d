"""The fault menu, as a real ib_async client meets it."""

import asyncio

import pytest
from ib_async import IB, LimitOrder, MarketOrder

from cards import card
from ibkit.sim import At
from ibkit.testing import plug_in, run_virtual
from sim_client import Log, client, connected, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            return await test(gateway, ib)

    return run_virtual(main())


@card("FLT-01", "menu 1")
@pytest.mark.parametrize("code", [10349, 10311, 399, 2109])
def test_a_notice_comes_with_an_order_that_works_on(code):
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.notice_next_order(code)
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        return log.codes, [o.status for o in gateway.truth.orders]

    assert run(test) == ([code], ["Submitted"])


@card("FLT-02", "menu 2")
@pytest.mark.parametrize("error_first", [True, False])
def test_a_rejection_comes_before_or_after_inactive(error_first):
    async def test(gateway, ib):
        seen = []
        gateway._floor.trace = lambda session, way, m: seen.append((way, m))
        gateway.faults.reject_next_order("no", error_first=error_first)
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        names = [type(m).__name__ for way, m in seen if way == "<"]
        return names.index("ErrMsg") < names.index("OrderStatus")

    assert run(test) is error_first


@card("FLT-03", "menu 2")
def test_a_held_order_is_inactive_and_revives():
    async def test(gateway, ib):
        gateway.faults.hold_next_order()
        trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        held = trade.orderStatus.status, trade.orderStatus.whyHeld
        gateway.faults.release_order(trade.orderStatus.permId)
        await asyncio.sleep(0.5)
        return held, trade.orderStatus.status

    assert run(test) == (("Inactive", "locate"), "Submitted")


@card("FLT-04", "menu 3")
def test_an_execution_is_corrected_under_the_next_number():
    async def test(gateway, ib):
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        (fill,) = gateway.truth.fills
        gateway.faults.correct_fill(fill.exec_id, 4999)
        await asyncio.sleep(0.5)
        return [f.execution.execId[-2:] for f in ib.fills()], [f.price for f in gateway.truth.fills]

    assert run(test) == (["01", "02"], [4999])


@card("FLT-05", "menu 3")
def test_a_market_order_may_fill_without_any_status():
    async def test(gateway, ib):
        gateway.faults.switch(skip_market_status=True)
        trade = ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        return trade.orderStatus.status, trade.filled()

    assert run(test) == ("PendingSubmit", 1)


@card("FLT-06", "menu 5")
def test_a_refused_modification_leaves_the_order():
    async def test(gateway, ib):
        log = Log(ib)
        trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        gateway.faults.refuse_next_modify(110, "not on the grid")
        trade.order.lmtPrice = 4001
        ib.placeOrder(trade.contract, trade.order)
        await asyncio.sleep(0.5)
        return log.codes, [(o.status, o.terms.limit_price) for o in gateway.truth.orders]

    assert run(test) == ([110], [("Submitted", 4000)])


@card("FLT-07", "menu 6")
def test_orders_wait_while_ib_is_out_of_reach_and_are_sent_when_it_is_back():
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.lose_connectivity(times=3)
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        waiting = len(gateway.truth.orders)
        gateway.faults.restore()
        await asyncio.sleep(0.5)
        return log.codes, waiting, len(gateway.truth.orders)

    assert run(test) == ([1100, 1100, 1100, 1102], 0, 1)


@card("FLT-08", "menu 6")
def test_after_1101_every_data_subscription_is_silent():
    async def test(gateway, ib):
        log = Log(ib)
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        gateway.faults.lose_data()
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(0.5)
        return log.codes, ticker.bid

    assert run(test) == ([1100, 1101], 5000)


@card("FLT-09", "menu 6")
@pytest.mark.parametrize(("dead", "bid"), [(False, 5010), (True, 5000)])
def test_a_farm_comes_back_with_quotes_or_with_dead_ones(dead, bid):
    async def test(gateway, ib):
        log = Log(ib)
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        gateway.faults.farm_down()
        gateway.market.quote("ES", bid=5005, ask=5005.25)
        await asyncio.sleep(0.5)
        silent = ticker.bid
        gateway.faults.farm_up(dead=dead)
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(0.5)
        return silent, [c for c in log.codes if c != 2104], ticker.bid

    assert run(test) == (5000, [2103], bid)


def test_ticks_can_be_withheld_like_any_answer():
    async def test(gateway, ib):
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        gateway.faults.withhold("TickPrice", times=2)
        seen = []
        for bid in (5010, 5020):
            gateway.market.quote("ES", bid=bid, ask=bid + 1)
            await asyncio.sleep(0.5)
            seen.append((ticker.bid, ticker.ask))
        return seen

    assert run(test) == [(5000, 5000.25), (5020, 5021)]


def test_quotes_outlive_a_history_farm_that_comes_back_with_dead_live_bars():
    async def test(gateway, ib):
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        gateway.faults.farm_down("ushmds")
        gateway.faults.farm_up("ushmds", dead=True)
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(0.5)
        return ticker.bid

    assert run(test) == 5010


@card("FLT-40", "4.3 R+ menu 6")
def test_who_logs_in_during_an_outage_is_told_and_hears_of_its_end():
    async def test(gateway, ib):
        gateway.faults.lose_connectivity()
        late = plug_in(IB(), gateway)
        heard = []
        late.errorEvent += lambda req_id, code, text, contract: heard.append(code)
        await late.connectAsync(clientId=8)
        begun = list(heard)
        gateway.faults.restore()
        await asyncio.sleep(0.1)
        late.disconnect()
        return begun, heard[len(begun) :]

    assert run(test) == ([2110, 2103, 2105, 2157], [1102, 2104, 2106, 2158])


@card("FLT-41", "3.5 R menu 6")
def test_without_its_farm_there_is_no_history_and_live_bars_end():
    async def test(gateway, ib):
        log = Log(ib)
        asked = {"endDateTime": "", "durationStr": "1 D", "barSizeSetting": "1 hour"}
        asked |= {"whatToShow": "TRADES", "useRTH": False}
        await ib.reqHistoricalDataAsync(future(gateway), **asked, keepUpToDate=True)
        gateway.faults.farm_down("ushmds")
        await asyncio.sleep(0.1)
        none = await ib.reqHistoricalDataAsync(future(gateway), **asked)
        gateway.faults.farm_up("ushmds")
        again = await ib.reqHistoricalDataAsync(future(gateway), **asked)
        return log.codes, list(none), len(again) > 10

    assert run(test) == ([2105, 10182, 162], [], True)


@card("FLT-10", "menu 6")
@pytest.mark.parametrize(("after", "orders"), [(False, 0), (True, 1)])
def test_a_cut_at_a_message_loses_it_or_its_answer(after, orders):
    async def test(gateway, ib):
        gateway.faults.cut_at("PlaceOrder", after=after)
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        return ib.isConnected(), len(gateway.truth.orders)

    assert run(test) == (False, orders)


@card("FLT-11", "menu 6")
def test_after_a_restart_order_ids_may_go_back():
    async def test(gateway, ib):
        for _ in range(3):
            ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        next_id = ib.client._reqIdSeq
        gateway.faults.restart(ids_back_by=2)
        await asyncio.sleep(0.5)
        seen = []
        gateway._floor.trace = lambda session, way, m: seen.append(m)
        async with client(gateway, 3):
            pass
        told = next(m.order_id for m in seen if type(m).__name__ == "NextValidId")
        return told - next_id

    assert run(test) == -2


@card("FLT-12", "menu 6")
@pytest.mark.parametrize("fault", ["refuse_connections", "stay_silent"])
def test_a_connection_may_be_closed_at_once_or_never_answered(fault):
    async def test(gateway, ib):
        getattr(gateway.faults, fault)(1)
        other = plug_in(IB(), gateway)
        with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
            await other.connectAsync(clientId=5, timeout=2)
        await asyncio.sleep(1)
        async with client(gateway, 5):
            return gateway.truth.clients

    assert run(test) == (3, 5)


@card("FLT-13", "menu 7")
def test_a_request_may_have_no_answer_and_an_answer_no_end():
    async def test(gateway, ib):
        gateway.faults.ignore("ReqCurrentTime")
        gateway.faults.withhold("PositionEnd")
        results = await asyncio.gather(
            asyncio.wait_for(ib.reqCurrentTimeAsync(), 3),
            asyncio.wait_for(ib.reqPositionsAsync(), 3),
            return_exceptions=True,
        )
        return [type(r).__name__ for r in results], await ib.reqCurrentTimeAsync()

    names, now = run(test)

    assert names == ["TimeoutError", "TimeoutError"]
    assert now is not None


@card("FLT-14", "menu 9")
@pytest.mark.parametrize("size", [1, 3, 7])
def test_packets_may_be_split_anywhere(size):
    async def test(gateway, ib):
        gateway.faults.split_packets(size)
        async with client(gateway, 5) as other:
            return len(other.accountValues()) > 80, len(
                await other.reqContractDetailsAsync(future(gateway))
            )

    assert run(test) == (True, 1)


@card("FLT-15", "menu 3")
def test_messages_may_be_doubled_and_late():
    async def test(gateway, ib):
        gateway.faults.double("ExecDetails")
        gateway.faults.delay("CommissionReport", 2)
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        early = [f.commissionReport.commission for f in ib.fills()]
        await asyncio.sleep(2)
        return early, [f.commissionReport.commission for f in ib.fills()]

    assert run(test) == ([0.0], [2.25])


@card("FLT-16", "menu 12")
def test_a_book_may_be_reset():
    async def test(gateway, ib):
        log = Log(ib)
        ticker = ib.reqMktDepth(future(gateway), 5)
        await asyncio.sleep(0.5)
        gateway.faults.reset_depth()
        await asyncio.sleep(0.5)
        return log.codes, len(ticker.domBids)

    assert run(test) == ([317], 5)


@card("FLT-17", "menu 6")
def test_the_port_may_move():
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.move_port(4010)
        await asyncio.sleep(0.5)
        return log.codes, log.text(1300).endswith("-4010"), ib.isConnected()

    assert run(test) == ([1300], True, False)


@card("FLT-18", "5 C")
def test_a_competing_session_ends_the_lines_with_10197():
    async def test(gateway, ib):
        log = Log(ib)
        ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        gateway.faults.compete()
        await asyncio.sleep(0.5)
        return log.codes

    assert run(test) == [10197]


def test_a_schedule_lets_faults_happen_in_order():
    async def test(gateway, ib):
        log = Log(ib)
        gateway.faults.schedule(
            [At(2, "restore", {"data_lost": True}), At(1, "lose_connectivity", {"times": 2})]
        )
        await asyncio.sleep(0.5)
        before = log.codes
        await asyncio.sleep(2)
        return before, log.codes

    assert run(test) == ([], [1100, 1100, 1101])


def test_a_schedule_with_an_unknown_fault_is_refused_at_once():
    async def test(gateway, ib):
        with pytest.raises(ValueError, match="earthquake"):
            gateway.faults.schedule([At(1, "earthquake")])

    run(test)


def test_the_same_seed_and_inputs_give_the_same_bytes():
    async def record():
        sent = []
        async with connected() as (gateway, ib):
            gateway._floor.trace = lambda s, way, m: sent.append((way, m))
            ib.reqMktData(future(gateway))
            ib.reqTickByTickData(future(gateway, "CL"), "Last")
            await asyncio.sleep(30)
            ib.placeOrder(future(gateway), MarketOrder("BUY", 3))
            await asyncio.sleep(30)
        return sent

    first, second = run_virtual(record()), run_virtual(record())

    assert len(first) > 300
    assert first == second
