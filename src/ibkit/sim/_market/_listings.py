"""Everything that is listed, and how a client's words find it (gateway-behaviour 2.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import final

from attrs import evolve

from ibkit.products import PRODUCTS, Product
from ibkit.sim._market import _futures, _ids, _options
from ibkit.sim._market._combos import combo
from ibkit.sim._market._filters import ambiguity, bad_date, conflict, matches, placed
from ibkit.sim._market._forex import pairs
from ibkit.sim._market._indices import indices
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._memory import remember
from ibkit.sim._market._question import OptionChain, Question, Refusal
from ibkit.sim._market._stocks import stocks

NOT_FOUND = Refusal(200, "No security definition has been found for the request")
_FEW_SYMBOLS = 16
_MOST_COMBOS = 10_000
_ELSEWHERE = frozenset("FOP WAR BOND CFD CMDTY CRYPTO FUND NEWS BILL IOPT FIXED SLB".split())  # noqa: SIM905
"""Kinds that IB has and this world has not."""

Candidates = Callable[[Question, dt.date], Iterable[Instrument]]


@final
class Listings:
    """All instruments of the simulated world. Nothing is made before it is asked for."""

    def __init__(self) -> None:
        self._combos: dict[int, Instrument] = {}

    def find(self, question: Question, today: dt.date) -> list[Instrument] | Refusal:
        """Answer reqContractDetails: every match, or the refusal that the gateway sends.

        Stocks and options come with the exchange that was asked for (``SMART`` or one of their
        `valid_exchanges`); without one, with their primary exchange. CONTFUT comes as the lead
        contract, `sec_type` ``FUT``: whoever answers a client puts the word back.
        """
        if question.legs or question.sec_type == "BAG":
            found = self._combined(question)
            return found if isinstance(found, Refusal) else [found]
        if wrong := bad_date(question):
            return wrong
        if question.con_id:
            return self._by_id(question, today)
        return self._described(question, today)

    def one(self, question: Question, today: dt.date) -> Instrument | Refusal:
        """Find the only match, for requests that need exactly one; else the 200 that says why.

        A BAG is built from its legs and is known by its `con_id` from then on.
        """
        found = self.find(question, today)
        if isinstance(found, Refusal):
            return found
        return found[0] if len(found) == 1 else ambiguity(question, found)

    def by_con_id(self, con_id: int) -> Instrument | None:
        """Return the instrument, expired or not, at its primary exchange."""
        for table in (stocks(), pairs(), self._combos):
            if con_id in table:
                return table[con_id]
        if con_id in indices():
            return indices()[con_id].instrument
        if origin := _futures.origin_of(con_id):
            return _futures.instrument(origin) if _futures.has_month(origin) else None
        key = _ids.option_of(con_id)
        return _options.instrument(key) if key and _options.exists(key) else None

    def matching_symbols(self, pattern: str) -> list[Instrument]:
        """Answer reqMatchingSymbols: at most 16 stocks and indices, best match first."""
        wanted = pattern.strip().upper()
        everything = [*stocks().values(), *(index.instrument for index in indices().values())]
        ranked = [(_rank(wanted, each), each.symbol, each.con_id, each) for each in everything]
        hits = sorted((row for row in ranked if wanted and row[0] < 3), key=lambda row: row[:3])
        return [row[-1] for row in hits[:_FEW_SYMBOLS]]

    def derivative_types(self, instrument: Instrument) -> tuple[str, ...]:
        """Return the kinds of derivatives on an instrument, as reqMatchingSymbols tells them."""
        on_future = any(
            product.exchange == instrument.exchange or product.symbol == "VIX"
            for product in PRODUCTS.with_symbol(instrument.symbol)
            if instrument.sec_type == "IND"
        )
        has_options = _options.place_of(instrument.symbol) is not None
        kinds = ("OPT" if has_options and instrument.currency == "USD" else "", "BAG")
        return tuple(filter(None, ("FUT" if on_future else "", *kinds)))

    def option_chains(
        self, symbol: str, sec_type: str, con_id: int, today: dt.date
    ) -> Sequence[OptionChain]:
        """Answer reqSecDefOptParams: one chain per exchange and trading class."""
        under = self.by_con_id(con_id)
        place = _options.place_of(symbol)
        if under is None or place is None or (under.symbol, under.sec_type) != (symbol, sec_type):
            return ()
        chains = _options.chains(place, today)
        return chains if chains[0].under_con_id == con_id else ()

    # -- finding

    def _combined(self, question: Question) -> Instrument | Refusal:
        made = combo(question, self.by_con_id)
        if isinstance(made, Instrument):
            remember(self._combos, made.con_id, made, _MOST_COMBOS)
        return made

    def _by_id(self, question: Question, today: dt.date) -> list[Instrument] | Refusal:
        instrument = self.by_con_id(question.con_id)
        if instrument is None or not _alive(instrument, question, today):
            return NOT_FOUND
        if wrong := conflict(question, instrument):
            return wrong
        there = placed(question, instrument)
        return [there] if there else NOT_FOUND

    def _described(self, question: Question, today: dt.date) -> list[Instrument] | Refusal:
        kind = question.sec_type
        if kind in _ELSEWHERE:
            return NOT_FOUND
        if kind not in _CANDIDATES and not (
            kind == "" and (question.local_symbol or question.sec_id)
        ):
            return _invalid("Please enter a valid security type")
        if not (
            question.symbol or question.local_symbol or question.sec_id or question.trading_class
        ):
            return _invalid("Please enter a symbol or a local symbol")
        makers = [_CANDIDATES[kind]] if kind else list(_CANDIDATES.values())[:_PLAIN_KINDS]
        found = [
            there
            for make in makers
            for instrument in make(question, today)
            if matches(question, instrument) and (there := placed(question, instrument))
        ]
        return found or NOT_FOUND


def _invalid(cause: str) -> Refusal:
    """What a gateway says of this is not on record; the code is (2.1, I)."""
    return Refusal(321, f"Error validating request.-'bW' : cause - {cause}")


def _alive(instrument: Instrument, question: Question, today: dt.date) -> bool:
    """Tell whether an instrument still trades, or expired and is asked for as such."""
    if instrument.last_trade is None or instrument.last_trade >= today:
        return True
    gone = (today - instrument.last_trade).days
    is_future = instrument.sec_type == "FUT"
    return is_future and question.include_expired and gone <= _futures.EXPIRED_DAYS


def _rank(wanted: str, instrument: Instrument) -> int:
    """0 the symbol itself, 1 it begins so, 2 a word of the name does, 3 no match."""
    if instrument.symbol == wanted:
        return 0
    if instrument.symbol.startswith(wanted):
        return 1
    return 2 if f" {wanted}" in f" {instrument.long_name.upper()}" else 3


# -- what a kind's question could mean


def _stock_candidates(_question: Question, _today: dt.date) -> Iterable[Instrument]:
    return stocks().values()


def _pair_candidates(_question: Question, _today: dt.date) -> Iterable[Instrument]:
    return pairs().values()


def _index_candidates(_question: Question, _today: dt.date) -> Iterable[Instrument]:
    return (index.instrument for index in indices().values())


def _products(question: Question) -> Iterator[Product]:
    """Yield the products that can be meant: by symbol, class or the head of a local symbol."""
    for product in _futures.products():
        names = (product.symbol, product.local_class)
        if question.symbol not in ("", product.symbol):
            continue
        if question.local_symbol and not question.local_symbol.startswith(product.local_class):
            continue
        if question.symbol or question.local_symbol or question.trading_class in names:
            yield product


def _future_candidates(question: Question, today: dt.date) -> Iterator[Instrument]:
    for product in _products(question):
        if question.include_expired:
            yield from map(_futures.instrument, _futures.expired(product, today))
        yield from map(_futures.instrument, _futures.listed(product, today))


def _lead_candidates(question: Question, today: dt.date) -> Iterator[Instrument]:
    for product in _products(evolve(question, local_symbol="")):
        if leader := _futures.lead(product, today):
            yield _futures.instrument(leader)


def _option_candidates(question: Question, today: dt.date) -> Iterator[Instrument]:
    symbol = question.symbol or question.local_symbol[:6].rstrip().removesuffix("W")
    place = _options.place_of(symbol)
    if place is None:
        return
    for key in _options.listed(place, today):
        if question.right[:1] in ("", "P" if key.is_put else "C", "0", "?"):
            yield _options.instrument(key)


_CANDIDATES: dict[str, Candidates] = {
    "STK": _stock_candidates,
    "CASH": _pair_candidates,
    "IND": _index_candidates,
    "FUT": _future_candidates,
    "OPT": _option_candidates,
    "CONTFUT": _lead_candidates,
    "FUT+CONTFUT": _future_candidates,
}
_PLAIN_KINDS = 5
"""How many of them, from the first, are kinds of instruments and not ways of asking."""
