from ibkit.sim._wire import OrderFields, OrderStateFields
from ibkit.sim._wire._order_fields import CONDITION_TYPES


def test_an_order_of_nothing_is_unset_and_transmitted():
    order = OrderFields()

    assert order.total_quantity is None
    assert order.lmt_price is None
    assert order.transmit


def test_the_conditions_have_the_numbers_of_the_api(ib_async_peer):
    create = ib_async_peer.module.OrderCondition.createClass

    for number, condition in CONDITION_TYPES.items():
        assert condition.__name__ == f"{create(number).__name__}Fields"


def test_the_state_of_an_order_has_no_margins_by_default():
    assert all(value in {None, ""} for value in OrderStateFields())
