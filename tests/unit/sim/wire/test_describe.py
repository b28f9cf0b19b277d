from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    CancelMktData,
    ContractFields,
    HistoricalData,
    OpenOrderEnd,
    OrderFields,
    PlaceOrder,
    ReqAutoOpenOrders,
    ScannerParameters,
    TagValue,
    TickPrice,
    describe,
)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (OpenOrderEnd(), "OpenOrderEnd"),
        (CancelMktData(0), "CancelMktData req_id=0"),
        (ReqAutoOpenOrders(False), "ReqAutoOpenOrders auto_bind=False"),
        (
            TickPrice(7, 1, Decimal("5000.25"), Decimal(3)),
            "TickPrice req_id=7 tick_type=1 price=5000.25 size=3",
        ),
        (
            PlaceOrder(
                5,
                ContractFields(symbol="ES"),
                OrderFields(
                    action="BUY", lmt_price=Decimal("1.5"), algo_params=(TagValue("a", "1"),)
                ),
            ),
            (
                "PlaceOrder order_id=5 contract=(symbol='ES') "
                "order=(action='BUY' lmt_price=1.5 algo_params=[(tag='a' value='1')])"
            ),
        ),
        (HistoricalData(7, "", "", ()), "HistoricalData req_id=7"),
    ],
)
def test_a_line_has_the_name_and_what_is_not_empty(message, line):
    assert describe(message) == line


def test_a_line_stays_one_line_of_bounded_texts():
    line = describe(ScannerParameters("<xml>\n" * 100_000))

    assert "\n" not in line
    assert len(line) < 300
    assert line.endswith("...(700002)")
