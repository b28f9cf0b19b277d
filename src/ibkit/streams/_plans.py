"""How each kind of stream is keyed, asked for and read: what the user wants, made ready to send."""

from __future__ import annotations

import copy
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import evolve, frozen
from ib_async import Contract
from typing_extensions import Self

from ibkit._ib import _market_requests as requests
from ibkit._ib._market_data import Message, Routes
from ibkit._ib._market_requests import MarketRequest

from ._bar_feed import FiveSecondFeed, SeriesFeed
from ._bar_times import covering, live_bar_seconds
from ._book_feed import BookFeed
from ._feed import Feed
from ._kinds import Kind, Spec, spec_for
from ._quote import Quote
from ._quote_feed import QuoteFeed
from ._tick_feed import Tick, TickFeed
from ._values import Bar, Book, TickKind

T = TypeVar("T")


@frozen(kw_only=True)
class Plan(ABC, Generic[T]):
    """A stream that somebody wants. The contract is a copy: later changes to it do no harm."""

    contract: Contract
    spec: Spec
    wants: frozenset[int] = frozenset()

    @abstractmethod
    def feed(self) -> Feed[T]:
        """Make what turns raw messages into values."""

    @abstractmethod
    def routes(self, feed: Feed[T]) -> Routes:
        """Say which message goes where."""

    @abstractmethod
    def request(self, wants: frozenset[int], feed: Feed[T], now: dt.datetime) -> MarketRequest:
        """Make the request for what is wanted."""

    def joins(self, feed: Feed[T]) -> None:
        """Do what one more consumer of *feed* needs."""

    def begins(self, wants: frozenset[int], feed: Feed[T]) -> None:
        """Do what a request needs that was sent just now."""

    def is_whole(self, value: T) -> bool:
        """Whether *value* is what `Stream.first_async` waits for."""
        return True

    def on(self, contract: Contract) -> Self:
        """Want the same of another contract."""
        spec = evolve(self.spec, con_id=contract.conId, exchange=contract.exchange)
        return evolve(self, contract=copy.copy(contract), spec=spec)

    @property
    def name(self) -> str:
        contract = self.contract
        label = contract.localSymbol or contract.symbol or str(contract.conId)
        return " ".join([self.spec.kind.value, label, *map(str, self.spec.parameters)])


@frozen(kw_only=True)
class QuotesPlan(Plan[Quote]):
    """Quotes, streaming or as a snapshot."""

    def feed(self) -> QuoteFeed:
        return QuoteFeed(self.contract.conId, self.contract.secType)

    def routes(self, feed: Feed[Quote]) -> Routes:
        assert isinstance(feed, QuoteFeed)
        return {
            Message.PRICE: feed.price,
            Message.SIZE: feed.size,
            Message.GENERIC: feed.generic,
            Message.TEXT: feed.text,
            Message.GREEKS: feed.greeks,
            Message.DATA_TYPE: feed.data_type,
        }

    def request(self, wants: frozenset[int], feed: Feed[Quote], now: dt.datetime) -> MarketRequest:
        generic = ",".join(map(str, sorted(wants)))
        is_snapshot = self.spec.kind is Kind.SNAPSHOT
        return requests.quotes(self.contract, generic, snapshot=is_snapshot)

    def is_whole(self, value: Quote) -> bool:
        if self.contract.secType == "IND":
            return value.last is not None
        return value.bid is not None and value.ask is not None


@frozen(kw_only=True)
class TicksPlan(Plan[Tick]):
    """Tick-by-tick data of one of the four kinds."""

    kind: TickKind
    ignore_size: bool = False

    def feed(self) -> TickFeed:
        return TickFeed(self.contract.conId)

    def routes(self, feed: Feed[Tick]) -> Routes:
        assert isinstance(feed, TickFeed)
        read = {"BidAsk": feed.bid_ask, "MidPoint": feed.midpoint}.get(self.kind, feed.trade)
        return {Message.TICK: read}

    def request(self, wants: frozenset[int], feed: Feed[Tick], now: dt.datetime) -> MarketRequest:
        return requests.ticks(self.contract, self.kind, ignore_size=self.ignore_size)


