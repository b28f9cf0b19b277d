import asyncio
from datetime import timedelta

import pytest
from ib_async import IB, LimitOrder, MarketOrder

from ibkit import CODES, Code, Scope, Severity
from ibkit.contracts import BeforeLastTrade
from ibkit.desk import Desk, open_desk
from ibkit.errors import ConnectionFailed, GateRefused, NotConnected, PlanError, StateUnknown
from ibkit.orders import Limit, Market, MaxSize, bracket, single
from ibkit.sim import Account, Scenario, SimGateway
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, connected, future


def run(test, *, scenario=None, **options):
    async def main():
        async with SimGateway(port=None, seed=7, start=MONDAY, scenario=scenario) as gateway:
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            async with open_desk(ib=plug_in(IB(), gateway), **options) as desk:
                return await test(gateway, desk)

    return run_virtual(main())


def test_the_parts_of_a_desk_stand_on_one_connection():
    async def test(gateway, desk):
        es = future(gateway)
        async with desk.streams.quotes(es) as quotes:
            quote = await quotes.first_async(timeout=5)
        group = bracket("BUY", 1, entry=Limit(quote.ask), take_profit=5010, stop=4990)
        trade = await desk.orders.place_async(es, group)
        await trade.entered_async(timeout=5)
        held = desk.state.positions.total(es)
        await trade.close_async(timeout=10)
        return held, desk.state.positions.flat(es), desk.health.handler_errors

    assert run(test) == (1, True, 0)


def test_history_asks_through_the_same_connection():
    async def test(gateway, desk):
        start, end = MONDAY - timedelta(hours=1), MONDAY
        return await desk.history.bars_async(future(gateway), start, end, "1 min")

    bars = run(test)

    assert (len(bars), bars.holes) == (60, ())


def test_leaving_a_desk_that_opened_its_connection_closes_it():
    async def test(gateway, desk):
        return gateway, desk.ib

    async def main():
        async with SimGateway(port=None) as gateway:
            async with open_desk(ib=plug_in(IB(), gateway)) as desk:
                inside = gateway.truth.clients
            await asyncio.sleep(0.1)
            return inside, gateway.truth.clients, desk.ib.isConnected()

    assert run_virtual(main()) == ((1,), (), False)


def test_a_desk_around_a_connection_of_the_users_leaves_it_open():
    async def main():
        async with connected() as (_, ib):
            async with Desk(ib):
                pass
            return ib.isConnected()

    assert run_virtual(main()) is True


def test_a_live_account_is_refused_unless_it_is_allowed():
    async def place(gateway, desk):
        return await desk.orders.place_async(future(gateway), single("BUY", 1, Market()))

    live = Scenario(accounts=(Account(name="U7654321"),))
    with pytest.raises(GateRefused, match="paper"):
        run(place, scenario=live)

    assert run(place, scenario=live, allow_live=True).group.account == "U7654321"


def test_an_account_that_is_not_managed_is_refused_on_entering():
    async def main():
        async with SimGateway(port=None, seed=7, start=MONDAY) as gateway:
            desk = open_desk(ib=plug_in(IB(), gateway), account="DU7")
            with pytest.raises(PlanError, match="choose one of DU1000001"):
                await desk.open_async()
            await asyncio.sleep(1)
            return gateway.truth.clients, desk.link.state.value

    assert run_virtual(main()) == ((), "closed")


def test_further_gates_are_asked_too():
    async def place(gateway, desk):
        return await desk.orders.place_async(future(gateway), single("BUY", 9, Market()))

    with pytest.raises(GateRefused, match="MaxSize"):
        run(place, gates=[MaxSize(5)])


def test_after_a_cut_a_desk_comes_back_with_its_stream_and_its_group():
    async def test(gateway, desk):
        es = future(gateway)
        quotes = desk.streams.quotes(es)
        await quotes.first_async(timeout=5)
        trade = await desk.orders.place_async(
            es, bracket("BUY", 1, entry=Limit(5000.25), take_profit=5010, stop=4990)
        )
        await trade.entered_async(timeout=5)
        gateway.faults.cut()
        await asyncio.sleep(20)
        gateway.market.quote("ES", bid=5005, ask=5005.25)
        await asyncio.sleep(5)
        result = desk.link.epoch, quotes.latest.bid, trade.status.name, trade.protected_size
        quotes.close()
        return result

    assert run(test) == (2, 5005, "PROTECTED", 1)


@pytest.mark.tcp
def test_what_cannot_be_reached_is_one_clear_error():
    async def main():
        with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1"):
            async with open_desk("127.0.0.1", 1):
                pass

    asyncio.run(main())


@pytest.mark.tcp
def test_a_blocking_desk_does_the_same_over_a_socket():
    from ibkit.cli._gateway import simulated_gateway

    with (
        simulated_gateway("--seed", "5") as gateway,
        open_desk(gateway.host, gateway.port, client_id=9) as desk,
    ):
        front = desk.contracts.front_month("ES")
        trade = desk.orders.place(front, single("BUY", 1, Market()))
        trade.closed(timeout=10)

        assert desk.state.positions.total(front) == 1


