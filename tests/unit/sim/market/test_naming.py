from __future__ import annotations

import datetime as dt

import pytest

from ibkit.sim._market import Listings
from ibkit.sim._market._naming import named

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "local_symbol", "kind"),
    [
        ("ES", "ESZ6", "FUT"),
        ("6E", "6EZ6", "FUT"),
        ("FDXM", "FDXM 20261218 M", "FUT"),
        ("ESH7", "ESH7", "FUT"),
        ("AAPL", "AAPL", "STK"),
        ("AMD", "AMD", "STK"),
        ("EUR.USD", "EUR.USD", "CASH"),
        ("SPX", "SPX", "IND"),
        ("VIX", "VIX", "IND"),
        ("AAPL  261218C00270000", "AAPL  261218C00270000", "OPT"),
        (265598, "AAPL", "STK"),
    ],
)
def test_names_that_a_script_may_use(name, local_symbol: str, kind: str) -> None:
    found = named(Listings(), name, TODAY)

    assert (found.local_symbol, found.sec_type, found.currency) == (
        local_symbol,
        kind,
        "EUR" if local_symbol.startswith("FD") else "USD",
    )


@pytest.mark.parametrize("name", ["", "NOPE", 12, "ESZ66"])
def test_other_names_are_an_error_that_says_what_is_accepted(name) -> None:
    with pytest.raises(LookupError, match="accepted are a conId"):
        named(Listings(), name, TODAY)


def test_a_root_is_its_lead_of_the_day() -> None:
    assert named(Listings(), "ES", dt.date(2026, 12, 14)).local_symbol == "ESH7"
