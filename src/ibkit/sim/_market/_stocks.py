"""The shares and funds that are listed."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from ibkit.sim._market import _ids
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._rules import STOCK

_US_EXCHANGES_TEXT = """
SMART AMEX NYSE CBOE PHLX ISE CHX ARCA NASDAQ DRCTEDGE BEX BATS EDGEA BYX IEX PSX MEMX
"""
_US_EXCHANGES = tuple(_US_EXCHANGES_TEXT.split())
_ORDER_TYPES_TEXT = """
ACTIVETIM AD ADJUST ALERT ALGO ALLOC AON AVGCOST BASKET BENCHPX CASHQTY COND CONDORDER DAY
DARKPOLL DEACT FOK GAT GTC GTD GTT HID IOC LIT LMT LOC MIDPX MIT MKT MOC MTL NGCOMB NONALGO OCA
OPG OPGREROUT PEGBENCH PEGMID POSTONLY REL RPI SCALE STP STPLMT TRAIL TRAILLIT TRAILLMT TRAILMIT
WHATIF
"""
_ORDER_TYPES = tuple(_ORDER_TYPES_TEXT.split())

# symbol, IB's conId or 0, exchange, kind, name; ISIN where it is certain
_ROWS = """
AAPL 265598 NASDAQ COMMON APPLE INC @US0378331005
MSFT 272093 NASDAQ COMMON MICROSOFT CORP @US5949181045
AMZN 3691937 NASDAQ COMMON AMAZON.COM INC @US0231351067
NVDA 4815747 NASDAQ COMMON NVIDIA CORP @US67066G1040
GOOGL 208813719 NASDAQ COMMON ALPHABET INC-CL A @US02079K3059
GOOG 208813720 NASDAQ COMMON ALPHABET INC-CL C @US02079K1079
META 107113386 NASDAQ COMMON META PLATFORMS INC-CLASS A @US30303M1027
TSLA 76792991 NASDAQ COMMON TESLA INC @US88160R1014
AVGO 313130367 NASDAQ COMMON BROADCOM INC
AMD 4391 NASDAQ COMMON ADVANCED MICRO DEVICES @US0079031078
INTC 270639 NASDAQ COMMON INTEL CORP @US4581401001
NFLX 15124833 NASDAQ COMMON NETFLIX INC
ADBE 265768 NASDAQ COMMON ADOBE INC
CSCO 0 NASDAQ COMMON CISCO SYSTEMS INC
IBKR 43645865 NASDAQ COMMON INTERACTIVE BROKERS GRO-CL A
IBM 8314 NYSE COMMON INTL BUSINESS MACHINES CORP @US4592001014
ORCL 0 NYSE COMMON ORACLE CORP
JPM 0 NYSE COMMON JPMORGAN CHASE & CO
BAC 0 NYSE COMMON BANK OF AMERICA CORP
GS 0 NYSE COMMON GOLDMAN SACHS GROUP INC
V 0 NYSE COMMON VISA INC-CLASS A SHARES
KO 0 NYSE COMMON COCA-COLA CO/THE
PG 0 NYSE COMMON PROCTER & GAMBLE CO/THE
WMT 0 NYSE COMMON WALMART INC
MCD 0 NYSE COMMON MCDONALD'S CORP
DIS 6459 NYSE COMMON WALT DISNEY CO/THE
NKE 10291 NYSE COMMON NIKE INC -CL B
BA 4762 NYSE COMMON BOEING CO/THE
CAT 0 NYSE COMMON CATERPILLAR INC
XOM 0 NYSE COMMON EXXON MOBIL CORP
CVX 0 NYSE COMMON CHEVRON CORP
PFE 0 NYSE COMMON PFIZER INC
JNJ 0 NYSE COMMON JOHNSON & JOHNSON
GE 0 NYSE COMMON GENERAL ELECTRIC
F 0 NYSE COMMON FORD MOTOR CO
GME 36285627 NYSE COMMON GAMESTOP CORP-CLASS A
SPY 756733 ARCA ETF SS SPDR S&P 500 ETF TRUST-US @US78462F1030
QQQ 320227571 NASDAQ ETF INVESCO QQQ TRUST SERIES 1
IWM 9579970 ARCA ETF ISHARES RUSSELL 2000 ETF
DIA 0 ARCA ETF SS SPDR DJIA TRUST
GLD 51529211 ARCA ETF SPDR GOLD SHARES
SLV 39039301 ARCA ETF ISHARES SILVER TRUST
TLT 0 NASDAQ ETF ISHARES 20+ YEAR TREASURY BD
XLE 4215217 ARCA ETF ENERGY SELECT SECTOR SPDR
EFA 13002510 ARCA ETF ISHARES MSCI EAFE ETF
"""

_MEXICAN = ("AMD", "INTC")
"""Also listed in Mexico, in pesos: without a currency these are ambiguous, as most are at IB."""


@cache
def stocks() -> dict[int, Instrument]:
    """Return all shares by conId, each at its primary exchange."""
    found = {}
    for row in _ROWS.strip().splitlines():
        text, _, isin = row.partition(" @")
        symbol, con_id, exchange, kind, name = text.split(" ", 4)
        stock = _american(symbol, int(con_id), exchange, kind, name, isin)
        found[stock.con_id] = stock
        if symbol in _MEXICAN:
            twin = _mexican(symbol, name)
            found[twin.con_id] = twin
    return found


def _american(
    symbol: str, con_id: int, exchange: str, kind: str, name: str, isin: str
) -> Instrument:
    return Instrument(
        con_id=con_id or _ids.named(f"STK:{symbol}:{exchange}"),
        symbol=symbol,
        sec_type="STK",
        exchange=exchange,
        primary_exchange=exchange,
        currency="USD",
        local_symbol=symbol,
        trading_class="NMS" if exchange == "NASDAQ" else symbol,
        min_tick=Decimal("0.01"),
        long_name=name,
        market_name="NMS" if exchange == "NASDAQ" else symbol,
        zone="US/Eastern",
        valid_exchanges=_US_EXCHANGES,
        market_rules=(STOCK,) * len(_US_EXCHANGES),
        order_types=_ORDER_TYPES,
        stock_type=kind,
        sec_ids=(("ISIN", isin),) if isin else (),
    )


def _mexican(symbol: str, name: str) -> Instrument:
    return Instrument(
        con_id=_ids.named(f"STK:{symbol}:MEXI"),
        symbol=symbol,
        sec_type="STK",
        exchange="MEXI",
        primary_exchange="MEXI",
        currency="MXN",
        local_symbol=symbol,
        trading_class=symbol,
        min_tick=Decimal("0.01"),
        long_name=name,
        market_name=symbol,
        zone="America/Mexico_City",
        valid_exchanges=("SMART", "MEXI"),
        market_rules=(STOCK, STOCK),
        order_types=_ORDER_TYPES,
        stock_type="COMMON",
    )
