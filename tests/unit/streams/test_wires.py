import pytest

from ibkit._ib._market_data import market_data
from ibkit.streams._decisions import Request
from ibkit.streams._line import Line
from ibkit.streams._plans import plan_depth, plan_quotes
from ibkit.streams._recovery import Signal
from ibkit.streams._wires import Wires


class Board:
    """Nobody looks whether an answer comes."""

    def watch(self, line, seconds):
        """Watch nothing."""


class Case:
    """Wires of one line, without a ledger."""

    def __init__(self, wire, plan):
        self.wire = wire
        self.line = Line(Board(), plan, plan.feed())
        self.seen, self.sent, self.errors, self.complete = [], [], [], []
        self.line.feed.puts = [self.seen.append]
        door = market_data(wire.ib, wire.requests.sender, wire.health)
        self.stop = door.listen(lambda *_: None)
        self.wires = Wires(
            door, wire.health.clock, on_sent=self._sent, on_error=self._error,
            on_complete=self.complete.append,
        )  # fmt: skip

    def open(self, token, wants=frozenset()):
        self.wires.open(self.line, Request(token, self.line.plan.spec, wants))

    def _sent(self, line, request):
        self.sent.append(request.token)
        line.signal(Signal.ADMITTED)

    def _error(self, line, code, text):
        self.errors.append(code)


@pytest.fixture
def case(on_wire, es):
    def run(test, plan=None):
        async def main(wire):
            one = Case(wire, plan or plan_quotes(es, ()))
            try:
                return test(one)
            finally:
                one.stop()

        return on_wire(main)

    return run


def test_a_request_is_sent_and_heard(case):
    def test(one):
        one.open(1)
        one.wire.quote(1)
        return one.wire.words, one.sent, len(one.seen), 1 in one.wires

    assert case(test) == (["quotes 1"], [1], 2, True)


def test_a_replacement_takes_over_when_it_is_sent(case):
    def test(one):
        one.open(1)
        one.open(2)
        one.wire.quote(1)
        one.wire.quote(2)
        one.wires.cancel(1)
        return one.wire.words, len(one.seen), one.wires.door.late

    assert case(test) == (["quotes 1", "quotes 2", "cancel quotes 1"], 2, 2)


def test_the_old_request_is_heard_until_the_new_one_is_sent(case):
    def test(one):
        one.open(1)
        for _ in range(40):  # the window of the pacer is full now
            one.wires.door.submit(lambda: None)
        one.open(2)
        one.wire.quote(1)
        return one.wire.words, len(one.seen)

    assert case(test) == (["quotes 1"], 2)


def test_an_error_of_the_old_request_does_not_reach_the_line(case):
    def test(one):
        one.open(1)
        one.wires._heard(one.line, 1, 354, "")
        one.open(2)
        one.wires._heard(one.line, 1, 354, "")
        one.wire.error(2, 10090)
        return one.errors

    assert case(test) == [354, 10090]


def test_cancelling_twice_or_what_is_not_there_sends_nothing(case):
    def test(one):
        one.open(1)
        for token in (1, 1, 99):
            one.wires.cancel(token)
        return one.wire.words, one.wires.cancelled, len(one.wires)

    assert case(test) == (["quotes 1", "cancel quotes 1"], 1, 0)


def test_what_ib_has_ended_is_forgotten(case):
    def test(one):
        one.open(1)
        one.wires.forget(one.line)
        one.wires.cancel(1)
        one.wires.forget(one.line)
        return one.wire.words, one.line.subscription

    assert case(test) == (["quotes 1"], None)


def test_a_muted_line_hears_nothing_and_is_cancelled_all_the_same(case):
    def test(one):
        one.open(1)
        one.wires.mute(one.line)
        one.wire.quote(1)
        one.wires.cancel(1)
        return one.wire.words, one.seen

    assert case(test) == (["quotes 1", "cancel quotes 1"], [])


def test_everything_is_cancelled_or_forgotten_at_the_end(case):
    def test(one):
        one.open(1)
        one.open(2)
        one.wires.cancel_all()
        cancelled = list(one.wire.words)
        one.open(3)
        one.wires.forget_all()
        return cancelled, one.wire.words[4:], len(one.wires)

    cancelled, after, left = case(test)
    assert sorted(cancelled) == ["cancel quotes 1", "cancel quotes 2", "quotes 1", "quotes 2"]
    assert (after, left) == (["quotes 3"], 0)


def test_the_end_of_a_snapshot_is_told(case, es):
    def test(one):
        one.open(1)
        one.wire.feed((57, 1, 1))
        return one.complete == [one.line]

    assert case(test, plan_quotes(es, (), snapshot=True))


def test_a_book_is_empty_when_its_new_request_is_sent(case, es):
    def test(one):
        one.open(1, frozenset(range(3)))
        one.wire.row(1, 0, 1, 100)
        one.open(2, frozenset(range(7)))
        return one.line.feed.builder.rows, one.line.feed.latest

    assert case(test, plan_depth(es, 3, smart=False)) == (7, None)


def test_a_mirrored_ticker_follows_to_the_new_request(case):
    def test(one):
        one.open(1)
        one.line.ticker = one.wires.door.new_ticker(one.line.plan.contract)
        one.line.subscription.mirror(one.line.ticker)
        one.open(2)
        one.wire.quote(2, bid=4999)
        return one.line.ticker.bid, len(one.seen)

    assert case(test) == (4999.0, 2)
