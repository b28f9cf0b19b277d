import datetime as dt

import pytest

from ibkit._ib._health import HealthRecord
from ibkit.streams._buffers import Buffer, unread
from ibkit.streams._consumer import Consumer
from ibkit.streams._decisions import Holder
from ibkit.streams._events import Delayed, Gap, Resumed, Started
from ibkit.streams._lifecycle import StreamEvents
from ibkit.streams._line import Line
from ibkit.streams._plans import plan_bars_5s, plan_quotes, plan_ticks
from ibkit.streams._recovery import WATCH_SECONDS, Phase, Signal

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
LATER = AT + dt.timedelta(seconds=9)


class Board:
    """Writes down what a line asks for."""

    def __init__(self):
        self.asked, self.awaits, self.time = [], [], 1000.0

    def now(self):
        return self.time

    def again(self, line, *, alive, delay):
        self.asked.append(("cancel and ask" if alive else "ask", delay))

    def watch(self, line, seconds):
        if seconds == WATCH_SECONDS:
            self.asked.append("watch")
        else:
            self.awaits.append(seconds)

    def fill(self, line, gap):
        self.asked.append(("fill", gap))

    def blank(self, ticker):
        self.asked.append(("blank", ticker))


class Case:
    def __init__(self, plan):
        self.board = Board()
        self.line = Line(self.board, plan, plan.feed())
        self.consumer = self.join(1)

    def join(self, number):
        consumer = Consumer(
            Holder(number=number, name=f"h{number}"),
            unread(Buffer(10, "drop-oldest")),
            StreamEvents("h", HealthRecord()),
        )
        self.line.join(consumer, self.line.plan)
        return consumer

    def quote(self, bid, at=AT):
        self.line.feed.price(["1", "6", "1", "1", str(bid), "1", "0"], at)

    def trade(self, at=AT):
        self.line.feed.trade(["99", "1", "1", "1795185000", "5000", "1", "0", "", ""], at)

    def bids(self, consumer=None):
        return [int(quote.bid) for quote in (consumer or self.consumer).unread.queue]

    @property
    def events(self):
        return list(self.consumer.events)

    def take(self):
        asked, self.board.asked = self.board.asked, []
        return asked


@pytest.fixture
def quotes(es):
    case = Case(plan_quotes(es, ()))
    case.line.signal(Signal.ADMITTED)
    return case


@pytest.fixture
def ticks(es):
    case = Case(plan_ticks(es, "Last", ignore_size=False))
    case.line.signal(Signal.ADMITTED)
    return case


def test_the_first_data_start_it(quotes):
    assert (quotes.line.phase, quotes.events) == (Phase.OPENING, [])
    quotes.quote(100)

    assert (quotes.line.phase, quotes.events) == (Phase.LIVE, [Started(AT)])
    assert quotes.bids() == [100]


def test_a_gap_begins_at_the_last_arrival_and_ends_with_the_next(ticks):
    ticks.trade()
    ticks.line.signal(Signal.SOCKET_LOST)
    gap = Gap(AT, "the connection to TWS was lost")
    assert ticks.line.gap == gap
    for signal in (Signal.SOCKET_BACK, Signal.ADMITTED):
        ticks.line.signal(signal)
    ticks.trade(LATER)

    assert ticks.events == [Started(AT), gap, Resumed(gap, LATER)]
    assert ticks.line.gap is None


def test_there_is_one_gap_however_often_it_is_said(ticks):
    ticks.trade()
    for signal in (Signal.SERVER_LOST, Signal.SERVER_LOST, Signal.SOCKET_LOST):
        ticks.line.signal(signal)

    assert len(ticks.events) == 2


def test_before_the_first_data_there_is_no_gap(quotes):
    quotes.line.signal(Signal.SOCKET_LOST)

    assert quotes.events == []


def test_after_a_gap_nothing_of_the_past_shows(quotes):
    quotes.quote(100)
    quotes.line.signal(Signal.SOCKET_LOST)
    assert quotes.line.feed.latest is None
    for signal in (Signal.SOCKET_BACK, Signal.ADMITTED):
        quotes.line.signal(signal)
    quotes.line.feed.price(["1", "6", "1", "2", "101", "1", "0"], LATER)

    assert (quotes.line.feed.latest.bid, quotes.line.feed.latest.ask) == (None, 101)


def test_data_of_a_dead_request_is_missed_and_not_delivered(quotes):
    quotes.quote(100)
    quotes.line.signal(Signal.DATA_LOST)
    quotes.quote(101)

    assert (quotes.bids(), quotes.line.feed.missed) == ([100], 1)
    assert quotes.take() == [("cancel and ask", 0.0)]


def test_quotes_that_come_back_by_themselves_are_asked_for_anew(quotes):
    quotes.quote(100)
    for signal in (Signal.SERVER_LOST, Signal.DATA_KEPT):
        quotes.line.signal(signal)
    quotes.quote(101)

    assert quotes.bids() == [100]
    assert quotes.take() == ["watch", ("cancel and ask", 0.0)]


