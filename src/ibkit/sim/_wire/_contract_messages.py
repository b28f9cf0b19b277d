"""Messages about contracts: details, symbols, option chains, rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NamedTuple

from ibkit.sim._wire._contract_fields import ContractFields, ContractQuery
from ibkit.sim._wire._fields import BlankDecimal, MaxInt, Since, TagValue


class ReqContractDetails(NamedTuple):
    req_id: int
    contract: ContractQuery


class ReqSecDefOptParams(NamedTuple):
    req_id: int
    underlying_symbol: str
    fut_fop_exchange: str
    underlying_sec_type: str
    underlying_con_id: int


class ReqMatchingSymbols(NamedTuple):
    req_id: int
    pattern: str


class ReqMarketRule(NamedTuple):
    market_rule_id: int


class ReqSmartComponents(NamedTuple):
    req_id: int
    bbo_exchange: str


class ReqMktDepthExchanges(NamedTuple):
    pass


class ContractDetailsFields(NamedTuple):
    """contractDetails; `last_trade` may be ``20250620``, or date, time and zone with blanks."""

    contract: ContractFields
    last_trade: str = ""
    """In the place of the contract's own date."""
    market_name: str = ""
    min_tick: Decimal = Decimal(0)
    md_size_multiplier: int = 1
    """Below server version 164."""
    order_types: str = ""
    valid_exchanges: str = ""
    price_magnifier: int = 1
    under_con_id: int = 0
    long_name: str = ""
    contract_month: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    time_zone_id: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    ev_rule: str = ""
    ev_multiplier: int = 0
    sec_id_list: tuple[TagValue, ...] = ()
    agg_group: MaxInt = None
    under_symbol: str = ""
    under_sec_type: str = ""
    market_rule_ids: str = ""
    real_expiration_date: str = ""
    stock_type: str = ""
    min_size: BlankDecimal = None
    size_increment: BlankDecimal = None
    suggested_size_increment: BlankDecimal = None


class BondDetailsFields(NamedTuple):
    """bondContractDetails; `maturity` may be a date, or date, time and zone with blanks."""

    contract: ContractFields
    cusip: str = ""
    coupon: Decimal = Decimal(0)
    maturity: str = ""
    issue_date: str = ""
    ratings: str = ""
    bond_type: str = ""
    coupon_type: str = ""
    convertible: bool = False
    callable: bool = False
    putable: bool = False
    desc_append: str = ""
    market_name: str = ""
    min_tick: Decimal = Decimal(0)
    md_size_multiplier: int = 1
    """Below server version 164."""
    order_types: str = ""
    valid_exchanges: str = ""
    next_option_date: str = ""
    next_option_type: str = ""
    next_option_partial: bool = False
    notes: str = ""
    long_name: str = ""
    ev_rule: str = ""
    ev_multiplier: int = 0
    sec_id_list: tuple[TagValue, ...] = ()
    agg_group: MaxInt = None
    market_rule_ids: str = ""
    min_size: BlankDecimal = None
    size_increment: BlankDecimal = None
    suggested_size_increment: BlankDecimal = None


class ContractData(NamedTuple):
    """contractDetails."""

    req_id: int
    details: ContractDetailsFields


class BondContractData(NamedTuple):
    """bondContractDetails."""

    req_id: int
    details: BondDetailsFields


class ContractDetailsEnd(NamedTuple):
    req_id: int


class SecurityDefinitionOptionParameter(NamedTuple):
    req_id: int
    exchange: str
    underlying_con_id: int
    trading_class: str
    multiplier: str
    expirations: tuple[str, ...] = ()
    strikes: tuple[Decimal, ...] = ()


class SecurityDefinitionOptionParameterEnd(NamedTuple):
    req_id: int


class SymbolSample(NamedTuple):
    """One hit of reqMatchingSymbols (contractDescription)."""

    con_id: int
    symbol: str
    sec_type: str
    primary_exchange: str
    currency: str
    derivative_sec_types: tuple[str, ...] = ()
    description: Annotated[str, Since(176)] = ""
    issuer_id: Annotated[str, Since(176)] = ""


class SymbolSamples(NamedTuple):
    req_id: int
    samples: tuple[SymbolSample, ...] = ()


class DepthExchange(NamedTuple):
    """depthMktDataDescription."""

    exchange: str
    sec_type: str
    listing_exch: str = ""
    service_data_type: str = ""
    agg_group: MaxInt = None


class MktDepthExchanges(NamedTuple):
    descriptions: tuple[DepthExchange, ...] = ()


class SmartComponent(NamedTuple):
    bit_number: int
    exchange: str
    exchange_letter: str


class SmartComponents(NamedTuple):
    req_id: int
    components: tuple[SmartComponent, ...] = ()


class PriceIncrement(NamedTuple):
    low_edge: Decimal
    increment: Decimal


class MarketRule(NamedTuple):
    market_rule_id: int
    price_increments: tuple[PriceIncrement, ...] = ()
