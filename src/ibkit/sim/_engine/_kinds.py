"""The order types, as a table."""

from __future__ import annotations

import enum

from attrs import frozen


class Wake(enum.Enum):
    """What makes a simulated order go to the market."""

    STOP = "stop"
    """The price turns against the position: up for a buy, down for a sell."""
    TOUCH = "touch"
    """The price comes to the order: down for a buy, up for a sell."""
    TRAIL = "trail"
    """A stop that follows the price."""


@frozen(kw_only=True)
class Kind:
    """What an order type does."""

    code: str
    """As IB writes it in a contract's list of order types."""
    limited: bool = False
    wake: Wake | None = None
    at_close: bool = False
    pegged: bool = False


KINDS = {
    "MKT": Kind(code="MKT"),
    "MKT PRT": Kind(code="MKT"),
    "LMT": Kind(code="LMT", limited=True),
    "STP": Kind(code="STP", wake=Wake.STOP),
    "STP PRT": Kind(code="STP", wake=Wake.STOP),
    "STP LMT": Kind(code="STPLMT", limited=True, wake=Wake.STOP),
    "MIT": Kind(code="MIT", wake=Wake.TOUCH),
    "LIT": Kind(code="LIT", limited=True, wake=Wake.TOUCH),
    "TRAIL": Kind(code="TRAIL", wake=Wake.TRAIL),
    "TRAIL LIMIT": Kind(code="TRAILLMT", limited=True, wake=Wake.TRAIL),
    "MOC": Kind(code="MOC", at_close=True),
    "LOC": Kind(code="LOC", limited=True, at_close=True),
    "MTL": Kind(code="MTL"),
    "REL": Kind(code="REL", pegged=True),
    "MIDPRICE": Kind(code="MIDPX", pegged=True),
}

NOT_SIMULATED = frozenset(
    {
        "PEG MID",
        "PEG BEST",
        "PEG BENCH",
        "PEG MKT",
        "PEG STK",
        "SNAP MID",
        "SNAP MKT",
        "SNAP PRIM",
        "VOL",
        "PASSV REL",
        "BOX TOP",
        "TRAIL LIT",
        "TRAIL MIT",
    }
)
"""Types that TWS knows and this broker does not fill: 387."""

TIFS = frozenset({"DAY", "GTC", "GTD", "IOC", "FOK", "OPG", "AUC", "DTC"})
AT_ONCE = frozenset({"IOC", "FOK"})
