"""Which tape an instrument has: its walk, its trades, its hours, and what scripts put over it."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from functools import partial
from typing import final

from ibkit.sim._market import _futures
from ibkit.sim._market._chance import blend, key_of, unit
from ibkit.sim._market._flow import Flow
from ibkit.sim._market._history import first_session
from ibkit.sim._market._hours import Hours, LifeMask
from ibkit.sim._market._indices import indices
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._levels import Level, is_quick, levels
from ibkit.sim._market._listings import Listings
from ibkit.sim._market._made_of import ComboTape, FollowingTape, Part
from ibkit.sim._market._memory import remember
from ibkit.sim._market._option_view import OptionView
from ibkit.sim._market._path import (
    ANCHOR,
    DAY,
    FIVE,
    ONE,
    SIZES,
    Path,
    block_of,
    day_of,
    moment_of,
    stamp_of,
)
from ibkit.sim._market._rules import bands
from ibkit.sim._market._script import Spliced
from ibkit.sim._market._tape import Tape
from ibkit.sim._market._view import Direct, Inverse, Proportional, View
from ibkit.sim._market._walking import WalkTape

_KEPT = 4096
_FOREVER = 1 << 46
_HISTORY_FROM = dt.date(2004, 1, 23)
"""Where the history of what does not expire begins."""
_FUTURES_DAYS, _OPTIONS_DAYS = 731, 400
"""How long before its end a future and an option have history."""
_LOTS = {"STK": 100, "CASH": 500_000}
_BUSY = {"Asia": range(2, 9), "Europe": range(9, 18), "America": range(15, 23)}
"""Hours of a block in which most is traded, by where the zone lies; America unless known."""
_PLACES = {
    "Europe": ("MET", "GB"),
    "Asia": ("Japan", "Hongkong", "Singapore", "Asia/Seoul", "Australia/NSW"),
}
_QUOTES = ("BID", "ASK", "MIDPOINT", "BID_ASK")
_OPTION_VOLUME = 6_000
_THIN = 0.004
"""Share of a product's volume in a month that is neither leading nor next."""
_ROLL_WIDTH = 1.2
"""Days in which e-fold as much has moved to the next month."""


