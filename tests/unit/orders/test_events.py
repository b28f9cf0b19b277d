from decimal import Decimal

import attrs

from ibkit.orders import EventKind, GroupStatus, LegFacts, LegStatus, events_between


def told(before, after):
    return [
        (event.kind.name, event.role, int(event.size)) for event in events_between(before, after)
    ]


def test_fills_come_before_the_new_status(facts):
    before = facts("separate", [2], entry="working", stop_1="working active=no")
    after = facts("separate", [2], entry="working 1 filled=1", stop_1="working")

    assert told(before, after) == [("FILLED", "entry", 1), ("STATUS", "", 0)]
    assert {event.status for event in events_between(before, after)} == {GroupStatus.PROTECTED}
    assert {event.open_size for event in events_between(before, after)} == {1}


def test_only_what_is_new_is_told(facts):
    before = facts("separate", [2], entry="working 1 filled=1", stop_1="working")
    after = facts("separate", [2], entry="filled", stop_1="working")

    assert told(before, after) == [("FILLED", "entry", 1)]
    assert events_between(after, after) == ()


def test_an_order_that_ends_says_why(facts):
    before = facts("separate", [1], entry="filled", stop_1="working")
    after = facts("separate", [1], entry="filled", stop_1="rejected reason=110")

    ended, status = events_between(before, after)
    assert (ended.kind, ended.role, ended.reason) == (EventKind.ENDED, "stop-1", "110")
    assert str(ended) == "k3f9: stop-1 ended: 110 (open 1)"
    assert status.status is GroupStatus.UNPROTECTED


def test_an_order_may_come_back(facts):
    before = facts("separate", [1], entry="rejected")
    after = facts("separate", [1], entry="working")

    assert told(before, after) == [("REVIVED", "entry", 0), ("STATUS", "", 0)]


def test_a_refused_change_is_told_once(facts):
    before = facts("separate", [1], entry="filled", stop_1="working")
    after = facts("separate", [1], entry="filled", stop_1="working refused=110")

    assert told(before, after) == [("CHANGE_REFUSED", "stop-1", 0)]
    assert told(after, after) == []


def test_an_order_that_was_added_later_is_compared_with_nothing(facts):
    before = facts("separate", [1], entry="filled", stop_1="working")
    close = LegFacts(
        role="close", kind="close", size=Decimal(1), filled=Decimal(1), status=LegStatus.FILLED
    )

    assert told(before, attrs.evolve(before, legs=(*before.legs, close)))[0] == (
        "FILLED", "close", 1,
    )  # fmt: skip
