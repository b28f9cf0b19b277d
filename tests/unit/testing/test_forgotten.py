import sys
import warnings

import pytest

from ibkit.testing._forgotten import ADVICE, accusation, forgotten_awaits


async def nothing():
    pass


def test_a_coroutine_that_is_never_awaited_is_found_with_the_line_that_made_it():
    with forgotten_awaits() as found:
        nothing()

    (text,) = found
    assert text.startswith("coroutine 'nothing' was never awaited")
    assert "in test_a_coroutine_that_is_never_awaited" in text
    assert text.endswith("nothing()")


def test_no_filter_hides_it_or_makes_it_an_error():
    with warnings.catch_warnings(), forgotten_awaits() as found:
        nothing()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with forgotten_awaits() as ignored:
            nothing()

    assert len(found) == len(ignored) == 1


def test_other_warnings_go_their_way():
    texts = ["coroutine 'x' was never awaited, they say", "slow"]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with forgotten_awaits() as found:
            warnings.warn(texts[0], UserWarning, stacklevel=1)
            warnings.warn(texts[1], RuntimeWarning, stacklevel=1)

    assert [str(warning.message) for warning in seen] == texts
    assert found == []


def test_everything_is_as_before_afterwards():
    before = warnings.showwarning, sys.get_coroutine_origin_tracking_depth()
    with pytest.raises(KeyError), forgotten_awaits():
        raise KeyError

    assert (warnings.showwarning, sys.get_coroutine_origin_tracking_depth()) == before


def test_each_is_told_and_what_to_do():
    assert accusation([]) == []
    assert accusation(["one", "two"]) == [
        f"forgotten await: one\n{ADVICE}",
        f"forgotten await: two\n{ADVICE}",
    ]
