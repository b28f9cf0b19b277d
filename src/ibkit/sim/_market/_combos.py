"""Combos (BAG): made of their legs on the spot, known by their conId from then on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ibkit.sim._market import _ids
from ibkit.sim._market._instrument import Instrument, Leg
from ibkit.sim._market._question import Question, Refusal
from ibkit.sim._market._rules import rule_of_tick

GENERIC_COMBO = 28812380
"""The conId that IB shows for every combo (2.5). Ours differ from combo to combo."""

_ORDER_TYPES = ("DAY", "GTC", "GTD", "IOC", "LMT", "MKT", "NGCOMB", "STP", "STPLMT", "WHATIF")
_MOST_RATIO = 1_000


def combo(
    question: Question, instrument_of: Callable[[int], Instrument | None]
) -> Instrument | Refusal:
    """Build the combo that a question describes, or say what is wrong with its legs."""
    if not question.legs:
        return Refusal(314, "Security type 'BAG' requires combo leg details.")
    legs: list[Instrument] = []
    for number, leg in enumerate(question.legs, start=1):
        instrument = instrument_of(leg.con_id)
        if instrument is None or leg.action not in ("BUY", "SELL") or instrument.legs:
            return Refusal(313, f"The combo details for leg '{number}' are invalid.")
        if not 0 < leg.ratio <= _MOST_RATIO:
            return Refusal(476, "Invalid leg ratio.")
        legs.append(instrument)
    if wrong := _mismatch(question, legs):
        return wrong
    return _built(question, legs)


def _mismatch(question: Question, legs: list[Instrument]) -> Refusal | None:
    if len(legs) < 2 or len({leg.currency for leg in legs}) > 1:
        return Refusal(312, "The combo details are invalid.")
    if question.currency not in ("", legs[0].currency):
        return Refusal(312, "The combo details are invalid.")
    if any(leg.sec_type == "STK" for leg in legs) and question.exchange != "SMART":
        return Refusal(315, "Stock combo legs are restricted to SMART exchange.")
    if question.exchange != "SMART" and question.exchange not in _common_exchanges(legs):
        return Refusal(200, "No security definition has been found for the request")
    return None


def _common_exchanges(legs: list[Instrument]) -> set[str]:
    return set.intersection(*(set(leg.valid_exchanges) for leg in legs))


def _built(question: Question, legs: list[Instrument]) -> Instrument:
    first, tick = legs[0], _tick(legs)
    symbol = question.symbol or ",".join(sorted({leg.symbol for leg in legs}))
    multipliers = {leg.multiplier for leg in legs}
    return Instrument(
        con_id=_ids.of_combo(_described(question)),
        symbol=symbol,
        sec_type="BAG",
        exchange=question.exchange,
        currency=first.currency,
        local_symbol=symbol,
        trading_class="COMB",
        min_tick=tick,
        market_name="COMB",
        multiplier=first.multiplier if len(multipliers) == 1 else "",
        price_magnifier=first.price_magnifier,
        zone=first.zone,
        valid_exchanges=(question.exchange,),
        market_rules=(rule_of_tick(tick),),
        order_types=_ORDER_TYPES,
        legs=question.legs,
    )


def _tick(legs: list[Instrument]) -> Decimal:
    """Return the grid of the net price: the finest of the legs', a cent between VX futures."""
    if all(leg.symbol == "VIX" and leg.sec_type == "FUT" for leg in legs):
        return Decimal("0.01")
    return min(leg.min_tick for leg in legs)


def _described(question: Question) -> str:
    parts = (_leg_text(leg) for leg in question.legs)
    return "|".join((question.exchange, *parts))


def _leg_text(leg: Leg) -> str:
    return f"{leg.con_id}*{leg.ratio}*{leg.action}"
