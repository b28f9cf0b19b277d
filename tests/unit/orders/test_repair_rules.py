"""Each row of the repair table in the situation it is for, and in one where it has to be silent."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from ibkit.orders import (
    REPAIR_RULES,
    Alert,
    CancelLeg,
    GroupStatus,
    LegFacts,
    LegStatus,
    repair,
    status_of,
)

NOON = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)


def brief(action):
    """Write an action as ``Resize stop-1 2``."""
    numbers = [getattr(action, name, None) for name in ("remaining", "size", "price")]
    words = [type(action).__name__, getattr(action, "role", "")]
    return " ".join([word for word in words if word] + [f"{n:f}" for n in numbers if n is not None])


def done(facts, rule=None):
    """Return what is done at the broker, in short; of one rule where it is named."""
    actions = [one for one in repair(facts) if not isinstance(one, Alert)]
    return [brief(one) for one in actions if rule is None or one.rule == rule]


def told(facts, rule=None):
    alerts = [one for one in repair(facts) if isinstance(one, Alert)]
    return [(one.rule, one.severity) for one in alerts if rule is None or one.rule == rule]


WELL = {"entry": "filled", "stop_1": "working", "target_1": "working"}


def test_a_group_that_is_well_needs_nothing(facts):
    assert repair(facts("separate", [2], **WELL)) == ()
    assert repair(facts("separate", [2], entry="working", stop_1="working active=no")) == ()
    assert repair(facts("separate", [2], entry="sent")) == ()
    assert repair(facts("separate", [2])) == ()


# --- ask-first ---


def test_what_is_unknown_is_asked_for_before_anything_is_sent(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected", target_1="unknown")

    (ask,) = repair(known)
    assert (ask.rule, ask.roles) == ("ask-first", ("target-1",))
    assert repair(attrs.evolve(known, connected=False)) == ()
    assert repair(attrs.evolve(known, closing=True)) == (ask,)


# --- lives-twice ---


@pytest.mark.parametrize("closing", [False, True])
def test_an_order_beside_the_one_that_replaced_it_is_cancelled(facts, closing):
    well = facts("separate", [2], **WELL)
    legs = [attrs.evolve(leg, doubles=int(leg.role == "stop-1")) for leg in well.legs]
    known = attrs.evolve(well, legs=tuple(legs), closing=closing)

    assert CancelLeg(rule="lives-twice", role="stop-1", double=True) in repair(known)
    assert told(known, "lives-twice") == [("lives-twice", "warning")]


def test_the_order_that_counts_is_repaired_beside_its_double(facts):
    known = facts("separate", [2], entry="cancelled filled=1", stop_1="working", target_1="working")
    legs = [attrs.evolve(leg, doubles=int(leg.role == "stop-1")) for leg in known.legs]

    assert done(known)
    assert set(done(known)) < set(done(attrs.evolve(known, legs=tuple(legs))))


# --- child-gone ---


@pytest.mark.parametrize("state", ["rejected reason=110", "absent", "cancelled"])
def test_a_child_that_is_gone_before_the_entry_filled_takes_the_entry_along(facts, state):
    known = facts("separate", [2], entry="working", stop_1=state, target_1="working active=no")

    assert done(known) == ["CancelLeg entry"]
    assert told(known) == [("child-gone", "warning")]


def test_a_child_that_the_user_cancelled_does_not(facts):
    known = facts(
        "separate", [2], entry="working", target_1="cancelled cancel_asked=yes",
        stop_1="working active=no",
    )  # fmt: skip

    assert done(known) == []


def test_half_a_bracket_that_arrived_is_cancelled(facts):
    """The connection was lost between two sends, and the broker has been asked."""
    assert done(facts("separate", [2], entry="held", target_1="held", stop_1="absent")) == [
        "CancelLeg entry"
    ]


def test_a_guard_that_is_refused_takes_the_entry_along(facts):
    known = facts("managed", [1, 1], protected=True, entry="working", guard="rejected")

    assert done(known) == ["CancelLeg entry"]
    assert len(told(known)) == 1


# --- put-back, lost-again, unprotected ---


def test_an_exit_refused_after_the_entry_filled_is_put_back_once_and_told_at_once(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected reason=110", target_1="working")

    assert done(known) == ["Replace stop-1 2"]
    assert told(known) == [("unprotected", "critical")]
    assert status_of(known) is GroupStatus.UNPROTECTED


def test_a_second_loss_is_told_and_not_fought(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected resent=1", target_1="working")

    assert done(known) == []
    assert told(known) == [("lost-again", "critical"), ("unprotected", "critical")]


def test_a_lost_target_is_put_back_too(facts):
    known = facts("separate", [2], entry="filled", stop_1="working", target_1="rejected")

    assert done(known) == ["Replace target-1 2"]
    assert told(known) == []


def test_an_exit_that_is_on_its_way_is_not_sent_again(facts):
    assert done(facts("separate", [2], entry="filled", stop_1="sent", target_1="working")) == []
    assert done(facts("separate", [2], entry="filled", stop_1="planned", target_1="working")) == []


def test_an_exit_that_the_user_took_away_is_not_put_back(facts):
    known = facts(
        "separate", [2], entry="filled", stop_1="cancelled cancel_asked=yes", target_1="working"
    )

    assert done(known) == []
    assert told(known) == [("unprotected", "critical")]


def test_only_what_is_open_is_put_back(facts):
    known = facts(
        "separate", [3], entry="filled", target_1="cancelled filled=1", stop_1="cancelled"
    )

    assert done(known) == ["Replace stop-1 2", "Replace target-1 2"]


def test_what_ibs_oca_group_takes_from_attached_slices_is_put_back_slice_by_slice(facts):
    known = facts(
        "attached", [1, 2, 1], rest=1, entry="filled", target_1="filled",
        target_2="cancelled", target_3="cancelled", stop_1="cancelled",
    )  # fmt: skip

    assert done(known) == [
        "Replace target-2 2",
        "Replace stop-2 2",
        "Replace target-3 1",
        "Replace stop-3 1",
        "Replace stop-4 1",
    ]
    assert told(known) == [("unprotected", "critical")]


def test_the_one_stop_of_attached_slices_is_put_back_whole_when_it_alone_is_gone(facts):
    known = facts(
        "attached",
        [1, 1],
        entry="filled",
        target_1="working",
        target_2="working",
        stop_1="rejected",
    )

    assert done(known) == ["Replace stop-1 2"]


def test_the_alert_names_what_came_back_and_is_given_once(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected reason=110", target_1="working")
    (alert,) = [one for one in repair(known) if isinstance(one, Alert)]

    assert alert.text == "2 of 2 open has no working exit; stop-1: 110"
    assert told(attrs.evolve(known, told=frozenset({alert.key}))) == []


# --- entry-ended-short, exit-too-large, reduced-elsewhere, exit-too-small ---


def test_exits_shrink_to_an_entry_that_ended_short(facts):
    known = facts("separate", [3], entry="cancelled filled=1", stop_1="working", target_1="working")

    assert done(known, "entry-ended-short") == ["Resize stop-1 1", "Resize target-1 1"]
    assert done(known) == done(known, "entry-ended-short")


def test_exits_stay_while_the_entry_may_still_fill(facts):
    known = facts("separate", [3], entry="working 2 filled=1", stop_1="working", target_1="working")

    assert done(known) == []


def test_the_sibling_of_an_exit_that_filled_in_part_shrinks(facts):
    known = facts("separate", [3], entry="filled", target_1="working 1 filled=2", stop_1="working")

    assert done(known, "exit-too-large") == ["Resize stop-1 1"]
    assert done(attrs.evolve(known, settled=False)) == []  # IB may be about to do it


def test_the_sibling_of_an_exit_that_filled_is_cancelled(facts):
    known = facts("separate", [1, 1], entry_1="filled", target_1="filled", stop_1="working",
                  entry_2="filled", stop_2="working", target_2="working")  # fmt: skip

    assert done(known) == ["CancelLeg stop-1"]


def test_exits_shrink_when_somebody_else_reduces_the_position(facts):
    known = facts(
        "separate", [1, 2], entry_1="filled", stop_1="working", target_1="working",
        entry_2="filled", stop_2="working", target_2="working", states={"held": Decimal(2)},
    )  # fmt: skip

    assert done(known) == ["Resize stop-2 1", "Resize target-2 1"]
    assert told(known) == [("reduced-elsewhere", "warning")]


def test_of_attached_targets_the_last_shrink_first(facts):
    known = facts(
        "attached", [1, 1, 1], entry="filled", target_1="working", target_2="working",
        target_3="working", stop_1="working 3", states={"held": Decimal(1)},
    )  # fmt: skip

    assert done(known) == ["Resize stop-1 1", "CancelLeg target-2", "CancelLeg target-3"]


def test_an_exit_that_is_too_small_grows(facts):
    known = facts("separate", [3], entry="filled", stop_1="working 2", target_1="working 3")

    assert done(known) == ["Resize stop-1 3"]
    assert told(known) == [("unprotected", "critical")]


def test_what_ib_reduced_in_proportion_grows_back(facts):
    """Half of an attached target filled: IB halves the siblings, the stop of all slices too."""
    known = facts(
        "attached", [2, 2], entry="filled", target_1="working 1 filled=1", target_2="working 1",
        stop_1="working 2",
    )  # fmt: skip

    assert done(known) == ["Resize stop-1 3", "Resize target-2 2"]


# --- unlinked-sibling ---


def test_an_exit_that_ib_does_not_link_to_the_one_that_filled_goes_at_once(facts):
    def known(link):
        exits = {"target_1": "filled linked=76", "stop_1": f"working linked={link}"}
        return facts("separate", [2], entry="filled", **exits, states={"settled": False})

    assert done(known("77")) == ["CancelLeg stop-1"]
    assert done(known("")) == ["CancelLeg stop-1"]
    assert done(known("76")) == []


# --- closed-outside, flipped, left-over, entry-gone ---


def test_exits_of_a_position_that_was_closed_elsewhere_are_cancelled(facts):
    known = facts("separate", [2], **WELL, states={"held": Decimal(0)})

    assert done(known) == ["CancelLeg target-1", "CancelLeg stop-1"]
    assert told(known) == [("closed-outside", "warning")]


def test_a_flipped_position_is_told_and_everything_cancelled(facts):
    known = facts("separate", [2], entry="filled", target_1="filled", stop_1="working 1 filled=1")

    assert done(known) == ["CancelLeg stop-1"]
    assert told(known) == [("flipped", "critical")]


def test_exits_that_are_left_over_are_cancelled(facts):
    known = facts("separate", [2], entry="filled", target_1="filled", stop_1="working")

    assert done(known) == ["CancelLeg stop-1"]
    assert done(known, "left-over") == ["CancelLeg stop-1"]
    assert done(attrs.evolve(known, settled=False)) == []


def test_children_that_outlive_their_entry_are_cancelled(facts):
    known = facts("separate", [2], entry="rejected", stop_1="working active=no", target_1="sent")

    assert done(known, "entry-gone") == ["CancelLeg stop-1", "CancelLeg target-1"]


# --- entry-refused ---


def test_a_slice_that_is_not_opened_is_told_where_the_others_go_on(facts):
    def known(other):
        return facts(
            "separate", [2, 1], entry_1="rejected reason=201", entry_2=other,
            stop_1="rejected", stop_2="working",
        )  # fmt: skip

    (alert,) = [one for one in repair(known("filled")) if isinstance(one, Alert)]
    assert alert.text == "entry-1 was refused, 2 less is opened: 201"
    assert told(known("working"), "entry-refused") == [("entry-refused", "warning")]
    assert told(known("rejected"), "entry-refused") == []
    assert told(attrs.evolve(known("filled"), settled=False), "entry-refused") == []


# --- exit-before-entry ---


def test_the_rest_of_an_entry_whose_stop_was_hit_is_cancelled(facts):
    known = facts(
        "separate",
        [3],
        entry="working 2 filled=1",
        stop_1="cancelled filled=1",
        target_1="cancelled",
    )

    assert done(known) == ["CancelLeg entry"]


def test_a_managed_entry_works_on_when_a_target_filled_but_not_when_a_stop_did(facts):
    def known(**changes):
        return facts("managed", [1, 1], entry="working 1 filled=1", **changes)

    assert done(known(target_1="filled", stop_1="cancelled")) == []
    assert done(known(stop_1="filled", target_1="cancelled")) == ["CancelLeg entry"]


# --- managed: slice-filled, guard-done ---


def test_a_slice_that_filled_gets_its_exits(facts):
    assert done(facts("managed", [2, 1], entry="working 2 filled=1")) == [
        "Place stop-1 1",
        "Place target-1 1",
    ]
    assert done(facts("managed", [2, 1], entry="filled")) == [
        "Place stop-1 2",
        "Place target-1 2",
        "Place stop-2 1",
        "Place target-2 1",
    ]


def test_exits_grow_with_the_fills_of_their_slice(facts):
    few = {"entry": "filled", "stop_1": "working 1", "target_1": "working 1"}
    moving = {"settled": False}

    grown = ["Resize stop-1 2", "Resize target-1 2"]
    assert done(facts("managed", [2, 1], **few, states=moving), "slice-grows") == grown
    assert done(facts("separate", [2], **few), "exit-too-small") == grown
    assert done(facts("separate", [2], **few, states=moving)) == []


def test_nothing_is_placed_twice(facts):
    assert done(facts("managed", [2], entry="filled", stop_1="sent", target_1="sent")) == []


def test_the_guard_shrinks_as_stops_come_to_stand(facts):
    def known(**changes):
        return facts("managed", [2, 1], protected=True, entry="filled", guard="working", **changes)

    stands = {"stop_1": "working", "target_1": "working", "target_2": "working"}
    assert done(known(**stands, stop_2="sent"), "guard-done") == ["Resize guard 1"]
    assert done(known(**stands, stop_2="working"), "guard-done") == ["CancelLeg guard"]
    assert done(known(stop_1="sent", stop_2="sent"), "guard-done") == []


def test_the_guard_stays_for_what_may_still_fill(facts):
    known = facts(
        "managed", [2, 1], protected=True, entry="working 1 filled=2", guard="working",
        stop_1="working", target_1="working",
    )  # fmt: skip

    assert done(known, "guard-done") == ["Resize guard 1"]


def test_there_is_no_unprotected_moment_with_a_guard(facts):
    known = facts("managed", [2, 1], protected=True, entry="filled", guard="working")

    assert status_of(known) is GroupStatus.PROTECTED
    assert told(known) == []


# --- break-even ---


def test_stops_move_to_the_entry_price_when_enough_targets_filled(facts):
    def known(after, **changes):
        states = {"breakeven_after": after, "average_price": Decimal("100.25")}
        legs = {
            "entry_1": "filled", "entry_2": "filled", "target_1": "filled", "stop_1": "cancelled",
            "target_2": "working", "stop_2": "working", **changes,
        }  # fmt: skip
        return facts("separate", [1, 1], states=states, **legs)

    assert done(known(1)) == ["MoveStop stop-2 100.25"]
    assert done(known(2)) == []
    assert done(known(None)) == []
    assert done(known(1, stop_2="working moved=yes")) == []
    assert done(known(1, stop_2="working in_flight=yes")) == []
    assert done(known(1, entry_2="working", target_2="working", stop_2="working")) == []


# --- change-refused ---


def test_a_refused_change_is_rolled_back_and_told(facts):
    known = facts("separate", [2], **{**WELL, "stop_1": "working refused=110"})

    assert done(known) == ["RollBack stop-1"]
    assert told(known) == [("change-refused", "warning")]


# --- expiry ---


def test_exits_about_to_expire_are_told_before(facts):
    known = facts("separate", [2], **WELL)
    soon = [attrs.evolve(leg, ends=NOON) if leg.role == "stop-1" else leg for leg in known.legs]
    known = attrs.evolve(known, legs=tuple(soon))

    assert told(attrs.evolve(known, now=NOON - dt.timedelta(minutes=10))) == [
        ("expires-soon", "warning")
    ]
    assert told(attrs.evolve(known, now=NOON - dt.timedelta(hours=2))) == []
    assert told(known) == []


def test_exits_that_expired_are_told_and_not_put_back(facts):
    known = facts("separate", [2], entry="filled", stop_1="expired", target_1="expired")

    assert done(known) == []
    assert told(known) == [("expired", "critical"), ("unprotected", "critical")]


# --- on the way out ---


def test_on_the_way_out_everything_is_cancelled_and_then_the_rest_closed(facts):
    def known(**legs):
        return facts("separate", [2], states={"closing": True}, **legs)

    first = known(entry="working 1 filled=1", stop_1="working", target_1="working")
    then = known(entry="cancelled filled=1", stop_1="cancelled", target_1="cancelled")

    assert done(first) == ["CancelLeg entry", "CancelLeg target-1", "CancelLeg stop-1"]
    assert done(then) == ["CloseOut 1"]
    assert done(known(entry="cancelled", stop_1="cancelled", target_1="cancelled")) == []


def test_nothing_is_closed_while_an_exit_may_still_fill(facts):
    known = facts("separate", [2], entry="filled", stop_1="cancelling", states={"closing": True})

    assert done(known) == []


def test_closing_is_tried_twice_and_then_told(facts):
    def known(resent):
        base = facts("separate", [2], entry="filled", stop_1="cancelled", target_1="cancelled")
        close = LegFacts(
            role="close",
            kind="close",
            size=Decimal(2),
            status=LegStatus.REJECTED,
            resent=resent,
            reason="201",
        )
        return attrs.evolve(base, legs=(*base.legs, close), closing=True)

    assert done(known(0)) == ["CloseOut 2"]
    assert done(known(1)) == []
    assert told(known(1)) == [("close-out", "critical")]


def test_every_rule_of_the_table_is_tested_here():
    tested = {
        "ask-first", "child-gone", "put-back", "lost-again", "unprotected", "entry-ended-short",
        "exit-too-large", "reduced-elsewhere", "exit-too-small", "closed-outside", "flipped",
        "left-over", "entry-gone", "exit-before-entry", "slice-filled", "guard-done", "break-even",
        "change-refused", "expires-soon", "expired", "cancel-all", "close-out",
        "unlinked-sibling", "slice-grows", "lives-twice", "entry-refused",
    }  # fmt: skip
    assert tested == {rule.name for rule in REPAIR_RULES}


def test_the_pieces_of_a_stop_that_was_cut_up_stay_as_they_are(facts):
    """Attached slices that were put back have a stop each; the first was planned for all."""
    known = facts(
        "attached", [2, 3], entry="cancelled filled=3", target_1="working 1 filled=1",
        target_2="working 1", stop_1="working 1",
    )  # fmt: skip
    second = attrs.evolve(known.leg("stop-1"), role="stop-2", number=2)

    assert done(attrs.evolve(known, legs=(*known.legs, second))) == []


def test_what_stands_is_kept_before_another_exit_may_grow(facts):
    known = facts(
        "attached", [2, 3], rest=0, entry="cancelled filled=3", target_1="working 1",
        target_2="working 3", stop_1="working 3",
    )  # fmt: skip

    assert done(known) == ["Resize target-2 2"]
