import dataclasses
from decimal import Decimal

import pytest
from ib_async import Order

from ibkit.contracts import PriceGrid
from ibkit.contracts._working import read_working, shifted, write_order
from rolling import ESM, order, trade

GRID = PriceGrid([(0, "0.25")])
UNSET = Order().lmtPrice


def numbers(order_type, action="SELL", **fields):
    """What an order's numbers become in a month that trades 50.10 higher."""
    fields = {"auxPrice": UNSET, "lmtPrice": UNSET, **fields}
    read = read_working(trade(order(7, action, 2, order_type, **fields)))
    moved = shifted(read, Decimal("50.10"), GRID)
    return {each.field: str(each.value) for each in moved}


@pytest.mark.parametrize(
    ("order_type", "fields", "expected"),
    [
        ("LMT", {"lmtPrice": 5020.0}, {"lmtPrice": "5070.25"}),
        ("STP", {"auxPrice": 4980.0}, {"auxPrice": "5030.25"}),
        ("MIT", {"auxPrice": 5020.0}, {"auxPrice": "5070.25"}),
        ("MKT", {}, {}),
        ("MOC", {}, {}),
        ("LOC", {"lmtPrice": 5020.0}, {"lmtPrice": "5070.25"}),
        (
            "STP LMT",
            {"auxPrice": 4980.0, "lmtPrice": 4979.0},
            {"auxPrice": "5030.25", "lmtPrice": "5029.25"},
        ),
        (
            "LIT",
            {"auxPrice": 5020.0, "lmtPrice": 5019.0},
            {"auxPrice": "5070.25", "lmtPrice": "5069.25"},
        ),
        (
            "TRAIL",
            {"auxPrice": 8.1, "trailStopPrice": 4992.0},
            {"trailStopPrice": "5042.25", "auxPrice": "8.00"},
        ),
        (
            "TRAIL",
            {"trailingPercent": 1.5, "auxPrice": 0.0, "trailStopPrice": 4992.0},
            {"trailStopPrice": "5042.25", "trailingPercent": "1.5"},
        ),
        ("TRAIL", {"auxPrice": 0.0, "trailStopPrice": 4992.0}, {"trailStopPrice": "5042.25"}),
        (
            "TRAIL LIMIT",
            {"auxPrice": 8.0, "lmtPriceOffset": 1.0, "lmtPrice": 4991.0, "trailStopPrice": 4992.0},
            {"trailStopPrice": "5042.25", "auxPrice": "8.00", "lmtPriceOffset": "1.00"},
        ),
        (
            "TRAIL LIMIT",
            {"auxPrice": 8.0, "lmtPrice": 4991.0, "trailStopPrice": 4992.0},
            {"trailStopPrice": "5042.25", "auxPrice": "8.00", "lmtPrice": "5041.25"},
        ),
    ],
)
def test_prices_move_distances_stay(order_type, fields, expected):
    assert numbers(order_type, **fields) == expected


def test_a_price_is_never_worse_than_asked():
    """The grid lies between: a sale goes up, a purchase goes down."""
    assert numbers("LMT", "SELL", lmtPrice=5000.0) == {"lmtPrice": "5050.25"}
    assert numbers("LMT", "BUY", lmtPrice=5000.0) == {"lmtPrice": "5050.00"}


def test_what_an_echo_carries_besides_does_not_move():
    """IB shows an unused limit of 0 and a trailing stop in a plain stop order."""
    assert numbers("STP", auxPrice=4980.0, lmtPrice=0.0, trailStopPrice=4980.0) == {
        "auxPrice": "5030.25"
    }


def test_an_adjustable_stop_moves_with_all_its_prices():
    moved = numbers(
        "STP",
        auxPrice=4980.0,
        adjustedOrderType="TRAIL",
        triggerPrice=5010.0,
        adjustedStopPrice=4995.0,
        adjustedTrailingAmount=8.0,
    )

    assert moved == {
        "auxPrice": "5030.25",
        "triggerPrice": "5060.25",
        "adjustedStopPrice": "5045.25",
        "adjustedTrailingAmount": "8.00",
    }


def test_an_adjusted_trail_in_percent_stays():
    moved = numbers(
        "STP",
        auxPrice=4980.0,
        adjustedOrderType="TRAIL",
        adjustedTrailingAmount=1.5,
        adjustableTrailingUnit=100,
    )

    assert moved["adjustedTrailingAmount"] == "1.5"


def test_a_negative_price_moves_as_any_other():
    assert numbers("LMT", lmtPrice=-37.5) == {"lmtPrice": "12.75"}


def test_what_is_left_is_moved_not_what_was_asked():
    read = read_working(trade(order(7, "SELL", 5, "LMT", 5020.0), filled=2))

    assert (read.remaining, read.filled) == (3, 2)


def test_a_fresh_order_keeps_its_terms_and_has_no_links():
    links = {"parentId": 3, "ocaGroup": "77", "ocaType": 3}
    terms = {"tif": "GTD", "goodTillDate": "20260701 15:00:00 US/Eastern", "outsideRth": True}
    read = read_working(trade(order(7, "SELL", 2, "STP", 4980.0, ref="ik/a:s:", **links, **terms)))
    made = write_order(read, shifted(read, Decimal(50), GRID), Decimal(2))

    expected = Order(
        action="SELL",
        totalQuantity=2.0,
        orderType="STP",
        auxPrice=5030.0,
        account=read.account,
        orderRef="ik/a:s:",
        **terms,
    )

    assert dataclasses.asdict(made) == dataclasses.asdict(expected)


def test_a_working_order_says_what_it_is():
    read = read_working(trade(order(7, "SSHORT", 2, "STP", 4980.0, ref="mine"), ESM))

    assert str(read) == "SELL 2 STP 4980 (mine)"
    assert str(read_working(trade(order(7, "BUY", 1, "MKT")))) == "BUY 1 MKT"
    assert (read.is_stop, read.can_move, read.con_id) == (True, True, ESM.con_id)


def test_a_type_that_is_not_known_to_the_letter_cannot_move():
    assert not read_working(trade(order(7, "SELL", 2, "PEG MKT"))).can_move
