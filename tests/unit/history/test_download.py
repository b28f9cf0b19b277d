import datetime as dt

import pytest

from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit.errors import GatewayError
from ibkit.history import Hole, MemoryStore
from ibkit.history._download import Download
from ibkit.history._merge import NO_BARS, NO_DATA, NO_SESSIONS
from ibkit.history._wanted import Wanted
from ibkit.testing import run_virtual
from past import Past, at, bars_of, contract, weekdays

WEEK = weekdays(dt.date(2026, 3, 2), 5)


def load(
    past,
    start,
    end,
    size="1 min",
    *,
    sessions=WEEK,
    store=None,
    report=lambda _: None,
    what="TRADES",
):
    wanted = Wanted(
        contract=contract(), start=start, end=end, bar_size=size, what=what, use_rth=False
    )

    async def main():
        download = Download(
            requests=past,
            asking=Asking(HistoryGate(), (5.0,)),
            wanted=wanted,
            sessions=sessions,
            store=store or MemoryStore(),
            now=past.now,
            report=report,
        )
        return await download.run(), download

    return run_virtual(main())


def test_a_week_comes_whole_and_once():
    past = Past(WEEK)
    bars, download = load(past, at("03-02 00:00"), at("03-07 00:00"))

    assert bars == bars_of(WEEK, 60)
    assert download.holes == []
    assert download.sent == len(past.asked) == 1


def test_the_last_bar_before_the_end_is_whole():
    bars, _ = load(Past(WEEK), at("03-02 14:00"), at("03-02 14:07"), "5 mins")

    assert [bar.volume for bar in bars] == [300, 300]


def test_the_bar_under_way_is_given_and_not_kept():
    past, store = Past(WEEK, now=at("03-06 15:02")), MemoryStore()
    bars, download = load(past, at("03-06 14:00"), past.now, "5 mins", store=store)
    (span,) = store.spans(download.wanted.key)

    assert bars[-1].volume == 120
    assert store.read(download.wanted.key, span)[-1].date == at("03-06 14:55")
    assert span.end <= at("03-06 15:00")


def test_a_session_that_ib_has_not_got_is_a_hole():
    past = Past(WEEK)
    past.empty = {WEEK[2].day}
    bars, download = load(past, at("03-02 00:00"), at("03-07 00:00"))

    assert bars == bars_of([*WEEK[:2], *WEEK[3:]], 60)
    assert download.holes == [Hole(WEEK[2].start, WEEK[2].end, NO_BARS)]


def test_a_day_that_ib_has_not_got_is_a_hole():
    past = Past(WEEK)
    past.empty = {WEEK[2].day}
    bars, download = load(past, at("03-02 00:00"), at("03-07 00:00"), "1 day")

    assert [bar.date for bar in bars] == [s.day for s in WEEK if s.day not in past.empty]
    assert download.holes == [Hole(at("03-04 00:00"), at("03-05 00:00"), NO_BARS)]


def test_no_data_where_nobody_knows_the_hours_is_a_hole():
    past = Past(())
    bars, download = load(past, at("03-02 14:00"), at("03-02 15:00"), sessions=None)

    assert bars == []
    assert download.holes == [Hole(at("03-02 14:00"), at("03-02 15:00"), NO_DATA)]


def test_time_before_all_sessions_is_told_and_not_asked_for():
    past = Past(WEEK)
    bars, download = load(past, at("01-02 00:00"), at("03-07 00:00"))

    assert bars == bars_of(WEEK, 60)
    assert download.holes == [Hole(at("01-02 00:00"), WEEK[0].start, NO_SESSIONS)]


def test_an_answer_that_left_a_session_out_is_asked_for_the_rest():
    past = Past(WEEK)
    past.shortens = 1
    bars, download = load(past, at("03-02 00:00"), at("03-07 00:00"))

    assert bars == bars_of(WEEK, 60)
    assert (download.sent, download.holes) == (2, [])


def test_a_download_that_broke_off_goes_on_where_it_was():
    past, store = Past(weekdays(dt.date(2026, 2, 2), 28)), MemoryStore()
    span = at("02-02 00:00"), at("03-02 00:00")
    past.failing = [GatewayError(162, "No market data permissions for CME FUT")]
    with pytest.raises(GatewayError):
        load(past, *span, "5 secs", sessions=past.sessions, store=store)
    before = len(past.asked)
    past.failing = []
    whole, _ = load(past, *span, "30 secs", sessions=past.sessions, store=store)
    first = len(past.asked) - before
    again, download = load(past, *span, "30 secs", sessions=past.sessions, store=store)

    assert first > 5
    assert download.sent == 0
    assert again == whole == bars_of(past.sessions, 30)


def test_what_is_kept_is_not_asked_for_again():
    past, store = Past(WEEK), MemoryStore()
    load(past, at("03-03 00:00"), at("03-04 00:00"), store=store)
    past.asked.clear()
    bars, _ = load(past, at("03-02 00:00"), at("03-07 00:00"), store=store)

    assert bars == bars_of(WEEK, 60)
    assert [duration for duration, _ in past.asked] == ["1 D", "3 D"]


def test_holes_are_told_for_what_is_kept_too():
    past, store = Past(WEEK), MemoryStore()
    past.empty = {WEEK[1].day}
    load(past, at("03-02 00:00"), at("03-07 00:00"), store=store)
    _, download = load(past, at("03-02 00:00"), at("03-07 00:00"), store=store)

    assert download.sent == 0
    assert [hole.start for hole in download.holes] == [WEEK[1].start]


def test_adjusted_prices_are_asked_for_until_now():
    past = Past(WEEK)
    bars, _ = load(past, at("03-03 00:00"), at("03-05 00:00"), what="ADJUSTED_LAST")

    assert bars == bars_of(WEEK[1:3], 60)
    assert past.asked == [("12 D", None)]


def test_progress_comes_with_every_answer():
    told = []
    past = Past(WEEK)
    load(past, at("03-02 14:00"), at("03-02 21:00"), "1 secs", report=told.append)

    assert (told[0].done, told[0].rows) == (0, 0)
    assert (told[-1].done, told[-1].total, told[-1].rows) == (13, 13, 7 * 3600)
    assert max(each.waiting for each in told) > 0


def test_an_answer_holds_no_more_bars_than_can_be_read_at_once():
    past = Past(weekdays(dt.date(2025, 12, 1), 95, opens=0, hours=23))
    load(past, past.sessions[0].start, past.now, "1 min", sessions=past.sessions)

    assert max(past.answers) <= 3000
