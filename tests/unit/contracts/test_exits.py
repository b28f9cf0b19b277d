from decimal import Decimal

from ibkit.contracts._exits import exit_sets, shares
from ibkit.contracts._working import read_working
from rolling import ESU, attached, order, pair, trade


def sets(trades, code="U26"):
    return exit_sets(map(read_working, trades), code)


def moved(first_id, size, name, number=1):
    """A pair on the new month, as this roll placed it."""
    trades = pair(first_id, size, number=number)
    for each in trades:
        each.contract, each.order.ocaGroup = ESU.contract, name
    return trades


def dues(row, held, left):
    return [
        (int(each.due_in_new(Decimal(held))), int(each.due_in_old(Decimal(left)))) for each in row
    ]


def test_what_cancels_each_other_is_one_set_with_the_stop_first():
    first, second = sets(pair(12, 2, number=2) + pair(10, 1))

    assert [each.order_type for each in first.orders] == ["STP", "LMT"]
    assert (first.key, first.size, first.is_even) == ("7010", 1, True)
    assert (second.key, second.size) == ("7012", 2)


def test_children_without_a_group_belong_together_and_single_orders_stand_alone():
    children = [trade(order(n, "SELL", 1, kind, 5.0, parentId=3)) for n, kind in
                ((4, "LMT"), (5, "STP"))]  # fmt: skip
    alone = trade(order(9, "SELL", 1, "STP", 5.0))

    assert [each.key for each in sets([*children, alone])] == ["p3", "9009"]


def test_a_set_of_different_sizes_is_not_even():
    (only,) = sets(attached(10, [1, 2]))

    assert (only.size, only.is_even, only.now) == (3, False, 3)
    assert [each.order_type for each in only.orders] == ["STP", "LMT", "LMT"]


def test_the_name_in_the_new_month_remembers_size_and_form():
    (even,) = sets(pair(10, 3))
    (uneven,) = sets(attached(10, [1, 2]))

    assert even.oca("U26") == "7010~U26x3"
    assert uneven.oca("U26") == "7010~U26u3"


def test_a_set_that_has_begun_to_move_is_known_by_its_name():
    (there,) = sets(moved(20, 1, "7010~U26x3"))

    assert (there.key, there.size, there.now, there.marked) == ("7010", 3, 1, True)


def test_the_next_roll_begins_with_the_size_that_is_left():
    """A name of an earlier roll says what the set is called, no more."""
    (there,) = sets(moved(20, 1, "7010~U26x3"), code="Z26")

    assert (there.key, there.size, there.marked) == ("7010", 1, False)
    assert there.oca("Z26") == "7010~Z26x1"


def test_a_name_stays_below_the_limit_of_ib():
    name = "n" * 64
    trades = pair(10, 3)
    for each in trades:
        each.order.ocaGroup = name

    assert len(sets(trades)[0].oca("U26")) <= 64


def test_exits_follow_the_position_from_the_front():
    row = shares(sets(pair(10, 1) + pair(12, 2, number=2)), ())

    assert dues(row, held=0, left=0) == [(0, 1), (0, 2)]
    assert dues(row, held=1, left=1) == [(1, 0), (0, 2)]
    assert dues(row, held=2, left=2) == [(1, 0), (1, 1)]
    assert dues(row, held=3, left=3) == [(1, 0), (2, 0)]


def test_a_set_that_cannot_be_split_moves_as_a_whole():
    row = shares(sets(attached(10, [1, 2])), ())

    assert dues(row, held=2, left=2) == [(0, 3)]
    assert dues(row, held=3, left=3) == [(3, 0)]


def test_stops_and_targets_that_are_not_linked_cover_the_same_units():
    target = trade(order(10, "SELL", 3, "LMT", 5020.0))
    stop = trade(order(11, "SELL", 3, "STP", 4980.0))
    row = shares(sets([target, stop]), ())

    assert [each.start for each in row] == [0, 0]
    assert dues(row, held=1, left=1) == [(1, 2), (1, 2)]


def test_what_has_moved_stands_in_front():
    old = sets(pair(10, 3) + pair(12, 1, number=2))
    new = sets(moved(20, 1, "7010~U26x3"))
    row = shares(old, new)

    assert [(each.size, each.start, each.in_new, each.in_old) for each in row] == [
        (3, 0, 1, 3),
        (1, 3, 0, 1),
    ]


def test_sizes_that_differ_in_the_middle_of_a_change_do_not_make_a_set_uneven():
    new = moved(20, 1, "7010~U26x3")
    new[1].order.totalQuantity = 2

    assert shares(sets(pair(10, 3)), sets(new))[0].is_even


def test_children_of_a_leg_are_known_by_their_references():
    children = moved(20, 2, "9019")
    (only,) = shares(sets(pair(10, 2)), sets(children))

    assert (only.in_new, only.in_old, only.size) == (2, 2, 2)


def test_orders_without_a_reference_are_not_taken_for_each_other():
    plain = [trade(order(n, "SELL", 1, "STP", 5.0)) for n in (10, 20)]
    plain[1].contract = ESU.contract
    row = shares(sets(plain[:1]), sets(plain[1:]))

    assert len(row) == 2


def test_units_between_the_months_have_the_exits_of_the_plan():
    planned = sets(pair(10, 1) + pair(12, 2, number=2))
    row = shares((), (), planned, between=Decimal(1))

    assert [(each.planned.key, each.size) for each in row] == [("7010", 1)]
    assert shares((), (), planned) == ()


def test_a_set_that_was_cut_with_its_units_keeps_its_place():
    """Closed first: of a set of 3, two units are closed and the exits are cut to 1."""
    planned = sets(pair(10, 3))
    row = shares(sets(pair(10, 1)), (), planned, between=Decimal(2))

    assert dues(row, held=0, left=2) == [(0, 1)]
