import datetime as dt

import pytest
from ib_async import ContFuture, Future

from ibkit.errors import NotConnected, PlanError
from ibkit.history import History, HistoryPacing, MemoryStore
from ibkit.history._history import UNKNOWN_HOURS
from ibkit.testing import run_virtual
from past import DAY, NOW, Connected, Past, at, bars_of, contract, weekdays

PAST_DAYS = weekdays(dt.date(2026, 2, 2), 40)
FEBRUARY = at("02-02 00:00"), at("03-01 00:00")


class Loose(Connected):
    def isConnected(self):
        return False


def bars(past, *arguments, ib=None, **more):
    history = History(ib or Connected(), requests=past)
    return run_virtual(history.bars_async(contract(), *arguments, **more))


def test_a_span_of_bars():
    past = Past(PAST_DAYS)
    series = bars(past, *FEBRUARY, "5 mins")

    assert list(series) == bars_of([s for s in PAST_DAYS if s.day.month == 2], 300)
    assert (series.holes, series.notes, series.requests) == ((), (), 1)
    assert series.sessions == PAST_DAYS[:20]


def test_no_end_is_now_and_nothing_is_after_now():
    past = Past(PAST_DAYS, now=at("03-02 15:00"))

    assert bars(past, at("03-02 00:00"), None, "1 min").end == past.now
    assert bars(past, at("03-02 00:00"), at("04-02 00:00"), "1 min").end == past.now


def test_dates_are_whole_days_and_both_are_included():
    series = bars(Past(PAST_DAYS), dt.date(2026, 2, 3), dt.date(2026, 2, 5), "1 day")

    assert [bar.date.day for bar in series] == [3, 4, 5]


def test_times_with_daily_bars_stand_for_their_dates_on_their_own_clock():
    zone = dt.timezone(dt.timedelta(hours=-6))
    start = dt.datetime(2026, 2, 3, 19, tzinfo=zone)
    end = dt.datetime(2026, 2, 6, tzinfo=zone)
    series = bars(Past(PAST_DAYS), start, end, "1 day")

    assert [bar.date.day for bar in series] == [3, 4, 5]


def test_hours_that_nobody_knows_are_noted():
    past = Past(PAST_DAYS)
    past.zone = "Nowhere"
    series = bars(past, *FEBRUARY, "1 hour")

    assert series.notes == (UNKNOWN_HOURS,)
    assert len(series) == 20 * 7


def test_the_schedule_is_asked_for_once():
    past = Past(PAST_DAYS)
    history = History(Connected(), requests=past)

    async def main():
        await history.bars_async(contract(), *FEBRUARY, "5 mins")
        await history.bars_async(contract(), at("02-09 00:00"), at("02-10 00:00"), "1 hour")

    run_virtual(main())

    assert past.schedules == 1


@pytest.mark.parametrize(
    ("start", "end", "size", "what", "named"),
    [
        (at("02-02 00:00").replace(tzinfo=None), None, "1 min", "TRADES", "start"),
        (at("02-02 00:00"), NOW.replace(tzinfo=None), "1 day", "TRADES", "end"),
        (dt.date(2026, 2, 2), None, "1 min", "TRADES", "start"),
        (NOW + DAY, NOW + 2 * DAY, "1 min", "TRADES", "start"),
        (*reversed(FEBRUARY), "1 min", "TRADES", "end"),
        (*FEBRUARY, "7 mins", "TRADES", "bar_size"),
        (*FEBRUARY, "1 min", "TRADE", "what"),
    ],
)
def test_the_impossible_is_refused_before_anything_is_sent(start, end, size, what, named):
    past = Past(PAST_DAYS)
    with pytest.raises(PlanError) as caught:
        bars(past, start, end, size, what)

    assert caught.value.field == named
    assert (past.asked, past.schedules) == ([], 0)


def test_a_continuous_contract_is_refused_with_what_to_use():
    history = History(Connected(), requests=Past(PAST_DAYS))
    with pytest.raises(PlanError, match="continuous_async"):
        run_virtual(history.bars_async(ContFuture("ES", "CME"), *FEBRUARY, "1 hour"))


