"""The figures of an account under the names that TWS gives them (3.6)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ibkit.sim._engine import AccountFigures

CENT = Decimal("0.01")
ZERO = Decimal(0)


class Value(NamedTuple):
    """One row of an account: currency is empty, ``BASE`` or a currency."""

    key: str
    value: str
    currency: str


@lru_cache(maxsize=4096)
def money(amount: Decimal) -> str:
    """An amount to the cent."""
    return format(amount.quantize(CENT), "f")


ZERO_FIGURES = (
    "AccruedCash",
    "AccruedDividend",
    "Billable",
    "Guarantee",
    "IndianStockHaircut",
    "PASharesValue",
    "PhysicalCertificateValue",
    "PostExpirationExcess",
    "PostExpirationMargin",
    "TotalDebitCardPendingCharges",
)
"""Amounts that this broker has none of."""

FIGURES: dict[str, str] = {
    "AvailableFunds": "available_funds",
    "BuyingPower": "buying_power",
    "EquityWithLoanValue": "equity_with_loan",
    "ExcessLiquidity": "excess_liquidity",
    "FullAvailableFunds": "available_funds",
    "FullExcessLiquidity": "excess_liquidity",
    "FullInitMarginReq": "initial_margin",
    "FullMaintMarginReq": "maintenance_margin",
    "GrossPositionValue": "gross_position_value",
    "InitMarginReq": "initial_margin",
    "LookAheadAvailableFunds": "available_funds",
    "LookAheadExcessLiquidity": "excess_liquidity",
    "LookAheadInitMarginReq": "initial_margin",
    "LookAheadMaintMarginReq": "maintenance_margin",
    "MaintMarginReq": "maintenance_margin",
    "NetLiquidation": "net_liquidation",
    "PreviousDayEquityWithLoanValue": "equity_with_loan",
    "RegTEquity": "equity_with_loan",
    "RegTMargin": "initial_margin",
    "SMA": "available_funds",
    "TotalCashValue": "total_cash",
}
"""Amounts in the base currency of the account -> the figures that they are."""

SEGMENTED = (
    "AccruedCash",
    "AccruedDividend",
    "AvailableFunds",
    "EquityWithLoanValue",
    "ExcessLiquidity",
    "FullAvailableFunds",
    "FullExcessLiquidity",
    "FullInitMarginReq",
    "FullMaintMarginReq",
    "InitMarginReq",
    "MaintMarginReq",
    "NetLiquidation",
    "TotalCashValue",
)
"""Keys that are repeated for the commodity (``-C``) and securities (``-S``) segments."""

CONSTANTS = {
    "AccountReady": "true",
    "AccountType": "INDIVIDUAL",
    "DayTradesRemaining": "-1",
    "LookAheadNextChange": "0",
    "NLVAndMarginInReview": "false",
    "SegmentTitle-C": "US Commodities",
    "SegmentTitle-S": "US Securities",
    "TradingType-S": "STKNOPT",
    "WhatIfPMEnabled": "true",
}

ZERO_LEDGER = (
    "AccruedCash",
    "CorporateBondValue",
    "Cryptocurrency",
    "FundValue",
    "FutureOptionValue",
    "FxCashBalance",
    "IssuerOptionValue",
    "MoneyMarketFundValue",
    "MutualFundValue",
    "NetDividend",
    "TBillValue",
    "TBondValue",
    "WarrantValue",
)
"""Ledger rows that this broker has none of."""

LEDGER: dict[str, str] = {
    "FuturesPNL": "futures_pnl",
    "NetLiquidationByCurrency": "net_liquidation",
    "OptionMarketValue": "option_value",
    "RealizedPnL": "realized_pnl",
    "StockMarketValue": "stock_value",
    "UnrealizedPnL": "unrealized_pnl",
}
"""Ledger rows in the base currency -> the figures that they are."""

CASH_KEYS = ("CashBalance", "TotalCashBalance")
"""Ledger rows that are the cash itself, in every currency."""


CURRENCY = "NetLiquidationByCurrency"
"""The ledger row that every currency has for itself."""


def _keys_of(name: str) -> tuple[str, ...]:
    own = [key for key, figure in FIGURES.items() if figure == name]
    return (*own, *(f"{key}-S" for key in own if key in SEGMENTED))


FOLLOWS = tuple(
    (name, _keys_of(name), tuple(key for key, figure in LEDGER.items() if figure == name))
    for name in dict.fromkeys([*FIGURES.values(), *LEDGER.values()])
)
"""Each figure, and the rows of the account and of the ledger that follow from it."""


def _cushion(figures: AccountFigures) -> str:
    """Excess liquidity as a share of net liquidation."""
    if not figures.net_liquidation:
        return "0"
    share = figures.excess_liquidity / figures.net_liquidation
    return format(share.quantize(CENT**2), "f")


def _texts(figures: AccountFigures) -> dict[str, str]:
    return {
        **CONSTANTS,
        "AccountCode": figures.account,
        "AccountOrGroup": figures.account,
        "Currency": figures.currency,
        "Cushion": _cushion(figures),
    }


def _amounts(figures: AccountFigures) -> dict[str, Decimal]:
    return {
        **dict.fromkeys(ZERO_FIGURES, ZERO),
        **{key: getattr(figures, name) for key, name in FIGURES.items()},
    }


def _whole_account(figures: AccountFigures) -> Iterator[Value]:
    for key, text in _texts(figures).items():
        yield Value(key, text, "")
    amounts = _amounts(figures)
    for key, amount in amounts.items():
        yield Value(key, money(amount), figures.currency)
    for key in SEGMENTED:
        yield Value(f"{key}-C", money(ZERO), figures.currency)
        yield Value(f"{key}-S", money(amounts[key]), figures.currency)


def ledger(figures: AccountFigures) -> Iterator[Value]:
    """The rows per currency, with ``BASE`` for all of them together.

    In currencies other than the base only cash is told apart.
    """
    base = {key: getattr(figures, name) for key, name in LEDGER.items()}
    yield from _ledger_rows("BASE", figures.total_cash, base)
    yield Value("ExchangeRate", "1.00", "BASE")
    for currency, cash in figures.cash.items():
        known = base if currency == figures.currency else {CURRENCY: cash}
        yield from _ledger_rows(currency, cash, known)


def _ledger_rows(currency: str, cash: Decimal, known: dict[str, Decimal]) -> Iterator[Value]:
    yield Value("RealCurrency", currency, currency)
    rows = {**dict.fromkeys((*ZERO_LEDGER, *LEDGER), ZERO), **known}
    for key, amount in (rows | dict.fromkeys(CASH_KEYS, cash)).items():
        yield Value(key, money(amount), currency)


def account_values(figures: AccountFigures) -> list[Value]:
    """Every row, in alphabetical order; the account's name and readiness come first.

    What the account and the ledger both have (accrued cash) is told once.
    """
    found = {(row.key, row.currency): row for row in (*ledger(figures), *_whole_account(figures))}
    rows = sorted(found.values(), key=_key)
    first = ("AccountCode", "AccountOrGroup", "AccountReady")
    return [r for r in rows if r.key in first] + [r for r in rows if r.key not in first]


def changed_values(old: AccountFigures, new: AccountFigures) -> list[Value]:
    """The rows that are not as they were, in alphabetical order.

    A fill moves a few figures; what follows from the others is not even worded.
    """
    if old.cash.keys() != new.cash.keys():
        before = set(account_values(old))
        return [row for row in account_values(new) if row not in before]
    rows = [*_changed_figures(old, new), *_changed_cash(old, new)]
    if _cushion(old) != _cushion(new):
        rows.append(Value("Cushion", _cushion(new), ""))
    return sorted(rows, key=_key)


def _changed_figures(old: AccountFigures, new: AccountFigures) -> Iterator[Value]:
    currency = new.currency
    of_ledger = ("BASE", currency) if currency in new.cash else ("BASE",)
    for name, keys, ledger_keys in FOLLOWS:
        amount: Decimal = getattr(new, name)
        if _is_told(getattr(old, name), amount):
            continue
        text = money(amount)
        for key in keys:
            yield Value(key, text, currency)
        for key in ledger_keys:
            for each in of_ledger:
                yield Value(key, text, each)


def _changed_cash(old: AccountFigures, new: AccountFigures) -> Iterator[Value]:
    if not _is_told(old.total_cash, new.total_cash):
        yield from (Value(key, money(new.total_cash), "BASE") for key in CASH_KEYS)
    for currency, cash in new.cash.items():
        if not _is_told(old.cash[currency], cash):
            keys = CASH_KEYS if currency == new.currency else (*CASH_KEYS, CURRENCY)
            yield from (Value(key, money(cash), currency) for key in keys)


def _is_told(old: Decimal, new: Decimal) -> bool:
    """Whether two amounts are the same to the cent."""
    return old == new or money(old) == money(new)


def _key(row: Value) -> str:
    return row.key


def summary_values(figures: AccountFigures, tags: str) -> list[Value]:
    """The rows of reqAccountSummary for a comma-separated list of tags."""
    wanted = {tag.strip() for tag in tags.split(",")}
    rows = [row for row in _whole_account(figures) if row.key in wanted]
    if any(tag.startswith("$LEDGER") for tag in wanted):
        rows += ledger(figures)
    return sorted(rows, key=_key)
