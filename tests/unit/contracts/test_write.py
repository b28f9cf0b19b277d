from decimal import Decimal

from ibkit.contracts import plan_roll
from ibkit.contracts._steps import PlaceExits, SendLeg, SendSpread
from ibkit.contracts._write import exit_orders, leg_orders, spread_contract, spread_order
from rolling import ACCOUNT, ES, ESM, ESU, QUOTES, TODAY, attached, pair, position

LONG = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES, working=pair(10, 3))
SHORT = plan_roll(position(-3), ES, today=TODAY, quotes=QUOTES)
(SET,) = LONG.exits


def test_the_spread_buys_the_new_month_for_long_and_short_alike():
    spread = spread_contract(LONG)
    legs = [(leg.conId, leg.ratio, leg.action, leg.exchange) for leg in spread.comboLegs]

    assert (spread.secType, spread.symbol, spread.exchange, spread.currency) == (
        *("BAG", "ES", "CME", "USD"),
    )
    assert legs == [(ESM.con_id, 1, "SELL", "CME"), (ESU.con_id, 1, "BUY", "CME")]
    assert spread_contract(SHORT) == spread


def test_a_long_position_buys_the_spread_and_a_short_one_sells_it():
    step = SendSpread(size=Decimal(3), limit=Decimal("-0.25"))
    long, short = spread_order(LONG, step, 7), spread_order(SHORT, step, 7)

    assert (long.action, short.action) == ("BUY", "SELL")
    assert (long.orderId, long.totalQuantity, long.lmtPrice, long.orderType) == (7, 3, -0.25, "LMT")
    assert (long.tif, long.outsideRth, long.account, long.transmit) == ("DAY", True, ACCOUNT, True)
    assert long.orderRef == f"ir/{ESM.con_id}-{ESU.con_id}:L0:s"


def test_a_leg_that_opens_takes_its_exits_along_in_one_transmission():
    step = SendLeg(kind="o", size=Decimal(2), limit=Decimal(5051), exits=SET)
    leg, stop, target = leg_orders(LONG, step, 7)

    assert [each.orderId for each in (leg, stop, target)] == [7, 8, 9]
    assert [each.parentId for each in (leg, stop, target)] == [0, 7, 7]
    assert [each.transmit for each in (leg, stop, target)] == [False, False, True]
    assert (leg.action, stop.action, target.action) == ("BUY", "SELL", "SELL")
    assert [each.totalQuantity for each in (leg, stop, target)] == [2, 2, 2]
    assert (stop.auxPrice, target.lmtPrice) == (5030, 5070)
    assert stop.orderRef == "ik/k3f9:s1:s1:"


def test_a_leg_without_exits_is_one_order():
    closing = SendLeg(kind="c", size=Decimal(3), limit=Decimal(4999))
    (leg,) = leg_orders(LONG, closing, 7)
    (short,) = leg_orders(SHORT, closing, 7)

    assert (leg.action, short.action, leg.transmit) == ("SELL", "BUY", True)
    assert leg.orderRef.endswith(":c")


def test_exits_on_the_new_month_are_a_group_that_remembers():
    step = PlaceExits(exits=SET, size=Decimal(1))
    stop, target = exit_orders(LONG, step, 7)

    assert [each.orderId for each in (stop, target)] == [7, 8]
    assert {each.ocaGroup for each in (stop, target)} == {"7010~U26x3"}
    assert {each.ocaType for each in (stop, target)} == {3}
    assert {each.totalQuantity for each in (stop, target)} == {1.0}
    assert all(each.transmit and not each.parentId for each in (stop, target))


def test_a_set_that_is_not_split_keeps_the_size_of_each_order():
    plan = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES, working=attached(10, [1, 2]))
    orders = exit_orders(plan, PlaceExits(exits=plan.exits[0], size=Decimal(3)), 7)

    assert [each.totalQuantity for each in orders] == [3, 1, 2]
    assert orders[0].ocaGroup == "7010~U26u3"
