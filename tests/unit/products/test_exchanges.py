from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from ibkit.products import CALENDARS, EXCHANGES, PRODUCTS, corrected_exchange, product


def test_every_product_trades_on_an_exchange_of_the_table():
    assert {each.exchange for each in PRODUCTS} == set(EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_ibs_zone_is_the_zone_of_the_exchange(exchange):
    for month in (1, 7):
        noon = dt.datetime(2026, month, 15, 12, tzinfo=ZoneInfo(exchange.zone))

        assert noon.astimezone(ZoneInfo(exchange.ib_zone)).hour == 12


def test_every_exchange_has_a_calendar():
    assert {each.calendar for each in EXCHANGES.values()} <= set(CALENDARS)


@pytest.mark.parametrize(
    ("root", "given", "exchange"),
    [
        ("ES", "GLOBEX", "CME"),
        ("BTC", "CMECRYPTO", "CME"),
        ("ZN", "ECBOT", "CBOT"),
        ("KE", "KCBT", "CBOT"),
        ("FDAX", "DTB", "EUREX"),
        ("FSMI", "SOFFEX", "EUREX"),
        ("GC", "NYMEX", "COMEX"),
        ("SI", "NYMEX", "COMEX"),
        ("HG", "NYMEX", "COMEX"),
        ("VX", "SMART", "CFE"),
    ],
)
def test_a_name_that_ib_no_longer_takes_is_corrected_with_a_reason(root, given, exchange):
    found = corrected_exchange(product(root), given)

    assert found is not None
    assert (found.given, found.exchange) == (given, exchange)
    assert str(found) == f"{given} -> {exchange}: {found.reason}"
    assert (
        given.split("_")[0] in found.reason or "smart" in found.reason or "Kansas" in found.reason
    )


def test_an_old_name_of_another_exchange_is_corrected_to_the_products_own():
    found = corrected_exchange(product("ZN"), "GLOBEX")

    assert found is not None
    assert found.exchange == "CBOT"
    assert found.reason.endswith("ZN trades on CBOT")


def test_an_old_name_without_a_story_is_corrected_all_the_same():
    moved = attrs.evolve(product("ES"), obsolete_exchanges=("OLDPLACE",))
    found = corrected_exchange(moved, "OLDPLACE")

    assert found is not None
    assert found.reason == "ES trades on CME"


@pytest.mark.parametrize(
    ("root", "given"),
    [("ES", "CME"), ("CL", "NYMEX"), ("PL", "NYMEX"), ("ES", ""), ("ES", "QBALGO")],
)
def test_a_name_not_known_to_be_wrong_is_left_to_the_gateway(root, given):
    assert corrected_exchange(product(root), given) is None
