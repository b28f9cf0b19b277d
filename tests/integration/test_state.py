"""The live state of a real ib_async client, against what the broker really has."""

import asyncio
from decimal import Decimal

import pytest
from ib_async import LimitOrder, MarketOrder, StopOrder

from ibkit.errors import NotConnected, PlanError, WaitTimeout
from ibkit.sim import Account, Scenario
from ibkit.state import Added, Level, LiveState, Owner, Phase, Removed, Snapshot, diff
from ibkit.testing import run_virtual
from sim_client import client, connected, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            state = LiveState(ib)
            await state.link.up_async(timeout=30)
            try:
                return await test(gateway, ib, state)
            finally:
                state.close()
                state.link.release()

    return run_virtual(main())


def test_a_round_trip_is_seen_in_every_view():
    async def test(gateway, ib, state):
        es = future(gateway)
        ib.placeOrder(es, MarketOrder("BUY", 2))
        await asyncio.sleep(1)
        held = state.positions[es]
        opened = state.snapshot()
        ib.placeOrder(es, MarketOrder("SELL", 2))
        await asyncio.sleep(1)
        return held, opened, state.snapshot(), state, list(state.fills.values())

    held, opened, closed, _, fills = run(test)

    assert held.size == 2
    assert [f.side for f in fills] == ["BOT", "SLD"]
    assert all(f.commission == Decimal("4.5") for f in fills)
    assert fills[0].realized_pnl is None
    assert fills[1].realized_pnl == Decimal("-34.00")
    parts = {d.part for d in diff(opened, closed)}
    assert {"positions", "orders", "fills", "account"} <= parts
    assert Snapshot.from_json(closed.to_json()) == closed
    assert diff(closed, closed) == ()


def test_an_order_that_an_unknown_code_speaks_of_stays_alive_and_is_asked_about():
    async def test(gateway, ib, state):
        gateway.faults.notice_next_order(10349)
        trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(1)
        gateway.faults.notice_next_order(98765, "brand new")
        other = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(5)
        return trade.log, other.log, state.orders.all

    first_log, other_log, orders = run(test)

    assert any(entry.status == "Cancelled" for entry in first_log)  # bare ib_async falls in (B1)
    assert any(entry.status == "Cancelled" for entry in other_log)
    assert [o.status for o in orders] == ["Submitted", "Submitted"]
    assert all(o.certain for o in orders)


def test_while_the_connection_is_down_nothing_is_read_and_nothing_is_empty():
    async def test(gateway, ib, state):
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        gateway.faults.cut()
        await asyncio.sleep(0.1)
        refused = []
        for view in (state.positions, state.portfolio, state.orders, state.fills, state.account):
            with pytest.raises(NotConnected):
                len(view)
            refused.append(view.freshness.level)
        return refused, repr(state.positions)

    refused, shown = run(test)

    assert refused == [Level.UNKNOWN] * 5
    assert "unknown" in shown


def test_the_same_order_is_bound_again_after_a_reconnect():
    async def test(gateway, ib, state):
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000, orderRef="mine"))
        await asyncio.sleep(1)
        (before,) = state.orders.all
        gateway.faults.cut()
        await asyncio.sleep(1)
        await ib.connectAsync(clientId=3)
        await state.link.up_async(timeout=30)
        (after,) = state.orders.all
        return before, after

    before, after = run(test)

    assert after.perm_id == before.perm_id
    assert after.certain
    assert after.phase is Phase.WORKING
    assert after.epoch > before.epoch


def test_what_filled_while_away_is_recovered_and_told():
    async def test(gateway, ib, state):
        es = future(gateway)
        ib.placeOrder(es, LimitOrder("BUY", 1, 4990))
        await asyncio.sleep(1)
        gateway.faults.cut()
        gateway.market.quote("ES", bid=4985, ask=4985.25)
        told = []
        state.fill_changed.connect(told.append)
        await asyncio.sleep(1)
        await ib.connectAsync(clientId=3)
        await state.link.up_async(timeout=30)
        return told, state.orders.all, state.positions.total(es)

    told, (order,), size = run(test)

    assert any(change.before is None and change.after.recovered for change in told)
    assert order.status == "Filled"
    assert size == 1


