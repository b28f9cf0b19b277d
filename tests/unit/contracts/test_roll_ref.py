from decimal import Decimal

import pytest

from ibkit.contracts import RollTrail
from ibkit.contracts._roll_ref import RollRef, roll_ref_of

TRAIL = RollTrail(old=620731015, new=637533641, is_long=False, before=Decimal("-3.0"))


@pytest.mark.parametrize("kind", ["s", "c", "o"])
def test_a_reference_is_read_back(kind):
    ref = RollRef(620731015, 637533641, False, Decimal(-3), kind)

    assert TRAIL.ref(kind) == f"ir/620731015-637533641:S-3:{kind}"
    assert roll_ref_of(TRAIL.ref(kind)) == ref


def test_the_longest_reference_is_short_enough():
    """More than 50 characters were never seen to come back."""
    longest = RollRef(2**31 - 1, 2**31 - 1, True, Decimal(-10_000), "s")

    assert len(str(longest)) <= 50


@pytest.mark.parametrize(
    "text", ["", "my own", "ik/k3f9:s1:s1:", "ir/1-2:L0:x", "ir/1-2:M0:s", "ir/a-2:L0:s", "ir/1-2"]
)
def test_what_no_roll_wrote_is_none(text):
    assert roll_ref_of(text) is None
    assert not TRAIL.owns(text)


def test_a_trail_owns_the_orders_between_its_two_months():
    assert TRAIL.owns("ir/620731015-637533641:S0:c")
    assert not TRAIL.owns("ir/637533641-620731015:S0:c")


def test_a_trail_is_under_way_as_soon_as_anything_was_done():
    assert not TRAIL.is_under_way
    assert RollTrail(old=1, new=2, is_long=True, working=1).is_under_way
    assert RollTrail(old=1, new=2, is_long=True, bought=Decimal(1)).is_under_way
