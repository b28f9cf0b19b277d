"""Each leg against the fields that IB's documentation and captures give for its order type."""

from decimal import Decimal

import pytest
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders import (
    AdjustableStop,
    FromFill,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    LimitOnOpen,
    Market,
    MarketIfTouched,
    MarketOnClose,
    MarketOnOpen,
    MarketToLimit,
    MidPrice,
    Relative,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)
from ibkit.orders._types import ORDER_TYPES, describe, is_open, map_numbers, read_leg, write_leg

# leg, its fields (gateway-behaviour 1.7; the tables of the API guide), how it is drawn
ROWS = [
    (Market(), {"orderType": "MKT"}, "MKT"),
    (Limit(5010), {"orderType": "LMT", "lmtPrice": 5010.0}, "LMT 5010"),
    (Stop(4980), {"orderType": "STP", "auxPrice": 4980.0}, "STP 4980"),
    (
        StopLimit(4980, 4979.5),
        {"orderType": "STP LMT", "auxPrice": 4980.0, "lmtPrice": 4979.5},
        "STP LMT 4980 limit 4979.5",
    ),
    (Trail(amount=8), {"orderType": "TRAIL", "auxPrice": 8.0}, "TRAIL 8"),
    (
        Trail(percent=1, start=4950),
        {"orderType": "TRAIL", "trailingPercent": 1.0, "trailStopPrice": 4950.0},
        "TRAIL 1% from 4950",
    ),
    (
        TrailLimit(amount=8, offset="0.5", start=4990),
        {
            "orderType": "TRAIL LIMIT",
            "auxPrice": 8.0,
            "lmtPriceOffset": 0.5,
            "trailStopPrice": 4990,
        },
        "TRAIL LIMIT 8 from 4990 offset 0.5",
    ),
    (
        TrailLimit(percent=1, limit=4989, start=4990),
        {
            "orderType": "TRAIL LIMIT",
            "trailingPercent": 1.0,
            "lmtPrice": 4989.0,
            "trailStopPrice": 4990.0,
        },
        "TRAIL LIMIT 1% from 4990 limit 4989",
    ),
    (MarketIfTouched(4990), {"orderType": "MIT", "auxPrice": 4990.0}, "MIT 4990"),
    (
        LimitIfTouched(4990, 4991),
        {"orderType": "LIT", "auxPrice": 4990.0, "lmtPrice": 4991.0},
        "LIT 4990 limit 4991",
    ),
    (MarketOnClose(), {"orderType": "MOC"}, "MOC"),
    (LimitOnClose(5000), {"orderType": "LOC", "lmtPrice": 5000.0}, "LOC 5000"),
    (MarketOnOpen(), {"orderType": "MKT"}, "MKT"),
    (LimitOnOpen(5000), {"orderType": "LMT", "lmtPrice": 5000.0}, "LMT 5000"),
    (MarketToLimit(), {"orderType": "MTL"}, "MTL"),
    (MidPrice(150), {"orderType": "MIDPRICE", "lmtPrice": 150.0}, "MIDPRICE cap 150"),
    (
        Relative("0.02", 150),
        {"orderType": "REL", "auxPrice": 0.02, "lmtPrice": 150.0},
        "REL offset 0.02 cap 150",
    ),
    (
        AdjustableStop(4980, adjust_at=5010, becomes=StopLimit(5000, 4999)),
        {
            "orderType": "STP",
            "auxPrice": 4980.0,
            "triggerPrice": 5010.0,
            "adjustedOrderType": "STP LMT",
            "adjustedStopPrice": 5000.0,
            "adjustedStopLimitPrice": 4999.0,
        },
        "STP 4980 adjusted at 5010 to STP LMT 5000 limit 4999",
    ),
    (
        AdjustableStop(4980, adjust_at=5010, becomes=Trail(percent=1, start=5000)),
        {
            "orderType": "STP",
            "auxPrice": 4980.0,
            "triggerPrice": 5010.0,
            "adjustedOrderType": "TRAIL",
            "adjustedStopPrice": 5000.0,
            "adjustedTrailingAmount": 1.0,
            "adjustableTrailingUnit": 1,
        },
        "STP 4980 adjusted at 5010 to TRAIL 1% from 5000",
    ),
    (
        AdjustableStop(4980, adjust_at=5010, becomes=Trail(amount=8, start=5000)),
        {
            "orderType": "STP",
            "auxPrice": 4980.0,
            "triggerPrice": 5010.0,
            "adjustedOrderType": "TRAIL",
            "adjustedStopPrice": 5000.0,
            "adjustedTrailingAmount": 8.0,
        },
        "STP 4980 adjusted at 5010 to TRAIL 8 from 5000",
    ),
]
names = [text for _, _, text in ROWS]


