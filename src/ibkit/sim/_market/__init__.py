"""The world: instruments, listings, trading hours, the tape. Pure: time and seed are arguments."""

from ibkit.sim._market._bars import INTRADAY as INTRADAY
from ibkit.sim._market._figures import (
    DayFigures as DayFigures,
    Greeks as Greeks,
    MarketBar as MarketBar,
    PriceCount as PriceCount,
    Session as Session,
)
from ibkit.sim._market._hours import Hours as Hours
from ibkit.sim._market._instrument import Instrument as Instrument, Leg as Leg
from ibkit.sim._market._listings import Listings as Listings
from ibkit.sim._market._question import (
    OptionChain as OptionChain,
    Question as Question,
    Refusal as Refusal,
)
from ibkit.sim._market._replay import ReplayError as ReplayError
from ibkit.sim._market._ticks import MarketTick as MarketTick, Quote as Quote, Trade as Trade
from ibkit.sim._market._world import Market as Market

__all__ = [
    "INTRADAY",
    "DayFigures",
    "Greeks",
    "Hours",
    "Instrument",
    "Leg",
    "Listings",
    "Market",
    "MarketBar",
    "MarketTick",
    "OptionChain",
    "PriceCount",
    "Question",
    "Quote",
    "Refusal",
    "ReplayError",
    "Session",
    "Trade",
]
