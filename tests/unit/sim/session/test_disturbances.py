import datetime as dt
import struct

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._faults import Rule


def frame(text):
    payload = text.replace(",", "\0").encode()
    return struct.pack(">I", len(payload)) + payload


@pytest.fixture
def rule(talk):
    """Put a rule in force after the client has logged in."""
    talk.session.take_output()

    def add(message, effect, **more):
        talk.floor.interference.add(Rule(message=message, effect=effect, **more))

    return add


def sent(talk, *texts):
    talk.heard.clear()
    for text in texts:
        talk.session.receive(frame(text), talk.now)
    return talk.answers()


def seconds(number):
    return dt.timedelta(seconds=number)


def test_a_dropped_request_is_never_seen(talk, rule):
    rule("ReqCurrentTime", "drop")

    assert sent(talk, "49,1,") == []
    assert len(sent(talk, "49,1,")) == 1


def test_a_skipped_message_passes(talk, rule):
    rule("ReqCurrentTime", "drop", skip=1)

    assert [len(sent(talk, "49,1,")) for _ in range(3)] == [1, 0, 1]


def test_a_late_request_does_not_hold_up_the_next(talk, rule):
    rule("ReqCurrentTime", "delay", delay=seconds(2))

    assert sent(talk, "49,1,", "8,1,1,") == [wire.NextValidId(1)]
    assert [type(m) for m in talk.wait(2)] == [wire.CurrentTime]


def test_a_late_request_of_a_client_that_has_gone_is_lost(talk, rule):
    rule("ReqCurrentTime", "delay", delay=seconds(2))
    session = talk.session
    sent(talk, "49,1,")
    talk.floor.closed(session, talk.now)

    assert talk.wait(3) == []


@pytest.mark.parametrize(
    ("text", "req_id"), [("9,8,77,1,,,,,,,,,,,,0,,,,", 77), ("4,1,5,,", 5), ("49,1,", -1)]
)
def test_a_refused_request_has_the_error_under_its_own_id(talk, rule, text, req_id):
    for name in ("ReqContractDetails", "CancelOrder", "ReqCurrentTime"):
        rule(name, "refuse", error=(321, "no"))

    assert sent(talk, text) == [wire.ErrMsg(req_id, 321, "no")]


@pytest.mark.parametrize(("effect", "orders"), [("cut", 0), ("cut_after", 1)])
def test_a_cut_comes_before_or_after_the_request_is_carried_out(talk, rule, effect, orders):
    session = talk.session
    rule("ReqGlobalCancel", effect)
    rule("ReqIds", effect)
    talk.ask(talk.place())
    before = len(talk.broker.orders())

    session.receive(frame("58,1,"), talk.now)

    assert before == 1
    assert len(talk.broker.orders()) == 1 - orders
    assert (session.broken, session.take_output()) == (True, b"")


def test_something_else_may_happen_instead(talk, rule):
    seen = []
    rule("ReqIds", "instead", action=lambda session, request, now: seen.append((session, request)))

    assert sent(talk, "8,1,1,") == []
    assert seen == [(talk.session, wire.ReqIds(1))]


def test_a_doubled_answer_uses_its_rule_once(talk, rule):
    rule("CurrentTime", "double", times=2)

    assert [len(sent(talk, "49,1,")) for _ in range(3)] == [2, 2, 1]


def test_a_late_answer_uses_its_rule_once_and_comes_after_what_follows(talk, rule):
    rule("CurrentTime", "delay", times=2, delay=seconds(1))

    assert sent(talk, "49,1,", "49,1,", "49,1,") == [wire.CurrentTime(int(talk.now.timestamp()))]
    assert len(talk.wait(1)) == 2


def test_an_altered_answer_has_other_values(talk, rule):
    rule("CurrentTime", "alter", change=lambda answer: answer._replace(time=1))

    assert sent(talk, "49,1,") == [wire.CurrentTime(1)]