def test_a_request_without_an_answer_is_repeated_at_once_and_less_and_less_often(quotes):
    for _ in range(3):
        quotes.line.signal(Signal.SILENT)
        quotes.line.signal(Signal.ADMITTED)

    assert quotes.take() == [("cancel and ask", 0.0)] * 3
    assert quotes.board.awaits == [15.0, 30.0, 60.0, 120.0]


@pytest.mark.parametrize("news", [Signal.FARM_BACK, Signal.DATA_KEPT])
def test_when_something_works_again_an_answer_is_expected_soon(quotes, news):
    for signal in (Signal.SILENT, Signal.ADMITTED, news, Signal.SILENT, Signal.ADMITTED):
        quotes.line.signal(signal)

    assert quotes.board.awaits == [15.0, 30.0, 30.0]


def test_one_that_was_answered_has_all_its_patience_again(quotes):
    for signal in (Signal.SILENT, Signal.ADMITTED):
        quotes.line.signal(signal)
    quotes.quote(100)
    for signal in (Signal.DATA_LOST, Signal.ADMITTED):
        quotes.line.signal(signal)

    assert quotes.board.awaits == [15.0, 30.0, 15.0]


def test_ticks_that_come_back_by_themselves_go_on(ticks):
    ticks.trade()
    for signal in (Signal.FARM_BROKEN, Signal.FARM_OK):
        ticks.line.signal(signal)
    ticks.trade(LATER)

    assert ticks.take() == ["watch"]
    assert [type(event) for event in ticks.events] == [Started, Gap, Resumed]


def test_attempts_pause_longer_and_longer_until_one_has_lasted(quotes):
    for _ in range(4):
        quotes.line.requested_at = quotes.board.time
        quotes.line.signal(Signal.ADMITTED)
        quotes.line.signal(Signal.INTERRUPTED)
    quotes.board.time += 61
    quotes.line.signal(Signal.ADMITTED)
    quotes.line.signal(Signal.INTERRUPTED)

    assert [delay for _, delay in quotes.take()] == [0.0, 1.0, 2.0, 5.0, 0.0]


def test_what_ib_refuses_for_now_is_asked_for_later_without_a_cancel(quotes):
    quotes.line.signal(Signal.PAUSED)

    assert quotes.take() == [("ask", 5.0)]


def test_bars_of_a_gap_are_fetched_before_it_is_over(es):
    case = Case(plan_bars_5s(es, "TRADES", rth=False))
    bar = ["50", "3", "1", "1795185000", "1", "1", "1", "1", "1", "1", "1"]
    case.line.signal(Signal.ADMITTED)
    case.line.feed.bar(bar, AT)
    for signal in (Signal.SOCKET_LOST, Signal.SOCKET_BACK, Signal.ADMITTED):
        case.line.signal(signal)
    case.line.feed.bar(bar, LATER)
    gap = Gap(AT, "the connection to TWS was lost")

    assert case.take() == [("fill", gap)]
    assert case.events[-1] == gap
    case.line.flows()
    assert case.events[-1] == Resumed(gap, LATER)


def test_one_who_joins_later_begins_with_the_market_as_it_stands(quotes):
    quotes.quote(100)
    late = quotes.join(2)
    quotes.quote(101)

    assert quotes.bids(late) == [100, 101]
    assert list(late.events) == [Started(AT)]


def test_one_who_joins_ticks_later_gets_no_old_tick(ticks):
    ticks.trade()

    assert not ticks.join(2).unread.queue


def test_one_who_joins_in_a_gap_misses_nothing_and_begins_when_it_is_over(ticks):
    ticks.trade()
    ticks.line.signal(Signal.SOCKET_LOST)
    late = ticks.join(2)
    assert (list(late.events), late.gap) == ([], None)
    for signal in (Signal.SOCKET_BACK, Signal.ADMITTED):
        ticks.line.signal(signal)
    ticks.trade(LATER)

    assert list(late.events) == [Started(LATER)]
    assert ticks.events[-1] == Resumed(Gap(AT, "the connection to TWS was lost"), LATER)


def test_one_who_has_left_gets_nothing(quotes):
    quotes.quote(100)
    left = quotes.line.leave(1)
    quotes.quote(101)

    assert left is quotes.consumer
    assert quotes.bids(left) == [100]
    assert quotes.line.leave(1) is None


def test_delayed_data_is_said_once_and_to_those_who_join(quotes):
    quotes.line.delayed("Displaying delayed market data.")
    quotes.line.delayed()

    assert quotes.events == [Delayed("Displaying delayed market data.")]
    assert list(quotes.join(2).events) == [Delayed()]


def test_a_ticker_forgets_what_the_stream_forgets(quotes):
    quotes.quote(100)
    quotes.line.ticker = "the ticker"
    quotes.line.signal(Signal.SOCKET_LOST)

    assert quotes.take() == [("blank", "the ticker")]
