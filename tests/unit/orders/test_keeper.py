import asyncio

import attrs
import pytest

from ibkit.errors import FateUnknown, RequestTimeout
from ibkit.orders import Alert, GroupStatus, Market, single
from ibkit.orders._book import book_of
from ibkit.orders._keeper import Keeper
from ibkit.orders._whose import key_of
from ibkit.state import Owner
from order_work import long_bracket, run, settle
from sim_client import future


def kept(test, group=None):
    """Give a keeper and a group that is protected to a coroutine function."""

    async def main(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group or long_bracket(2))
        await settle()
        return await test(gateway, desk, desk.orders._keeper, trade)

    return run(main)


def stop_of(trade, **changes):
    return attrs.evolve(trade.track("stop-1").latest, **changes)


# -- which orders belong to whom


def test_an_order_belongs_to_the_group_that_its_reference_names():
    async def test(_gateway, _desk, keeper, trade):
        return keeper.take(stop_of(trade)) is trade

    assert kept(test) is True


def test_an_order_of_another_client_belongs_to_none_whatever_it_says():
    async def test(_gateway, _desk, keeper, trade):
        foreign = stop_of(trade, owner=Owner.CLIENT, client_id=9, perm_id=5, status="Cancelled")
        taken = keeper.take(foreign)
        return taken, len(trade.track("stop-1").orders)

    assert kept(test) == (None, 1)


def test_groups_that_are_over_are_no_more_among_those_on_a_contract():
    async def test(_gateway, _desk, keeper, trade):
        before = keeper.groups_on(key_of(trade))
        await trade.close_async()
        await settle()
        return before == [trade], keeper.groups_on(key_of(trade)), list(keeper.groups.values())

    alone, after, all_groups = kept(test)

    assert alone
    assert after == []
    assert len(all_groups) == 1


def test_the_trade_of_an_order_is_found_by_its_number_and_by_its_id():
    async def test(_gateway, desk, keeper, trade):
        by_number = keeper.trade_of(stop_of(trade, order_id=0))
        by_id = keeper.trade_of(stop_of(trade, perm_id=0))
        gone = keeper.trade_of(stop_of(trade, perm_id=1, order_id=999))
        return by_number is by_id is trade.stops[0], gone

    assert kept(test) == (True, None)


# -- looking


def test_many_messages_at_once_are_one_look():
    async def test(_gateway, _desk, keeper, trade):
        looks = []
        work, keeper.work_on = keeper.work_on, lambda t: (looks.append(t), work(t))
        for _ in range(50):
            keeper.look_again(trade)
        await asyncio.sleep(0.01)
        return len(looks)

    assert kept(test) == 1


def test_an_error_in_one_group_does_not_stop_the_others():
    async def test(gateway, desk, keeper, trade):
        other = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        work, looked = keeper.work_on, []

        def failing(one):
            if one is trade:
                raise ZeroDivisionError
            looked.append(one)
            work(one)

        keeper.work_on = failing
        keeper.look_again(trade)
        keeper.look_again(other)
        await asyncio.sleep(0.01)
        return looked == [other], desk.health.handler_errors

    assert kept(test) == (True, 1)


def test_a_repair_that_fails_is_told():
    async def test(gateway, _desk, keeper, trade):
        told = []
        trade.alerts.connect(told.append)

        def broken(*_, **__):
            raise RuntimeError("no ids left")

        keeper.outbox.reserve = broken
        gateway.faults.reject_order(stop_of(trade).perm_id)
        await settle()
        return [alert.text for alert in told if alert.rule == "repair"]

    (text,) = kept(test)

    assert "no ids left" in text


def test_an_alert_is_told_once_and_to_those_who_listen_to_all_groups_too():
    async def test(_gateway, desk, keeper, trade):
        here, there = [], []
        trade.alerts.connect(here.append)
        desk.orders.alerts.connect(there.append)
        alert = Alert(rule="r", severity="critical", text="look")
        keeper.tell(trade, alert)
        keeper.tell(trade, attrs.evolve(alert, severity="info"))
        return here, there

    here, there = kept(test)

    assert len(here) == 1
    assert there == here


