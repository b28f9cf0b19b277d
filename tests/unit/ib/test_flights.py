"""The ends of a flight that the requests' own tests do not reach."""

import asyncio

import pytest
from ib_async import Future

from ibkit._ib._codes import CODES, Code, Scope, Severity
from ibkit._ib._flight import Ask
from ibkit._ib._pacer import Pacing
from ibkit._ib._requests import Requests
from ibkit._ib._sender import Sender
from ibkit.errors import GatewayError, LimitReached, RequestTimeout

ES = Future("ES", "202603", "CME")


@pytest.fixture
def requests(ib):
    requests = Requests(ib)
    yield requests
    requests.close()


def position(con_id):
    return [61, 3, "DU1", con_id, "ES", "FUT", "20260320", 0, "", 50, "", "USD", "X", "ES", 1, 1]


async def test_the_tail_of_a_late_answer_is_not_taken_for_the_whole(requests, connected):
    tws = await connected()
    tws.silent = {61}
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    asking = asyncio.ensure_future(requests.positions_async(timeout=5))
    await asyncio.sleep(0.1)
    # the end of the first answer, then the second
    tws.send(*position(3))
    tws.send(62, 1)
    await asyncio.sleep(0.5)
    for con_id in (1, 2, 3):
        tws.send(*position(con_id))
    tws.send(62, 1)

    assert [p.contract.conId for p in await asking] == [1, 2, 3]
    assert tws.numbers() == [61, 61, 61]  # the third in answer to the first end


async def test_the_late_answer_may_come_in_one_packet_with_the_next(requests, connected):
    tws = await connected()
    tws.silent = {61}
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    asking = asyncio.ensure_future(requests.positions_async(timeout=5))
    await asyncio.sleep(0.1)
    wrapper = tws.ib.wrapper
    wrapper.position("DU1", Future(conId=3), 1, 1)
    wrapper.positionEnd()
    for con_id in (1, 2, 3):
        wrapper.position("DU1", Future(conId=con_id), 1, 1)
    wrapper.positionEnd()

    assert [p.contract.conId for p in await asking] == [1, 2, 3]


async def test_after_an_answer_that_was_lost_a_question_is_sent_twice(requests, connected):
    tws = await connected()
    tws.silent = {61}
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    tws.silent = set()
    tws.replies[61] = lambda _: [position(1), [62, 1]]
    tws.sent.clear()
    found = await requests.positions_async(timeout=5)

    assert [p.contract.conId for p in found] == [1]
    assert tws.numbers() == [61, 61]


async def test_a_new_session_owes_nothing(requests, connected):
    tws = await connected()
    tws.silent = {61}
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    tws.ib.disconnect()
    await asyncio.sleep(0.1)
    await connected()
    tws.silent = set()
    await requests.positions_async(timeout=5)

    assert tws.numbers() == [61]


async def test_a_question_waits_for_one_that_was_sent_around_us(requests, connected):
    tws = await connected()
    tws.silent = {61}
    raw = asyncio.ensure_future(tws.ib.reqPositionsAsync())
    ours = asyncio.ensure_future(requests.positions_async())
    await asyncio.sleep(0.1)
    assert tws.numbers() == [61]
    tws.send(62, 1)
    await asyncio.sleep(0.1)
    assert tws.numbers() == [61, 61]
    tws.send(*position(1))
    tws.send(62, 1)

    assert await raw == []
    assert len(await ours) == 1


async def test_a_question_sent_around_us_that_never_ends_does_not_block_for_ever(
    requests, connected
):
    tws = await connected()
    tws.silent = {61}
    raw = asyncio.ensure_future(tws.ib.reqPositionsAsync())
    await asyncio.sleep(0)
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    tws.silent = set()

    assert await requests.positions_async(timeout=5) == []
    assert not raw.done()
    raw.cancel()


async def test_the_late_answer_to_one_sent_around_us_and_given_up(requests, connected):
    tws = await connected()
    tws.silent = {61}
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(tws.ib.reqPositionsAsync(), 4)
    asking = asyncio.ensure_future(requests.positions_async())
    await asyncio.sleep(0.1)
    tws.send(*position(3))
    tws.send(62, 1)
    for con_id in (1, 2, 3):
        tws.send(*position(con_id))
    tws.send(62, 1)

    assert [p.contract.conId for p in await asking] == [1, 2, 3]


async def test_a_question_that_never_had_its_turn_leaves_nothing(ib, connected):
    requests = Requests(ib, Sender(ib, Pacing(limit=1, reserve=0, period=100)))
    tws = await connected()
    await requests.current_time_async()
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=5)
    await asyncio.sleep(200)
    await requests.positions_async(timeout=5)

    assert tws.numbers() == [49, 61]
    requests.close()


