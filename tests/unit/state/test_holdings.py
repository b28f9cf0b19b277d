from decimal import Decimal

from ib_async import Contract, PortfolioItem, Position

from ibkit.state._holdings import holding, holding_row, portfolio_row, portfolio_table_row

ES = Contract(conId=1, symbol="ES", localSymbol="ESZ6")
UNSET = 1.7976931348623157e308


def test_a_position_is_a_value_with_exact_numbers():
    held = holding(Position("DU1", ES, -2.0, 250_012.55))

    assert (held.size, held.average_cost) == (-2, Decimal("250012.55"))
    assert holding_row(held)["contract"] == "ESZ6"


def test_what_tws_does_not_know_of_a_holding_is_none():
    row = portfolio_row(PortfolioItem(ES, 1.0, UNSET, UNSET, 5.0, UNSET, 0.0, "DU1"))

    assert (row.market_price, row.market_value, row.unrealized_pnl) == (None, None, None)
    assert row.realized_pnl == 0
    assert portfolio_table_row(row)["price"] is None
