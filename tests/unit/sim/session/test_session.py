import struct

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._faults import Rule
from ibkit.sim._session._session import BACKLOG, LOGIN_SECONDS, Stage

HELLO = b"API\0" + struct.pack(">I", 9) + b"v157..178"


def frame(text):
    payload = text.replace(",", "\0").encode()
    return struct.pack(">I", len(payload)) + payload


@pytest.fixture
def fresh(talk):
    """A connection that has said nothing."""
    return talk.floor.open("peer", talk.now)


class Thing:
    def __init__(self):
        self.stops = 0

    def stop(self):
        self.stops += 1


def test_the_hello_is_answered_with_version_and_time(talk, fresh):
    fresh.receive(HELLO, talk.now)

    assert fresh.take_output() == wire.welcome(178, "20260302 10:00:00 US/Eastern")
    assert fresh.stage is Stage.LOGIN


def test_output_is_taken_once(talk, fresh):
    fresh.receive(HELLO, talk.now)
    fresh.take_output()

    assert fresh.take_output() == b""


@pytest.mark.parametrize("hello", [b"v100..150", b"v179..200", b"hello"])
def test_a_client_without_a_common_version_is_closed(talk, fresh, hello):
    fresh.receive(b"API\0" + struct.pack(">I", len(hello)) + hello, talk.now)

    assert fresh.closing


def test_requests_before_the_log_in_are_ignored(talk, fresh):
    fresh.receive(HELLO + frame("49,1,"), talk.now)

    assert talk.answers() == []


def test_what_stands_before_garbage_is_still_answered(talk, fresh):
    fresh.receive(HELLO + frame("71,2,4,,") + frame("49,1,") + b"\xff" * 8, talk.now)

    assert isinstance(talk.answers()[-1], wire.CurrentTime)
    assert fresh.closing


def test_nothing_is_heard_after_the_end(talk, fresh):
    fresh.close("over")
    fresh.receive(HELLO, talk.now)

    assert fresh.take_output() == b""


def test_who_does_not_log_in_is_closed(talk, fresh):
    talk.wait(LOGIN_SECONDS)

    assert "did not log in" in fresh.closing


def test_who_has_logged_in_is_not(talk):
    session = talk.session
    talk.wait(LOGIN_SECONDS * 2)

    assert not session.closing


def test_a_field_that_cannot_be_read_is_320_under_the_requests_id(talk):
    talk.session.receive(frame("9,8,77,x"), talk.now)

    assert [(m.req_id, m.error_code) for m in talk.answers()] == [(77, 320)]


def test_an_unknown_id_is_505_and_the_session_lives(talk):
    talk.session.receive(frame("777,1,"), talk.now)

    assert [m.error_code for m in talk.answers()] == [505]
    assert not talk.session.closing


def test_what_goes_on_is_counted_and_stopped_once(talk):
    session, thing = talk.session, Thing()
    session.start("quotes", 7, thing)
    held = talk.floor.held["quotes"]

    assert session.stop("quotes", 7)
    assert not session.stop("quotes", 7)
    assert (held, talk.floor.held["quotes"], thing.stops) == (1, 0, 1)


def test_the_end_of_a_session_stops_everything(talk):
    session, thing = talk.session, Thing()
    session.start("quotes", 7, thing)

    talk.floor.closed(session, talk.now)

    assert (thing.stops, session.running, talk.floor.held["quotes"]) == (1, {}, 0)


def test_a_cut_forgets_what_was_to_be_sent(talk):
    talk.session.send(wire.CurrentTime(1))
    talk.session.cut()

    assert talk.session is not None
    assert not talk.floor.sessions[0].take_output()
    assert talk.floor.sessions[0].broken


def test_messages_above_the_rate_wait_with_one_timer_whatever_the_chunks(talk_with):
    talk = talk_with(limits={"messages_per_second": 5})
    session = talk.session
    waiting = len(talk.floor.timers)
    for _ in range(20):
        session.receive(frame("49,1,"), talk.now)

    assert len(talk.floor.timers) == waiting + 1
    assert [len(talk.wait(1)) for _ in range(5)] == [5, 5, 5, 1, 0]  # the hello counts too


def test_or_are_refused_and_the_third_time_end_it(talk_with):
    talk = talk_with(limits={"messages_per_second": 5, "message_excess": "reject"})
    session = talk.session
    session.receive(frame("49,1,") * 30, talk.now)

    assert [m.error_code for m in talk.answers() if isinstance(m, wire.ErrMsg)] == [100] * 3
    assert "three times" in session.closing


def test_a_backlog_is_bounded(talk):
    talk.session.receive(frame("49,1,") * (BACKLOG + 2), talk.now)

    assert "far above" in talk.floor.sessions[0].closing


def test_rules_are_asked_for_answers(talk):
    talk.floor.interference.add(Rule(message="CurrentTime", effect="drop"))

    assert talk.ask(wire.ReqCurrentTime(), wire.ReqCurrentTime())[0].time
    assert len(talk.answers()) == 1


def test_a_session_names_itself(talk):
    assert repr(talk.session) == "<Session peer 3 client 3 READY>"


def test_a_session_that_is_closed_takes_no_further_turn(talk):
    talk.session.receive(frame("49,1,") * 60, talk.now)  # more than fifty a second have to wait
    talk.session.close("enough")
    talk.heard.clear()

    assert talk.wait(5) == []
