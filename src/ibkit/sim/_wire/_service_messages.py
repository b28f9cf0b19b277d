"""Messages of side services: scanner, news, fundamentals, Wall Street Horizon."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ibkit.sim._wire._contract_fields import CompanyContract, ContractFields
from ibkit.sim._wire._fields import BlankDecimal, BlankInt, Since, Tags, TagValue


class ReqScannerParameters(NamedTuple):
    pass


class ReqScannerSubscription(NamedTuple):
    """The fields from `number_of_rows` to `stock_type_filter` are the scannerSubscription."""

    req_id: int
    number_of_rows: BlankInt
    instrument: str
    location_code: str
    scan_code: str
    above_price: BlankDecimal
    below_price: BlankDecimal
    above_volume: BlankInt
    market_cap_above: BlankDecimal
    market_cap_below: BlankDecimal
    moody_rating_above: str
    moody_rating_below: str
    sp_rating_above: str
    sp_rating_below: str
    maturity_date_above: str
    maturity_date_below: str
    coupon_rate_above: BlankDecimal
    coupon_rate_below: BlankDecimal
    exclude_convertible: bool
    average_option_volume_above: BlankInt
    scanner_setting_pairs: str
    stock_type_filter: str
    filter_options: Tags = ()
    options: Tags = ()


class CancelScannerSubscription(NamedTuple):
    req_id: int


class ReqFundamentalData(NamedTuple):
    req_id: int
    contract: CompanyContract
    report_type: str
    fundamental_data_options: tuple[TagValue, ...] = ()


class CancelFundamentalData(NamedTuple):
    req_id: int


class ReqNewsBulletins(NamedTuple):
    all_msgs: bool


class CancelNewsBulletins(NamedTuple):
    pass


class ReqNewsProviders(NamedTuple):
    pass


class ReqNewsArticle(NamedTuple):
    req_id: int
    provider_code: str
    article_id: str
    news_article_options: Tags = ()


class ReqHistoricalNews(NamedTuple):
    req_id: int
    con_id: int
    provider_codes: str
    start_date_time: str
    end_date_time: str
    total_results: int
    historical_news_options: Tags = ()


class ReqWshMetaData(NamedTuple):
    req_id: int


class CancelWshMetaData(NamedTuple):
    req_id: int


class ReqWshEventData(NamedTuple):
    req_id: int
    con_id: BlankInt = None
    filter: Annotated[str, Since(171)] = ""
    fill_watchlist: Annotated[bool, Since(171)] = False
    fill_portfolio: Annotated[bool, Since(171)] = False
    fill_competitors: Annotated[bool, Since(171)] = False
    start_date: Annotated[str, Since(173)] = ""
    end_date: Annotated[str, Since(173)] = ""
    total_limit: Annotated[BlankInt, Since(173)] = None


class CancelWshEventData(NamedTuple):
    req_id: int


class ScannerParameters(NamedTuple):
    xml: str


class ScannerRow(NamedTuple):
    rank: int
    contract: ContractFields
    market_name: str = ""
    distance: str = ""
    benchmark: str = ""
    projection: str = ""
    legs_str: str = ""


class ScannerData(NamedTuple):
    req_id: int
    rows: tuple[ScannerRow, ...] = ()


class FundamentalData(NamedTuple):
    req_id: int
    data: str


class UpdateNewsBulletin(NamedTuple):
    msg_id: int
    msg_type: int
    news_message: str
    origin_exch: str


class NewsProvider(NamedTuple):
    code: str
    name: str


class NewsProviders(NamedTuple):
    providers: tuple[NewsProvider, ...] = ()


class NewsArticle(NamedTuple):
    """`article_type`: 0 text or HTML, 1 PDF in base64."""

    req_id: int
    article_type: int
    article_text: str


class TickNews(NamedTuple):
    """`time_stamp` is in milliseconds since 1970."""

    req_id: int
    time_stamp: int
    provider_code: str
    article_id: str
    headline: str
    extra_data: str


class HistoricalNews(NamedTuple):
    req_id: int
    time: str
    provider_code: str
    article_id: str
    headline: str


class HistoricalNewsEnd(NamedTuple):
    req_id: int
    has_more: bool


class WshMetaData(NamedTuple):
    """From server version 161 on, as `WshEventData`."""

    req_id: int
    data_json: str


class WshEventData(NamedTuple):
    req_id: int
    data_json: str
