"""Quotes from the messages of a market-data line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from ._feed import EXACT, Feed, decimal, second
from ._kinds import DataType
from ._quote import NOTHING, Greeks, Quote
from ._tick_names import tick_name

_FIELD = {name: index for index, name in enumerate(Quote._fields)}
_ARRIVED, _DATA_TYPE, _CLOSE = _FIELD["arrived"], _FIELD["data_type"], _FIELD["close"]
_LAST, _LAST_SIZE, _LAST_TIME = _FIELD["last"], _FIELD["last_size"], _FIELD["last_time"]
_VWAP, _HALTED, _EXTRA = _FIELD["vwap"], _FIELD["halted"], _FIELD["extra"]


def _places(ticks: Mapping[str, str]) -> dict[str, int]:
    """Turn "1 66" -> field into tick -> place in the quote; delayed ticks fill the same place."""
    return {tick: _FIELD[name] for both, name in ticks.items() for tick in both.split()}


_SIDES: Mapping[str, tuple[int, int]] = {
    tick: (_FIELD[name], _FIELD[f"{name}_size"])
    for both, name in {"1 66": "bid", "2 67": "ask", "4 68": "last"}.items()
    for tick in both.split()
}
_PRICES = _places({"6 72": "high", "7 73": "low", "9 75": "close", "14 76": "open", "37": "mark"})
_SIZES = _places({"0 69": "bid_size", "3 70": "ask_size", "5 71": "last_size"})
_VOLUMES = _places({"8 74": "volume"})
_TIMES = _places({"45 88": "last_time"})
_EXCHANGES = _places({"32": "bid_exchange", "33": "ask_exchange", "84": "last_exchange"})
_GREEKS = _places(
    {"10 80": "bid_greeks", "11 81": "ask_greeks", "12 82": "last_greeks", "13 83": "greeks"}
)
_TRADES = frozenset({"48", "77"})
_HALTS = frozenset({"49", "90"})
# What stands for "could not be computed", in the order of `Greeks` (ib_async wrapper.py 1375).
_NO_GREEK = (-1, -2, -1, -1, -2, -2, -2, -1)

_new_quote: Callable[[type[Quote], list[object]], Quote] = tuple.__new__  # no checks: once per tick


class QuoteFeed(Feed[Quote]):
    """The market of one contract, field by field in the order of `Quote`."""

    __slots__ = ("_has_negative_prices", "_is_index", "_values", "on_delayed")

    def __init__(self, con_id: int, sec_type: str = "") -> None:
        super().__init__(con_id)
        self._is_index = sec_type == "IND"
        self._has_negative_prices = sec_type == "BAG"
        self.on_delayed: Callable[[], None] | None = None
        """Called when IB says that its data is delayed."""
        self.clear()

    def clear(self) -> None:
        super().clear()
        self._values: list[object] = [None] * len(Quote._fields)
        self._values[0] = self.con_id
        self._values[_EXTRA] = NOTHING

    # --- messages --------------------------------------------------------------------

    def price(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 1: type, version, id, tick, price, size, attributes."""
        if not self.live and not self.admits(arrived):
            return
        tick, price = fields[3], fields[4]
        places = _SIDES.get(tick)
        if places is None or price < "1":  # "", "-1", "0.5": whatever needs a closer look
            self._other_price(tick, price, fields[5], arrived)
            return
        values = self._values
        values[places[0]] = EXACT[price]
        values[places[1]] = EXACT[fields[5]]
        self.arrived = values[_ARRIVED] = arrived
        quote = self.latest = _new_quote(Quote, values)
        for put in self.puts:
            put(quote)

    def size(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 2: type, version, id, tick, size."""
        if not self.live and not self.admits(arrived):
            return
        tick, text = fields[3], fields[4]
        place = _SIZES.get(tick)
        if place is None:
            self._other_size(tick, text, arrived)
            return
        size = EXACT[text]
        values = self._values
        if values[place] == size and place != _LAST_SIZE:
            # Each price comes with its size, and then the size alone once more. A last size
            # that comes again is another trade.
            self.repeats += 1
            self.arrived = arrived
            return
        values[place] = size
        self._emit(arrived)

    def generic(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 45: type, version, id, tick, value."""
        if not self.live and not self.admits(arrived):
            return
        tick, value = fields[3], decimal(fields[4])
        if tick in _HALTS:
            self._values[_HALTED] = None if value is None or value < 0 else value > 0
        elif value is not None:
            self._set_extra(tick, value)
        self._emit(arrived)

    def text(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 46: type, version, id, tick, text."""
        if not self.live and not self.admits(arrived):
            return
        tick, text = fields[3], fields[4]
        if tick in _TIMES:
            self._values[_LAST_TIME] = second(text) or self._values[_LAST_TIME]
        elif tick in _EXCHANGES:
            self._values[_EXCHANGES[tick]] = text or None
        elif tick in _TRADES:
            self._trade(tick, text)
        else:
            self._set_extra(tick, text)
        self._emit(arrived)

    def greeks(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 21: type, id, tick, attribute, and the eight numbers of `Greeks`."""
        if not self.live and not self.admits(arrived):
            return
        place = _GREEKS.get(fields[2])
        if place is not None:
            numbers = map(decimal, fields[4:12])
            known = (
                None if number == absent else number
                for number, absent in zip(numbers, _NO_GREEK, strict=True)
            )
            self._values[place] = Greeks(*known)
            self._emit(arrived)

    def data_type(self, fields: list[str], _arrived: dt.datetime) -> None:
        """Message 58: type, version, id, data type. It says nothing about the market itself."""
        data_type = DataType(int(fields[3]))
        changed = data_type is not self._values[_DATA_TYPE]
        self._values[_DATA_TYPE] = data_type
        if changed and data_type.is_delayed and self.on_delayed is not None:
            self.on_delayed()

    # --- the rarer ticks ---------------------------------------------------------------

    def _other_price(self, tick: str, price: str, size: str, arrived: dt.datetime) -> None:
        if not price:
            return
        number, amount = decimal(price), decimal(size or "0")
        if tick in _SIDES:
            at, size_at = _SIDES[tick]
            if self._is_absent(at, number, amount):
                number = amount = None
            self._values[at], self._values[size_at] = number, amount
        elif number is None or self._is_no_price(number):
            if tick in _PRICES:
                self._values[_PRICES[tick]] = None
        elif tick in _PRICES:
            self._values[_PRICES[tick]] = number
        else:
            self._set_extra(tick, number)
        self._emit(arrived)

    def _is_absent(self, place: int, price: Decimal | None, size: Decimal | None) -> bool:
        """IB says -1 (or 0) with size 0 for "no data"; a bid of -1 with a size is a bid."""
        if price is None:
            return True
        if size or price not in {-1, 0}:
            return False
        # Indices of the kind of TICK-NYSE pass through -1 and 0, and never have a close.
        return not (self._is_index and place == _LAST and self._values[_CLOSE] is None)

    def _is_no_price(self, price: Decimal) -> bool:
        return price == -1 or (price == 0 and not self._has_negative_prices)

    def _other_size(self, tick: str, text: str, arrived: dt.datetime) -> None:
        number = decimal(text)
        if tick in _VOLUMES:
            self._values[_VOLUMES[tick]] = number
        elif number is not None:
            self._set_extra(tick, number)
        self._emit(arrived)

    def _trade(self, tick: str, text: str) -> None:
        """RTVolume: price;size;milliseconds;total volume;vwap;single market maker or not."""
        parts = text.split(";")
        if len(parts) != 6:
            self.faults += 1
            return
        price, size, milliseconds, volume, vwap, _ = parts
        values = self._values
        if price:
            values[_LAST], values[_LAST_SIZE] = decimal(price), decimal(size)
        whole = second(milliseconds[:-3])
        if whole is not None:
            values[_LAST_TIME] = whole.replace(microsecond=int(milliseconds[-3:]) * 1000)
        values[_VWAP] = decimal(vwap) or values[_VWAP]
        total = decimal(volume)
        if total is not None:
            self._set_extra(tick, total)

    def _set_extra(self, tick: str, value: Decimal | str) -> None:
        extra = self._values[_EXTRA]
        assert isinstance(extra, Mapping)
        self._values[_EXTRA] = MappingProxyType({**extra, tick_name(tick): value})

    def _emit(self, arrived: dt.datetime) -> None:
        self._values[_ARRIVED] = arrived
        self.deliver(_new_quote(Quote, self._values), arrived)
