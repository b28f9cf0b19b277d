"""Requests: the table of all messages that a client sends, and their decoding."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from ibkit.sim._wire import (
    _account_messages as account,
    _contract_messages as contracts,
    _general_messages as general,
    _history_messages as history,
    _market_messages as market,
    _order_messages as orders,
    _service_messages as services,
)
from ibkit.sim._wire._fields import read_int
from ibkit.sim._wire._place_order import place_order
from ibkit.sim._wire._reading import Cursor, FieldError, Reader, reader_of
from ibkit.sim._wire._request_readers import req_historical_data, req_mkt_data, with_options

Request: TypeAlias = tuple[object, ...]
"""Any of the requests of the table, or `UnknownRequest`: a named tuple."""


class RequestSpec(NamedTuple):
    """How one request is read."""

    message: type
    has_version: bool
    """Older messages carry the version of their layout after the id; it is of no use today."""
    reader: Callable[[int], Reader] | None = None
    """``None``: derived from the declaration."""


def _numbered(message: type) -> RequestSpec:
    return RequestSpec(message, has_version=True)


def _plain(message: type, reader: Callable[[int], Reader] | None = None) -> RequestSpec:
    return RequestSpec(message, has_version=False, reader=reader)


def _optioned(message: type) -> RequestSpec:
    return RequestSpec(message, has_version=True, reader=with_options(message))


REQUESTS: dict[int, RequestSpec] = {
    1: RequestSpec(market.ReqMktData, has_version=True, reader=req_mkt_data),
    2: _numbered(market.CancelMktData),
    3: _plain(orders.PlaceOrder, place_order),
    4: _numbered(orders.CancelOrder),
    5: _numbered(orders.ReqOpenOrders),
    6: _numbered(account.ReqAccountUpdates),
    7: _numbered(orders.ReqExecutions),
    8: _numbered(general.ReqIds),
    9: _numbered(contracts.ReqContractDetails),
    10: _numbered(market.ReqMktDepth),
    11: _numbered(market.CancelMktDepth),
    12: _numbered(services.ReqNewsBulletins),
    13: _numbered(services.CancelNewsBulletins),
    14: _numbered(general.SetServerLogLevel),
    15: _numbered(orders.ReqAutoOpenOrders),
    16: _numbered(orders.ReqAllOpenOrders),
    17: _numbered(account.ReqManagedAccts),
    18: _numbered(account.RequestFA),
    19: _numbered(account.ReplaceFA),
    20: _plain(history.ReqHistoricalData, req_historical_data),
    21: _numbered(orders.ExerciseOptions),
    22: _plain(services.ReqScannerSubscription),
    23: _numbered(services.CancelScannerSubscription),
    24: _numbered(services.ReqScannerParameters),
    25: _numbered(history.CancelHistoricalData),
    49: _numbered(general.ReqCurrentTime),
    50: _numbered(market.ReqRealTimeBars),
    51: _numbered(market.CancelRealTimeBars),
    52: _optioned(services.ReqFundamentalData),
    53: _numbered(services.CancelFundamentalData),
    54: _optioned(market.CalculateImpliedVolatility),
    55: _optioned(market.CalculateOptionPrice),
    56: _numbered(market.CancelCalculateImpliedVolatility),
    57: _numbered(market.CancelCalculateOptionPrice),
    58: _numbered(orders.ReqGlobalCancel),
    59: _numbered(market.ReqMarketDataType),
    61: _numbered(account.ReqPositions),
    62: _numbered(account.ReqAccountSummary),
    63: _numbered(account.CancelAccountSummary),
    64: _numbered(account.CancelPositions),
    65: _numbered(general.VerifyRequest),
    66: _numbered(general.VerifyMessage),
    67: _numbered(general.QueryDisplayGroups),
    68: _numbered(general.SubscribeToGroupEvents),
    69: _numbered(general.UpdateDisplayGroup),
    70: _numbered(general.UnsubscribeFromGroupEvents),
    71: _numbered(general.StartApi),
    72: _numbered(general.VerifyAndAuthRequest),
    73: _numbered(general.VerifyAndAuthMessage),
    74: _numbered(account.ReqPositionsMulti),
    75: _numbered(account.CancelPositionsMulti),
    76: _numbered(account.ReqAccountUpdatesMulti),
    77: _numbered(account.CancelAccountUpdatesMulti),
    78: _plain(contracts.ReqSecDefOptParams),
    79: _plain(account.ReqSoftDollarTiers),
    80: _plain(account.ReqFamilyCodes),
    81: _plain(contracts.ReqMatchingSymbols),
    82: _plain(contracts.ReqMktDepthExchanges),
    83: _plain(contracts.ReqSmartComponents),
    84: _plain(services.ReqNewsArticle),
    85: _plain(services.ReqNewsProviders),
    86: _plain(services.ReqHistoricalNews),
    87: _plain(history.ReqHeadTimeStamp),
    88: _plain(history.ReqHistogramData),
    89: _plain(history.CancelHistogramData),
    90: _plain(history.CancelHeadTimeStamp),
    91: _plain(contracts.ReqMarketRule),
    92: _plain(account.ReqPnL),
    93: _plain(account.CancelPnL),
    94: _plain(account.ReqPnLSingle),
    95: _plain(account.CancelPnLSingle),
    96: _plain(history.ReqHistoricalTicks),
    97: _plain(market.ReqTickByTickData),
    98: _plain(market.CancelTickByTickData),
    99: _plain(orders.ReqCompletedOrders),
    100: _plain(services.ReqWshMetaData),
    101: _plain(services.CancelWshMetaData),
    102: _plain(services.ReqWshEventData),
    103: _plain(services.CancelWshEventData),
    104: _plain(general.ReqUserInfo),
}
"""Every request by its id."""


class DecodeError(Exception):
    """A known request with a field that cannot be read: TWS answers 320.

    Attributes:
        request: The name of the message.
        req_id: Its request or order id, if that much could be read.
        field: The field at fault.
        text: What is wrong with it.

    """

    def __init__(self, request: str, req_id: int | None, field: str, text: str) -> None:
        super().__init__(f"{request}: {field} {text}")
        self.request = request
        self.req_id = req_id
        self.field = field
        self.text = text


def split_fields(payload: bytes) -> list[str]:
    """Cut a payload into its fields; bytes that are no UTF-8 come out as escapes."""
    fields = payload.decode("utf-8", "backslashreplace").split("\0")
    if not fields[-1]:
        fields.pop()
    return fields


def decode_request(payload: bytes, server_version: int) -> Request:
    r"""Read what a client asks. Fields beyond the known ones are ignored.

    >>> decode_request(b"62\x001\x007\x00All\x00NetLiquidation\x00", 178)
    ReqAccountSummary(req_id=7, group_name='All', tags='NetLiquidation')

    Raises:
        DecodeError: A field cannot be read, or is missing.

    """
    request, _ = read_request(payload, server_version)
    return request


def read_request(payload: bytes, server_version: int) -> tuple[Request, int]:
    """Decode, and say how many fields were left over."""
    fields = split_fields(payload)
    plan = _plans(server_version).get(fields[0]) if fields else None
    if plan is None:
        return general.UnknownRequest(_message_id(fields)), len(fields)
    read, spec = plan
    cursor = Cursor(fields, 1 + spec.has_version)
    try:
        request: Request = read(cursor)
    except FieldError as fault:
        req_id = _request_id(spec, fields)
        raise DecodeError(spec.message.__name__, req_id, fault.field, fault.text) from None
    return request, cursor.remaining


@cache
def _plans(version: int) -> dict[str, tuple[Reader, RequestSpec]]:
    return {
        str(number): ((spec.reader or partial(reader_of, spec.message))(version), spec)
        for number, spec in REQUESTS.items()
    }


def _message_id(fields: list[str]) -> int | None:
    try:
        return read_int(fields[0]) if fields and fields[0] else None
    except ValueError:
        return None


def _request_id(spec: RequestSpec, fields: list[str]) -> int | None:
    place = 1 + spec.has_version
    names: tuple[str, ...] = spec.message._fields  # type: ignore[attr-defined] # a NamedTuple
    try:
        is_known = names[0] in {"req_id", "order_id"} and fields[place]
        return read_int(fields[place]) if is_known else None
    except (IndexError, ValueError):
        return None
