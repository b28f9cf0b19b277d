from __future__ import annotations

from brokerage import Desk
from cards import card
from ibkit.sim._engine import OrderTerms
from ibkit.sim._engine._identity import Identities, corrected, exec_id


@card("IDS-01", "1.1 C")
def test_the_next_valid_id_is_one_above_the_highest_used():
    desk = Desk()
    first = desk.broker.next_valid_id(1)
    desk.place(294)

    assert (first, desk.broker.next_valid_id(1)) == (1, 295)


@card("IDS-02", "1.1 C")
def test_an_unknown_id_that_is_not_above_the_highest_is_a_duplicate():
    desk = Desk()
    desk.place(10)

    assert desk.place(9) == ["9 E103"]
    assert len(desk.broker.orders()) == 1


@card("IDS-03", "1.1 R")
def test_every_client_counts_for_itself():
    desk = Desk()
    desk.place(296)

    assert desk.broker.next_valid_id(2) == 1
    assert desk.place(1, client=2)[0] == "1 OO PreSubmitted"


@card("IDS-04", "1.1 C")
def test_an_id_of_zero_is_invalid():
    assert Desk().place(0) == ["0 E10149"]


@card("IDS-05", "1.1 R")
def test_a_very_high_id_is_only_warned_about():
    desk = Desk()

    assert desk.place(1_500_000_000, "LMT", limit_price=90)[:2] == [
        "1500000000 E2146",
        "1500000000 OO PreSubmitted",
    ]


@card("IDS-06", "1.1 R")
def test_perm_ids_are_consecutive_and_fit_into_32_bits():
    desk = Desk()
    for order_id in (1, 2, 3):
        desk.place(order_id, "LMT", limit_price=90)
    perm_ids = [desk.perm_id(order_id) for order_id in (1, 2, 3)]

    assert perm_ids == list(range(perm_ids[0], perm_ids[0] + 3))
    assert len(str(perm_ids[0])) in {9, 10}
    assert perm_ids[-1] < 2**31


@card("IDS-07", "1.1 C")
def test_later_ids_must_exceed_what_all_open_orders_have_shown():
    desk = Desk()
    desk.place(1, client=1)
    desk.broker.raise_order_id(1, 40)

    assert desk.place(40, client=1) == ["40 E103"]
    assert desk.broker.next_valid_id(1) == 41


@card("IDS-08", "1.1 R")
def test_two_clients_may_use_the_same_order_id():
    desk = Desk()
    desk.place(10, "LMT", client=1, limit_price=90)
    desk.place(10, "LMT", client=2, limit_price=91)
    desk.cancel(10, client=2)

    assert [view.key for view in desk.broker.orders()] == [(1, 10)]


@card("IDS-09", "1.1 R")
def test_manual_orders_come_with_client_and_order_id_zero():
    desk = Desk()
    for _ in range(2):
        desk.operator("place", 1, "CME", OrderTerms(action="BUY", quantity=1, order_type="MKT"))

    assert [view.key for view in desk.broker.orders()] == [(0, 0), (0, 0)]
    assert len({view.perm_id for view in desk.broker.orders()}) == 2


@card("IDS-10", "1.4 C")
def test_an_execution_id_has_four_groups_and_ends_in_a_correction_number():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1)
    (fill,) = desk.broker.executions()

    groups = fill.exec_id.split(".")
    assert len(groups) == 4
    assert groups[-1] == "01"


@card("IDS-11", "menu 6")
def test_a_restart_may_hand_out_ids_again():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", limit_price=80)
    desk.cancel(2)
    desk.broker.roll_back_ids(2)

    assert desk.broker.next_valid_id(1) == 1
    assert desk.place(2, "LMT", limit_price=80)[0] == "2 OO PreSubmitted"  # was ended: new
    desk.place(1, "LMT", limit_price=91)
    assert desk.order(1).terms.limit_price == 91  # was live: modified


@card("IDS-12", "1.9 I")
def test_an_order_that_was_refused_by_the_gateway_has_not_used_its_id():
    desk = Desk()
    desk.place(5, "LMT")

    assert desk.place(5, "LMT", limit_price=90)[0] == "5 OO PreSubmitted"


def test_the_leg_of_a_combo_has_five_groups_of_its_own():
    assert exec_id("a.b", leg=0) == "a.b.02.01.01"
    assert exec_id("a.b", leg=1) == "a.b.03.01.01"


def test_corrections_count_up():
    assert corrected("a.b.01.09") == "a.b.01.10"


def test_bound_ids_go_down_from_minus_one():
    identities = Identities()

    assert [identities.bound_id(), identities.bound_id()] == [-1, -2]


def test_using_a_lower_id_forgets_nothing():
    identities = Identities()
    identities.use(1, 7)
    identities.use(1, 3)

    assert identities.highest(1) == 7


def test_ids_never_fall_below_one():
    identities = Identities()
    identities.use(1, 3)
    identities.roll_back(10)

    assert identities.highest(1) == 0


def test_executions_of_one_run_all_differ():
    identities = Identities()

    assert len({identities.execution() for _ in range(1000)}) == 1000
