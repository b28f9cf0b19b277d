import datetime as dt

import pytest

from ibkit._ib._health import HealthRecord
from ibkit.streams._buffers import Buffer, unread
from ibkit.streams._consumer import Consumer
from ibkit.streams._decisions import Holder
from ibkit.streams._events import Stale
from ibkit.streams._lifecycle import StreamEvents
from ibkit.streams._line import Line
from ibkit.streams._patrol import CLOSED_SECONDS, Patrol
from ibkit.streams._plans import plan_quotes
from ibkit.streams._recovery import WATCH_SECONDS, Phase, Signal

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


class Hours:
    """Knows whether the market is open, or answers later."""

    def __init__(self, is_open):
        self.is_open, self.later, self.lasting = is_open, None, []

    def ask(self, contract, answer, *, lasting):
        self.lasting.append(lasting)
        if self.is_open == "later":
            self.later = answer
        else:
            answer(self.is_open)


class Board:
    def __init__(self):
        self.again_for = []

    def now(self):
        return 0.0

    def watch(self, line, seconds):
        pass

    def again(self, line, *, alive, delay):
        self.again_for.append(line)


class Case:
    def __init__(self, plan, is_open=True, stale_after=60.0):
        self.board, self.hours = Board(), Hours(is_open)
        self.line = Line(self.board, plan, plan.feed())
        self.consumer = Consumer(
            Holder(number=1, name="h"), unread(Buffer()), StreamEvents("h", HealthRecord())
        )
        self.line.join(self.consumer, plan)
        self.line.signal(Signal.ADMITTED)
        self.patrol = Patrol({plan.spec: self.line}, self.hours, stale_after)

    def deliver(self, seconds=0):
        at = AT + dt.timedelta(seconds=seconds)
        self.line.feed.price(["1", "6", "1", "1", "100", "1", "0"], at)

    def until(self, end, start=0.0):
        now = start
        while (at := self.patrol.deadline(now)) is not None and at <= end:
            now = at
            self.patrol.due(now)
        return self

    @property
    def stale(self):
        return [event for event in self.consumer.events if isinstance(event, Stale)]


@pytest.fixture
def make(es):
    return lambda **options: Case(plan_quotes(es, ()), **options)


@pytest.mark.parametrize("is_open", [True, None])
def test_a_line_that_is_watched_and_silent_is_asked_for_again(make, is_open):
    case = make(is_open=is_open, stale_after=None)
    case.patrol.watch(case.line, 100.0)

    assert case.patrol.deadline(100.0) == 100.0 + WATCH_SECONDS
    case.patrol.due(100.0 + WATCH_SECONDS)
    assert case.board.again_for == [case.line]
    assert case.patrol.deadline(200.0) is None


def test_a_line_that_is_gone_is_forgotten(make):
    case = make(stale_after=None)
    case.patrol.watch(case.line, 0.0)
    case.patrol.forget(case.line)
    case.patrol.due(WATCH_SECONDS)

    assert case.board.again_for == []
    assert case.patrol.deadline(WATCH_SECONDS) is None


def test_what_is_watched_longer_is_looked_at_later(make, es):
    case = make(stale_after=None)
    other = Line(case.board, plan_quotes(es, ()), case.line.feed)
    other.signal(Signal.ADMITTED)
    case.patrol.watch(case.line, 0.0, 40.0)
    case.patrol.watch(other, 0.0, 20.0)
    case.patrol.due(20.0)
    assert case.board.again_for == [other]
    assert case.patrol.deadline(20.0) == 40.0
    case.patrol.due(40.0)

    assert case.board.again_for == [other, case.line]


def test_a_line_that_delivers_is_left_alone(make):
    case = make()
    case.patrol.watch(case.line, 0.0)
    case.deliver()
    case.patrol.due(WATCH_SECONDS)

    assert case.board.again_for == []


def test_a_live_line_that_is_watched_must_deliver_again(make):
    case = make(stale_after=None)
    case.deliver()
    case.patrol.watch(case.line, 0.0)
    case.patrol.due(WATCH_SECONDS)
    assert case.board.again_for == [case.line]
    case.line.signal(Signal.ADMITTED)
    case.deliver(seconds=1)
    case.patrol.watch(case.line, 20.0)
    case.deliver(seconds=2)
    case.patrol.due(20.0 + WATCH_SECONDS)

    assert len(case.board.again_for) == 1


def test_silence_in_a_closed_market_waits_for_the_market(make):
    case = make(is_open=False, stale_after=None)
    case.patrol.watch(case.line, 0.0)
    case.patrol.due(WATCH_SECONDS)
    assert case.board.again_for == []
    assert case.patrol.deadline(0.0) == WATCH_SECONDS + CLOSED_SECONDS
    case.hours.is_open = True
    case.patrol.due(WATCH_SECONDS + CLOSED_SECONDS)

    assert case.board.again_for == [case.line]


def test_data_that_come_while_the_hours_are_asked_for_count(make):
    case = make(is_open="later")
    case.patrol.watch(case.line, 0.0)
    case.patrol.due(WATCH_SECONDS)
    case.deliver()
    case.hours.later(True)

    assert case.board.again_for == []


def test_a_silent_stream_is_stale_once_and_says_since_when(make):
    case = make(stale_after=60.0)
    case.deliver()
    case.until(1000.0)

    assert case.stale == [Stale(AT)]


def test_a_stream_that_goes_on_may_be_stale_again(make):
    case = make(stale_after=60.0)
    case.deliver()
    case.until(200.0)
    case.deliver(seconds=200)
    case.until(1000.0, start=200.0)

    assert case.stale == [Stale(AT), Stale(AT + dt.timedelta(seconds=200))]


def test_silence_in_a_closed_market_is_not_stale_and_becomes_so_when_it_opens(make):
    case = make(is_open=False, stale_after=60.0)
    case.deliver()
    case.until(1000.0)
    assert case.stale == []
    case.hours.is_open = True
    case.until(2000.0, start=1000.0)

    assert case.stale == [Stale(AT)]


def test_the_silence_of_a_market_that_has_opened_just_now_says_nothing(make):
    watched, walked = make(stale_after=None), make(stale_after=45.0)
    watched.patrol.watch(watched.line, 0.0)
    for case in (watched, walked):
        case.until(100.0)

    assert watched.hours.lasting == [WATCH_SECONDS]
    assert walked.hours.lasting == [45.0]


def test_a_stream_that_never_began_is_stale_since_its_request(make):
    case = make(stale_after=60.0)
    case.line.requested_time = AT
    case.until(200.0)

    assert case.stale == [Stale(AT)]


def test_an_answer_that_comes_after_the_data_is_of_no_use(make):
    case = make(is_open="later", stale_after=60.0)
    case.deliver()
    case.until(200.0)
    case.deliver(seconds=200)
    case.hours.later(True)

    assert case.stale == []


def test_it_can_be_turned_off(make):
    case = make(stale_after=None)

    assert case.patrol.deadline(0.0) is None


def test_a_line_in_a_gap_is_not_stale_as_well(make):
    case = make(stale_after=60.0)
    case.deliver()
    case.line.signal(Signal.SOCKET_LOST)
    case.until(1000.0)

    assert case.line.phase is Phase.DOWN
    assert case.stale == []
