import datetime as dt

from ibkit.streams._events import Gap, Resumed

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


def test_a_gap_can_be_taken_apart_by_a_match():
    match Gap(AT, "connection lost"):
        case Gap(since, reason):
            assert (since, reason) == (AT, "connection lost")


def test_a_resumption_knows_its_gap_and_its_length():
    gap = Gap(AT, "connection lost")

    assert Resumed(gap, AT + dt.timedelta(minutes=1)).lasted == dt.timedelta(minutes=1)
