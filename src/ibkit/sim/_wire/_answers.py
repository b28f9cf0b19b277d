"""Answers: the table of all messages that the server sends, and their encoding."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeAlias

from ibkit.sim._wire import (
    _account_messages as account,
    _contract_answers as contract_answers,
    _contract_messages as contracts,
    _general_messages as general,
    _history_messages as history,
    _market_messages as market,
    _order_answers as order_answers,
    _order_messages as orders,
    _service_messages as services,
    _tick_answers as ticks,
)
from ibkit.sim._wire._frames import frame, prefix
from ibkit.sim._wire._layout import columns_of
from ibkit.sim._wire._writing import Writer, table_of, template_of, writer_of

Answer: TypeAlias = tuple[object, ...]
"""Any of the answers of the table: a named tuple."""


class AnswerSpec(NamedTuple):
    """How one answer is written."""

    id: int
    version: int | None = None
    """Of the message's layout, written after the id; newer messages have none."""
    writer: Callable[[int], Writer] | None = None
    """By server version; ``None``: derived from the declaration."""
    version_until: int = sys.maxsize
    """The server version from which on `version` is left out."""


def _bar_update(version: int) -> Writer:
    # Not in the order of a bar of history: TWS has sent it this way since version 124.
    paths = (
        """req_id bar.bar_count bar.date bar.open bar.close bar.high bar.low bar.wap bar.volume"""
    )
    return table_of(history.HistoricalDataUpdate, version, paths)


def _at_any_version(write: Writer) -> Callable[[int], Writer]:
    def writer(_version: int) -> Writer:
        return write

    return writer


ANSWERS: dict[type, AnswerSpec] = {
    market.TickPrice: AnswerSpec(1, 6),
    market.TickSize: AnswerSpec(2, 6),
    orders.OrderStatus: AnswerSpec(3),
    general.ErrMsg: AnswerSpec(4, 2),
    orders.OpenOrder: AnswerSpec(5, writer=order_answers.open_order),
    account.UpdateAccountValue: AnswerSpec(6, 2),
    account.UpdatePortfolio: AnswerSpec(7, 8),
    account.UpdateAccountTime: AnswerSpec(8, 1),
    general.NextValidId: AnswerSpec(9, 1),
    contracts.ContractData: AnswerSpec(10, 8, contract_answers.contract_details, 164),
    orders.ExecDetails: AnswerSpec(11),
    market.UpdateMktDepth: AnswerSpec(12, 1),
    market.UpdateMktDepthL2: AnswerSpec(13, 1),
    services.UpdateNewsBulletin: AnswerSpec(14, 1),
    account.ManagedAccounts: AnswerSpec(15, 1),
    account.ReceiveFA: AnswerSpec(16, 1),
    history.HistoricalData: AnswerSpec(17),
    contracts.BondContractData: AnswerSpec(18, 6, contract_answers.bond_details, 164),
    services.ScannerParameters: AnswerSpec(19, 1),
    services.ScannerData: AnswerSpec(20, 3, contract_answers.scanner_data),
    market.TickOptionComputation: AnswerSpec(21),
    market.TickGeneric: AnswerSpec(45, 6),
    market.TickString: AnswerSpec(46, 6),
    market.TickEFP: AnswerSpec(47, 6),
    general.CurrentTime: AnswerSpec(49, 1),
    market.RealtimeBar: AnswerSpec(50, 3),
    services.FundamentalData: AnswerSpec(51, 1),
    contracts.ContractDetailsEnd: AnswerSpec(52, 1),
    orders.OpenOrderEnd: AnswerSpec(53, 1),
    account.AccountDownloadEnd: AnswerSpec(54, 1),
    orders.ExecDetailsEnd: AnswerSpec(55, 1),
    market.DeltaNeutralValidation: AnswerSpec(56, 1),
    market.TickSnapshotEnd: AnswerSpec(57, 1),
    market.MarketDataType: AnswerSpec(58, 1),
    orders.CommissionReport: AnswerSpec(59, 1),
    account.Position: AnswerSpec(61, 3),
    account.PositionEnd: AnswerSpec(62, 1),
    account.AccountSummary: AnswerSpec(63, 1),
    account.AccountSummaryEnd: AnswerSpec(64, 1),
    general.VerifyMessageAPI: AnswerSpec(65, 1),
    general.VerifyCompleted: AnswerSpec(66, 1),
    general.DisplayGroupList: AnswerSpec(67, 1),
    general.DisplayGroupUpdated: AnswerSpec(68, 1),
    general.VerifyAndAuthMessageAPI: AnswerSpec(69, 1),
    general.VerifyAndAuthCompleted: AnswerSpec(70, 1),
    account.PositionMulti: AnswerSpec(71, 1),
    account.PositionMultiEnd: AnswerSpec(72, 1),
    account.AccountUpdateMulti: AnswerSpec(73, 1),
    account.AccountUpdateMultiEnd: AnswerSpec(74, 1),
    contracts.SecurityDefinitionOptionParameter: AnswerSpec(75),
    contracts.SecurityDefinitionOptionParameterEnd: AnswerSpec(76),
    account.SoftDollarTiers: AnswerSpec(77),
    account.FamilyCodes: AnswerSpec(78),
    contracts.SymbolSamples: AnswerSpec(79),
    contracts.MktDepthExchanges: AnswerSpec(80),
    market.TickReqParams: AnswerSpec(81),
    contracts.SmartComponents: AnswerSpec(82),
    services.NewsArticle: AnswerSpec(83),
    services.TickNews: AnswerSpec(84),
    services.NewsProviders: AnswerSpec(85),
    services.HistoricalNews: AnswerSpec(86),
    services.HistoricalNewsEnd: AnswerSpec(87),
    history.HeadTimestamp: AnswerSpec(88),
    history.HistogramData: AnswerSpec(89),
    history.HistoricalDataUpdate: AnswerSpec(90, writer=_bar_update),
    market.RerouteMktDataReq: AnswerSpec(91),
    market.RerouteMktDepthReq: AnswerSpec(92),
    contracts.MarketRule: AnswerSpec(93),
    account.PnL: AnswerSpec(94),
    account.PnLSingle: AnswerSpec(95),
    history.HistoricalTicks: AnswerSpec(96, writer=_at_any_version(ticks.historical)),
    history.HistoricalTicksBidAsk: AnswerSpec(97, writer=_at_any_version(ticks.historical_bid_ask)),
    history.HistoricalTicksLast: AnswerSpec(98, writer=_at_any_version(ticks.historical_last)),
    market.TickByTickAllLast: AnswerSpec(99, writer=_at_any_version(ticks.all_last)),
    market.TickByTickBidAsk: AnswerSpec(99, writer=_at_any_version(ticks.bid_ask)),
    market.TickByTickMidPoint: AnswerSpec(99, writer=_at_any_version(ticks.mid_point)),
    orders.OrderBound: AnswerSpec(100),
    orders.CompletedOrder: AnswerSpec(101, writer=order_answers.completed_order),
    orders.CompletedOrdersEnd: AnswerSpec(102),
    account.ReplaceFAEnd: AnswerSpec(103),
    services.WshMetaData: AnswerSpec(104),
    services.WshEventData: AnswerSpec(105),
    history.HistoricalSchedule: AnswerSpec(106),
    general.UserInfo: AnswerSpec(107),
}
"""Every answer by its class."""


