import pytest
from ib_async import Future, LimitOrder, MarketOrder, Order, StopOrder

from ibkit.testing import (
    VirtualLoop,
    assert_flat,
    assert_no_orphans,
    assert_protected,
    assert_sent_once,
)
from ibkit.testing._rig import connected_client, running_gateway


@pytest.fixture
def desk():
    """A gateway, a client, a contract: 5000.00 bid, 5000.25 asked."""
    loop = VirtualLoop()
    with running_gateway(loop, seed=7) as gateway, connected_client(loop, 3) as ib:
        gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
        (es,) = loop.run_until_complete(ib.qualifyContractsAsync(Future("ES", "202603", "CME")))

        def place(*orders):
            trades = [ib.placeOrder(es, order) for order in orders]
            loop.advance(1)
            return trades

        yield gateway, es, place, ib
        loop.advance(1)
    loop.close()


def test_flat_is_nothing_held_of_a_contract_in_an_account(desk):
    gateway, es, place, _ = desk
    assert_flat(gateway)
    place(MarketOrder("BUY", 2))

    for contract in (None, es, "ES", "ESH6", es.conId):
        with pytest.raises(AssertionError) as failure:
            assert_flat(gateway, contract)
        assert str(failure.value) == ("not flat:\n  DU1000001 holds 2 ESH6; expected nothing")
    assert_flat(gateway, "NQ")


@pytest.mark.parametrize("check", [assert_flat, assert_protected, assert_no_orphans])
def test_nothing_can_be_asserted_of_what_is_not_there(desk, check):
    gateway, _, _, ib = desk

    for unknown in ("ESX", "es", 12345):
        with pytest.raises(LookupError, match="nothing is called"):
            check(gateway, unknown)
    with pytest.raises(ValueError, match="account: got 'DU2'; the gateway has DU1000001"):
        check(gateway, account="DU2")
    with pytest.raises(ValueError, match="not qualified"):
        check(gateway, Future("ES", "202603", "CME"))
    for no_gateway in (ib, "ES"):
        with pytest.raises(ValueError, match=r"gateway: got .*the SimGateway comes first"):
            check(no_gateway)


def test_a_contract_needs_its_con_id(desk):
    gateway, _, place, _ = desk
    place(MarketOrder("BUY", 2))

    with pytest.raises(ValueError, match="not qualified"):
        assert_flat(gateway, Future("ES", "202603", "CME"))


def test_protected_is_covered_exactly(desk):
    gateway, _, place, _ = desk
    assert_protected(gateway)
    place(MarketOrder("SELL", 2))
    with pytest.raises(AssertionError) as bare:
        assert_protected(gateway)
    place(StopOrder("BUY", 1, 5010))
    with pytest.raises(AssertionError) as half:
        assert_protected(gateway, "ES")
    place(StopOrder("BUY", 1, 5020))
    assert_protected(gateway)
    place(StopOrder("BUY", 1, 5030))
    with pytest.raises(AssertionError) as over:
        assert_protected(gateway)

    assert str(bare.value) == (
        "not protected:\n  DU1000001 holds -2 ESH6; expected stops for 2, found stops for 0; "
        "no order is live"
    )
    assert "found stops for 1\n" in str(half.value)
    assert "BUY 1 ESH6 STP 5010 (PreSubmitted), 1 at work" in str(half.value)
    assert "found stops for 3, and the rest would turn the position round" in str(over.value)


def test_a_child_protects_what_its_parent_was_filled(desk):
    gateway, _, place, ib = desk
    parent, target, stop = ib.bracketOrder("BUY", 3, 5000, 5010, 4990)
    place(parent, target, stop)
    assert_protected(gateway)
    (order, *_) = gateway.truth.orders
    gateway.faults.fill_order(order.perm_id, 1, 5000)
    assert_protected(gateway)
    assert gateway.truth.positions
    gateway.faults.fill_order(order.perm_id, 2, 5000)
    assert_protected(gateway)
    place(StopOrder("SELL", 1, 4000))

    with pytest.raises(AssertionError, match="stops for 4"):
        assert_protected(gateway)


def test_an_exit_without_a_position_is_an_orphan(desk):
    gateway, _, place, ib = desk
    place(*ib.bracketOrder("BUY", 3, 4000, 5010, 3990))
    assert_no_orphans(gateway)  # the parent may still fill
    place(StopOrder("SELL", 1, 4000))
    assert_no_orphans(gateway)  # may be an entry

    with pytest.raises(AssertionError) as failure:
        assert_no_orphans(gateway, exits=lambda order: order.terms.order_type == "STP")
    assert str(failure.value).startswith("orphaned orders:\n  DU1000001: order ")
    assert str(failure.value).endswith("has nothing to close: DU1000001 is flat in ESH6")
    assert_no_orphans(gateway, "NQ", exits=lambda _: True)


def test_sent_once_goes_by_the_reference(desk):
    gateway, _, place, _ = desk
    place(LimitOrder("BUY", 1, 4000, orderRef="one"), LimitOrder("BUY", 1, 4000))
    place(LimitOrder("BUY", 1, 4000))
    assert_sent_once(gateway)
    assert_sent_once(gateway, "one")
    place(Order(action="BUY", totalQuantity=1, orderType="MKT", orderRef="one"))

    for ref in (None, "one"):
        with pytest.raises(AssertionError, match=r"sent more than once:\n  orderRef 'one', expect"):
            assert_sent_once(gateway, ref)
    with pytest.raises(AssertionError, match="no order carries the orderRef 'two'"):
        assert_sent_once(gateway, "two")
