from decimal import Decimal

import pytest
from ib_async import AccountValue

from ibkit.state._money import Money, account_rows, account_table_row, figure_of


def value(tag, text, currency=""):
    return AccountValue("DU1", tag, text, currency, "")


@pytest.mark.parametrize(
    ("told", "figure"),
    [
        (value("NetLiquidation", "1000.50", "USD"), Money(Decimal("1000.50"), "USD")),
        (value("Cushion", "0.95"), Decimal("0.95")),
        (value("AccountReady", "true"), True),
        (value("AccountReady", "false"), False),
        (value("AccountType", "INDIVIDUAL"), "INDIVIDUAL"),
        (value("NetLiquidation", "1.7976931348623157E308", "USD"), None),
        (value("Something", ""), None),
        (value("SomethingNew", "words"), "words"),
    ],
)
def test_every_tag_has_its_kind(told, figure):
    assert figure_of(told) == figure


def test_money_prints_with_its_currency():
    assert str(Money(Decimal("1234567.89"), "EUR")) == "1,234,567.89 EUR"


def test_rows_are_kept_by_tag_and_currency():
    rows = account_rows(
        [value("CashBalance", "1", "USD"), value("CashBalance", "2", "EUR"), value("Cushion", "1")]
    )

    assert list(rows) == [
        ("CashBalance", "USD"),
        ("CashBalance", "EUR"),
        ("Cushion", ""),
    ]
    assert account_table_row(rows["CashBalance", "EUR"])["value"] == 2
