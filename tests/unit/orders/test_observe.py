import datetime as dt
from decimal import Decimal

import attrs
import pytest

from ibkit.orders import LegStatus
from ibkit.orders._observe import (
    Track,
    average_price,
    doubles,
    has_filled,
    is_waiting,
    leg_facts,
    reason_of,
    same_order,
)
from true_orders import NOW, notice, true_order


def track(*orders, kind="stop", **fields):
    made = Track("stop-1", kind, 1, Decimal(2), **fields)
    for one in orders:
        made.take(one, NOW)
    return made


def status(*orders, **fields):
    return leg_facts(track(*orders, **fields)).status


# -- which order stands for a role


def test_what_is_new_of_an_order_takes_the_place_of_what_was_known():
    kept = track(true_order("Submitted"), true_order("Filled", filled=2))

    assert [order.status for order in kept.orders] == ["Filled"]
    assert kept.filled == 2


def test_an_order_that_lives_stands_for_the_role_before_one_that_is_done():
    kept = track(true_order("Submitted"), true_order("Cancelled", order_id=11))

    assert kept.latest.order_id == 10
    kept.take(true_order("Cancelled"), NOW)
    assert kept.latest.order_id == 11


def test_a_role_has_filled_what_all_its_orders_have_and_what_is_assumed():
    kept = track(true_order("Cancelled", filled=1), true_order("Submitted", 11), assumed=Decimal(3))

    assert kept.filled == 4


def test_an_order_that_was_found_again_is_told_from_the_one_that_was_never_answered():
    lost = true_order("Missing", 10, perm_id=0)
    found = true_order("Filled", 0, perm_id=5, client_id=0, filled=2)
    named = true_order("Filled", 10, perm_id=5, filled=2, average_price=Decimal(5000))
    kept = track(lost, found, named, lost)

    assert [order.status for order in kept.orders] == ["Missing", "Filled"]
    assert average_price([kept], frozenset({"stop"})) == 5000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"perm_id": 5}, {"perm_id": 5, "order_id": 0, "client_id": 0}, True),
        ({"perm_id": 5}, {"perm_id": 6}, False),
        ({"perm_id": 0}, {"perm_id": 6}, True),  # TWS has given it its number meanwhile
        ({"perm_id": 6}, {"perm_id": 0}, True),
        ({"perm_id": 0}, {"perm_id": 6, "client_id": 9}, False),
    ],
)
def test_the_same_order_by_its_number_or_by_its_id(one, other, same):
    first = attrs.evolve(true_order(), **one)
    second = attrs.evolve(true_order(), **other)

    assert same_order(first, second) is same


def test_what_was_refused_counts_until_a_new_order_comes():
    before = true_order()
    refused = attrs.evolve(before, refused=notice(110, "off the grid"))
    kept = track(before)
    kept.trying = "size 1"
    kept.take(refused, NOW)

    assert (kept.refused, kept.denied, kept.trying) == ("off the grid", {"size 1": 1}, "")
    kept.take(refused, NOW)
    kept.take(before, NOW)
    assert kept.denied == {"size 1": 1}
    kept.take(true_order(order_id=11), NOW)
    assert kept.denied == {}


def test_a_change_that_is_answered_with_the_old_terms_was_in_vain():
    """A 201 on a change leaves open what stands; TWS is asked, and shows the old terms."""
    before = true_order()
    wanted = true_order(totalQuantity=1.0).order
    kept = track(attrs.evolve(before, wanted=wanted))
    kept.trying = "size 1"
    kept.take(attrs.evolve(before, certain=False, wanted=wanted), NOW)
    kept.take(before, NOW)

    assert (kept.refused, kept.denied) == ("", {"size 1": 1})


def test_a_change_that_was_accepted_was_not_in_vain():
    wanted = true_order(totalQuantity=1.0)
    kept = track(attrs.evolve(true_order(), wanted=wanted.order))
    kept.trying = "size 1"
    kept.take(wanted, NOW)

    assert (kept.denied, kept.trying) == ({}, "")


# -- its facts


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", LegStatus.SENT),
        ("PendingSubmit", LegStatus.SENT),
        ("PreSubmitted", LegStatus.WORKING),
        ("Submitted", LegStatus.WORKING),
        ("PendingCancel", LegStatus.CANCELLING),
        ("Inactive", LegStatus.HELD),
        ("Filled", LegStatus.FILLED),
        ("Cancelled", LegStatus.CANCELLED),
        ("ApiCancelled", LegStatus.CANCELLED),
        ("Rejected", LegStatus.REJECTED),
        ("Missing", LegStatus.ABSENT),
        ("SomethingNew", LegStatus.WORKING),
    ],
)
def test_where_an_order_is(word, expected):
    assert status(true_order(word)) is expected


def test_what_is_not_certain_is_unknown_unless_it_is_over():
    assert status(true_order("Submitted", certain=False)) is LegStatus.UNKNOWN
    assert status(true_order("Cancelled", certain=False)) is LegStatus.CANCELLED


def test_a_role_without_an_order_is_planned_or_assumed_filled():
    assert leg_facts(track()).status is LegStatus.PLANNED
    assumed = leg_facts(track(assumed=Decimal(2)))
    assert (assumed.status, assumed.filled) == (LegStatus.FILLED, 2)


