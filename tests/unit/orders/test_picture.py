from decimal import Decimal

import attrs
import pytest

from ibkit.orders import LegFacts, LegStatus
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


# -- what one slice has too much covers no other


def test_a_stop_larger_than_its_slice_does_not_cover_another(facts):
    picture = study(
        facts(
            "separate", [3, 2], entry_1="cancelled filled=1", entry_2="filled",
            stop_1="working 3", stop_2="rejected",
        )
    )  # fmt: skip

    assert (picture.open, picture.covered, picture.coming) == (3, 1, 0)


def test_an_answer_that_is_due_for_one_slice_covers_no_other(facts):
    picture = study(
        facts(
            "separate", [3, 2], entry_1="cancelled filled=1", entry_2="filled",
            stop_1="sent 3", stop_2="rejected",
        )
    )  # fmt: skip

    assert (picture.open, picture.covered, picture.coming) == (3, 0, 1)


def test_a_guard_that_is_on_its_way_covers_its_size_and_no_more(facts):
    known = facts("managed", [2, 1], protected=True, entry="filled", guard="sent")
    sizes = {leg.role: leg.size for leg in known.legs} | {"guard": Decimal(1)}
    legs = tuple(attrs.evolve(leg, size=sizes[leg.role], deferred=False) for leg in known.legs)

    assert study(attrs.evolve(known, legs=legs)).coming == 1


def test_what_closed_too_much_leaves_nothing_open(facts):
    picture = study(
        facts(
            "separate", [2], entry="filled", target_1="working 1 filled=1",
            stop_1="cancelled filled=2",
        )
    )  # fmt: skip

    assert (picture.open, picture.slices[0].open, picture.flipped) == (0, 0, True)


def without(known, *roles):
    return attrs.evolve(known, legs=tuple(leg for leg in known.legs if leg.role not in roles))


@pytest.mark.parametrize("form", ["attached", "managed"])
def test_exits_whose_entry_is_not_known_make_no_slice(facts, form):
    known = facts(form, [2], entry="filled", stop_1="working", target_1="working")

    assert study(without(known, "entry")).slices == ()


def test_a_slice_whose_entry_is_not_known_is_left_out(facts):
    known = facts("separate", [1, 2], entry_2="filled", stop_2="working", target_2="working")

    assert [one.number for one in study(without(known, "entry-1")).slices] == [2]


def test_what_an_entry_without_exits_filled_is_open_in_no_slice(facts):
    known = facts(
        "separate", [1, 2], entry_1="filled", entry_2="filled", stop_1="working",
        target_1="working",
    )  # fmt: skip
    picture = study(without(known, "stop-2", "target-2"))

    assert (picture.open, [one.open for one in picture.slices]) == (3, [1])


def test_a_closing_order_that_was_sent_again_and_works_may_close(facts):
    known = facts("separate", [2], entry="filled")
    two = {"role": "close", "kind": "close", "size": Decimal(2), "resent": 1}

    def cannot(status):
        close = LegFacts(status=status, **two)
        return study(attrs.evolve(known, legs=(*known.legs, close))).cannot_close

    assert (cannot(LegStatus.WORKING), cannot(LegStatus.REJECTED)) == (False, True)


def test_what_one_slice_closed_too_much_is_open_in_another_no_more(facts):
    picture = study(
        facts(
            "separate", [1, 2], entry_1="filled", entry_2="filled",
            target_1="filled", stop_1="filled",
        )
    )  # fmt: skip

    assert (picture.open, [one.open for one in picture.slices]) == (1, [0, 1])
