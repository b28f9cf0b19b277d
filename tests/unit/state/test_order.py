from decimal import Decimal

import attrs
import pytest
from ib_async import Contract, LimitOrder, Order

from ibkit.state._order import PHASES, Owner, Phase, TrueOrder, changed, copy_of


def order(status="", filled=0, **more):
    return TrueOrder(
        contract=Contract(localSymbol="ESZ6"),
        order=LimitOrder("BUY", 3, 5000.0, orderRef="mine"),
        client_id=1,
        order_id=2,
        perm_id=3,
        owner=Owner.OURS,
        epoch=1,
        status=status,
        filled=Decimal(filled),
        **more,
    )


@pytest.mark.parametrize(
    ("status", "live", "done"),
    [
        ("", False, False),
        ("PendingSubmit", False, False),
        ("PreSubmitted", True, False),
        ("Submitted", True, False),
        ("PendingCancel", True, False),
        ("Inactive", False, False),
        ("Filled", False, True),
        ("Cancelled", False, True),
        ("ApiCancelled", False, True),
        ("Rejected", False, True),
        ("Missing", False, True),
        ("SomethingNew", True, False),
    ],
)
def test_every_status_is_alive_done_or_neither(status, live, done):
    assert (order(status).is_live, order(status).is_done) == (live, done)


def test_what_remains_is_what_may_still_trade():
    assert order("Submitted", filled=1).remaining == 2
    assert order("Cancelled", filled=1).remaining == 0
    assert order("Submitted", filled=5).remaining == 0


def test_it_prints_as_a_trader_says_it():
    assert str(order("Submitted", filled=1)) == "BUY 3 ESZ6 LMT Submitted, filled 1"
    assert "uncertain" in str(order("Submitted", certain=False))


def test_a_copy_is_plain_and_shares_nothing():
    sent = LimitOrder("BUY", 1, 2.0)
    sent.conditions = [object()]
    copy = copy_of(sent)

    assert type(copy) is Order
    assert copy.conditions == sent.conditions
    assert copy.conditions is not sent.conditions


def test_only_ends_are_done():
    assert {word for word, phase in PHASES.items() if phase is Phase.DONE} == {
        "Filled",
        "Cancelled",
        "ApiCancelled",
        "Rejected",
        "Missing",
    }


def test_a_changed_order_is_a_new_one_and_as_frozen():
    before = TrueOrder(
        contract=Contract(), order=Order(), client_id=1, order_id=2, perm_id=3,
        owner=Owner.OURS, epoch=1,
    )  # fmt: skip
    after = changed(before, status="Submitted")

    assert (before.status, after.status, after.perm_id) == ("", "Submitted", 3)
    assert attrs.asdict(after, recurse=False).keys() == attrs.asdict(before, recurse=False).keys()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        after.status = "Filled"
