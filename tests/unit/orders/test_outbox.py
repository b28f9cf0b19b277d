import attrs
import pytest
from ib_async import LimitOrder, Order

from ibkit.errors import ForeignOrder, PlanError
from ibkit.orders import Limit
from ibkit.orders._outbox import Outbox
from ibkit.state import Owner
from order_work import live, run, settle
from sim_client import future
from true_orders import true_order


def with_outbox(test):
    async def main(gateway, desk):
        sent = []
        desk.ib.client.conn.sendMsg, send = (
            lambda message: (sent.append(message), send(message)),
            desk.ib.client.conn.sendMsg,
        )
        ledger = desk.state.ledger
        outbox = Outbox(desk.ib, desk.link.requests.sender, ledger)
        return await test(gateway, desk, outbox, sent)

    return run(main)


def resting(outbox, size=2):
    return Order(
        orderId=outbox.reserve(1), action="BUY", totalQuantity=size, orderType="LMT",
        lmtPrice=4900.0, tif="DAY",
    )  # fmt: skip


def test_reserved_ids_follow_each_other_and_are_given_once():
    async def test(_gateway, desk, outbox, _sent):
        first = outbox.reserve(3)
        return outbox.reserve(2) - first, desk.ib.client.getReqId() - first

    assert with_outbox(test) == (3, 5)


def test_an_order_is_sent_changed_and_cancelled():
    async def test(gateway, desk, outbox, _sent):
        es = future(gateway)
        order = resting(outbox)
        outbox.send(es, order)
        await settle(1)
        seen = [live(gateway)]
        (truth,) = desk.state.ledger.all()
        wanted = outbox.change(es, truth, leg=Limit(4901), size=3)
        await settle(1)
        seen.append(live(gateway))
        (truth,) = desk.state.ledger.all()
        outbox.cancel(truth)
        await settle(1)
        return [*seen, live(gateway)], wanted is order

    steps, same = with_outbox(test)

    assert steps == [["LMT BUY 2 4900"], ["LMT BUY 3 4901"], []]
    assert same is False


@pytest.mark.parametrize(
    "change", [{"client_id": 9}, {"order_id": 0, "owner": Owner.MANUAL}, {"order_id": -5}]
)
def test_what_is_not_ours_is_refused_and_nothing_is_sent(change):
    async def test(gateway, _desk, outbox, sent):
        foreign = attrs.evolve(true_order(), **change)
        with pytest.raises(ForeignOrder, match="client 3"):
            outbox.cancel(foreign)
        with pytest.raises(ForeignOrder, match="client 3"):
            outbox.change(future(gateway), foreign, size=1)
        return sent

    assert with_outbox(test) == []


def test_what_was_never_sent_is_no_order():
    async def test(_gateway, _desk, outbox, _sent):
        with pytest.raises(PlanError, match="an order that was sent"):
            outbox.own(None)

    with_outbox(test)


def test_an_order_that_ib_async_takes_for_done_is_changed_all_the_same():
    """Traps B1 and B6: a notice makes it "Cancelled", and then placeOrder asserts."""

    async def test(gateway, desk, outbox, _sent):
        es = future(gateway)
        gateway.faults.notice_next_order(10349)
        outbox.send(es, resting(outbox))
        await settle(1)
        (trade,) = desk.ib.trades()
        trade.orderStatus.status = "Cancelled"
        (truth,) = desk.state.ledger.all()
        outbox.change(es, truth, leg=Limit(4905))
        await settle(1)
        return live(gateway)

    assert with_outbox(test) == ["LMT BUY 2 4905"]


def test_a_sweep_goes_only_to_an_id_that_no_other_order_has():
    async def test(gateway, desk, outbox, sent):
        es = future(gateway)
        desk.ib.placeOrder(es, LimitOrder("BUY", 1, 4900))
        await settle(1)
        (ours,) = desk.state.ledger.all()
        sent.clear()
        outbox.sweep(attrs.evolve(ours, perm_id=1))  # its id has gone to another order
        outbox.sweep(attrs.evolve(ours, client_id=9))
        reused = len(sent)
        outbox.sweep(true_order(order_id=777))
        await settle(1)
        return reused, len(sent), live(gateway)

    assert with_outbox(test) == (0, 1, ["LMT BUY 1 4900"])
