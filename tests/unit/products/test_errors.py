from __future__ import annotations

import pytest

from ibkit import errors
from ibkit.products import _errors as here


def test_the_root_of_the_tree_is_the_one_that_ibkit_errors_hands_on():
    assert errors.IbkitError is here.IbkitError


@pytest.mark.parametrize(
    ("error", "builtin", "says"),
    [
        (here.UnknownProduct("XX"), LookupError, "no product is called 'XX'; Extend the table"),
        (here.UnknownProduct("ESS", ("ES",)), LookupError, "nearest: ES. Extend"),
        (here.AmbiguousProduct("DAX", ["a", "b"]), LookupError, "2 products: a; b. Ask"),
        (here.MalformedMonth("x", "why"), ValueError, "contract month 'x': why; accepted are 2026"),
        (here.MalformedSymbol("x", "why"), ValueError, "local symbol 'x': why; accepted are ESZ6"),
        (here.RuleUnknown("DC", "last trade", "why"), LookupError, "DC: the last trade date"),
        (here.CalendarLimit("US", "why"), ValueError, "calendar US: why"),
        (here.MissingExtra("pandas", "frames"), ImportError, "pip install 'ibkit[frames]'"),
    ],
)
def test_every_error_is_of_the_tree_and_of_a_builtin_kind_and_says_what_to_do(error, builtin, says):
    assert isinstance(error, errors.IbkitError)
    assert isinstance(error, builtin)
    assert says in str(error)
