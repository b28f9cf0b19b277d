from __future__ import annotations

from ibkit.sim._engine._kinds import AT_ONCE, KINDS, NOT_SIMULATED, TIFS, Wake


def test_no_type_is_both_filled_and_not():
    assert not KINDS.keys() & NOT_SIMULATED


def test_types_with_a_limit_say_so_by_name():
    limited = {name for name, kind in KINDS.items() if kind.limited}

    assert limited == {"LMT", "STP LMT", "LIT", "TRAIL LIMIT", "LOC"}


def test_types_that_wait_for_a_price():
    waking = {name: kind.wake for name, kind in KINDS.items() if kind.wake}

    assert {name for name, wake in waking.items() if wake is Wake.TOUCH} == {"MIT", "LIT"}
    assert {name for name, wake in waking.items() if wake is Wake.TRAIL} == {
        "TRAIL",
        "TRAIL LIMIT",
    }


def test_times_in_force_are_known():
    assert AT_ONCE < TIFS
