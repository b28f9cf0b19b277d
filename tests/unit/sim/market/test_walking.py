from __future__ import annotations

from decimal import Decimal

import pytest

from ibkit.sim._market._flow import Flow
from ibkit.sim._market._path import ANCHOR, DAY, FIVE, HOUR, MINUTE, ONE, SIZES, Path, moment_of
from ibkit.sim._market._tape import piece_of
from ibkit.sim._market._ticks import Quote, Trade
from ibkit.sim._market._view import Direct, Inverse
from ibkit.sim._market._walking import WalkTape, _Prices

START = ANCHOR * SIZES[DAY] + 16 * SIZES[HOUR]
CLOSED_FROM, CLOSED_TO = START + 10 * SIZES[MINUTE], START + 25 * SIZES[MINUTE]
ENDS = START + SIZES[HOUR]
WHATS = ("TRADES", "BID", "ASK", "MIDPOINT")


class Always:
    def spans(self, start: int, end: int):
        return [(start, end)]

    def opened(self, start: int, end: int) -> int:
        return end - start

    def before(self, time: int):
        return 0, 1 << 50

    def after(self, time: int):
        return 0, 1 << 50


class WithABreak:
    """Open from START to ENDS but for a quarter of an hour."""

    SPANS = ((START, CLOSED_FROM), (CLOSED_TO, ENDS))

    def spans(self, start: int, end: int):
        cut = [(max(start, a), min(end, b)) for a, b in self.SPANS]
        return [span for span in cut if span[0] < span[1]]

    def opened(self, start: int, end: int) -> int:
        return sum(b - a for a, b in self.spans(start, end))

    def before(self, time: int):
        return next((span for span in reversed(self.SPANS) if span[0] <= time), None)

    def after(self, time: int):
        return next((span for span in self.SPANS if span[1] > time), None)


def tape(volume: int = 1_500_000, pace: int = ONE, mask=None, view=Direct) -> WalkTape:
    mask = mask or Always()
    flow = Flow(5, lambda _: volume, mask.opened, range(15, 23), pace)
    grid = view(Decimal(6800), Decimal("0.25"), carry=0.003, months=1)
    return WalkTape(1, "CME", Path(7, 0.01, pace), grid, flow, mask)