def test_unprotected_is_news_again_after_it_was_over():
    async def test(gateway, desk, keeper, trade):
        told = []
        trade.alerts.connect(lambda alert: told.append(alert.rule))
        for _ in range(2):
            gateway.faults.reject_order(trade.track("stop-1").latest.perm_id)
            await settle()
            trade.track("stop-1").resent = 0
        return told.count("unprotected"), trade.status

    assert kept(test) == (2, GroupStatus.PROTECTED)


def test_after_it_is_closed_nothing_is_repaired():
    async def test(gateway, desk, keeper, trade):
        desk.orders.close()
        gateway.faults.reject_order(gateway.truth.orders[-1].perm_id)
        await settle(30)
        return len(gateway.truth.orders), book_of(trade).timers

    left, timers = kept(test)

    assert left < 2
    assert timers == {}


# -- what tws has and does not show


def test_what_tws_may_hold_without_showing_it_is_cancelled_once():
    async def test(_gateway, _desk, keeper, trade):
        swept = []
        keeper.outbox.sweep = swept.append
        track = trade.track("stop-1")
        track.orders = [stop_of(trade, status="Missing", perm_id=0)]
        keeper._sweep(trade)
        keeper._sweep(trade)
        return len(swept), track.swept

    assert kept(test) == (1, True)


def test_what_tws_has_given_a_number_is_not_swept():
    async def test(_gateway, _desk, keeper, trade):
        swept = []
        keeper.outbox.sweep = swept.append
        trade.track("stop-1").orders = [stop_of(trade, status="Missing")]
        keeper._sweep(trade)
        return swept

    assert kept(test) == []


# -- waiting


def test_an_answer_that_does_not_come_is_a_timeout():
    async def test(_gateway, _desk, keeper, trade):
        with pytest.raises(RequestTimeout, match=f"asking of group {trade.group_id}"):
            await keeper.answer_async(trade, lambda: False, 3, "asking")

    kept(test)


def test_a_lost_connection_ends_the_wait_at_once():
    async def test(gateway, _desk, keeper, trade):
        loop = asyncio.get_running_loop()
        began = loop.time()
        loop.call_later(1, gateway.faults.cut)
        with pytest.raises(FateUnknown) as caught:
            await keeper.answer_async(trade, lambda: False, 60, "asking")
        with pytest.raises(FateUnknown):
            await keeper.until_async(lambda: False, 60, "asking")
        return caught.value.group == trade.group_id, loop.time() - began

    same, took = kept(test)

    assert same
    assert took == pytest.approx(1, abs=0.1)


def test_what_was_so_for_a_moment_is_an_answer():
    """A change by somebody else may begin before the waiting one wakes: no fate is unknown."""

    async def test(_gateway, _desk, keeper, trade):
        seen = iter([False, True, False, False])
        waiting = asyncio.ensure_future(keeper.answer_async(trade, lambda: next(seen), 5, "asking"))
        await asyncio.sleep(1)
        trade.changed.emit(trade)
        await waiting

    kept(test)


def test_a_fill_is_looked_at_by_one_group_for_all_that_are_at_rest(monkeypatch):
    async def test(gateway, desk):
        es = future(gateway)
        for _ in range(20):
            await desk.orders.place_async(es, long_bracket())
        await settle(20)
        looked = []
        work_on = Keeper.work_on
        monkeypatch.setattr(Keeper, "work_on", lambda *args: looked.append(args) or work_on(*args))
        await desk.orders.place_async(es, single("BUY", 1, Market()))
        await settle(20)
        return len(looked)

    assert 2 <= run(test) < 20


def test_what_is_held_is_compared_though_a_roll_has_left_the_oldest_group_in_the_middle():
    async def test(gateway, desk):
        es = future(gateway)
        left = await desk.orders.place_async(es, long_bracket(2))
        other = await desk.orders.place_async(es, long_bracket(2))
        await settle(20)
        desk.orders._keeper.split.add(left.group_id)
        gateway.faults.place_by_hand("ES", {"action": "SELL", "quantity": 1, "order_type": "MKT"})
        await settle(20)
        return left.open_size, other.open_size

    assert run(test) == (2, 1)
