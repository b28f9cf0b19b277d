"""How the table is read: order, what is left alone, what is not done twice."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from ibkit.orders import REPAIR_RULES, Alert, draw_repair, repair

NOON = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)


def test_an_order_with_an_answer_due_is_left_alone(facts):
    known = facts("separate", [3], entry="cancelled filled=1", stop_1="working in_flight=yes",
                  target_1="working")  # fmt: skip

    assert [one.role for one in repair(known)] == ["target-1"]


def test_of_two_rules_for_one_order_the_first_counts(facts):
    known = facts("separate", [2], entry="filled", target_1="filled", stop_1="working")

    actions = repair(known)
    assert [(one.rule, one.role) for one in actions] == [("left-over", "stop-1")]


def test_the_same_facts_give_the_same_answer(facts):
    known = facts("separate", [2], entry="filled", stop_1="rejected", target_1="working")

    assert repair(known) == repair(known)


def test_told_alerts_are_not_told_again(facts):
    known = facts("separate", [2], entry="filled", stop_1="expired")
    keys = frozenset(one.key for one in repair(known) if isinstance(one, Alert))

    assert keys
    assert repair(attrs.evolve(known, told=keys)) == ()


def test_rule_names_are_unique_and_the_table_is_drawn_from_the_code():
    names = [rule.name for rule in REPAIR_RULES]
    text = draw_repair()

    assert len(set(names)) == len(names)
    assert len(text.splitlines()) == len(names) + 2
    assert all(f"| {rule.name} | {rule.meaning} |" in text for rule in REPAIR_RULES)


# -- what waits for IB, and what still counts while the user gets out

WELL = {"entry": "filled", "stop_1": "working", "target_1": "working"}
ON_TWO = {"entry_1": "filled", "entry_2": "filled", "target_2": "working", "stop_2": "working"}
BREAK_EVEN = {"breakeven_after": 1, "average_price": Decimal("100.25")}

CASES = {
    "ask-first": ("separate", [2], {**WELL, "stop_1": "unknown"}, {}),
    "flipped": (
        "separate", [2], {**WELL, "target_1": "filled", "stop_1": "working 1 filled=1"}, {},
    ),
    "closed-outside": ("separate", [2], WELL, {"held": Decimal(0)}),
    "change-refused": ("separate", [2], {**WELL, "stop_1": "working refused=110"}, {}),
    "child-gone": ("separate", [2], {"entry": "working", "stop_1": "rejected"}, {}),
    "entry-refused": ("separate", [2, 1], {"entry_1": "rejected", "entry_2": "filled"}, {}),
    "exit-before-entry": (
        "separate", [3], {"entry": "working 2 filled=1", "stop_1": "working 2 filled=1"}, {},
    ),
    "entry-gone": ("separate", [2], {"entry": "rejected", "stop_1": "working active=no"}, {}),
    "left-over": ("separate", [2], {**WELL, "target_1": "filled"}, {}),
    "entry-ended-short": ("separate", [3], {**WELL, "entry": "cancelled filled=1"}, {}),
    "unlinked-sibling": (
        "separate", [2],
        {**WELL, "target_1": "working 1 filled=1 linked=a", "stop_1": "working linked=b"}, {},
    ),
    "reduced-elsewhere": ("separate", [2], WELL, {"held": Decimal(1)}),
    "exit-too-large": ("separate", [2], WELL, {"held": Decimal(1)}),
    "slice-filled": ("managed", [2], {"entry": "filled"}, {}),
    "put-back": ("separate", [2], {**WELL, "stop_1": "rejected"}, {}),
    "lost-again": ("separate", [2], {**WELL, "stop_1": "rejected resent=1"}, {}),
    "slice-grows": ("managed", [2], {**WELL, "stop_1": "working 1"}, {}),
    "exit-too-small": ("separate", [2], {**WELL, "stop_1": "working 1"}, {}),
    "guard-done": ("managed", [2], {**WELL, "guard": "working"}, {}),
    "break-even": (
        "separate", [1, 1], {**ON_TWO, "target_1": "filled", "stop_1": "cancelled"}, BREAK_EVEN,
    ),
    "expires-soon": ("separate", [2], WELL, {"now": NOON}),
    "expired": ("separate", [2], {**WELL, "stop_1": "expired"}, {}),
    "unprotected": ("separate", [2], {**WELL, "stop_1": "rejected"}, {}),
}  # fmt: skip

WAIT_FOR_IB = {
    "closed-outside", "entry-refused", "entry-gone", "left-over", "reduced-elsewhere",
    "exit-too-large", "exit-too-small",
}  # fmt: skip
COUNT_ON_THE_WAY_OUT = {"ask-first", "flipped", "closed-outside", "change-refused"}


def rules_of(facts, name, **more):
    """The rules that do or tell something in the situation that one of them is for."""
    form, sizes, legs, states = CASES[name]
    known = facts(form, sizes, **legs, states={**states, **more}, protected=name == "guard-done")
    soon = [attrs.evolve(leg, ends=NOON) if leg.role == "stop-1" else leg for leg in known.legs]
    return {action.rule for action in repair(attrs.evolve(known, legs=tuple(soon)))}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_waits_for_ib_only_where_ib_would_do_it_by_itself(facts, name):
    assert name in rules_of(facts, name)
    assert (name in rules_of(facts, name, settled=False)) is (name not in WAIT_FOR_IB)


@pytest.mark.parametrize("name", CASES)
def test_on_the_way_out_nothing_is_sent_or_told_that_keeps_the_user_in(facts, name):
    assert (name in rules_of(facts, name, closing=True)) is (name in COUNT_ON_THE_WAY_OUT)


def test_getting_out_waits_for_nothing(facts):
    bare = facts("separate", [2], **WELL, states={"closing": True, "settled": False})

    assert {action.rule for action in repair(bare)} == {"cancel-all"}


def test_an_order_that_lives_twice_is_cancelled_at_once(facts):
    well = facts("separate", [2], **WELL, states={"settled": False})
    legs = tuple(attrs.evolve(leg, doubles=int(leg.role == "stop-1")) for leg in well.legs)

    assert {action.rule for action in repair(attrs.evolve(well, legs=legs))} == {"lives-twice"}
