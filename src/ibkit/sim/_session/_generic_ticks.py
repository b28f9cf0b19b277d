"""Generic ticks: what a number in the generic tick list adds to a quote line (3.2).

Figures that the simulated market does not know (analysts' ratios, shortability and the like)
are plausible constants; the table in the documentation says which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from ibkit.sim import _wire as wire
from ibkit.sim._market import DayFigures, Instrument, Quote, Trade

Message = wire.TickGeneric | wire.TickSize | wire.TickString | wire.TickPrice


class Picture(NamedTuple):
    """What a generic tick may draw on."""

    req_id: int
    instrument: Instrument
    quote: Quote
    last: Trade | None
    day: DayFigures
    now: dt.datetime


Writer = Callable[[Picture], list[Message]]


def _generic(tick: int, value: Callable[[Picture], Decimal | None]) -> Writer:
    def write(picture: Picture) -> list[Message]:
        figure = value(picture)
        return [] if figure is None else [wire.TickGeneric(picture.req_id, tick, figure)]

    return write


def _size(tick: int, value: Callable[[Picture], Decimal | None]) -> Writer:
    def write(picture: Picture) -> list[Message]:
        figure = value(picture)
        return [] if figure is None else [wire.TickSize(picture.req_id, tick, figure)]

    return write


def _price(tick: int, value: Callable[[Picture], Decimal | None]) -> Writer:
    def write(picture: Picture) -> list[Message]:
        figure = value(picture)
        zero = Decimal(0)
        return [] if figure is None else [wire.TickPrice(picture.req_id, tick, figure, zero)]

    return write


def _constant(text: str) -> Callable[[Picture], Decimal]:
    value = Decimal(text)

    def constant(picture: Picture) -> Decimal:
        return value

    return constant


def mark_price(picture: Picture) -> Decimal | None:
    """The middle of the quote, or the last price."""
    quote = picture.quote
    if quote.bid is not None and quote.ask is not None:
        return (quote.bid + quote.ask) / 2
    return picture.last.price if picture.last else None


def rt_volume(picture: Picture, tick: int = 48) -> list[Message]:
    """``price;size;time;total volume;VWAP;single trade``."""
    last = picture.last
    if last is None:
        return []
    vwap = picture.day.vwap or last.price
    text = (
        f"{last.price:f};{last.size:f};{int(last.time.timestamp() * 1000)};"
        f"{picture.day.volume:f};{vwap:f};true"
    )
    return [wire.TickString(picture.req_id, tick, text)]


def _average_volume(picture: Picture) -> Decimal:
    return picture.day.volume


GENERIC: dict[str, tuple[Writer, ...]] = {
    "100": (_size(29, _constant("1000")), _size(30, _constant("900"))),
    "101": (_size(27, _constant("50000")), _size(28, _constant("40000"))),
    "104": (_generic(23, _constant("0.18")),),
    "105": (_size(87, _average_volume),),
    "106": (_generic(24, _constant("0.2")),),
    "162": (_generic(31, _constant("0")),),
    "165": (_size(21, _average_volume),),
    "221": (_price(37, mark_price),),
    "225": (_size(34, _constant("0")), _price(35, mark_price), _size(36, _constant("0"))),
    "232": (_price(37, mark_price),),
    "233": (rt_volume,),
    "236": (_generic(46, _constant("3")), _size(89, _constant("10000000"))),
    "293": (_generic(54, lambda picture: picture.day.volume),),
    "294": (_generic(55, _constant("60")),),
    "295": (_generic(56, _constant("600")),),
    "318": (_price(57, lambda picture: picture.last.price if picture.last else None),),
    "375": (lambda picture: rt_volume(picture, 77),),
    "411": (_generic(58, _constant("0.17")),),
    "588": (_size(86, _constant("1500000")),),
    "595": tuple(_size(tick, _average_volume) for tick in (63, 64, 65)),
    "619": (_price(79, mark_price),),
}
"""Generic tick number -> what it sends."""

PER_TRADE = ("233", "375", "293")
"""Those that go out with every trade; the others go out once."""

WITHOUT_DATA = frozenset("258 292 456 460 577 586 614 623 787 mdoff".split())  # noqa: SIM905
"""Those that IB has and this world has nothing to send for; ``mdoff`` is no tick."""


def is_known(word: str) -> bool:
    """Whether IB has a generic tick of that number; news may name providers (``292:BRFG``)."""
    number = word.strip().partition(":")[0]
    return number in GENERIC or number in WITHOUT_DATA
