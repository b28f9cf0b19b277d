from __future__ import annotations

import pytest

from cards import card
from ibkit.sim._engine._lifecycle import ENDED, NEXT, IllegalStatus, step


@card("STS-22", "1.3 C")
@pytest.mark.parametrize("ended", sorted(ENDED))
def test_nothing_follows_filled_and_cancelled(ended):
    assert NEXT[ended] == frozenset()
    for status in NEXT.keys() - {ended}:
        with pytest.raises(IllegalStatus):
            step(ended, status)


@card("STS-23", "1.3 C")
def test_a_cancel_that_is_on_its_way_ends_in_a_fill_or_in_the_cancel():
    assert NEXT["PendingCancel"] == {"Cancelled", "Filled"}


@card("STS-24", "1.3 R")
def test_inactive_is_no_end():
    assert step("Inactive", "PreSubmitted") == "PreSubmitted"


def test_every_status_may_follow_itself():
    assert all(step(status, status) == status for status in NEXT)


def test_every_status_that_follows_is_known():
    assert set().union(*NEXT.values()) <= NEXT.keys()


def test_an_illegal_step_names_both():
    with pytest.raises(IllegalStatus, match="Filled to Submitted"):
        step("Filled", "Submitted")
