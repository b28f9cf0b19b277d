import datetime as dt

import pytest

from ibkit.streams._bar_feed import MOST_HELD, FiveSecondFeed, SeriesFeed
from ibkit.streams._values import Bar

SECOND = 1_795_185_000
START = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
AT = START + dt.timedelta(seconds=5)


def live(feed):
    feed.live = True
    seen = []
    feed.puts = [seen.append]
    return feed, seen


def offsets(bars, seconds):
    return [(bar.time - START).total_seconds() / seconds for bar in bars]


# --- five seconds ------------------------------------------------------------------


def five(feed, n, price=100, volume=3):
    time, p = SECOND + 5 * n, str(price)
    feed.bar(["50", "3", "1", str(time), p, p, p, p, str(volume), p, "2"], AT)


def history(n):
    return Bar(7, START + dt.timedelta(seconds=5 * n), AT, 9, 9, 9, 9, backfilled=True)


def test_a_bar_is_final_and_stands_at_its_start():
    feed, seen = live(FiveSecondFeed(7))
    five(feed, 0)

    assert seen == [Bar(7, START, AT, 100, 100, 100, 100, 3, 100, 2, "5 secs")]


def test_bars_without_volume_have_none():
    feed, seen = live(FiveSecondFeed(7))
    five(feed, 0, volume=-1)

    assert seen[0].volume is None


def test_a_bar_that_comes_twice_is_delivered_once():
    feed, seen = live(FiveSecondFeed(7))
    for n in (0, 1, 1, 0, 2):
        five(feed, n)

    assert (offsets(seen, 5), feed.repeats) == ([0, 1, 2], 2)


def test_missed_bars_come_before_those_that_were_held_back():
    feed, seen = live(FiveSecondFeed(7))
    five(feed, 0)
    assert feed.hold() == START
    five(feed, 4)
    five(feed, 5)
    assert offsets(seen, 5) == [0]
    feed.fill([history(n) for n in (3, -1, 0, 1, 2, 4)], AT)
    five(feed, 6)

    assert offsets(seen, 5) == [0, 1, 2, 3, 4, 5, 6]
    assert [bar.backfilled for bar in seen] == [False, True, True, True, False, False, False]


def test_what_is_held_back_comes_even_if_nothing_was_fetched():
    feed, seen = live(FiveSecondFeed(7))
    feed.hold()
    five(feed, 4)
    feed.fill([], AT)

    assert offsets(seen, 5) == [4]


def test_not_more_than_an_hour_is_held_back():
    feed, seen = live(FiveSecondFeed(7))
    feed.hold()
    for n in range(1, MOST_HELD + 2):
        five(feed, n)
    feed.fill([history(0), history(MOST_HELD + 2)], AT)

    assert offsets(seen, 5) == list(range(1, MOST_HELD + 2))


def test_bars_missed_between_those_kept_back_find_their_place():
    feed, seen = live(FiveSecondFeed(7))
    five(feed, 0)
    feed.hold()
    for n in (3, 6):
        five(feed, n)
    feed.fill([history(n) for n in range(8)], AT)

    assert offsets(seen, 5) == list(range(7))
    assert [n for n, bar in enumerate(seen) if bar.backfilled] == [1, 2, 4, 5]


@pytest.mark.parametrize("broken", [3, 4, 7])
def test_a_bar_that_cannot_be_read_is_counted(broken):
    feed, seen = live(FiveSecondFeed(7))
    fields = ["50", "3", "1", str(SECOND), "1", "1", "1", "1", "1", "1", "1"]
    fields[broken] = "x"
    feed.bar(fields, AT)

    assert (seen, feed.faults) == ([], 1)


# --- history kept up to date ---------------------------------------------------------


def series(keep=10):
    return live(SeriesFeed(7, "1 min", 60, keep))


def answer(feed, *minutes, price=100, at=AT):
    bars = [[str(SECOND + 60 * n), *([str(price)] * 4), "5", str(price), "2"] for n in minutes]
    feed.history(["17", "1", "", "", str(len(bars)), *(text for bar in bars for text in bar)], at)


def update(feed, minute, price=100, at=AT):
    p = str(price)
    feed.update(["90", "1", "2", str(SECOND + 60 * minute), p, p, p, p, p, "5"], at)


def test_the_past_is_in_the_series_and_no_news():
    feed, seen = series()
    answer(feed, 0, 1, 2)

    assert (seen, offsets(feed.series.bars, 60)) == ([], [0, 1, 2])
    assert not feed.latest.finished


def test_a_bar_is_delivered_once_it_is_finished():
    feed, seen = series()
    answer(feed, 0)
    for price in (101, 102, 103):
        update(feed, 0, price)
    update(feed, 1, 104)

    assert [(bar.close, bar.finished) for bar in seen] == [(103, True)]
    assert (feed.latest.close, feed.latest.finished) == (104, False)


def test_an_empty_answer_makes_the_line_live_and_loses_no_update():
    feed, seen = series()
    feed.live = False
    feed.on_data = lambda _: setattr(feed, "live", True) or True
    answer(feed)
    update(feed, 0)
    update(feed, 1)

    assert (feed.live, offsets(seen, 60)) == (True, [0])


def test_bars_missed_are_delivered_in_order_and_once():
    feed, seen = series()
    answer(feed, 0, 1)
    answer(feed, 0, 1, 2, 3, 4)
    update(feed, 5)

    assert offsets(seen, 60) == [1, 2, 3, 4]
    assert [bar.backfilled for bar in seen] == [True, True, True, False]


def test_silence_and_then_a_later_bar_is_a_jump():
    feed, _ = series()
    jumps = []
    feed.on_jump = lambda: jumps.append("jump")
    answer(feed, 0)
    update(feed, 1, at=AT + dt.timedelta(minutes=1))
    update(feed, 5, at=AT + dt.timedelta(minutes=5))

    assert jumps == ["jump"]


def test_a_hole_that_was_not_silent_is_how_the_market_was():
    feed, _ = series()
    jumps = []
    feed.on_jump = lambda: jumps.append("jump")
    answer(feed, 0)
    for second in range(5, 300, 5):
        update(feed, 0, at=AT + dt.timedelta(seconds=second))
    update(feed, 5, at=AT + dt.timedelta(seconds=300))

    assert jumps == []


def test_days_and_times_that_cannot_be_read():
    feed, _ = series()
    feed.update(["90", "1", "2", "20261120", "1", "1", "1", "1", "1", "5"], AT)
    feed.update(["90", "1", "2", "20261120 09:30:00 Nowhere", "1", "1", "1", "1", "1", "5"], AT)

    assert feed.latest.time == dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)
    assert feed.faults == 1


@pytest.mark.parametrize("message", ["update"])
def test_updates_in_a_gap_are_missed(message):
    feed, seen = series()
    feed.live = False
    update(feed, 0)

    assert (seen, feed.missed, feed.latest) == ([], 1, None)


def test_a_bar_of_five_seconds_is_counted_while_the_line_is_not_live():
    feed, seen = live(FiveSecondFeed(7))
    feed.live = False
    five(feed, 0)

    assert (seen, feed.latest) == ([], None)
