"""Messages about history: bars, ticks, schedules, head stamps, histograms."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._wire._contract_fields import FullOrExpired
from ibkit.sim._wire._fields import Tags


class ReqHistoricalData(NamedTuple):
    req_id: int
    contract: FullOrExpired
    end_date_time: str
    bar_size_setting: str
    duration_str: str
    use_rth: bool
    what_to_show: str
    format_date: int
    keep_up_to_date: bool
    chart_options: Tags = ()


class CancelHistoricalData(NamedTuple):
    req_id: int


class ReqHeadTimeStamp(NamedTuple):
    req_id: int
    contract: FullOrExpired
    use_rth: bool
    what_to_show: str
    format_date: int


class CancelHeadTimeStamp(NamedTuple):
    req_id: int


class ReqHistogramData(NamedTuple):
    req_id: int
    contract: FullOrExpired
    use_rth: bool
    time_period: str


class CancelHistogramData(NamedTuple):
    req_id: int


class ReqHistoricalTicks(NamedTuple):
    req_id: int
    contract: FullOrExpired
    start_date_time: str
    end_date_time: str
    number_of_ticks: int
    what_to_show: str
    use_rth: bool
    ignore_size: bool
    misc_options: Tags = ()


class Bar(NamedTuple):
    """`date` is text, as asked for by the request's `format_date`."""

    date: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    wap: Decimal
    bar_count: int


class HistoricalData(NamedTuple):
    req_id: int
    start: str
    end: str
    bars: tuple[Bar, ...] = ()


class HistoricalDataUpdate(NamedTuple):
    req_id: int
    bar: Bar


class HistoricalSession(NamedTuple):
    start_date_time: str
    end_date_time: str
    ref_date: str


class HistoricalSchedule(NamedTuple):
    """From server version 165 on."""

    req_id: int
    start_date_time: str
    end_date_time: str
    time_zone: str
    sessions: tuple[HistoricalSession, ...] = ()


class HeadTimestamp(NamedTuple):
    req_id: int
    head_timestamp: str


class HistogramEntry(NamedTuple):
    price: Decimal
    size: int


class HistogramData(NamedTuple):
    req_id: int
    entries: tuple[HistogramEntry, ...] = ()


class HistoricalTick(NamedTuple):
    """`time` of these ticks is in seconds since 1970."""

    time: int
    price: Decimal
    size: Decimal


class HistoricalTickBidAsk(NamedTuple):
    time: int
    price_bid: Decimal
    price_ask: Decimal
    size_bid: Decimal
    size_ask: Decimal
    bid_past_low: bool = False
    ask_past_high: bool = False


class HistoricalTickLast(NamedTuple):
    time: int
    price: Decimal
    size: Decimal
    exchange: str = ""
    special_conditions: str = ""
    past_limit: bool = False
    unreported: bool = False


class HistoricalTicks(NamedTuple):
    """Midpoints. `done` says that no further part follows."""

    req_id: int
    ticks: tuple[HistoricalTick, ...]
    done: bool


class HistoricalTicksBidAsk(NamedTuple):
    req_id: int
    ticks: tuple[HistoricalTickBidAsk, ...]
    done: bool


class HistoricalTicksLast(NamedTuple):
    req_id: int
    ticks: tuple[HistoricalTickLast, ...]
    done: bool