KINDS = {
    "active": tape,
    "usual": lambda: tape(200_000, FIVE),
    "thin": lambda: tape(3_000, FIVE),
    "inverse": lambda: tape(view=Inverse),
    "with a break": lambda: tape(mask=WithABreak()),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 600_000), (0, 1_234), (777, 59_222), (1, 61_110), (59_999, 2), (4_001, 1_700_000)],
)
def test_an_aggregate_is_that_of_its_ticks(kind: str, what, start: int, length: int) -> None:
    walking, begin = KINDS[kind](), START + start

    assert walking.piece(what, begin, begin + length) == piece_of(
        what, walking.ticks(begin, begin + length)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_ticks_are_the_same_in_any_windows(kind: str) -> None:
    walking = KINDS[kind]()
    whole = walking.ticks(START, START + 90_000)
    again = KINDS[kind]()
    parts = [
        tick
        for start in range(START, START + 90_000, 250)
        for tick in again.ticks(start, start + 250)
    ]

    assert parts == whole
    assert [tick.time for tick in whole] == sorted(tick.time for tick in whole)


@pytest.mark.parametrize("kind", KINDS)
def test_a_moment_asked_for_is_the_last_tick_before(kind: str) -> None:
    walking = KINDS[kind]()
    ticks = walking.ticks(START, START + 120_000)
    for time in range(START + 60_000, START + 120_000, 3_777):
        past = [tick for tick in ticks if moment_of(tick.time) <= time]
        following = next(tick for tick in ticks if moment_of(tick.time) > time)

        assert walking.quote_at(time) == next(t for t in reversed(past) if isinstance(t, Quote))
        assert walking.last_at(time) == next(t for t in reversed(past) if isinstance(t, Trade))
        assert walking.next_after(time) == moment_of(following.time)


def test_quotes_are_on_the_grid_and_trades_inside_them() -> None:
    bid = ask = None
    for tick in tape().ticks(START, START + 60_000):
        if isinstance(tick, Quote):
            bid, ask = tick.bid, tick.ask
            assert bid % Decimal("0.25") == ask % Decimal("0.25") == 0
            assert ask > bid
            assert tick.bid_size > 0
            assert tick.ask_size > 0
        else:
            assert bid <= tick.price <= ask
            assert tick.size > 0
            assert tick.exchange == "CME"


def test_nothing_happens_while_closed() -> None:
    walking = tape(mask=WithABreak())

    assert walking.ticks(CLOSED_FROM, CLOSED_TO) == []
    assert walking.piece("TRADES", CLOSED_FROM, CLOSED_TO) is None
    before = walking.quote_at(CLOSED_TO - 1)
    assert before is not None
    assert moment_of(before.time) < CLOSED_FROM
    assert walking.last_at(CLOSED_TO - 1).time <= before.time
    assert CLOSED_TO <= walking.next_after(CLOSED_FROM + 5) < CLOSED_TO + SIZES[FIVE]


def test_after_the_end_nothing_comes_and_before_the_start_nothing_was() -> None:
    walking = tape(mask=WithABreak())

    assert walking.next_after(ENDS) is None
    assert walking.quote_at(START - 1) is None
    assert walking.last_at(START - 1) is None
    assert walking.quote_at(ENDS + SIZES[DAY]) == walking.quote_at(ENDS)


def test_a_pair_has_quotes_alone_and_an_index_trades_of_no_size() -> None:
    path, grid = Path(7, 0.01, FIVE), Direct(Decimal("1.16"), Decimal("0.00005"))
    pair = WalkTape(1, "IDEALPRO", path, grid, None, Always(), lot=500_000)
    index = WalkTape(2, "CBOE", path, grid, None, Always(), quoted=False)

    assert all(isinstance(tick, Quote) for tick in pair.ticks(START, START + 60_000))
    assert pair.last_at(START) is None
    assert pair.piece("TRADES", START, START + 60_000) is None
    assert pair.quote_at(START).bid_size % 500_000 == 0
    values = index.ticks(START, START + 60_000)
    assert values
    assert all(isinstance(tick, Trade) and tick.size == 0 for tick in values)
    assert index.quote_at(START) is None
    assert index.piece("TRADES", START, START + 60_000) == piece_of("TRADES", values)._replace(
        trades=0
    )


def test_a_thin_contract_quotes_as_often_and_trades_seldom() -> None:
    active, thin = tape(1_500_000, FIVE), tape(3_000, FIVE)
    counts = [
        (
            sum(isinstance(tick, Quote) for tick in each.ticks(START, START + 600_000)),
            sum(isinstance(tick, Trade) for tick in each.ticks(START, START + 600_000)),
        )
        for each in (active, thin)
    ]

    assert counts[0][0] == counts[1][0]
    assert counts[0][1] > 5 * counts[1][1] > 0


def test_where_nobody_trades_there_was_no_last_trade(monkeypatch) -> None:
    silent = tape(mask=WithABreak())
    monkeypatch.setattr(WalkTape, "ticks", lambda *_: [])

    assert silent.last_at(ENDS) is None


def test_prices_are_made_once_and_not_kept_for_ever() -> None:
    prices = _Prices(Decimal("0.25"))

    assert prices[4] is prices[4] == 1
    for ticks in range(20_100):
        prices[ticks]
    assert len(prices) < 200


def test_the_next_tick_may_come_after_a_break() -> None:
    walking = tape(mask=WithABreak(), pace=MINUTE)
    last = moment_of(walking.quote_at(CLOSED_FROM).time)

    assert walking.next_after(last) >= CLOSED_TO
