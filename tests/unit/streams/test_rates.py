from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._limits import StreamLimits
from ibkit.streams._rates import Rates


def spec(con_id=1, kind=Kind.TICKS, *parameters):
    return Spec(con_id=con_id, exchange="CME", kind=kind, parameters=parameters)


def test_tick_by_tick_requests_for_one_instrument_are_fifteen_seconds_apart():
    rates = Rates(StreamLimits())
    rates.requested(spec(1, Kind.TICKS, "Last"), 100.0)

    assert rates.ready_at(spec(1, Kind.TICKS, "BidAsk")) == 115.0
    assert rates.ready_at(spec(2, Kind.TICKS, "Last")) == 0.0


def test_sixty_requests_for_five_second_bars_fit_into_ten_minutes():
    rates = Rates(StreamLimits())
    for second in range(60):
        assert rates.ready_at(spec(second, Kind.BARS_5S)) == 0.0
        rates.requested(spec(second, Kind.BARS_5S), float(second))

    assert rates.ready_at(spec(99, Kind.BARS_5S)) == 600.0
    rates.requested(spec(99, Kind.BARS_5S), 600.0)
    assert rates.ready_at(spec(99, Kind.BARS_5S)) == 601.0


def test_quotes_have_no_rate():
    rates = Rates(StreamLimits())
    rates.requested(spec(1, Kind.QUOTES), 0.0)

    assert rates.ready_at(spec(1, Kind.QUOTES)) == 0.0


def test_old_times_are_forgotten():
    rates = Rates(StreamLimits())
    for con_id in range(1000):
        rates.requested(spec(con_id), con_id * 10.0)

    assert len(rates._times) <= 61
    assert rates.ready_at(spec(999)) == 10_005.0
