"""The figures of an account under the names that TWS gives them (3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


Figure = Callable[[AccountFigures], Decimal]

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

FIGURES: dict[str, Figure] = {
    "AvailableFunds": lambda f: f.available_funds,
    "BuyingPower": lambda f: f.buying_power,
    "EquityWithLoanValue": lambda f: f.equity_with_loan,
    "ExcessLiquidity": lambda f: f.excess_liquidity,
    "FullAvailableFunds": lambda f: f.available_funds,
    "FullExcessLiquidity": lambda f: f.excess_liquidity,
    "FullInitMarginReq": lambda f: f.initial_margin,
    "FullMaintMarginReq": lambda f: f.maintenance_margin,
    "GrossPositionValue": lambda f: f.gross_position_value,
    "InitMarginReq": lambda f: f.initial_margin,
    "LookAheadAvailableFunds": lambda f: f.available_funds,
    "LookAheadExcessLiquidity": lambda f: f.excess_liquidity,
    "LookAheadInitMarginReq": lambda f: f.initial_margin,
    "LookAheadMaintMarginReq": lambda f: f.maintenance_margin,
    "MaintMarginReq": lambda f: f.maintenance_margin,
    "NetLiquidation": lambda f: f.net_liquidation,
    "PreviousDayEquityWithLoanValue": lambda f: f.equity_with_loan,
    "RegTEquity": lambda f: f.equity_with_loan,
    "RegTMargin": lambda f: f.initial_margin,
    "SMA": lambda f: f.available_funds,
    "TotalCashValue": lambda f: f.total_cash,
}
"""Amounts in the base currency of the account."""

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

LEDGER: dict[str, Figure] = {
    "FuturesPNL": lambda f: f.futures_pnl,
    "NetLiquidationByCurrency": lambda f: f.net_liquidation,
    "OptionMarketValue": lambda f: f.option_value,
    "RealizedPnL": lambda f: f.realized_pnl,
    "StockMarketValue": lambda f: f.stock_value,
    "UnrealizedPnL": lambda f: f.unrealized_pnl,
}
"""Ledger rows in the base currency."""

CASH_KEYS = ("CashBalance", "TotalCashBalance")
"""Ledger rows that are the cash itself, in every currency."""


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
        **{key: figure(figures) for key, figure in FIGURES.items()},
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
    base = {key: figure(figures) for key, figure in LEDGER.items()}
    yield from _ledger_rows("BASE", figures.total_cash, base)
    yield Value("ExchangeRate", "1.00", "BASE")
    for currency, cash in figures.cash.items():
        known = base if currency == figures.currency else {"NetLiquidationByCurrency": cash}
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
    rows = sorted(found.values(), key=lambda row: row.key)
    first = ("AccountCode", "AccountOrGroup", "AccountReady")
    return [r for r in rows if r.key in first] + [r for r in rows if r.key not in first]


def summary_values(figures: AccountFigures, tags: str) -> list[Value]:
    """The rows of reqAccountSummary for a comma-separated list of tags."""
    wanted = {tag.strip() for tag in tags.split(",")}
    rows = [row for row in _whole_account(figures) if row.key in wanted]
    if any(tag.startswith("$LEDGER") for tag in wanted):
        rows += ledger(figures)
    return sorted(rows, key=lambda row: row.key)