@frozen(kw_only=True)
class DepthPlan(Plan[Book]):
    """A book. A wider request serves a narrower one, too."""

    smart: bool = False

    def feed(self) -> BookFeed:
        return BookFeed(self.contract.conId, len(self.wants))

    def routes(self, feed: Feed[Book]) -> Routes:
        assert isinstance(feed, BookFeed)
        return {Message.DEPTH: feed.depth, Message.DEPTH_BY_MAKER: feed.depth_by_maker}

    def request(self, wants: frozenset[int], feed: Feed[Book], now: dt.datetime) -> MarketRequest:
        return requests.depth(self.contract, len(wants), smart=self.smart)

    def begins(self, wants: frozenset[int], feed: Feed[Book]) -> None:
        assert isinstance(feed, BookFeed)
        feed.clear()  # each answer begins with the whole book
        feed.builder.rows = len(wants)

    def is_whole(self, value: Book) -> bool:
        return bool(value.bids and value.asks)


@frozen(kw_only=True)
class FiveSecondPlan(Plan[Bar]):
    """Real-time bars."""

    what: str
    rth: bool = False

    def feed(self) -> FiveSecondFeed:
        return FiveSecondFeed(self.contract.conId)

    def routes(self, feed: Feed[Bar]) -> Routes:
        assert isinstance(feed, FiveSecondFeed)
        return {Message.BAR_5S: feed.bar}

    def request(self, wants: frozenset[int], feed: Feed[Bar], now: dt.datetime) -> MarketRequest:
        return requests.bars_5s(self.contract, self.what, rth=self.rth)


@frozen(kw_only=True)
class BarsPlan(Plan[Bar]):
    """History that is kept up to date."""

    size: str
    lookback: str
    what: str
    keep: int
    rth: bool = False

    def feed(self) -> SeriesFeed:
        seconds = live_bar_seconds(self.size)
        return SeriesFeed(self.contract.conId, self.size, seconds, self.keep)

    def routes(self, feed: Feed[Bar]) -> Routes:
        assert isinstance(feed, SeriesFeed)
        return {Message.HISTORY: feed.history, Message.HISTORY_UPDATE: feed.update}

    def joins(self, feed: Feed[Bar]) -> None:
        assert isinstance(feed, SeriesFeed)
        feed.series.keep(self.keep)

    def request(self, wants: frozenset[int], feed: Feed[Bar], now: dt.datetime) -> MarketRequest:
        assert isinstance(feed, SeriesFeed)
        last = feed.series.last
        hole = 0.0 if last is None else (now - last.time).total_seconds()
        duration = covering(hole, live_bar_seconds(self.size), self.lookback)
        return requests.bars(self.contract, duration, self.size, self.what, rth=self.rth)


def plan_quotes(
    contract: Contract, generic: Sequence[int], *, snapshot: bool = False
) -> QuotesPlan:
    kind = Kind.SNAPSHOT if snapshot else Kind.QUOTES
    return QuotesPlan(
        contract=copy.deepcopy(contract), spec=spec_for(contract, kind), wants=frozenset(generic)
    )


def plan_ticks(contract: Contract, kind: TickKind, *, ignore_size: bool) -> TicksPlan:
    parameters = (kind, "ignore size") if ignore_size else (kind,)
    return TicksPlan(
        contract=copy.deepcopy(contract),
        spec=spec_for(contract, Kind.TICKS, *parameters),
        kind=kind,
        ignore_size=ignore_size,
    )


def plan_depth(contract: Contract, rows: int, *, smart: bool) -> DepthPlan:
    return DepthPlan(
        contract=copy.deepcopy(contract),
        spec=spec_for(contract, Kind.DEPTH, *(["smart"] if smart else [])),
        wants=frozenset(range(rows)),
        smart=smart,
    )


def plan_bars_5s(contract: Contract, what: str, *, rth: bool) -> FiveSecondPlan:
    return FiveSecondPlan(
        contract=copy.deepcopy(contract),
        spec=spec_for(contract, Kind.BARS_5S, what, *(["rth"] if rth else [])),
        what=what,
        rth=rth,
    )


def plan_bars(
    contract: Contract, size: str, lookback: str, what: str, *, keep: int, rth: bool
) -> BarsPlan:
    return BarsPlan(
        contract=copy.deepcopy(contract),
        spec=spec_for(contract, Kind.BARS, size, lookback, what, *(["rth"] if rth else [])),
        size=size,
        lookback=lookback,
        what=what,
        keep=keep,
        rth=rth,
    )
