from decimal import Decimal

import pytest

from ibkit.orders._picture import study


def sizes(picture):
    return [(int(one.opened), int(one.open), int(one.covered)) for one in picture.slices]


def test_each_slice_has_its_own_entry(facts):
    picture = study(
        facts("separate", [1, 2], entry_1="filled", stop_1="working", entry_2="working 1 filled=1",
              stop_2="working active=no", target_1="working", target_2="working")
    )  # fmt: skip

    assert sizes(picture) == [(1, 1, 1), (1, 1, 0)]
    assert (picture.opened, picture.open, picture.covered) == (2, 2, 1)
    assert [one.to_come for one in picture.slices] == [0, 1]


def test_a_managed_entry_fills_the_slices_in_their_order(facts):
    picture = study(facts("managed", [1, 2], rest=2, entry="working 2 filled=3"))

    assert sizes(picture) == [(1, 1, 0), (2, 2, 0), (0, 0, 0)]
    assert [one.to_come for one in picture.slices] == [0, 0, 0]


def test_attached_slices_are_one_pool(facts):
    picture = study(
        facts("attached", [1, 2], rest=1, entry="filled", target_1="filled",
              target_2="working", stop_1="working 3")
    )  # fmt: skip

    assert sizes(picture) == [(4, 3, 3)]


def test_the_provisional_stop_covers_what_the_slices_do_not(facts):
    known = {"entry": "filled", "stop_1": "working"}

    assert study(facts("managed", [1, 2], protected=True, guard="working", **known)).covered == 3
    assert study(facts("managed", [1, 2], protected=True, guard="working 1", **known)).covered == 2
    assert study(facts("managed", [1, 2], protected=True, guard="cancelled", **known)).covered == 1
    assert study(facts("managed", [1, 2], protected=True, guard="sent", **known)).coming == 2


@pytest.mark.parametrize(
    ("held", "opens", "missing"),
    [(None, 4, 0), (4, 4, 0), (3, 3, 1), (1, 1, 3), (0, 0, 4), (9, 4, 0)],
)
def test_what_others_closed_is_taken_from_the_last_slices_first(facts, held, opens, missing):
    picture = study(
        facts("separate", [1, 2], rest=1, entry_1="filled", entry_2="filled", entry_3="filled",
              states={"held": None if held is None else Decimal(held)})
    )  # fmt: skip

    assert picture.open == opens
    assert picture.missing_outside == missing
    left = [int(one.open) for one in picture.slices]
    assert left == [min(1, opens), max(0, min(2, opens - 1)), max(0, opens - 3)]


def test_only_what_should_be_open_can_flip(facts):
    def flipped(held, **legs):
        known = facts("separate", [1], states={"held": held and Decimal(held)}, **legs)
        return study(known).flipped

    assert flipped("-1", entry="filled")
    assert not flipped("-1", entry="working")
    assert not flipped("-1", entry="filled", target_1="filled")
    assert flipped(None, entry="filled", target_1="filled", stop_1="filled")


def test_a_target_covers_where_no_stop_is_planned(facts):
    picture = study(facts("separate", [1], stop=False, entry="filled", target_1="working"))

    assert picture.covered == 1
    assert not picture.has_stops


def test_what_is_sent_may_soon_cover(facts):
    picture = study(facts("separate", [2], entry="filled", stop_1="sent", target_1="working"))

    assert (picture.covered, picture.coming) == (0, 2)
