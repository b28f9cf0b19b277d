"""Everything that is listed, and how a client's words find it (gateway-behaviour 2.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import final

from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._question import OptionChain, Question, Refusal
from ibkit.sim._scenario import Scenario


@final
class Listings:
    """All instruments of the simulated world. Nothing is made before it is asked for.

    Args:
        scenario: Whether trading hours are kept, which the hours' texts say.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def find(self, question: Question, today: dt.date) -> list[Instrument] | Refusal:
        """Answer reqContractDetails: every match, or the refusal that the gateway sends.

        Stocks and options come with the exchange that was asked for (``SMART`` or one of their
        `valid_exchanges`); without one, with their primary exchange. CONTFUT comes as the lead
        contract, `sec_type` ``FUT``: whoever answers a client puts the word back.
        """
        raise NotImplementedError

    def one(self, question: Question, today: dt.date) -> Instrument | Refusal:
        """Find the only match, for requests that need exactly one; else the 200 that says why.

        A BAG is built from its legs and is known by its `con_id` from then on.
        """
        raise NotImplementedError

    def by_con_id(self, con_id: int) -> Instrument | None:
        """Return the instrument, expired or not, at its primary exchange."""
        raise NotImplementedError

    def matching_symbols(self, pattern: str) -> list[Instrument]:
        """Answer reqMatchingSymbols: at most 16 stocks and indices, best match first."""
        raise NotImplementedError

    def derivative_types(self, instrument: Instrument) -> tuple[str, ...]:
        """Return the kinds of derivatives on an instrument, as reqMatchingSymbols tells them."""
        raise NotImplementedError

    def option_chains(
        self, symbol: str, sec_type: str, con_id: int, today: dt.date
    ) -> Sequence[OptionChain]:
        """Answer reqSecDefOptParams: one chain per exchange and trading class."""
        raise NotImplementedError
