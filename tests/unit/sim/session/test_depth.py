from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ibkit.sim import _wire as wire
from ibkit.sim._session._depth import DELETE, INSERT, UPDATE, Row, changes, levels


def applied(rows, operations):
    """A client's book: an insert and a delete move the rows behind."""
    book = list(rows)
    for position, kind, row in operations:
        if kind == INSERT:
            book.insert(position, row)
        elif kind == UPDATE:
            book[position] = row
        else:
            del book[position]
    return tuple(book)


sides = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 5)), max_size=8, unique_by=lambda row: row[0]
).map(lambda rows: tuple(Row(Decimal(p), Decimal(s)) for p, s in sorted(rows)))


@given(sides, sides)
def test_the_operations_turn_any_side_into_any_other(old, new):
    operations = list(changes(old, new))

    assert applied(old, operations) == new


@given(sides)
def test_nothing_is_sent_for_a_side_that_has_not_changed(side):
    assert list(changes(side, side)) == []


def test_a_better_bid_is_an_insert_in_front_and_a_delete_at_the_back():
    old = levels(Decimal(100), Decimal(5), Decimal(-1), 3)
    new = levels(Decimal(101), Decimal(5), Decimal(-1), 3)

    kinds = [(position, kind) for position, kind, _ in changes(old, new)]

    assert kinds[0] == (2, DELETE)
    assert kinds[1] == (0, INSERT)


def test_levels_go_away_from_the_best_by_one_step():
    rows = levels(Decimal("1.10"), Decimal(7), Decimal("0.05"), 4)

    assert [row.price for row in rows] == [Decimal(x) for x in ("1.10", "1.15", "1.20", "1.25")]
    assert rows[0].size == 7
    assert all(row.size >= 7 for row in rows)


def test_an_empty_side_has_no_levels():
    assert levels(None, Decimal(0), Decimal(1), 5) == ()


@pytest.mark.parametrize(("name", "code"), [("SPX", 10092), ("EUR.USD", None), (None, 200)])
def test_only_what_is_traded_has_a_book(talk, name, code):
    contract = talk.contract(name) if name else wire.ContractFields(con_id=77)
    answers = talk.ask(wire.ReqMktDepth(7, contract, 5, False))

    assert [m.error_code for m in answers if isinstance(m, wire.ErrMsg)] == [code] * bool(code)
