import pytest

from ibkit.sim import _wire as wire


def request(talk, req_id, **more):
    usual = wire.ReqHistoricalData(
        req_id, talk.contract("NQ"), "", "1 min", "600 S", False, "TRADES", 1, False, ()
    )
    return usual._replace(**more)


def told(answers):
    return [(m.req_id, getattr(m, "error_code", None)) for m in answers]


def test_without_latency_the_answer_comes_at_once(talk):
    assert told(talk.ask(request(talk, 7))) == [(7, None)]


def test_with_latency_it_comes_later(talk_with):
    talk = talk_with(history_latency=1500)

    assert talk.ask(request(talk, 7)) == []
    assert told(talk.wait(1.4)) == []
    assert told(talk.wait(0.1)) == [(7, None)]
    assert talk.session.running == {}


def test_ticks_take_as_long(talk_with):
    talk = talk_with(history_latency=1000)
    end = "20260302-14:00:00"
    ask = wire.ReqHistoricalTicks(7, talk.contract("NQ"), "", end, 10, "TRADES", 0, False, ())

    assert talk.ask(ask) == []
    assert told(talk.wait(1)) == [(7, None)]


def test_requests_above_the_limit_wait_for_a_place(talk_with):
    talk = talk_with(history_latency=1000, limits={"open_history": 2})
    talk.ask(*(request(talk, n) for n in range(1, 6)))

    first, second, third = talk.wait(1), talk.wait(1), talk.wait(1)

    assert [told(each) for each in (first, second, third)] == [
        [(1, None), (2, None)],
        [(3, None), (4, None)],
        [(5, None)],
    ]


def test_or_are_refused(talk_with):
    limits = {"open_history": 2, "history_excess": "refuse"}
    talk = talk_with(history_latency=1000, limits=limits)

    assert told(talk.ask(*(request(talk, n) for n in range(1, 4)))) == [(3, 162)]
    assert told(talk.wait(1)) == [(1, None), (2, None)]


@pytest.mark.parametrize("req_id", [1, 3])
def test_a_cancel_takes_a_request_back_whether_it_was_sent_or_waits(talk_with, req_id):
    talk = talk_with(history_latency=1000, limits={"open_history": 2})
    talk.ask(*(request(talk, n) for n in (1, 2, 3)))

    assert told(talk.ask(wire.CancelHistoricalData(req_id))) == [(req_id, 162)]
    assert sorted(told(talk.wait(5))) == [(n, None) for n in (1, 2, 3) if n != req_id]


def test_an_id_that_is_under_way_cannot_be_used_again(talk_with):
    talk = talk_with(history_latency=1000)

    assert told(talk.ask(request(talk, 7), request(talk, 7))) == [(7, 322)]


def test_a_client_that_goes_leaves_its_places_to_others(talk_with):
    talk = talk_with(history_latency=1000, limits={"open_history": 1})
    other = talk.log_in(4)
    talk.ask(request(talk, 7), session=other)
    talk.ask(request(talk, 8))
    talk.floor.closed(other, talk.now)

    assert told(talk.wait(1)) == [(8, None)]


def test_live_bars_begin_with_the_answer(talk_with):
    talk = talk_with(history_latency=1000)
    talk.ask(request(talk, 7, keep_up_to_date=True))

    assert told(talk.wait(1)) == [(7, None)]
    assert list(talk.session.running) == [("live_bars", 7)]