async def test_late_rows_vanish(requests, connected, details_row, caplog):
    tws = await connected()
    tws.silent = {9, 7}
    for asking in (
        requests.contract_details_async(ES, timeout=1),
        requests.executions_async(timeout=1),
    ):
        with pytest.raises(RequestTimeout):
            await asking
    fills = []
    tws.ib.execDetailsEvent += lambda *args: fills.append(args)
    caplog.clear()
    tws.send(*details_row(1))
    tws.send(52, 1, 1)
    tws.send(*execution(2))
    tws.send(55, 1, 2)
    await asyncio.sleep(0.1)

    assert caplog.records == []
    assert fills == []
    assert tws.ib.wrapper._futures == tws.ib.wrapper._results == {}


def execution(req_id):
    row = [11, req_id, 5, 1, "ES", "FUT", "20260320", 0, "", 50, "CME", "USD", "ESH6", "ES", "e.01"]
    row += ["20260105 09:30:00 US/Eastern", "DU1", "CME", "BOT", 1, 5000, 9, 1, 0, 1, 5000, ""]
    return [*row, "", "", "", 1, 0]


async def test_what_waits_for_late_rows_is_bounded(requests, connected):
    tws = await connected()
    tws.silent = {9}
    asking = [requests.contract_details_async(Future("ES", str(i)), timeout=60) for i in range(300)]
    results = await asyncio.gather(*asking, return_exceptions=True)

    assert {type(result) for result in results} == {RequestTimeout}
    assert len(tws.ib.wrapper._futures) == 256


async def test_an_order_warning_does_not_end_what_comes_after_it(requests, connected, details_row):
    # 10349 ends a what-if in ib_async, with an empty list
    tws = await connected()
    tws.replies[9] = lambda f: [
        [4, 2, f[2], 10349, "Order TIF was set to DAY", ""],
        details_row(f[2]),
        [52, 1, f[2]],
    ]
    bare = await tws.ib.reqContractDetailsAsync(ES)
    ours = await requests.contract_details_async(ES)

    assert bare == []
    assert len(ours) == 1


async def test_a_user_decides_what_a_code_means(ib, connected, details_row):
    harmless = Code(scope=Scope.REQUEST, severity=Severity.NOTICE, meaning="nothing")
    requests = Requests(ib, codes=CODES.extended({77777: harmless}))
    tws = await connected()
    tws.replies[9] = lambda f: [
        [4, 2, f[2], 77777, "new", ""],
        details_row(f[2]),
        [52, 1, f[2]],
    ]

    assert len(await requests.contract_details_async(ES)) == 1
    requests.close()


async def test_an_error_after_the_answer_in_the_same_packet_is_not_ours(requests, connected):
    tws = await connected()
    asking = asyncio.ensure_future(requests.matching_symbols_async("ES"))
    await asyncio.sleep(0.1)
    tws.ib.wrapper.symbolSamples(1, ["a symbol"])
    tws.ib.wrapper.error(1, 162, "query cancelled", "")

    assert await asking == ["a symbol"]


async def test_an_error_without_an_id_goes_to_the_only_question_it_can_mean(requests, connected):
    tws = await connected()
    tws.replies[5] = lambda _: [[4, 2, -1, 321, "The API interface is in Read-Only mode.", ""]]

    with pytest.raises(GatewayError, match=r"open orders: error 321: .*Read-Only"):
        await requests.open_orders_async(timeout=60)


async def test_an_error_without_an_id_is_nobodys_when_several_wait(requests, connected):
    tws = await connected()
    tws.silent = {5, 61}
    heard = []
    requests.notices += heard.append
    asking = [requests.open_orders_async(timeout=5), requests.positions_async(timeout=5)]
    asyncio.get_running_loop().call_later(1, tws.error, -1, 321)
    results = await asyncio.gather(*asking, return_exceptions=True)

    assert {type(result) for result in results} == {RequestTimeout}
    assert [notice.code for notice in heard] == [321]


async def test_a_full_queue_refuses(ib, connected):
    requests = Requests(ib, Sender(ib, Pacing(limit=1, reserve=0, waiting=2)))
    tws = await connected()
    tws.replies[81] = lambda f: [[79, f[1], 0]]
    asking = [requests.matching_symbols_async(name) for name in "abcd"]
    results = await asyncio.gather(*asking, return_exceptions=True)

    assert [type(result) for result in results] == [list, list, list, LimitReached]
    requests.close()


async def test_a_question_that_cannot_be_written_is_an_error_at_once(requests, connected):
    await connected()

    def broken(_client, _req_id):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await requests.ask(Ask("broken", "a broken question", broken))
    assert requests.ib.wrapper._futures == {}
