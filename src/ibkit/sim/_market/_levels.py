"""Where prices stand and how much is traded: the invented part of the world.

The figures resemble late 2026. They are made up, as every price of the simulator is.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Level(NamedTuple):
    """How one instrument's price comes from a walk."""

    walk: str
    """Name of the walk that it follows."""
    price: float
    """Its price when the walk is at its base."""
    volatility: float
    """Of the walk: standard deviation of a day, as a fraction."""
    carry: float
    """What a future gains per month of its term, as a fraction of the price."""
    volume: int
    """Contracts or shares a day in all its months."""
    inverse: bool = False
    """The price falls when the walk rises: 6J by USD.JPY."""


# name  price  volatility %  carry % per month  volume in thousands
# name =leader  price  volume in thousands (a minus before the leader: inverse)
_ROWS = """
ES 6800 .9 .30 1500 | MES =ES 6800 1200 | SPX =ES 6800 0 | SPY =ES 678 60000
NQ 25000 1.2 .30 600 | MNQ =NQ 25000 1500 | NDX =NQ 25000 0 | QQQ =NQ 608 40000
RTY 2450 1.3 .30 200 | M2K =RTY 2450 120 | IWM =RTY 243 30000
EMD 3300 1.1 .30 12 | YM 47500 .8 .30 130 | MYM =YM 47500 180 | DIA =YM 474 4000
NKD 51000 1.3 .30 9 | NIY =NKD 51000 25 | 225 =NKD 51000 60 | 225M =NKD 51000 900
225MC =NKD 51000 400 | NK =NKD 51000 70 | TPX 3350 1.1 .05 90 | TPXM =TPX 3350 15
VIX 19 6 2 0 | VX =VIX 19 200 | VXM =VIX 19 15 | FVS 20 6 2 40
BTC 91000 2.6 .5 12 | MBT =BTC 91000 60 | ETH 3000 3.4 .5 9 | MET =ETH 3000 120
FESX 5650 .9 .15 900 | FSXE =FESX 5650 20 | FXXP 570 .8 .15 60 | FESB 240 1.3 .1 110
FDAX 24000 .9 .2 50 | FDXM =FDAX 24000 60 | FDXS =FDAX 24000 70 | FTDX 3600 1.2 .2 2
FSMX 30000 1.1 .2 2 | FSMI 12700 .8 .05 40 | FSMS =FSMI 12700 2
Z 9700 .8 .3 110 | FCE 8150 .9 .1 90 | MFC =FCE 8150 6 | FTI 950 .9 .15 25 | MFA =FTI 950 3
FIE 16300 1 .1 20 | MIX =FIE 16300 10 | FIB 43000 1.1 .1 25 | MINI =FIB 43000 15
MICRO =FIB 43000 6 | OMXS30 2750 1 .15 110 | MFS 2800 .8 .2 30 | MME 1380 1 .2 60
HSI 25800 1.4 .1 110 | MHI =HSI 25800 120 | HHI 9200 1.5 .1 120 | MCH =HHI 9200 20
HTI 5700 2 .1 130 | CN 15000 1.3 .1 250 | TWN 1950 1.3 .1 90 | SGP 440 .8 .1 12
AP 8600 .8 .2 50 | 101 560 1.3 .2 250 | 105 =101 560 120 | 106 1600 1.6 .2 60
SXF 1780 .8 .2 90 | SXM =SXF 1780 6
ZT 104.2 .1 -.05 700 | Z3N 105.5 .14 -.05 20 | ZF 109.4 .2 -.08 1300 | ZN 112.8 .32 -.1 1900
TN 115.6 .4 -.1 450 | TWE 110 .5 -.1 3 | ZB 116.5 .55 -.1 400 | UB 120.2 .7 -.1 250
ZQ 96.2 .02 .02 300 | SR1 96.2 .02 .02 250 | SR3 96.4 .05 .01 2500 | 2YY 3.5 1.2 0 5
10Y 4.1 1.2 0 10 | FGBS 107 .08 .02 550 | FGBM 118 .2 .03 600 | FGBL 129 .35 .04 850
FGBX 115 .7 .05 60 | FOAT 122 .38 .04 180 | FBTP 120 .4 .04 150 | FBTS 107.5 .1 .02 60
FBON 121 .38 .04 4 | CONF 150 .3 .02 1 | FEU3 98 .03 .01 200 | I =FEU3 98 900
R 92 .45 .05 250 | CGZ 105.5 .12 .02 30 | CGF 112 .25 .02 80 | CGB 122 .35 .02 120
CRA 97.5 .03 .01 100 | JBL 136 .25 .02 30 | JBLM =JBL 136 2 | JB =JBL 136 8
XT 95.6 .06 .01 150 | 165 106 .15 .02 100 | 167 116 .3 .02 60
EUR.USD 1.16 .42 .16 0 | 6E =EUR.USD 1.16 220 | M6E =EUR.USD 1.16 30 | E7 =EUR.USD 1.16 4
GBP.USD 1.31 .45 0 0 | 6B =GBP.USD 1.31 90 | M6B =GBP.USD 1.31 6
AUD.USD .65 .55 .02 0 | 6A =AUD.USD .65 90 | M6A =AUD.USD .65 8
NZD.USD .57 .55 .05 0 | 6N =NZD.USD .57 30
USD.JPY 155 .5 -.28 0 | 6J -USD.JPY .00645 180 | J7 -USD.JPY .00645 3
USD.CAD 1.4 .35 -.1 0 | 6C -USD.CAD .714 80 | MCD -USD.CAD .714 6
USD.CHF .8 .42 -.28 0 | 6S -USD.CHF 1.25 30 | MSF -USD.CHF 1.25 2
EUR.GBP .88 .3 .15 0 | RP =EUR.GBP .88 6 | EUR.JPY 180 .5 -.1 0 | RY =EUR.JPY 180 3
EUR.CHF .93 .25 -.1 0 | RF =EUR.CHF .93 2 | GBP.JPY 203 .5 -.25 0 | AUD.JPY 101 .6 -.2 0
EUR.AUD 1.78 .4 .1 0 | GBP.CHF 1.05 .4 -.3 0 | USD.SEK 9.5 .6 -.1 0 | USD.NOK 10.1 .6 0 0
USD.MXN 18.4 .6 .3 0 | USD.HKD 7.78 .03 -.05 0 | USD.CNH 7.1 .2 -.15 0 | USD.SGD 1.3 .3 -.1 0
6M .0544 .6 -.3 60 | 6Z .0585 .8 -.3 2 | 6L .187 .9 -.6 6 | DX 99.5 .4 -.1 25
CL 60 2 -.4 900 | MCL =CL 60 150 | QM =CL 60 12
NG 4.4 3.4 .6 500 | QG =NG 4.4 5 | HH =NG 4.4 60
RB 1.9 2.1 -.4 180 | HO 2.4 2.1 -.3 170 | BZ 64 1.9 -.3 60 | B =BZ 64 900 | G 700 2 -.3 250
GC 4100 1.1 .35 220 | MGC =GC 4100 350 | QO =GC 4100 1 | GLD =GC 377 12000
SI 51 2 .4 80 | SIL =SI 51 60 | QI =SI 51 1 | SLV =SI 46 30000
HG 5.1 1.4 .3 100 | MHG =HG 5.1 20 | QC =HG 5.1 1 | ALI 2850 1.2 .2 4
PL 1600 1.8 .3 30 | PA 1450 2.2 .3 6 | FEF 104 1.5 -.5 60
ZC 430 1.4 .9 400 | XC =ZC 430 1 | ZW 540 1.7 1 180 | XW =ZW 540 1 | KE 530 1.7 1 70
ZO 300 2 .6 2 | ZS 1120 1.2 .4 280 | XK =ZS 1120 2 | ZM 320 1.6 .4 180 | ZL 50 1.7 .4 200
ZR 10.5 1.5 .6 2 | RS 650 1.2 .4 25 | EBM 190 1.2 .8 80
LE 220 1.2 0 60 | GF 330 1.3 0 18 | HE 82 1.7 0 50 | LBR 560 1.8 .8 1
KC 390 2.1 -1 60 | CC 5500 3 -.5 40 | CT 64 1.3 .6 50 | SB 14.8 1.8 -.2 180 | OJ 160 3 -1 1
C 4000 2.8 -.5 30 | T =CL 60 100 | SO3 96.3 .05 .01 300 | ECF 80 1.8 .2 25 | TFM 28 3.2 0 60
HRC 850 1.5 .2 1 | ECO 480 1.2 .3 20 | EMA 190 1.2 .5 5 | RC 4300 2.2 -.8 20 | W 420 1.5 -.2 20
TF 170 1.3 .2 15
DAX =FDAX 24000 0 | ESTX50 =FESX 5650 0 | RUT =RTY 2450 0 | INDU =YM 47500 0
AAPL 270 1.5 0 48000 | MSFT 505 1.4 0 22000 | AMZN 230 1.8 0 40000 | NVDA 185 2.6 0 180000
GOOGL 285 1.7 0 32000 | GOOG =GOOGL 286 20000 | META 610 1.9 0 14000 | TSLA 410 3.4 0 85000
AVGO 350 2.6 0 22000 | AMD 235 3 0 50000 | INTC 36 3 0 90000 | NFLX 112 1.9 0 40000
IBM 305 1.4 0 4000 | ADBE 335 1.7 0 4000 | ORCL 220 2.6 0 20000 | CSCO 76 1.2 0 20000
JPM 305 1.3 0 9000 | BAC 52 1.3 0 38000 | GS 790 1.6 0 2000 | V 335 1.1 0 6000
KO 71 .8 0 15000 | PG 148 .8 0 8000 | WMT 103 1.1 0 18000 | MCD 305 .9 0 3500
DIS 106 1.5 0 10000 | NKE 64 2 0 14000 | BA 190 2 0 9000 | CAT 560 1.7 0 3500
XOM 117 1.3 0 15000 | CVX 153 1.2 0 8000 | PFE 25 1.2 0 45000 | JNJ 200 .9 0 8000
GE 305 1.8 0 5000 | F 13 1.8 0 60000 | IBKR 64 2 0 5000 | GME 20 3.5 0 7000
TLT 89 .8 0 30000 | XLE 90 1.3 0 14000 | EFA 95 .8 0 12000
"""

_QUICK = frozenset(
    ("ES", "NQ", "CL", "GC", "ZN", "EUR.USD", "GBP.USD", "USD.JPY", "AAPL", "NVDA", "TSLA")
)
"""Walks that move every second; the others every five."""


@cache
def levels() -> dict[str, Level]:
    """Return the table, by futures root, stock, pair or index symbol."""
    found: dict[str, Level] = {}
    for row in _ROWS.replace("\n", "|").split("|"):
        match row.split():
            case [name, leader, price, volume] if leader[0] in "=-":
                walk = found[leader[1:]]
                inverse = leader[0] == "-"
                found[name] = walk._replace(
                    price=float(price),
                    volume=int(float(volume) * 1000),
                    inverse=inverse,
                    carry=-walk.carry if inverse else walk.carry,
                )
            case [name, price, volatility, carry, volume]:
                found[name] = Level(
                    name,
                    float(price),
                    float(volatility) / 100,
                    float(carry) / 100,
                    int(float(volume) * 1000),
                )
    return found


def is_quick(walk: str) -> bool:
    """Tell whether a walk moves every second."""
    return walk in _QUICK
