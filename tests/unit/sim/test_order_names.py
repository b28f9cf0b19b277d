from decimal import Decimal

import pytest

from ibkit.sim._engine import OrderTerms
from ibkit.sim._order_names import exec_id_of, perm_id_of, terms_of


def test_an_order_is_named_by_its_perm_id_or_by_client_and_order_id(talk):
    talk.ask(talk.place(5))
    (order,) = talk.broker.orders()

    assert perm_id_of(talk.broker, order.perm_id) == order.perm_id
    assert perm_id_of(talk.broker, "3/5") == order.perm_id


@pytest.mark.parametrize(
    ("name", "error"),
    [("3/6", LookupError), ("4/5", LookupError), ("5", ValueError), ("a/b", ValueError)],
)
def test_a_name_of_no_order_is_said(talk, name, error):
    talk.ask(talk.place(5))

    with pytest.raises(error, match=repr(name)):
        perm_id_of(talk.broker, name)


def test_the_latest_execution_needs_no_id(talk):
    with pytest.raises(LookupError, match="none today"):
        exec_id_of(talk.broker, "latest")

    talk.ask(talk.place(5, order_type="MKT"), talk.place(6, order_type="MKT"))

    assert exec_id_of(talk.broker, "latest") == talk.broker.executions()[-1].exec_id
    assert exec_id_of(talk.broker, "a.01") == "a.01"


def test_terms_may_be_a_table():
    terms = terms_of(
        {
            "action": "BUY",
            "quantity": 2,
            "order_type": "LMT",
            "limit_price": 4000.25,
            "parent_id": 7,
        }
    )

    assert terms == OrderTerms(
        action="BUY",
        quantity=Decimal(2),
        order_type="LMT",
        limit_price=Decimal("4000.25"),
        parent_id=7,
    )
    assert terms_of(terms) is terms


@pytest.mark.parametrize("table", [{"action": "BUY"}, {"action": "BUY", "price": 1}])
def test_a_table_of_other_fields_is_an_error(table):
    with pytest.raises(ValueError, match="terms"):
        terms_of(table)
