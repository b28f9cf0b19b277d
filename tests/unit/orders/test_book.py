import asyncio
from decimal import Decimal

from ibkit.orders._book import book_of, track_of
from ibkit.orders._ref import OrderRef
from order_work import long_bracket, run
from sim_client import future


def placed(test):
    """Give a group that was placed to a function."""

    async def main(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        return test(trade)

    return run(main)


def test_there_is_a_track_for_every_planned_order():
    tracks = placed(lambda trade: book_of(trade).tracks)

    assert [(t.role, t.kind, t.number, t.size) for t in tracks.values()] == [
        ("entry", "entry", 0, 1), ("target-1", "target", 1, 1), ("stop-1", "stop", 1, 1),
    ]  # fmt: skip


def test_a_role_that_was_not_planned_gets_a_track_of_its_own():
    def test(trade):
        ref = OrderRef(trade.group_id, "close", 0)
        return track_of(trade, ref, Decimal(4)), track_of(trade, ref, Decimal(9)), trade

    made, again, trade = placed(test)

    assert made is again
    assert (made.role, made.kind, made.size) == ("close", "close", 4)
    assert trade.track("close") is made


def test_a_timer_that_is_stopped_does_not_ring():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        book, rang = book_of(trade), []
        for name in ("one", "two", "three"):
            book.timers[name] = asyncio.get_running_loop().call_later(1, rang.append, name)
        book.stop_timer("one")
        book.stop_timer("never set")
        await asyncio.sleep(2)
        first = list(rang)
        book.timers["four"] = asyncio.get_running_loop().call_later(1, rang.append, "four")
        book.stop_timers()
        await asyncio.sleep(2)
        return first, rang, book.timers

    assert run(test) == (["two", "three"], ["two", "three"], {})
