import datetime as dt

from ibkit.errors import IbkitError, is_retryable
from ibkit.history import GapUnknown


def test_it_says_which_roll_and_what_to_do():
    error = GapUnknown(dt.date(2026, 3, 13), "ESH6", "ESM6")

    assert isinstance(error, IbkitError)
    assert not is_retryable(error)
    assert all(word in str(error) for word in ("ESH6 -> ESM6", "2026-03-13", "adjust=None"))
