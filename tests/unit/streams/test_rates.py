import pytest

from ibkit._ib._history_pacer import HistoryPacer, HistoryPacing, Question, series_of
from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._limits import StreamLimits
from ibkit.streams._rates import Rates


def spec(con_id=1, kind=Kind.TICKS, *parameters):
    return Spec(con_id=con_id, exchange="CME", kind=kind, parameters=parameters)


def test_tick_by_tick_requests_for_one_instrument_are_fifteen_seconds_apart():
    rates = Rates(StreamLimits())
    rates.requested(spec(1, Kind.TICKS, "Last"), 100.0)

    assert rates.ready_at(spec(1, Kind.TICKS, "BidAsk"), 0.0) == 115.0
    assert rates.ready_at(spec(2, Kind.TICKS, "Last"), 0.0) == 0.0


def test_sixty_requests_for_five_second_bars_fit_into_ten_minutes():
    rates = Rates(StreamLimits())
    for second in range(60):
        assert rates.ready_at(spec(second, Kind.BARS_5S), 0.0) == 0.0
        rates.requested(spec(second, Kind.BARS_5S), float(second))

    assert rates.ready_at(spec(99, Kind.BARS_5S), 0.0) == 600.0
    rates.requested(spec(99, Kind.BARS_5S), 600.0)
    assert rates.ready_at(spec(99, Kind.BARS_5S), 0.0) == 601.0


def bars(size, con_id=1):
    return spec(con_id, Kind.BARS, size, "1 D", "TRADES")


def test_live_bars_and_downloads_count_for_one_pacer():
    pacer = HistoryPacer(HistoryPacing(margin=1e-9))
    rates = Rates(StreamLimits(), pacer)
    download = Question("a download", series_of(1, "CME", "TRADES"))
    for _ in range(4):
        pacer.sent(download, 100.0)
    rates.requested(bars("5 secs"), 100.0)

    assert rates.ready_at(bars("10 secs"), 100.0) == pytest.approx(102.0)
    assert rates.ready_at(bars("10 secs", con_id=2), 100.0) == 100.0
    assert rates.ready_at(bars("5 secs"), 103.0) == pytest.approx(115.0)
    assert pacer.next_time(download, 100.0) == pytest.approx(115.0)


def test_larger_bars_are_not_paced():
    pacer = HistoryPacer()
    rates = Rates(StreamLimits(), pacer)
    for _ in range(100):
        rates.requested(bars("1 min"), 100.0)

    assert rates.ready_at(bars("1 min"), 100.0) == 100.0


def test_quotes_have_no_rate():
    rates = Rates(StreamLimits())
    rates.requested(spec(1, Kind.QUOTES), 0.0)

    assert rates.ready_at(spec(1, Kind.QUOTES), 0.0) == 0.0


def test_old_times_are_forgotten():
    rates = Rates(StreamLimits())
    for con_id in range(1000):
        rates.requested(spec(con_id), con_id * 10.0)

    assert len(rates._times) <= 61
    assert rates.ready_at(spec(999), 0.0) == 10_005.0


def test_what_was_long_ago_is_forgotten():
    rates = Rates(StreamLimits())
    rates.requested(spec(1, Kind.TICKS, "Last"), 0.0)
    rates.requested(spec(2, Kind.TICKS, "Last"), 10_000.0)

    assert len(rates._times) == 1
    assert rates.ready_at(spec(2, Kind.TICKS, "Last"), 10_000.0) == 10_015.0
