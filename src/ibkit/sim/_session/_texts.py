"""The words of TWS: error texts by code, and how it writes times.

Texts are those of captures and of IB's public code table (gateway-behaviour, section 5).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

TEXTS = {
    100: "Max rate of messages per second has been exceeded:max=%s rec=%s (1)",
    101: "Max number of tickers has been reached",
    124: "No market rule is available for conid: %s",
    162: "Historical Market Data Service error message:%s",
    165: "Historical Market Data Service query message:%s",
    300: "Can't find EId with tickerId:%s",
    309: "Max number (%s) of market depth requests has been reached",
    310: "Can't find the subscribed market depth with tickerId:%s",
    317: "Market depth data has been RESET. Please empty deep book contents before applying any "
    "new entries.",
    320: "Error reading request:%s",
    321: "Error validating request.-'%s' : cause - %s",
    322: "Error processing request.-'%s' : cause - %s",
    326: "Unable connect as the client id is already in use. Retry with a unique client id.",
    327: "Only API connections with clientId set to 0 can set the auto bind orders property.",
    354: "Requested market data is not subscribed.%s",
    366: "No historical data query found for ticker id:%s",
    420: "Invalid Real-time Query:%s",
    430: "The fundamentals data for the security specified is not available.%s",
    456: "Max number of real time requests has been reached",
    505: "Fatal Error: Unknown message id.",
    10089: "Requested market data requires additional subscription for API. See link in 'Market "
    "Data Connections' dialog for more details.Delayed market data is available.%s",
    10092: "Deep market data is not supported for this combination of security type/exchange",
    10159: "Failed to request matching symbols",
    10167: "Requested market data is not subscribed. Displaying delayed market data.",
    10168: "Requested market data is not subscribed. Delayed market data is not enabled",
    10180: "Failed to request live updates (contract expired).",
    10182: "Failed to request live updates (disconnected).",
    10185: "Failed to cancel PNL (not subscribed)",
    10186: "Failed to cancel PNL single (not subscribed)",
    10187: "Failed to request historical ticks:%s",
    10188: "Failed to request histogram data:%s",
    10189: "Failed to request tick-by-tick data.%s",
    10190: "Max number of tick-by-tick requests has been reached",
    10197: "No market data during competing live session",
    10328: "Connection lost, order data could not be resolved",
    10339: "Setting end date/time for continuous future security type is not allowed",
}

NOTICES = {
    1100: "Connectivity between IBKR and Trader Workstation has been lost.",
    1101: "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IBKR and Trader Workstation has been restored - data maintained. "
    "All data farms are connected: %s.",
    1300: "Socket port has been reset and this connection is being dropped. Please reconnect on "
    "the new port -%s",
    2100: "API client has been unsubscribed from account data.",
    2101: "Unable subscribe to account as the following clients are subscribed to a different "
    "account.%s",
    2103: "Market data farm connection is broken:%s",
    2104: "Market data farm connection is OK:%s",
    2105: "HMDS data farm connection is broken:%s",
    2106: "HMDS data farm connection is OK:%s",
    2107: "HMDS data farm connection is inactive but should be available upon demand.%s",
    2108: "Market data farm connection is inactive but should be available upon demand.%s",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored "
    "automatically.",
    2119: "Market data farm is connecting:%s",
    2157: "Sec-def data farm connection is broken:%s",
    2158: "Sec-def data farm connection is OK:%s",
    2174: "You submitted request with date-time attributes without explicit time zone. Please "
    "switch to use yyyymmdd-hh:mm:ss in UTC or use instrument timezone, like US/Eastern.",
}


def text_of(code: int, *words: object) -> str:
    """The text that TWS sends with a *code*, its slots filled with *words*."""
    pattern = TEXTS.get(code) or NOTICES[code]
    slots = pattern.count("%s")
    return pattern % (*words, *[""] * slots)[:slots] if slots else pattern


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone of an IB name (``US/Eastern``, ``MET``, ``Japan``)."""
    return ZoneInfo(name)


def stamp(moment: dt.datetime, name: str) -> str:
    """A moment as ``20261002 04:00:00 US/Eastern``."""
    return f"{moment.astimezone(zone(name)):%Y%m%d %H:%M:%S} {name}"


def utc_stamp(moment: dt.datetime) -> str:
    """A moment as ``20261002-08:00:00``, which IB means as UTC."""
    return f"{moment.astimezone(dt.timezone.utc):%Y%m%d-%H:%M:%S}"