def made(leg, fields):
    opens = isinstance(leg, (MarketOnOpen, LimitOnOpen))
    return Order(**fields, tif="OPG" if opens else "DAY")


@pytest.mark.parametrize(("leg", "fields", "_text"), ROWS, ids=names)
def test_a_leg_is_written_into_the_fields_of_its_type(leg, fields, _text):
    assert write_leg(leg) == fields


@pytest.mark.parametrize(("leg", "fields", "_text"), ROWS, ids=names)
def test_a_leg_is_read_from_the_fields_of_its_type(leg, fields, _text):
    assert read_leg(made(leg, fields)) == leg


@pytest.mark.parametrize(("leg", "_fields", "text"), ROWS, ids=names)
def test_a_leg_is_drawn_as_a_trader_writes_it(leg, _fields, text):
    assert describe(leg) == text


def test_every_type_has_a_row_here():
    assert {type(leg) for leg, _, _ in ROWS} == set(ORDER_TYPES)


# What openOrder shows beside what was sent: unused prices as 0, IB's own trailing prices, the
# limit that it computed (gateway-behaviour 1.4; ib-async-traps B7).
@pytest.mark.parametrize(
    ("leg", "echo"),
    [
        (Limit(5010), {"lmtPrice": 5010.0, "auxPrice": 0.0, "trailStopPrice": 5011.0}),
        (Stop(4980), {"lmtPrice": 4980.03, "auxPrice": 4980.0, "adjustedOrderType": "None"}),
        (
            Trail(percent=1, start=4950),
            {"trailingPercent": 1.0, "auxPrice": 0.0, "trailStopPrice": 4950.0},
        ),
        (
            TrailLimit(amount="0.05", offset="0.05", start=2921),
            {
                "auxPrice": 0.05,
                "lmtPrice": 2920.95,
                "lmtPriceOffset": 0.05,
                "trailStopPrice": 2921.0,
            },
        ),
        (MidPrice(), {"lmtPrice": 0.0}),
        (MidPrice(), {"lmtPrice": None}),
        (Relative("0.01"), {"auxPrice": 0.01, "lmtPrice": 0.0}),
    ],
)
def test_a_leg_is_read_from_what_tws_echoes(leg, echo):
    assert read_leg(Order(orderType=ORDER_TYPES[type(leg)].word, tif="DAY", **echo)) == leg


def test_an_order_of_another_type_is_refused():
    with pytest.raises(PlanError, match="VOL"):
        read_leg(Order(orderType="VOL"))


def test_a_price_that_waits_for_the_fill_cannot_be_written():
    assert is_open(Stop(FromFill(-5)))
    assert is_open(AdjustableStop(4980, adjust_at=5010, becomes=Stop(FromFill(0.25))))
    with pytest.raises(PlanError, match="only when the entry fills"):
        write_leg(Stop(FromFill(-5)))


def test_changing_every_number_reaches_the_inner_leg_too():
    stop = AdjustableStop(1, adjust_at=2, becomes=StopLimit(3, 4))
    doubled = map_numbers(stop, lambda _, value: value * 2)

    assert doubled == AdjustableStop(2, adjust_at=4, becomes=StopLimit(6, 8))
    assert map_numbers(stop, lambda _, value: value) is stop


def test_the_offset_goes_before_the_limit_that_tws_computed():
    order = Order(orderType="TRAIL LIMIT", auxPrice=1.0, lmtPrice=9.5, lmtPriceOffset=0.5)
    order.trailStopPrice = 10.0

    assert read_leg(order).offset == Decimal("0.5")
    assert read_leg(order).limit is None
