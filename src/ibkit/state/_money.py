"""The account: its tags typed, its money as Decimal with a currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from attrs import frozen
from ib_async import AccountValue

from ._tables import Row

TEXTS = frozenset(
    {
        "AccountCode",
        "AccountOrGroup",
        "AccountType",
        "Currency",
        "RealCurrency",
        "SegmentTitle-C",
        "SegmentTitle-P",
        "SegmentTitle-S",
        "TradingType-S",
    }
)
FLAGS = frozenset({"AccountReady", "NLVAndMarginInReview", "WhatIfPMEnabled"})
"""The tags that are neither money nor a number; all others are numbers, money with a currency."""

MOST = Decimal("1e300")
"""What is above stands for *unset*."""


@frozen
class Money:
    """
    An amount of one currency.

    >>> print(Money(Decimal("1234.50"), "USD"))
    1,234.50 USD
    """

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}".rstrip()


Figure = Money | Decimal | bool | str | None


def figure_of(value: AccountValue) -> Figure:
    """The value of a tag by its kind; ``None`` where TWS sends no number."""
    if value.tag in TEXTS:
        return value.value
    if value.tag in FLAGS:
        return value.value.lower() == "true"
    try:
        number = Decimal(value.value)
    except InvalidOperation:
        return value.value or None
    if abs(number) > MOST:
        return None
    return Money(number, value.currency) if value.currency else number


@frozen(kw_only=True)
class AccountRow:
    """One tag of an account in one currency (``BASE``: all of them in the base currency)."""

    account: str
    tag: str
    currency: str
    value: Figure


def account_rows(values: Iterable[AccountValue]) -> Mapping[tuple[str, str], AccountRow]:
    """The rows of one account by tag and currency; those of a part of it (a model) are left out."""
    whole = (value for value in values if not value.modelCode)
    return {(value.tag, value.currency): account_row(value) for value in whole}


def account_row(value: AccountValue) -> AccountRow:
    """One row."""
    return AccountRow(
        account=value.account, tag=value.tag, currency=value.currency, value=figure_of(value)
    )


def account_table_row(row: AccountRow) -> Row:
    """A line of the account table."""
    value = row.value.amount if isinstance(row.value, Money) else row.value
    return {"tag": row.tag, "value": value, "currency": row.currency, "account": row.account}