def test_the_contract_of_a_position_can_be_ordered_once_it_was_asked_for():
    async def test(gateway, ib, state):
        es = future(gateway)
        ib.placeOrder(es, MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        told = state.portfolio[es].contract, state.positions[es].contract
        contract = await state.portfolio.contract_async(es)
        gateway.faults.ignore("ReqContractDetails", times=9)
        assert await state.positions.contract_async(es.conId) is contract
        shown = state.portfolio[es].contract, state.positions.of("").get(es).contract
        listed = next(iter(state.portfolio.values())).contract
        ib.placeOrder(contract, MarketOrder("SELL", 1))
        await state.positions.until_async(lambda view: view.flat(es), timeout=5)
        with pytest.raises(KeyError):
            await state.portfolio.contract_async(99)
        return told, (*shown, listed), contract

    told, shown, contract = run(test)

    assert [one.exchange for one in told] == ["", ""]
    assert contract.exchange == "CME"
    assert shown == (contract, contract, contract)


def test_a_foreign_order_is_marked_as_such():
    async def test(gateway, ib, state):
        async with client(gateway, 9) as other:
            other.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
            await asyncio.sleep(1)
            await ib.reqAllOpenOrdersAsync()
            return state.orders.all

    (order,) = run(test)

    assert order.owner is Owner.CLIENT


def test_changes_and_until_tell_what_happens():
    async def test(gateway, ib, state):
        es = future(gateway)
        seen = []

        async def watch():
            async for change in state.positions.changes():
                seen.append(type(change))
                if isinstance(change, Removed):
                    return

        watching = asyncio.ensure_future(watch())
        await asyncio.sleep(0)
        ib.placeOrder(es, MarketOrder("BUY", 1))
        await state.positions.until_async(lambda view: not view.flat(es), timeout=5)
        ib.placeOrder(es, MarketOrder("SELL", 1))
        await state.positions.until_async(lambda view: view.flat(es), timeout=5)
        await asyncio.wait_for(watching, 5)
        return seen

    assert run(test) == [Added, Removed]


def test_a_predicate_that_raises_raises_at_the_await_and_a_wait_ends_with_its_timeout():
    async def test(gateway, ib, state):
        with pytest.raises(ZeroDivisionError):
            await state.positions.until_async(lambda view: 1 / 0)
        with pytest.raises(WaitTimeout, match="positions"):
            await state.positions.until_async(lambda view: False, timeout=3)

    run(test)


def test_several_accounts_must_be_chosen_from():
    async def test(gateway, ib, state):
        with pytest.raises(PlanError, match="DU1, DU2"):
            len(state.positions)
        return state.positions.of("DU2").freshness.level, len(state.positions.of("DU2"))

    scenario = Scenario(accounts=(Account(name="DU1"), Account(name="DU2")))

    assert run(test, scenario=scenario) == (Level.FRESH, 0)


def test_reconcile_agrees_and_finds_what_does_not():
    async def test(gateway, ib, state):
        es = future(gateway)
        ib.placeOrder(es, MarketOrder("BUY", 1))
        ib.placeOrder(es, StopOrder("SELL", 1, 4900))
        await asyncio.sleep(1)
        same = await state.reconcile_async()
        gateway.faults.withhold("OrderStatus", times=9)
        gateway.faults.withhold("OpenOrder", times=9)
        gateway.faults.withhold("ErrMsg", times=9)
        (stop,) = gateway.truth.orders
        gateway.faults.cancel_order(stop.perm_id)
        await asyncio.sleep(1)
        different = await state.reconcile_async()
        doubted = state.orders[stop.perm_id]
        await asyncio.sleep(5)
        return same, different, doubted, state.orders[stop.perm_id]

    same, different, doubted, settled = run(test)

    assert not same
    assert [order.perm_id for order in different.not_listed] == [settled.perm_id]
    assert different.positions == ()
    assert (doubted.status, doubted.certain) == ("PreSubmitted", False)
    assert (settled.status, settled.certain) == ("Cancelled", True)


def test_an_order_of_another_client_is_shown_as_it_was_and_not_for_certain():
    async def test(gateway, ib, state):
        terms = {"action": "BUY", "quantity": 1, "order_type": "LMT", "limit_price": 4000}
        gateway.faults.place_as_client(9, 1, "ES", terms)
        await state.reconcile_async()
        (shown,) = state.orders.open
        gateway.faults.cancel_order(shown.perm_id)
        await asyncio.sleep(1)
        (still,) = state.orders.open
        again = await state.reconcile_async()
        await state.ask_async()
        return shown, still, again, state.orders[shown.perm_id]

    shown, still, again, settled = run(test)

    assert (shown.status, shown.certain) == (still.status, still.certain) == ("Submitted", False)
    assert not again
    assert (settled.is_done, settled.certain) == (True, True)


def test_profit_and_loss_is_shared_and_typed():
    async def test(gateway, ib, state):
        figures = await state.pnl.first_async(timeout=5)
        again = state.pnl.latest
        return figures, again, [s for s in gateway.truth.subscriptions if s.kind == "pnl"]

    figures, again, subscriptions = run(test)

    assert figures == again
    assert figures.daily == 0
    assert len(subscriptions) == 1


def test_account_figures_are_typed_money():
    async def test(gateway, ib, state):
        account = state.account
        return account.net_liquidation, dict(account.cash), account.figure("AccountReady")

    worth, cash, ready = run(test)

    assert (worth.amount, worth.currency) == (Decimal("1000000.00"), "USD")
    assert cash == {"USD": Decimal("1000000.00")}
    assert ready is True


def test_views_show_themselves():
    async def test(gateway, ib, state):
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        return repr(state.positions), state.orders._repr_html_(), state.positions.to_frame()

    text, page, frame = run(test)

    assert text.splitlines()[0] == "positions"
    assert "<table>" in page
    assert list(frame["size"]) == [1]