def encode(answer: Answer, server_version: int) -> bytes:
    r"""Write an answer as a whole frame, length and all.

    Text that is not ASCII travels as ``\uXXXX``, as TWS has sent it since version 153.

    >>> from ibkit.sim._wire import NextValidId
    >>> encode(NextValidId(order_id=42), 178)
    b'\x00\x00\x00\x079\x001\x0042\x00'
    """
    return encoders(server_version)[type(answer)](answer)


@cache
def encoders(version: int) -> dict[type, Callable[[Answer], bytes]]:
    return {message: _encoder(message, spec, version) for message, spec in ANSWERS.items()}


def _encoder(message: type, spec: AnswerSpec, version: int) -> Callable[[Answer], bytes]:
    is_numbered = spec.version is not None and version < spec.version_until
    head = f"{spec.id}\0{spec.version}\0" if is_numbered else f"{spec.id}\0"
    if not columns_of(message):
        return lambda _: frame(head.encode("ascii"))
    write = spec.writer(version) if spec.writer else writer_of(message, version)

    def encode_answer(answer: Answer) -> bytes:
        text = f"{head}{write(answer)}\0"
        if not text.isascii():
            text = _escaped(text)
        return prefix(len(text)) + text.encode("ascii")

    template = None if spec.writer else template_of(message, version)
    if template is None:
        return encode_answer
    has_text = any(column.hint is str for column in columns_of(message).values())
    return _flat(f"{head}{template}\0", encode_answer, has_text=has_text)


def _flat(
    template: str, careful: Callable[[Answer], bytes], *, has_text: bool
) -> Callable[[Answer], bytes]:
    """Encode a flat message with one formatting, a third faster: ticks are most of what is sent.

    A number may have an exponent, a text a NUL or other letters: then *careful* does it again.
    """
    nuls = template.count("\0")

    def encode_flat(answer: Answer) -> bytes:
        text = template % answer
        if "E" in text or text.count("\0") != nuls or not text.isascii():
            return careful(answer)
        return prefix(len(text)) + text.encode()

    def encode_numbers(answer: Answer) -> bytes:
        text = template % answer
        return careful(answer) if "E" in text else prefix(len(text)) + text.encode()

    return encode_flat if has_text else encode_numbers


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(
        f"\\u{high:02x}{low:02x}" if high or low > 0x7F else chr(low) for high, low in pairs
    )
