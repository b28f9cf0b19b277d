"""What a client asks for when it names an instrument, and what it gets when there is none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from ibkit.sim._market._instrument import Leg


@frozen(kw_only=True)
class Question:
    """The wire contract: every field that is not empty is a filter (gateway-behaviour 2.1)."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    last_trade_date_or_contract_month: str = ""
    """``YYYYMM`` is compared with the contract month, ``YYYYMMDD`` with the last trading day."""
    strike: Decimal | None = None
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    issuer_id: str = ""
    legs: tuple[Leg, ...] = ()


@frozen
class Refusal:
    """An error in the gateway's own words."""

    code: int
    text: str


class OptionChain(NamedTuple):
    """One answer of reqSecDefOptParams."""

    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: str
    expirations: tuple[dt.date, ...]
    strikes: tuple[Decimal, ...]
