from __future__ import annotations

from brokerage import ES, Desk, terms_of
from ibkit.sim._engine import OrderKey, Place
from ibkit.sim._engine._check import Check, first_failure
from ibkit.sim._engine._placing import draft_of


def a_draft(**terms: object):
    command = Place(key=OrderKey(1, 7), con_id=ES.con_id, exchange="CME", terms=terms_of(**terms))
    return draft_of(Desk().broker._world, command, None)


ALWAYS = Check(201, "{d.key.order_id} on {d.instrument.symbol}", lambda _: True)


def test_the_first_rule_that_is_broken_answers():
    never = Check(1, "", lambda _: False)
    later = Check(2, "", lambda _: True)

    assert first_failure((never, ALWAYS, later), a_draft()) == (201, "7 on ES")
    assert first_failure((never,), a_draft()) is None


def test_a_rule_inside_another_code_is_told_in_its_words():
    inside = Check(135, "cause", lambda _: True, 321)
    reading = Check(10060, "cause", lambda _: True, 320)

    assert first_failure((inside,), a_draft()) == (
        321,
        "Error validating request.-'bW' : cause - cause",
    )
    assert first_failure((reading,), a_draft()) == (320, "Error reading request:cause")


def test_an_unknown_type_does_nothing_and_an_unset_size_is_zero():
    draft = a_draft(order_type="NONSENSE", quantity=None)

    assert not draft.kind.limited
    assert draft.quantity == 0
