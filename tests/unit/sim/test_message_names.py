from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._message_names import altered, checked_answer, checked_request


def test_a_name_is_that_of_a_message():
    assert checked_request("ReqPositions") == "ReqPositions"
    assert checked_answer("PositionEnd") == "PositionEnd"


@pytest.mark.parametrize(
    ("check", "name", "close"),
    [
        (checked_request, "ReqPosition", "ReqPositions"),
        (checked_request, "PositionEnd", "ReqPositions"),
        (checked_answer, "orderStatus", "OrderStatus"),
    ],
)
def test_a_name_that_is_none_is_answered_with_close_ones(check, name, close):
    with pytest.raises(ValueError, match=f"got '{name}'; did you mean .*{close}"):
        check(name)


def test_fields_are_changed_inside_of_others_too():
    details = wire.ContractDetailsFields(contract=wire.ContractFields(symbol="ES"))
    change = altered(
        "ContractData", {"details.time_zone_id": "JST", "details.contract.symbol": "NQ"}
    )

    changed = change(wire.ContractData(7, details))

    assert changed.details.time_zone_id == "JST"
    assert changed.details.contract.symbol == "NQ"
    assert details.contract.symbol == "ES"


@pytest.mark.parametrize("value", [5000.25, "5000.25", Decimal("5000.25")])
def test_numbers_are_what_they_show(value):
    change = altered("TickPrice", {"price": value})

    assert str(change(wire.TickPrice(7, 1, Decimal(1), Decimal(2))).price) == "5000.25"


def test_a_field_that_is_none_is_refused_at_once():
    with pytest.raises(ValueError, match=r"field of OrderStatus: got 'state'; did you mean status"):
        altered("OrderStatus", {"state": "x"})