def test_a_store_needs_a_contract_with_its_id():
    history = History(Connected(), requests=Past(PAST_DAYS))
    work = history.bars_async(
        Future("ES", "202603", "CME"), *FEBRUARY, "1 hour", resume=MemoryStore()
    )
    with pytest.raises(PlanError, match="conId"):
        run_virtual(work)


def test_without_a_connection_it_ends_at_once():
    with pytest.raises(NotConnected):
        bars(Past(PAST_DAYS), *FEBRUARY, "1 hour", ib=Loose())


def test_other_kinds_of_ticks_are_refused():
    history = History(Connected(), requests=Past(PAST_DAYS))
    with pytest.raises(PlanError, match="BID_ASK"):
        run_virtual(history.ticks_async(contract(), *FEBRUARY, "LAST"))


@pytest.mark.parametrize(
    ("start", "end"),
    [(dt.date(2026, 4, 1), None), (dt.date(2026, 3, 2), dt.date(2026, 3, 1))],
)
def test_a_continuous_series_of_no_time_is_refused(start, end):
    history = History(Connected(), requests=Past(PAST_DAYS))
    with pytest.raises(PlanError):
        run_virtual(history.continuous_async("ES", start, end))


def test_a_time_without_a_zone_is_refused_for_a_continuous_series_too():
    history = History(Connected(), requests=Past(PAST_DAYS))
    with pytest.raises(PlanError, match="zone"):
        run_virtual(history.continuous_async("ES", NOW.replace(tzinfo=None), None))


def test_the_pacing_given_is_that_of_the_connection():
    ib = Connected()
    History(ib, requests=Past(PAST_DAYS), pacing=HistoryPacing(most=30))

    assert History(ib, requests=Past(PAST_DAYS))._asking.pacing.most == 30


@pytest.mark.parametrize(
    ("misuse", "named"),
    [
        (lambda h: h.bars_async("ES", *FEBRUARY, "1 hour"), "contract"),
        (lambda h: h.bars_async(contract(), *FEBRUARY, "1 hour", use_rth="no"), "use_rth"),
        (lambda h: h.bars_async(contract(), *FEBRUARY, "1 hour", progress="yes"), "progress"),
        (lambda h: h.bars_async(contract(), *FEBRUARY, "1 hour", resume="bars"), "resume"),
        (lambda h: h.ticks_async(contract(), dt.date(2026, 2, 2), None), "start"),
        (lambda h: h.ticks_async(contract(), *FEBRUARY, progress=5), "progress"),
        (lambda h: h.head_async(contract(), "LAST"), "what"),
        (lambda h: h.head_async("ES"), "contract"),
        (lambda h: h.continuous_async("ES", "2026-02-02", None), "start"),
        (lambda h: h.continuous_async("ES", *FEBRUARY, adjust="panama"), "adjust"),
        (lambda h: h.continuous_async("ES", *FEBRUARY, direction="back"), "direction"),
        (lambda h: h.continuous_async("ES", *FEBRUARY, rule="volume"), "rule"),
        (lambda h: h.continuous_async("ES", *FEBRUARY, activity={}), "activity"),
        (lambda h: h.continuous_async("ES", *FEBRUARY, resume=True), "resume"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_asked(misuse, named):
    past = Past(PAST_DAYS)
    with pytest.raises(PlanError) as refused:
        run_virtual(misuse(History(Connected(), requests=past)))

    assert refused.value.field == named
    assert (past.asked, past.schedules) == ([], 0)


def test_the_first_time_is_not_asked_for_again_and_again_without_a_connection():
    with pytest.raises(NotConnected):
        run_virtual(History(Loose(), requests=Past(PAST_DAYS)).head_async(contract()))


@pytest.mark.parametrize("settings", [{"pacing": 5}, {"backoff": 5}, {"backoff": ("x",)}])
def test_settings_that_cannot_be_meant_are_refused(settings):
    with pytest.raises(PlanError, match=next(iter(settings))):
        History(Connected(), requests=Past(PAST_DAYS), **settings)
