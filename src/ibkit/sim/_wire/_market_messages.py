"""Messages about market data: quotes, depth, five-second bars, tick by tick, options."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._wire._contract_fields import FullContract
from ibkit.sim._wire._fields import BlankDecimal, Minus1, Minus2, Tags, TagValue


class ReqMktData(NamedTuple):
    req_id: int
    contract: FullContract
    generic_tick_list: str
    snapshot: bool
    regulatory_snapshot: bool
    mkt_data_options: Tags = ()


class CancelMktData(NamedTuple):
    req_id: int


class ReqMarketDataType(NamedTuple):
    market_data_type: int


class ReqMktDepth(NamedTuple):
    req_id: int
    contract: FullContract
    num_rows: int
    is_smart_depth: bool
    mkt_depth_options: Tags = ()


class CancelMktDepth(NamedTuple):
    req_id: int
    is_smart_depth: bool


class ReqRealTimeBars(NamedTuple):
    req_id: int
    contract: FullContract
    bar_size: int
    what_to_show: str
    use_rth: bool
    real_time_bars_options: Tags = ()


class CancelRealTimeBars(NamedTuple):
    req_id: int


class ReqTickByTickData(NamedTuple):
    req_id: int
    contract: FullContract
    tick_type: str
    number_of_ticks: int
    ignore_size: bool


class CancelTickByTickData(NamedTuple):
    req_id: int


class CalculateImpliedVolatility(NamedTuple):
    req_id: int
    contract: FullContract
    option_price: BlankDecimal
    under_price: BlankDecimal
    impl_vol_options: tuple[TagValue, ...] = ()


class CancelCalculateImpliedVolatility(NamedTuple):
    req_id: int


class CalculateOptionPrice(NamedTuple):
    req_id: int
    contract: FullContract
    volatility: BlankDecimal
    under_price: BlankDecimal
    opt_prc_options: tuple[TagValue, ...] = ()


class CancelCalculateOptionPrice(NamedTuple):
    req_id: int


class TickPrice(NamedTuple):
    """`attr_mask`: 1 can auto execute, 2 past limit, 4 pre-open."""

    req_id: int
    tick_type: int
    price: Decimal
    size: Decimal
    attr_mask: int = 0


class TickSize(NamedTuple):
    req_id: int
    tick_type: int
    size: Decimal


class TickGeneric(NamedTuple):
    req_id: int
    tick_type: int
    value: Decimal


class TickString(NamedTuple):
    req_id: int
    tick_type: int
    value: str


class TickEFP(NamedTuple):
    req_id: int
    tick_type: int
    basis_points: Decimal
    formatted_basis_points: str
    implied_futures_price: Decimal
    hold_days: int
    future_last_trade_date: str
    dividend_impact: Decimal
    dividends_to_last_trade_date: Decimal


class TickOptionComputation(NamedTuple):
    """A figure of ``None`` is not computed (yet)."""

    req_id: int
    tick_type: int
    tick_attrib: int
    implied_vol: Minus1 = None
    delta: Minus2 = None
    opt_price: Minus1 = None
    pv_dividend: Minus1 = None
    gamma: Minus2 = None
    vega: Minus2 = None
    theta: Minus2 = None
    und_price: Minus1 = None


class TickSnapshotEnd(NamedTuple):
    req_id: int


class MarketDataType(NamedTuple):
    """1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    req_id: int
    market_data_type: int


class TickReqParams(NamedTuple):
    req_id: int
    min_tick: Decimal
    bbo_exchange: str
    snapshot_permissions: int


class RerouteMktDataReq(NamedTuple):
    req_id: int
    con_id: int
    exchange: str


class RerouteMktDepthReq(NamedTuple):
    req_id: int
    con_id: int
    exchange: str


class DeltaNeutralValidation(NamedTuple):
    req_id: int
    con_id: int
    delta: Decimal
    price: Decimal


class UpdateMktDepth(NamedTuple):
    """`operation`: 0 insert, 1 update, 2 delete; `side`: 0 ask, 1 bid."""

    req_id: int
    position: int
    operation: int
    side: int
    price: Decimal
    size: Decimal


class UpdateMktDepthL2(NamedTuple):
    """As `UpdateMktDepth`, with the market maker or, of SMART depth, the exchange."""

    req_id: int
    position: int
    market_maker: str
    operation: int
    side: int
    price: Decimal
    size: Decimal
    is_smart_depth: bool


class RealtimeBar(NamedTuple):
    """`time` is the start of the bar in seconds since 1970."""

    req_id: int
    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    wap: Decimal
    bar_count: int


class TickByTickAllLast(NamedTuple):
    """`tick_type` 1 is Last, 2 is AllLast; `time` is in seconds since 1970."""

    req_id: int
    tick_type: int
    time: int
    price: Decimal
    size: Decimal
    past_limit: bool
    unreported: bool
    exchange: str
    special_conditions: str


class TickByTickBidAsk(NamedTuple):
    req_id: int
    time: int
    bid_price: Decimal
    ask_price: Decimal
    bid_size: Decimal
    ask_size: Decimal
    bid_past_low: bool = False
    ask_past_high: bool = False


class TickByTickMidPoint(NamedTuple):
    req_id: int
    time: int
    mid_point: Decimal
