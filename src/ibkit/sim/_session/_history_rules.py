"""Which requests for bars are in order (3.5). The tables are IB's."""

from __future__ import annotations

import datetime as dt

from ibkit.sim import _wire as wire
from ibkit.sim._market import INTRADAY
from ibkit.sim._session._order_terms import BadTime, parse_time
from ibkit.sim._session._texts import text_of

BAR_SECONDS = {
    **INTRADAY,
    "1 day": 86400,
    "1 week": 604800,
    "1W": 604800,
    "1 month": 2592000,
    "1M": 2592000,
}

STEPS = {
    "S": (1, 60, 86400),
    "D": (5, 3600 * 24, 365),
    "W": (10, 604800, 52),
    "M": (30, 2592000, 12),
    "Y": (60, 2592000, 68),
}
"""Unit of a duration -> smallest bar, largest bar, largest number.

IB's step table names as the largest bar 1 hour for days, 4 hours for weeks, 8 hours for months
and 1 day for years; gateways are known to take larger ones, and clients rely on it.
"""

WHAT = (
    "TRADES",
    "MIDPOINT",
    "BID",
    "ASK",
    "BID_ASK",
    "ADJUSTED_LAST",
    "AGGTRADES",
    "SCHEDULE",
)

ELSEWHERE = (
    "HISTORICAL_VOLATILITY",
    "OPTION_IMPLIED_VOLATILITY",
    "FEE_RATE",
    "YIELD_BID",
    "YIELD_ASK",
    "YIELD_BID_ASK",
    "YIELD_LAST",
)
"""Kinds that IB has and this world has not: no data of them is found (162)."""

LIVE_WHAT = ("TRADES", "MIDPOINT", "BID", "ASK")


class Refused(Exception):
    """A request that TWS refuses, with the code and the text."""

    def __init__(self, code: int, *words: str) -> None:
        super().__init__(code, *words)
        self.code = code
        self.text = text_of(code, *words)


def is_paced(bar_size: str) -> bool:
    """Whether the pacing rules bind: bars of 30 seconds or less."""
    return BAR_SECONDS[bar_size] <= 30


def check_bars(asked: wire.ReqHistoricalData) -> None:
    """Raise `Refused` where TWS would refuse before it looks at the contract."""
    seconds = BAR_SECONDS.get(asked.bar_size_setting)
    if seconds is None:
        raise Refused(
            321,
            "bX",
            f"Historical data bar size setting is invalid. Legal ones are: "
            f"{', '.join(BAR_SECONDS)}.",
        )
    if asked.what_to_show not in (*WHAT, *ELSEWHERE):
        raise Refused(321, "bX", "What to show field is missing or incorrect.")
    if asked.what_to_show == "SCHEDULE" and asked.bar_size_setting != "1 day":
        raise Refused(321, "bX", "Only daily resolution supported for Schedule requests")
    _check_duration(asked.duration_str, seconds)
    if asked.keep_up_to_date:
        _check_live(asked)
    if asked.contract.sec_type == "CONTFUT" and asked.end_date_time:
        raise Refused(10339)


def _check_duration(text: str, bar_seconds: int) -> None:
    words = text.split()
    if len(words) != 2 or not words[0].isdigit() or words[1] not in STEPS:
        raise Refused(
            321,
            "bX",
            f"Historical data query duration string '{text}' is invalid: an integer, a blank "
            "and one of S, D, W, M, Y",
        )
    smallest, largest, most = STEPS[words[1]]
    number = int(words[0])
    if not 0 < number <= most:
        raise Refused(321, "bX", f"Historical data duration '{text}' is out of range")
    if not smallest <= bar_seconds <= largest:
        raise Refused(162, "invalid step: " + text)
    if bar_seconds == 1 and words[1] == "S" and number > 2000:
        raise Refused(162, "Time length exceed max.")


def _check_live(asked: wire.ReqHistoricalData) -> None:
    if asked.end_date_time:
        raise Refused(321, "bX", "End date not supported with live updates")
    if asked.what_to_show not in LIVE_WHAT:
        raise Refused(321, "bX", "Source price not supported with live updates")
    if asked.contract.sec_type == "BAG":
        raise Refused(321, "bX", "Live updates for combos are not supported")


def end_of(text: str, now: dt.datetime, login_zone: str) -> dt.datetime:
    """The end of a request: now for an empty text, and never later than now."""
    try:
        end = parse_time(text, login_zone)
    except BadTime as error:
        raise Refused(
            321,
            "bX",
            f"Ending date/time {text!r}: The date, time, or time-zone "
            "entered is invalid. The correct format is yyyymmdd hh:mm:ss xx/xxxx",
        ) from error
    return now if end is None else min(end, now)
