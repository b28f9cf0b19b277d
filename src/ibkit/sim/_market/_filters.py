"""Field by field: does an instrument fit a question, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from attrs import evolve

from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._question import Question, Refusal

_DATE = re.compile(r"\d{6}|\d{8}")


def bad_date(question: Question) -> Refusal | None:
    """Refuse a date with its time, as ContractDetails show it (2.2, 10330)."""
    text = question.last_trade_date_or_contract_month
    if text and not _DATE.fullmatch(text):
        return Refusal(
            10330,
            "The expiry date/time format is invalid. Accepted are YYYYMM, the contract month, "
            f"and YYYYMMDD, the last trading day; received {text}",
        )
    return None


def _is_multiplier(asked: str, instrument: Instrument) -> bool:
    try:
        return Decimal(asked) == Decimal(instrument.multiplier or 1)
    except InvalidOperation:
        return False


def _is_date(asked: str, instrument: Instrument) -> bool:
    if len(asked) == 6:
        return asked == instrument.contract_month
    return instrument.last_trade is not None and asked == f"{instrument.last_trade:%Y%m%d}"


def _is_right(asked: str, instrument: Instrument) -> bool:
    return asked in ("?", "0") or asked[:1].upper() == instrument.right


def _is_identifier(asked: str, instrument: Instrument) -> bool:
    return asked in {value for _, value in instrument.sec_ids}


_CHECKS: dict[str, Callable[[str, Instrument], bool]] = {
    "symbol": lambda asked, instrument: asked == instrument.symbol,
    "last_trade_date_or_contract_month": _is_date,
    "right": _is_right,
    "multiplier": _is_multiplier,
    "primary_exchange": lambda asked, instrument: asked in _homes(instrument),
    "currency": lambda asked, instrument: asked == instrument.currency,
    "local_symbol": lambda asked, instrument: asked == instrument.local_symbol,
    "trading_class": lambda asked, instrument: asked == instrument.trading_class,
    "sec_id": _is_identifier,
}
"""Every field that filters, but for strike, kind and exchange."""

_CALLED = {
    "last_trade_date_or_contract_month": "expiry",
    "local_symbol": "local symbol",
    "trading_class": "trading class",
    "primary_exchange": "primary exchange",
    "sec_id": "security id",
}
"""Fields whose name in error 478 is not their own; `expiry` is on record, the others are ours."""


def _homes(instrument: Instrument) -> set[str]:
    return {instrument.primary_exchange, instrument.exchange} - {""}


def matches(question: Question, instrument: Instrument) -> bool:
    """Tell whether an instrument fits all fields that are not empty."""
    if question.strike and question.strike != instrument.strike:
        return False
    return all(
        check(asked, instrument)
        for name, check in _CHECKS.items()
        if (asked := getattr(question, name))
    )


def placed(question: Question, instrument: Instrument) -> Instrument | None:
    """Return the instrument at the exchange that was asked for; ``None`` if it is not there."""
    asked = question.exchange
    if asked in ("", instrument.exchange):
        return instrument
    if asked not in instrument.valid_exchanges:
        return None
    return evolve(instrument, exchange=asked)


def conflict(question: Question, instrument: Instrument) -> Refusal | None:
    """Refuse fields that contradict the conId (478)."""
    kind = question.sec_type
    is_continuous = kind in ("CONTFUT", "FUT+CONTFUT") and instrument.sec_type == "FUT"
    if kind not in ("", instrument.sec_type) and not is_continuous:
        return _conflict("security type", kind, instrument.sec_type)
    if question.strike and question.strike != instrument.strike:
        return _conflict("strike", question.strike, instrument.strike or 0)
    for name, check in _CHECKS.items():
        asked = getattr(question, name)
        if asked and not check(asked, instrument):
            return _conflict(_CALLED.get(name, name), asked, _shown(name, asked, instrument))
    return None


def _shown(name: str, asked: str, instrument: Instrument) -> str:
    if name == "last_trade_date_or_contract_month":
        if len(asked) == 6:
            return instrument.contract_month
        return f"{instrument.last_trade:%Y%m%d}" if instrument.last_trade else ""
    if name == "sec_id":
        return ",".join(value for _, value in instrument.sec_ids)
    return str(getattr(instrument, name))


def _conflict(field: str, asked: object, there: object) -> Refusal:
    return Refusal(
        478,
        "Parameters in request conflicts with contract parameters received by contract id: "
        f"requested {field} {asked}, in contract {there};",
    )


_TELLING = (
    ("currency", "the currency"),
    ("multiplier", "the multiplier or trading class"),
    ("trading_class", "the multiplier or trading class"),
    ("exchange", "the exchange"),
    ("last_trade", "the last trade date or contract month"),
    ("strike", "the strike"),
    ("right", "the right"),
)
"""What to specify, by the field in which the matches differ; the texts of currency, multiplier and
exchange are on record."""


def ambiguity(question: Question, found: list[Instrument]) -> Refusal:
    """Say that several instruments match, and which field would tell them apart."""
    needed = next(
        (text for name, text in _TELLING if len({getattr(each, name) for each in found}) > 1),
        "the local symbol",
    )
    name = question.symbol or question.local_symbol or question.trading_class
    return Refusal(
        200,
        f"The contract description specified for {name} is ambiguous; you must specify {needed}.",
    )
