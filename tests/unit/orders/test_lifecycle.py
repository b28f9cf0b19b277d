import attrs
import pytest

from ibkit.orders import (
    STATUS_RULES,
    TRANSITIONS,
    GroupStatus,
    Limit,
    Market,
    close_position,
    draw_lifecycle,
    first_facts,
    oca,
    single,
    status_of,
    trailing,
)
from ibkit.orders._facts import LegStatus


def test_before_anything_is_sent(facts):
    assert status_of(facts("separate", [1])) is GroupStatus.PLANNED


@pytest.mark.parametrize(
    ("legs", "status"),
    [
        ({"entry": "sent"}, "WORKING"),
        ({"entry": "held"}, "HELD"),
        ({"entry": "held", "stop_1": "held", "target_1": "held"}, "HELD"),
        ({"entry": "working", "stop_1": "working active=no"}, "WORKING"),
        ({"entry": "filled", "stop_1": "working", "target_1": "working"}, "PROTECTED"),
        ({"entry": "filled", "stop_1": "working", "target_1": "rejected"}, "PROTECTED"),
        ({"entry": "filled", "stop_1": "sent"}, "ENTERED"),
        ({"entry": "filled", "stop_1": "working 1", "target_1": "working"}, "UNPROTECTED"),
        ({"entry": "filled", "stop_1": "rejected", "target_1": "working"}, "UNPROTECTED"),
        ({"entry": "filled", "stop_1": "working active=no"}, "UNPROTECTED"),
        ({"entry": "filled", "stop_1": "cancelling"}, "UNPROTECTED"),
        ({"entry": "filled"}, "UNPROTECTED"),
        ({"entry": "working 1 filled=1", "stop_1": "working 1"}, "PROTECTED"),
        ({"entry": "cancelled filled=1", "stop_1": "working 1"}, "PROTECTED"),
        ({"entry": "filled", "target_1": "filled", "stop_1": "cancelling"}, "CLOSING"),
        ({"entry": "filled", "target_1": "filled", "stop_1": "cancelled"}, "CLOSED"),
        ({"entry": "working 1 filled=1", "target_1": "cancelled filled=1"}, "WORKING"),
        ({"entry": "filled", "target_1": "filled", "stop_1": "filled"}, "UNPROTECTED"),
        ({"entry": "cancelled", "stop_1": "cancelled"}, "CANCELLED"),
        ({"entry": "expired"}, "CANCELLED"),
        ({"entry": "absent"}, "CANCELLED"),
        ({"entry": "rejected", "stop_1": "cancelled"}, "REJECTED"),
        ({"entry": "unknown", "stop_1": "unknown"}, "UNKNOWN"),
        ({"entry": "filled", "stop_1": "unknown"}, "UNKNOWN"),
    ],
)
def test_the_status_of_a_bracket_of_two(facts, legs, status):
    assert status_of(facts("separate", [2], **legs)) is GroupStatus[status]


def test_a_lost_connection_makes_what_lives_unknown_and_leaves_what_ended(facts):
    away = {"connected": False}

    assert status_of(facts("separate", [1], entry="working", states=away)) is GroupStatus.UNKNOWN
    assert (
        status_of(facts("separate", [1], entry="cancelled", states=away)) is GroupStatus.CANCELLED
    )


def test_a_target_alone_is_what_was_planned(facts):
    known = facts("separate", [1], stop=False, entry="filled", target_1="working")

    assert status_of(known) is GroupStatus.ENTERED


def test_on_the_way_out(facts):
    out = {"closing": True}

    assert status_of(facts("separate", [1], entry="working", states=out)) is GroupStatus.CLOSING
    assert status_of(facts("separate", [1], entry="filled", states=out)) is GroupStatus.CLOSING
    assert status_of(facts("separate", [1], entry="cancelled", states=out)) is GroupStatus.CANCELLED


@pytest.mark.parametrize(
    ("group", "word", "status"),
    [
        (single("BUY", 1, Market()), "WORKING", "WORKING"),
        (single("BUY", 1, Market()), "FILLED", "CLOSED"),
        (trailing("SELL", 1, amount=1), "WORKING", "WORKING"),
        (trailing("SELL", 1, amount=1), "FILLED", "CLOSED"),
        (close_position(1), "WORKING", "WORKING"),
        (close_position(1), "FILLED", "CLOSED"),
        (close_position(1), "REJECTED", "REJECTED"),
        (oca([single("BUY", 1, Limit(1))] * 2, name="x"), "CANCELLED", "CANCELLED"),
    ],
)
def test_the_status_of_what_is_no_bracket(group, word, status):
    base = first_facts(group)
    word = LegStatus[word]
    legs = [
        attrs.evolve(
            leg,
            status=word,
            filled=leg.size if word is LegStatus.FILLED else 0 * leg.size,
            remaining=leg.size if word is LegStatus.WORKING else 0 * leg.size,
        )
        for leg in base.legs
    ]

    assert status_of(attrs.evolve(base, legs=tuple(legs))) is GroupStatus[status]


def test_a_part_filled_entry_without_exits_is_entered_and_then_closed():
    base = first_facts(single("BUY", 2, Limit(1)))
    part = attrs.evolve(base.legs[0], status=LegStatus.WORKING, filled=base.legs[0].size / 2)
    done = attrs.evolve(part, status=LegStatus.CANCELLED)

    assert status_of(attrs.evolve(base, legs=(part,))) is GroupStatus.ENTERED
    assert status_of(attrs.evolve(base, legs=(done,))) is GroupStatus.CLOSED


def test_odd_ways_are_legal():
    assert GroupStatus.UNPROTECTED in TRANSITIONS[GroupStatus.CANCELLED]  # a fill overtook a cancel
    assert GroupStatus.WORKING in TRANSITIONS[GroupStatus.REJECTED]  # Inactive revived
    assert GroupStatus.CANCELLED not in TRANSITIONS[GroupStatus.CLOSED]  # a fill does not go away
    assert all(GroupStatus.PLANNED not in ways for ways in TRANSITIONS.values())


def test_every_status_has_a_rule_and_a_way_out():
    assert {rule.status for rule in STATUS_RULES} == set(GroupStatus)
    assert set(TRANSITIONS) == set(GroupStatus)


def test_the_tables_are_drawn_from_the_code():
    text = draw_lifecycle()

    assert f"| {STATUS_RULES[0].status.name} | {STATUS_RULES[0].when} |" in text
    assert "| CANCELLED | PROTECTED |" in text
    assert len(text.splitlines()) > len(STATUS_RULES) + 40
