"""A link over the simulated gateway, in memory and virtual time, under random faults."""

import asyncio
from itertools import pairwise

from hypothesis import given, settings, strategies as st
from ib_async import IB

from ibkit._ib._greeting import Address
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkState
from ibkit.desk import open_desk
from ibkit.errors import ConnectionLost, IbkitError
from ibkit.sim import SimGateway
from ibkit.state import Level, LiveState
from ibkit.testing import run_virtual
from ibkit.testing._connect import plug_in

HERE = Address(host="memory", port=1, client_id=3)

FAULTS = [
    ("cut", {}),
    ("restart", {}),
    ("lose_connectivity", {}),
    ("lose_connectivity", {"times": 3}),
    ("restore", {}),
    ("restore", {"data_lost": True}),
    ("lose_data", {}),
    ("farm_down", {}),
    ("farm_up", {}),
    ("nightly_reset", {}),
    ("refuse_connections", {"times": 2}),
    ("stay_silent", {}),
    ("ignore", {"request": "ReqPositions"}),
    ("ignore", {"request": "ReqOpenOrders"}),
    ("ignore", {"request": "ReqExecutions"}),
    ("withhold", {"answer": "PositionEnd"}),
    ("withhold", {"answer": "OpenOrderEnd"}),
    ("double", {"answer": "PositionEnd"}),
    ("split_packets", {"size": 3}),
    ("move_port", {"port": 4002}),
]
LOSSES = {"lose_connectivity", "nightly_reset"}

schedules = st.lists(
    st.tuples(st.sampled_from(FAULTS), st.sampled_from([0.01, 0.5, 1.5, 4, 12, 40])), max_size=12
)


def link_over(gateway, **options):
    return Link(plug_in(IB(), gateway), HERE, uniform=lambda: 0.5, **options)


def check_history(link):
    history = link.history
    assert all(a.new is b.old for a, b in pairwise(history))
    assert [c.epoch for c in history] == sorted(c.epoch for c in history)
    assert link.epoch == sum(
        c.new is LinkState.SYNCING and c.old is LinkState.CONNECTING for c in history
    )
    before_up = {b.old for b in history if b.new is LinkState.UP}
    assert before_up <= {LinkState.SYNCING, LinkState.RESYNCING}


async def survive(schedule):
    async with SimGateway(port=None) as gateway:
        link = link_over(gateway)
        await link.open_async()
        told_lost = None  # the epoch in which TWS said that IB is lost
        for (fault, arguments), pause in schedule:
            getattr(gateway.faults, fault)(**arguments)
            if fault in LOSSES:
                told_lost = link.epoch if link.state is not LinkState.DOWN else None
            elif fault in {"restore", "lose_data", "farm_up"}:
                told_lost = None
            await asyncio.sleep(pause)
            if told_lost is not None and told_lost == link.epoch:
                assert link.state is not LinkState.UP
        gateway.faults.clear()
        gateway.faults.restore()
        gateway.faults.farm_up()
        await asyncio.sleep(300)

        assert link.is_up
        check_history(link)
        assert await link.requests.positions_async() == []
        assert link.requests.health.current().handler_errors == 0
        link.close()
        await asyncio.sleep(1000)
        assert link.state is LinkState.CLOSED
        assert not link.ib.isConnected()
        link.release()


@given(schedules)
@settings(deadline=None)
def test_whatever_happens_the_link_is_up_again_and_never_wrongly(schedule):
    run_virtual(survive(schedule))


async def end_all_questions(schedule):
    """Ask all the time while things go wrong: every question has an end."""
    async with SimGateway(port=None) as gateway:
        link = link_over(gateway)
        await link.open_async()
        requests = link.requests
        questions = []
        for (fault, arguments), pause in schedule:
            if link.ib.isConnected():
                questions += [
                    asyncio.ensure_future(ask(timeout=5))
                    for ask in (
                        requests.positions_async,
                        requests.open_orders_async,
                        requests.all_open_orders_async,
                        requests.executions_async,
                        requests.current_time_async,
                        requests.account_summary_async,
                    )
                ]
                await asyncio.sleep(0)
            getattr(gateway.faults, fault)(**arguments)
            await asyncio.sleep(pause)
        await asyncio.sleep(60)

        assert all(question.done() for question in questions)
        for question in questions:
            error = question.exception()
            assert error is None or isinstance(error, IbkitError)
        gateway.faults.clear()
        gateway.faults.restore()
        await asyncio.sleep(300)
        wrapper = link.ib.wrapper
        assert wrapper._futures == {} or all(f.done() for f in wrapper._futures.values())
        link.close()
        link.release()
        await asyncio.sleep(1)


