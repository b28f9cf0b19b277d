"""The table is whole, and what it says of a request is what a client gets."""

from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._session._dispatch import HANDLERS
from ibkit.sim._session._login import ignore
from ibkit.sim._session._side_services import UNAVAILABLE
from ibkit.sim._wire._layout import columns_of

REQUESTS = sorted((spec.message for spec in wire.REQUESTS.values()), key=lambda m: m.__name__)


def blank(declared):
    """A request with an id and nothing else in it."""
    values = {"req_id": 7, "order_id": 7}
    plain = {str: "", int: 0, bool: False, Decimal: Decimal(0)}
    for name, column in columns_of(declared).items():
        if name not in values and name not in declared._field_defaults:
            nested = hasattr(column.hint, "_fields")
            values[name] = column.hint() if nested else plain.get(column.hint)
    return declared(**{name: values[name] for name in declared._fields if name in values})


def test_every_request_of_the_protocol_has_a_handler_and_no_other():
    assert set(HANDLERS) == set(REQUESTS)


@pytest.mark.parametrize("request_class", REQUESTS, ids=lambda r: r.__name__)
def test_no_handler_fails_on_a_request_that_says_nothing(talk, request_class):
    if request_class is not wire.StartApi:
        talk.ask(blank(request_class))


@pytest.mark.parametrize("request_class", list(UNAVAILABLE), ids=lambda r: r.__name__)
def test_what_is_unavailable_has_the_error_of_the_table(talk, request_class):
    request = blank(request_class)

    assert talk.ask(request) == [
        wire.ErrMsg(getattr(request, "req_id", -1), *UNAVAILABLE[request_class])
    ]


@pytest.mark.parametrize("request_class", [r for r in REQUESTS if HANDLERS[r] is ignore])
def test_what_is_ignored_has_no_answer(talk, request_class):
    assert talk.ask(blank(request_class)) == []


def test_an_unknown_request_is_505(talk):
    (refusal,) = talk.ask(wire.UnknownRequest(777))

    assert refusal.error_code == 505