def test_what_handlers_raise_is_counted_and_named_and_everything_goes_on(caplog):
    def on_fill(*_):
        raise ZeroDivisionError("a typo")

    async def on_order(_):
        await asyncio.sleep(0)
        raise LookupError("later")

    def on_trade(_):
        raise ValueError("of a trade")

    async def test(gateway, desk):
        before = desk.health.handler_errors
        desk.ib.execDetailsEvent += on_fill
        desk.state.fill_changed += on_fill
        desk.state.order_changed += on_order
        trade = desk.ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        trade.filledEvent += on_trade
        await asyncio.sleep(1)
        return before, desk.health, desk.state.positions.total(future(gateway))

    before, health, held = run(test)

    assert (before, held) == (0, 1)
    names = sorted(health.errors_by_handler)
    assert [name for name in names if "IB.execDetailsEvent" in name]
    assert [name for name in names if "Trade.filledEvent" in name]
    assert [name for name in names if "on_fill" in name and "fill_changed" in name]
    assert [name for name in names if "on_order" in name and "order_changed" in name]
    assert health.handler_errors == sum(health.errors_by_handler.values()) >= 4
    assert health.last_error.time.tzinfo is not None
    assert "a typo" in caplog.text


@pytest.mark.parametrize("known", [True, False])
def test_a_code_of_the_users_own_is_believed(known):
    mine = Code(scope=Scope.ORDER, severity=Severity.REFUSED, meaning="the desk is closed")

    async def test(gateway, desk):
        gateway.faults.refuse_next_order(98765, "No more orders today")
        desk.ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(5)
        (order,) = desk.state.orders.all
        return order.status, order.certain, order.messages[-1].meaning

    codes = CODES.extended({98765: mine} if known else {})

    # what is not in the table is asked about: TWS has no such order
    said = ("Rejected", "the desk is closed") if known else ("Missing", CODES[98765].meaning)
    status, certain, meaning = run(test, codes=codes)
    assert (status, meaning) == said
    assert certain


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"host": 7497}, "host"),
        ({"host": None}, "host"),
        ({"port": "7497"}, "port"),
        ({"port": 0}, "port"),
        ({"client_id": "1"}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"account": None}, "account"),
        ({"account": ["DU1"]}, "account"),
        ({"allow_live": "no"}, "allow_live"),
        ({"readonly": "no"}, "readonly"),
        ({"gates": MaxSize(5)}, "gates"),
        ({"gates": [MaxSize]}, "gates"),
        ({"reconnect": False}, "reconnect"),
        ({"reconnect": 5}, "reconnect"),
        ({"timeout": "10"}, "timeout"),
        ({"timeout": 0}, "timeout"),
        ({"codes": None}, "codes"),
        ({"limits": 100}, "limits"),
        ({"products": None}, "products"),
        ({"rules": BeforeLastTrade(5)}, "rules"),
        ({"rules": {"ES": 5}}, "rule"),
        ({"rules": {"SPOON": BeforeLastTrade(5)}}, "rules"),
        ({"ib": "127.0.0.1"}, "ib"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_named_at_once(options, field):
    with pytest.raises(PlanError) as refused:
        open_desk(**options)

    assert refused.value.field == field


def test_a_closed_desk_is_not_opened_again():
    async def main():
        async with SimGateway(port=None) as gateway:
            desk = open_desk(ib=plug_in(IB(), gateway))
            async with desk:
                pass
            with pytest.raises(PlanError, match="a new one"):
                await desk.open_async()
            return repr(desk), desk.ib.isConnected()

    shown, is_connected = run_virtual(main())

    assert shown.endswith("closed>")
    assert not is_connected


def test_a_closed_desk_around_a_connection_of_the_users_sends_nothing():
    async def main():
        async with connected() as (gateway, ib):
            async with Desk(ib) as desk:
                pass
            group = single("BUY", 1, Market())
            for work in (
                desk.orders.place_async(future(gateway), group),
                desk.orders.preview_async(future(gateway), group),
                desk.orders.cancel_all_async("everything"),
                desk.orders.recover_async(),
            ):
                with pytest.raises(StateUnknown, match="closed"):
                    await work
            return gateway.truth.orders, gateway.truth.fills

    assert run_virtual(main()) == ((), ())


def test_entering_a_desk_around_an_ib_that_was_never_connected_does_not_wait_for_ever():
    async def main():
        async with Desk(IB()):
            pass

    with pytest.raises(NotConnected, match="comes first"):
        run_virtual(main())


def test_every_part_of_a_desk_can_be_printed():
    async def test(gateway, desk):
        parts = (desk.contracts, desk.history, desk.roller, desk.streams)
        return [repr(part) for part in parts]

    shown = run(test)

    assert [text for text in shown if " at 0x" in text] == []
    assert "of 100 market data lines" in shown[-1]