@given(schedules)
@settings(deadline=None)
def test_whatever_happens_every_question_ends(schedule):
    run_virtual(end_all_questions(schedule))


def test_a_wanted_end_in_the_middle_of_anything_is_final():
    async def main(fault, pause):
        async with SimGateway(port=None) as gateway:
            link = link_over(gateway)
            await link.open_async()
            if fault:
                getattr(gateway.faults, fault)()
            await asyncio.sleep(pause)
            link.ib.disconnect()
            gateway.faults.clear()
            await asyncio.sleep(1000)
            state, connected = link.state, link.ib.isConnected()
            link.release()
            return state, connected

    for fault in (None, "cut", "lose_connectivity", "lose_data", "nightly_reset", "stay_silent"):
        for pause in (0, 0.001, 0.9, 1.0001, 5, 100):
            assert run_virtual(main(fault, pause)) == (LinkState.CLOSED, False)


def test_pending_questions_of_a_lost_gateway_name_what_was_asked():
    async def main():
        async with SimGateway(port=None) as gateway:
            link = link_over(gateway)
            await link.open_async()
            gateway.faults.ignore("ReqPositions")
            asking = asyncio.ensure_future(link.requests.positions_async())
            await asyncio.sleep(1)
            gateway.faults.cut()
            try:
                await asking
            except ConnectionLost as error:
                return str(error)
            finally:
                link.close()
                link.release()
                await asyncio.sleep(1)

    assert run_virtual(main()).startswith("positions: the connection was")


def test_the_nightly_reset_leaves_the_socket_up_and_what_is_shown_is_old():
    async def main():
        async with SimGateway(port=None) as gateway:
            link = link_over(gateway)
            state = LiveState(link.ib, link=link)
            await link.open_async()
            gateway.faults.nightly_reset()
            await asyncio.sleep(600)
            meanwhile = link.state, link.ib.isConnected(), state.positions.freshness.level
            gateway.faults.restore()
            await asyncio.sleep(60)
            after = link.state, link.epoch, state.positions.freshness.level
            codes = [(change.new, change.code) for change in link.history[3:]]
            state.close()
            link.close()
            link.release()
            await asyncio.sleep(1)
            return meanwhile, after, codes

    meanwhile, after, codes = run_virtual(main())

    assert meanwhile == (LinkState.BROKER_LOST, True, Level.STALE)
    assert after == (LinkState.UP, 1, Level.FRESH)
    assert codes[:2] == [(LinkState.BROKER_LOST, 2110), (LinkState.RESYNCING, 1102)]


def test_a_farm_that_comes_back_with_dead_data_is_an_event_and_the_data_are_asked_for_again():
    """2103 and 2104 alone: the link stays up, account data go on, quotes are dead (A2)."""

    async def main():
        async with SimGateway(port=None) as gateway:
            gateway.market.quote("ES", bid=5000, ask=5000.25)
            async with open_desk(ib=plug_in(IB(), gateway)) as desk:
                farms = []
                desk.link.farm_changed.connect(lambda change: farms.append(change.new.state.name))
                es = await desk.contracts.front_month_async("ES")
                async with desk.streams.quotes(es) as quotes:
                    await quotes.first_async(timeout=10)
                    gateway.faults.farm_down()
                    await asyncio.sleep(3)
                    gateway.faults.farm_up(dead=True)
                    await asyncio.sleep(120)
                    gateway.market.quote("ES", bid=5007, ask=5007.25)
                    await asyncio.sleep(10)
                    return farms, desk.link.state, desk.link.epoch, quotes.latest.bid

    farms, state, epoch, bid = run_virtual(main())

    assert (state, epoch) == (LinkState.UP, 1)
    assert len(farms) == 2
    assert bid == 5007
