from decimal import Decimal

import numpy as np
import pytest
from ib_async import Future, PortfolioItem, Position

from ibkit.errors import PlanError
from ibkit.orders import (
    Gtc,
    Limit,
    Market,
    Oca,
    Stop,
    Trail,
    TrailLimit,
    bracket,
    close_position,
    oca,
    single,
    trailing,
)
from ibkit.state._holdings import holding, portfolio_row


def test_a_single_order():
    group = single("sell", "2", Limit(5000), tif=Gtc(), account="DU1", order_ref="mine")

    (order,) = group.legs
    assert (order.role, order.side, order.size, order.tif) == ("entry", "SELL", 2, Gtc())
    assert (group.account, group.order_ref) == ("DU1", "mine")


def test_oca_members_keep_their_terms_and_get_new_roles():
    group = oca(
        [single("SELL", 1, Limit(5010), tif=Gtc()), trailing("SELL", 1, amount=8)], name="x"
    )

    assert [leg.role for leg in group.legs] == ["order-1", "order-2"]
    assert [leg.leg for leg in group.legs] == [Limit(5010), Trail(amount=8)]
    assert group.legs[0].tif == Gtc()
    assert group.oca_type is Oca.REDUCE_WITH_BLOCK


def test_oca_takes_the_account_of_its_members_when_they_agree():
    one, two = single("BUY", 1, Market(), account="DU1"), single("BUY", 1, Market())

    assert oca([one, two], name="x").account == "DU1"
    assert oca([one, two], name="x", account="DU2").account == "DU2"
    with pytest.raises(PlanError, match="one account"):
        oca([one, single("BUY", 1, Market(), account="DU2")], name="x")


def test_oca_refuses_what_is_a_group_already():
    with pytest.raises(PlanError, match="one order"):
        oca([bracket("BUY", 1, entry=Limit(1), stop=0), single("BUY", 1, Market())])


def test_oca_knows_three_kinds():
    members = [single("BUY", 1, Market())] * 2

    assert oca(members, kind=1, name="x").oca_type is Oca.CANCEL_WITH_BLOCK
    with pytest.raises(PlanError, match="REDUCE_NON_BLOCK"):
        oca(members, kind=4, name="x")


def test_trailing_becomes_a_limit_with_an_offset():
    assert trailing("SELL", 1, percent=1).legs[0].leg == Trail(percent=1)
    assert trailing("BUY", 1, amount=8, start=5, limit_offset=1).legs[0].leg == TrailLimit(
        amount=8, start=5, offset=1
    )
    with pytest.raises(PlanError):
        trailing("SELL", 1, amount=1, percent=1)


@pytest.mark.parametrize(
    ("position", "side", "size", "account"),
    [
        (3, "SELL", 3, ""),
        (-3, "BUY", 3, ""),
        ("-0.5", "BUY", Decimal("0.5"), ""),
        (np.float64(-2), "BUY", 2, ""),
        (Position("DU1", Future("ES"), -4, 0.0), "BUY", 4, "DU1"),
        (PortfolioItem(Future("ES"), 2, 0, 0, 0, 0, 0, "DU2"), "SELL", 2, "DU2"),
        (holding(Position("DU1", Future("ES"), -4, 0.0)), "BUY", 4, "DU1"),
        (portfolio_row(PortfolioItem(Future("ES"), 2, 0, 0, 0, 0, 0, "DU2")), "SELL", 2, "DU2"),
    ],
)
def test_closing_takes_the_other_side_of_what_is_held(position, side, size, account):
    group = close_position(position)

    assert (group.legs[0].side, group.legs[0].size, group.account) == (side, size, account)
    assert group.legs[0].role == "close"


def test_there_has_to_be_something_to_close():
    with pytest.raises(PlanError, match="nothing is held"):
        close_position(Position("DU1", Future("ES"), 0, 0.0))


def test_a_name_that_no_builder_knows_is_a_type_error():
    with pytest.raises(TypeError):
        single("BUY", 1, Market(), acount="DU1")

    assert isinstance(single("BUY", 1, Stop(1)).legs[0].leg, Stop)
