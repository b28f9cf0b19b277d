from ibkit.streams._decisions import PoolStatistics, StreamStatistics
from ibkit.streams._limits import Pool


def test_statistics_are_read_by_pool():
    lines = PoolStatistics(used=3, limit=100, waiting=1, holders=("a", "b"))
    statistics = StreamStatistics(pools={Pool.LINES: lines})

    assert statistics[Pool.LINES] is lines


def test_statistics_draw_a_table_with_a_dash_for_no_limit():
    use = PoolStatistics(used=3, limit=None, waiting=1)
    drawn = StreamStatistics(pools={Pool.REAL_TIME: use})._repr_html_()

    assert "<th>real-time bar subscriptions</th><td>3</td><td>-</td><td>1</td>" in drawn


def test_statistics_are_printed_in_words():
    lines = PoolStatistics(used=3, limit=100, waiting=2)
    bars = PoolStatistics(used=1, limit=None, waiting=0)
    shown = str(StreamStatistics(pools={Pool.LINES: lines, Pool.REAL_TIME: bars}))

    assert shown == "3 of 100 market data lines (2 wait), 1 of - real-time bar subscriptions"