@final
class Tapes:
    """The tapes of a market, each made when it is first asked for."""

    def __init__(self, seed: int, listings: Listings, hours: Hours) -> None:
        self._seed, self._listings, self._hours = seed, listings, hours
        self._paths: dict[str, Path] = {}
        self._walking: dict[int, Tape] = {}
        self._scripted: dict[int, Spliced] = {}
        self._options: dict[int, set[int]] = {}
        """By underlying: the options whose tapes were made as it was then."""

    def of(self, con_id: int) -> Tape:
        """Return an instrument's tape. Raises KeyError for an id that nothing has."""
        scripted = self._scripted.get(con_id)
        if scripted is not None:
            return scripted
        tape = self._walking.get(con_id)
        if tape is None:
            tape = remember(self._walking, con_id, self._made(self.instrument(con_id)), _KEPT)
        return tape

    def instrument(self, con_id: int) -> Instrument:
        """Return the instrument. Raises KeyError for an id that nothing has."""
        instrument = self._listings.by_con_id(con_id)
        if instrument is None:
            raise KeyError(f"no instrument has conId {con_id}")
        return instrument

    def scripted(self, con_id: int) -> Spliced:
        """Return an instrument's tape as one that can be written over."""
        if con_id not in self._scripted:
            self._scripted[con_id] = Spliced(self.of(con_id))
        for option in self._options.pop(con_id, ()):
            self._walking.pop(option, None)
        return self._scripted[con_id]

    def walking(self, instrument: Instrument, seed: int, at: int, price: Decimal) -> Tape:
        """Return another walk of an instrument, which stands at *price* at a moment."""
        path = _path(_level(instrument).walk, blend(self._seed, seed, instrument.con_id))
        view = self._view(instrument)
        _, _, now = view.rule(at // SIZES[DAY])(path.at(at).price)
        view.lift(int(price / view.tick) - now)
        return self._walk(instrument, path, view)

    # -- making

    def _made(self, instrument: Instrument) -> Tape:
        if instrument.legs:
            parts = [
                Part(partial(self.of, leg.con_id), leg.ratio * (1 if leg.action == "BUY" else -1))
                for leg in instrument.legs
            ]
            return ComboTape(instrument.con_id, parts)
        if instrument.sec_type == "OPT":
            return self._option(instrument)
        path = self._path_of(_level(instrument).walk)
        return self._walk(instrument, path, self._view(instrument))

    def _path_of(self, walk: str) -> Path:
        if walk not in self._paths:
            self._paths[walk] = _path(walk, self._seed)
        return self._paths[walk]

    def _view(self, instrument: Instrument) -> Proportional:
        level, origin = _level(instrument), _futures.origin_of(instrument.con_id)
        months = None
        if origin is not None:
            anchor = day_of(ANCHOR)
            month = origin.month
            months = (month.year - anchor.year) * 12 + month.month - anchor.month
        make = Inverse if level.inverse else Direct
        return make(
            Decimal(str(level.price)),
            instrument.min_tick,
            spread=1 if level.volume >= 50_000 or not level.volume else 2,
            carry=level.carry,
            months=months,
        )

    def _walk(self, instrument: Instrument, path: Path, view: View) -> WalkTape:
        mask = self._mask(instrument)
        return WalkTape(
            instrument.con_id,
            instrument.exchange,
            path,
            view,
            self._flow(instrument, mask, path.pace),
            mask,
            quoted=instrument.sec_type != "IND",
            lot=_LOTS.get(instrument.sec_type, 1),
        )

    def _option(self, option: Instrument) -> Tape:
        under = self.instrument(option.under_con_id)
        self._options.setdefault(under.con_id, set()).add(option.con_id)
        view = option_view(option)
        tape = self._walk(option, self._path_of(_level(under).walk), view)
        if under.con_id not in self._scripted:
            return tape
        spliced, above = Spliced(tape), self._scripted[under.con_id]
        by_trades = under.sec_type == "IND"
        follower = FollowingTape(option.con_id, view, above, by_trades=by_trades)
        spliced.put(above.scripted_from, follower)
        return spliced

    # -- trades

    def _flow(self, instrument: Instrument, mask: LifeMask, finest: int) -> Flow | None:
        if instrument.sec_type in ("CASH", "IND"):
            return None
        seed = blend(self._seed, instrument.con_id)
        place = next((place for place, zones in _PLACES.items() if instrument.zone in zones), "")
        busy = _BUSY.get(place, _BUSY["America"])
        return Flow(seed, self._volume(instrument), mask.opened, busy, finest)

    def _volume(self, instrument: Instrument) -> _Volume:
        if instrument.sec_type == "OPT":
            return _Volume(self._seed, instrument.symbol, _OPTION_VOLUME, None)
        level, origin = _level(instrument), _futures.origin_of(instrument.con_id)
        name = origin.product.root if origin else instrument.symbol
        return _Volume(self._seed, name, level.volume, origin)

    def _mask(self, instrument: Instrument) -> LifeMask:
        end = self._hours.expiry(instrument)
        until = moment_of(end) if end is not None else _FOREVER
        return LifeMask(self._hours.days(instrument), _since(instrument), until)

    def head(self, instrument: Instrument, what: str, *, regular: bool) -> dt.datetime | None:
        """Return when an instrument's history begins, ``None`` if it has none of a kind."""
        kinds = {"CASH": _QUOTES, "IND": ("TRADES",), "BAG": _QUOTES}
        if what not in kinds.get(instrument.sec_type, (*_QUOTES, "TRADES", "ADJUSTED_LAST")):
            return None
        parts = [self.instrument(leg.con_id) for leg in instrument.legs] or [instrument]
        since = max(map(_since, parts))
        start = first_session(self._hours.days(instrument), since, regular=regular)
        return None if start is None else stamp_of(start)


def _since(instrument: Instrument) -> int:
    """Return the first moment of an instrument's tape."""
    first = _HISTORY_FROM
    if instrument.last_trade is not None:
        days = _FUTURES_DAYS if instrument.sec_type == "FUT" else _OPTIONS_DAYS
        first = instrument.last_trade - dt.timedelta(days=days)
    return block_of(first) * SIZES[DAY]


def option_view(option: Instrument) -> OptionView:
    """Return how an option's price follows from its underlying's."""
    level, rule = levels()[option.under_symbol], bands(option.market_rules[0])
    assert rule is not None
    return OptionView(option, rule, level.price, level.volatility)


def _path(walk: str, seed: int) -> Path:
    pace = ONE if is_quick(walk) else FIVE
    return Path(blend(seed, key_of(walk)), levels()[walk].volatility, pace)


@final
class _Volume:
    """What an instrument trades in a block: its product's volume of that day, times its share."""

    def __init__(self, seed: int, name: str, volume: int, origin: _futures.Origin | None) -> None:
        self._key, self._volume, self._origin = blend(seed, key_of(name)), volume, origin

    def __call__(self, block: int) -> int:
        noise = 0.7 + 0.6 * unit(blend(self._key, block))
        share = 1.0 if self._origin is None else share_of(self._origin, day_of(block))
        return int(self._volume * noise * share)


def share_of(origin: _futures.Origin, day: dt.date) -> float:
    """Return a contract's share of its product's volume.

    Nearly all is in one month, the lead. It moves to the next active month around the roll date
    of the table: on that day the old one is still ahead, the day after the new one.
    """
    rolls = None if origin.week else _futures.leaders(origin.product, origin.month)
    if rolls is None:
        return _THIN / 2
    into, out_of = rolls
    joined = _rising(((day - into).days - 0.5) / _ROLL_WIDTH)
    left = _rising(((out_of - day).days + 0.5) / _ROLL_WIDTH)
    months = max(0, (out_of - day).days // 30)
    return max(joined * left, _THIN / (1 + months))


def _rising(x: float) -> float:
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, x))))


def _level(instrument: Instrument) -> Level:
    """Return where an instrument's price stands."""
    origin = _futures.origin_of(instrument.con_id)
    if origin is not None:
        return levels()[origin.product.root]
    index = indices().get(instrument.con_id)
    if index is not None:
        return levels()[index.level]
    name = instrument.local_symbol if instrument.sec_type == "CASH" else instrument.symbol
    return levels()[name]