def test_a_child_waits_for_its_parent_and_then_for_the_message():
    held = true_order("PreSubmitted", why_held="child,trigger")
    waits, late = (leg_facts(track(held), settled=settled) for settled in (False, True))

    assert (waits.active, waits.awaited, waits.works) == (False, True, 0)
    assert (late.active, late.awaited) == (False, False)
    assert leg_facts(track(true_order("PreSubmitted", why_held="trigger"))).works == 2


@pytest.mark.parametrize(
    ("fields", "flying"),
    [
        ({}, False),
        ({"cancelling": True}, True),
        ({"wanted": true_order().order}, True),
    ],
)
def test_what_tws_has_not_answered_is_in_flight(fields, flying):
    leg = leg_facts(track(true_order(**fields)))

    assert leg.in_flight is flying
    assert is_waiting(leg) is flying


def test_a_new_order_that_is_not_answered_is_sent_and_not_a_change_in_flight():
    leg = leg_facts(track(true_order("", wanted=true_order().order)))

    assert (leg.status, leg.in_flight, is_waiting(leg)) == (LegStatus.SENT, False, True)


# -- expiry


@pytest.mark.parametrize(
    ("ended", "asked", "expected"),
    [
        (dt.timedelta(0), False, LegStatus.EXPIRED),
        (dt.timedelta(seconds=-50), False, LegStatus.EXPIRED),  # clocks differ
        (dt.timedelta(seconds=-60), False, LegStatus.EXPIRED),
        (dt.timedelta(hours=-1), False, LegStatus.CANCELLED),
        (dt.timedelta(0), True, LegStatus.CANCELLED),
    ],
)
def test_what_is_cancelled_when_its_time_is_over_has_expired(ended, asked, expected):
    kept = track(ends=NOW, cancel_asked=asked)
    kept.take(true_order("Cancelled"), NOW + ended)

    assert leg_facts(kept).status is expected


def test_when_an_order_ended_is_remembered_from_the_first_time():
    kept = track(true_order("Cancelled"))
    kept.take(true_order("Cancelled"), NOW + dt.timedelta(hours=1))

    assert kept.over_since == NOW
    kept.take(true_order("Submitted"), NOW)
    assert kept.over_since is None


def test_a_new_order_of_a_role_has_an_end_and_links_of_its_own():
    kept = track(true_order("Cancelled"))
    kept.alone = kept.swept = True
    kept.take(true_order("Cancelled", 11), NOW + dt.timedelta(hours=1))

    assert kept.over_since == NOW + dt.timedelta(hours=1)
    assert (kept.alone, kept.swept) == (False, False)


def test_what_ended_nobody_knows_when_has_not_expired():
    kept = track(ends=NOW)
    kept.take(true_order("Cancelled"))

    assert leg_facts(kept).status is LegStatus.CANCELLED


# -- small questions


def test_the_reason_is_the_last_message_that_is_more_than_a_remark():
    order = true_order(
        "Rejected",
        messages=(notice(201, "no margin"), notice(10349, "TIF was set"), notice(10147, "unknown")),
    )

    assert reason_of(order) == "no margin"
    assert reason_of(true_order(messages=(notice(10349, "TIF was set"),))) == ""


def test_an_end_without_a_reason_has_none():
    assert reason_of(true_order(messages=(notice(202, "Order Canceled - reason:"),))) == ""
    told = true_order(messages=(notice(202, "Order Canceled - reason:Halted"),))
    assert reason_of(told) == "Order Canceled - reason:Halted"


def test_a_refused_change_is_no_reason_any_more_where_the_order_works():
    refused = (notice(329, "cannot change to the new order type"),)
    works = true_order(status="Submitted", messages=refused)

    assert leg_facts(track(works)).reason == ""
    held = (*refused, notice(399, "not at the exchange\nbefore 17:00"))
    assert leg_facts(track(true_order("Submitted", messages=held))).reason == (
        "not at the exchange before 17:00"
    )
    assert leg_facts(track(true_order("Filled", filled=2, messages=held))).reason == ""
    ended = true_order(status="Cancelled", messages=refused)
    assert leg_facts(track(ended)).reason == "cannot change to the new order type"


def test_whether_a_role_has_filled_in_the_oca_group_of_another():
    filled = track(true_order("Cancelled", filled=1, ocaGroup="a"))

    assert has_filled(filled, true_order(ocaGroup="a"))
    assert not has_filled(filled, true_order(ocaGroup="b"))
    assert not has_filled(track(true_order(filled=1)), true_order())


def test_the_average_price_is_weighed_by_size_and_none_before_a_fill():
    tracks = [
        track(true_order(filled=1, average_price=10), kind="entry"),
        track(true_order(filled=3, average_price=20), kind="entry"),
        track(true_order(filled=9, average_price=99)),
        track(true_order(), kind="entry"),
    ]

    assert average_price(tracks, frozenset({"entry"})) == Decimal("17.5")
    assert average_price(tracks, frozenset({"close"})) is None


@pytest.mark.parametrize(
    ("earlier", "ids"),
    [
        ({"status": "Submitted"}, [10]),
        ({"status": "PreSubmitted"}, [10]),
        ({"status": "Cancelled"}, []),
        ({"status": "PendingCancel"}, []),
        ({"status": "Submitted", "cancelling": True}, []),
    ],
)
def test_what_lives_beside_the_order_that_counts_is_a_double_until_it_is_cancelled(earlier, ids):
    kept = track(true_order(**earlier), true_order("Submitted", 11))

    assert [order.order_id for order in doubles(kept)] == ids
    assert leg_facts(kept).doubles == len(ids)
