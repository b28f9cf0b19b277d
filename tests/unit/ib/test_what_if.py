from decimal import Decimal

import pytest
from ib_async import LimitOrder, Order, OrderState
from ib_async.util import UNSET_DOUBLE

from ibkit._ib._what_if import Preview, amount, is_whole, read_state, what_if_order


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("12855.55", Decimal("12855.55")),
        ("-1", Decimal(-1)),
        ("0", Decimal(0)),
        ("", None),
        ("N/A", None),
        ("nan", None),
        ("Infinity", None),
        (UNSET_DOUBLE, None),
        ("1.7976931348623157E308", None),
        (2.25, Decimal("2.25")),
    ],
)
def test_unset_is_none_and_zero_is_zero(sent, read):
    assert amount(sent) == read


@pytest.mark.parametrize(
    ("margin", "commission", "most", "whole"),
    [
        ("100", 1.0, UNSET_DOUBLE, True),
        ("100", UNSET_DOUBLE, 3.0, True),
        ("100", UNSET_DOUBLE, UNSET_DOUBLE, False),
        ("", 1.0, UNSET_DOUBLE, False),
    ],
)
def test_a_state_is_whole_with_margin_and_some_commission(margin, commission, most, whole):
    state = OrderState(initMarginChange=margin, commission=commission, maxCommission=most)

    assert is_whole(state) is whole
    assert Preview().saw(state) is whole


def test_every_number_finds_its_place():
    state = OrderState(
        initMarginBefore="1",
        initMarginChange="2",
        initMarginAfter="3",
        maintMarginBefore="4",
        maintMarginChange="5",
        maintMarginAfter="6",
        equityWithLoanBefore="7",
        equityWithLoanChange="8",
        equityWithLoanAfter="9",
        commission=10.0,
        minCommission=11.0,
        maxCommission=12.0,
        commissionCurrency="USD",
        warningText="careful",
    )
    found = read_state(state, "no")

    assert [found.init_margin_before, found.init_margin_change, found.init_margin_after] == [
        1,
        2,
        3,
    ]
    assert [
        found.maintenance_margin_before,
        found.maintenance_margin_change,
        found.maintenance_margin_after,
    ] == [4, 5, 6]
    assert [found.equity_before, found.equity_change, found.equity_after] == [7, 8, 9]
    assert [found.commission, found.min_commission, found.max_commission] == [10, 11, 12]
    assert (found.commission_currency, found.warning, found.rejection) == ("USD", "careful", "no")


def test_the_order_of_a_preview_is_a_copy_that_stands_alone():
    order = LimitOrder("BUY", 2, 5000, parentId=3, orderId=4, permId=5, transmit=False, tif="GTC")
    copy = what_if_order(order)

    assert type(copy) is Order
    assert (copy.parentId, copy.orderId, copy.permId) == (0, 0, 0)
    assert (copy.whatIf, copy.transmit) == (True, True)
    assert (copy.lmtPrice, copy.tif, copy.totalQuantity) == (5000, "GTC", 2)
    assert (order.parentId, order.whatIf) == (3, False)
