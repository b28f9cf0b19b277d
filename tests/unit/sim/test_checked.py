import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _checked as checked

UTC = dt.timezone.utc
NAIVE = dt.datetime(2026, 3, 2)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checked.whole, ["1", 1.0, True, None, -1]),
        (checked.number, ["x", None, True, float("nan"), float("inf"), [1], "5,000"]),
        (checked.size, [-1, "x"]),
        (checked.above_zero, [0, -1, "x"]),
        (checked.seconds, ["1", None, -1, True, float("nan"), float("inf"), dt.timedelta(1), 1e12]),
        (checked.speed, [0, "2"]),
        (checked.moment, ["2026-03-02", dt.date(2026, 3, 2), NAIVE, 0, None]),
        (checked.port, ["7497", -1, 70000, 1.5, True]),
        (checked.text, [5, None]),
        (checked.flag, ["yes", 1, None]),
    ],
)
def test_what_does_not_do_is_refused_by_name_with_what_would(check, wrong):
    for value in wrong:
        with pytest.raises(ValueError, match=r"^it: got .*; wanted ") as refused:
            check("it", value)

        assert repr(value) in str(refused.value)


def test_numbers_are_what_they_show():
    class Numpy(float):
        """Numbers of numpy are no Decimals, and show what they are."""

    assert checked.number("it", Numpy(5000.1)) == Decimal("5000.1")
    assert checked.whole("it", -5, least=None) == -5
    assert checked.delay("it", 1.5) == dt.timedelta(seconds=1.5)
    assert checked.seconds("it", Decimal(2)) == 2


def test_what_does_is_handed_on():
    now = dt.datetime(2026, 3, 2, tzinfo=UTC)

    assert checked.moment("it", now) is now
    assert (checked.port("it", None), checked.port("it", 0)) == (None, 0)
    assert checked.word("it", "full", ["touch", "full"]) == "full"


def test_words_are_listed():
    with pytest.raises(ValueError, match="got 'x'; wanted 'a' or 'b'"):
        checked.word("it", "x", ["a", "b"])
