from decimal import Decimal

import pytest
from ib_async import Future

from ibkit.errors import GateRefused, PlanError
from ibkit.orders import (
    FromFill,
    GateContext,
    Limit,
    Market,
    MaxOpenOrders,
    MaxSize,
    PaperOnly,
    PriceCollar,
    Stop,
    Target,
    bracket,
    bracket_from_fill,
    close_position,
    oca,
    run_gates,
    single,
    trailing,
)
from ibkit.orders._gates import gates_of

BUY = single("BUY", 4, Limit(100))


def context(group=BUY, **known):
    known = {
        name: Decimal(value) if isinstance(value, str) and name != "account" else value
        for name, value in known.items()
    }
    return GateContext(**{"contract": Future("ES"), "group": group, "account": "DU1", **known})


@pytest.mark.parametrize("account", ["DU123", "DF7", "D1"])
def test_paper_accounts_pass(account):
    assert PaperOnly()(context(account=account)) is None


@pytest.mark.parametrize("account", ["U123", "F1", "", "du1"])
def test_other_accounts_do_not_pass_by_themselves(account):
    assert "not a paper account" in PaperOnly()(context(account=account))
    assert PaperOnly(allow_live=True)(context(account=account)) is None


@pytest.mark.parametrize(
    ("gate", "group", "position", "passes"),
    [
        (MaxSize(4), BUY, None, True),
        (MaxSize(3), BUY, None, False),
        (MaxSize(9, position=10), BUY, "6", True),
        (MaxSize(9, position=10), BUY, "7", False),
        (MaxSize(9, position=10), BUY, "-20", True),
        (MaxSize(9, position=10), BUY, None, False),
        (MaxSize(99, position=10), single("SELL", 35, Market()), "20", False),
        (MaxSize(99, position=10), single("SELL", 25, Market()), "20", True),
        (MaxSize(3), bracket("BUY", 4, entry=9, targets=[Target(1, 10)], stop=8), None, False),
        (MaxSize(4, position=4), oca([BUY, single("SELL", 4, Stop(9))], name="x"), "0", True),
        (MaxSize(4, position=4), oca([BUY, single("SELL", 4, Stop(9))], name="x"), "-1", False),
        (MaxSize(9, position=1), close_position(5), "5", True),
        (MaxSize(9, position=1), trailing("SELL", 5, amount=1), "5", True),
        (MaxSize(4), close_position(5), "5", True),
        (MaxSize(4, position=1), close_position(5), None, True),
        (MaxSize(4), trailing("SELL", 5, amount=1), "5", True),
        (MaxSize(4), single("BUY", 5, Market()), "-5", True),
        (MaxSize(4), trailing("SELL", 5, amount=1), "4", False),
        (MaxSize(4), trailing("SELL", 5, amount=1), None, False),
        (MaxSize(4), bracket("SELL", 5, entry=100, stop=101), "5", False),
    ],
)
def test_sizes_and_what_they_come_to(gate, group, position, passes):
    assert (gate(context(group, position=position)) is None) is passes


# -- changes


def sized(size):
    return bracket("BUY", size, entry=100, take_profit=150, stop=90)


@pytest.mark.parametrize(
    ("gate", "before", "after", "passes"),
    [
        (MaxSize(5), 2, 6, False),
        (MaxSize(5), 2, 5, True),
        (MaxSize(5), 9, 7, True),  # it was placed before there was this gate
        (MaxSize(5), 9, 9, True),
        (MaxSize(9, position=5), 2, 3, True),
        (MaxSize(9, position=5), 2, 4, False),
        (MaxOpenOrders(3), 2, 5, True),
        (PriceCollar(5, exits=5), 2, 5, True),
    ],
)
def test_a_change_is_looked_at_for_what_it_adds(gate, before, after, passes):
    known = {"position": "2", "open_orders": 3, "last": "200"}

    assert (gate(context(sized(after), before=sized(before), **known)) is None) is passes


def test_what_has_filled_is_not_counted_twice():
    two = bracket("BUY", 6, entry=100, targets=[Target(3, 110), Target(3, 120)], stop=90)
    grown = bracket("BUY", 7, entry=100, targets=[Target(3, 110), Target(4, 120)], stop=90)
    filled = {"entry-1": Decimal(3), "stop-1": Decimal(0)}
    known = {"before": two, "position": "3", "filled": filled}

    assert MaxSize(9, position=7)(context(grown, **known)) is None
    assert MaxSize(9, position=6)(context(grown, **known)) == (
        "BUY 4 on top of 3 makes 7, and 6 is allowed"
    )


def test_of_a_change_a_collar_looks_at_the_new_price_only():
    far, near = sized(2), sized(2).evolve(legs={"entry": Limit(119)})

    assert PriceCollar(5, exits=5)(context(near, before=far, last="120")) is None
    refused = PriceCollar(5)(context(far, before=near, last="120"))
    assert refused == "entry price 100 is more than 5% away from the market at 120"


def test_only_what_is_no_exit_and_gets_larger_grows():
    exits = sized(2).evolve(legs={"stop-1": Stop(80)})

    assert context(sized(2)).grows
    assert context(sized(3), before=sized(2)).grows
    assert not context(sized(2), before=sized(2)).grows
    assert not context(exits, before=sized(2)).grows


@pytest.mark.parametrize(
    ("group", "market", "passes"),
    [
        (single("BUY", 1, Limit(104)), {"bid": "99", "ask": "101"}, True),
        (single("BUY", 1, Limit(106)), {"bid": "99", "ask": "101"}, False),
        (single("BUY", 1, Limit(94)), {"last": "100"}, False),
        (single("BUY", 1, Limit(106)), {"last": "100", "bid": "104"}, False),
        (single("BUY", 1, Limit(100)), {}, False),
        (single("BUY", 1, Market()), {}, True),
        (single("BUY", 1, Limit(-21)), {"last": "-20"}, True),
        (single("BUY", 1, Limit(-22)), {"last": "-20"}, False),
        (bracket("BUY", 1, entry=100, take_profit=150, stop=50), {"last": "100"}, True),
        (bracket_from_fill("BUY", 1, take_profit=FromFill(9)), {}, True),
    ],
)
def test_prices_far_from_the_market_do_not_pass(group, market, passes):
    assert (PriceCollar(5)(context(group, **market)) is None) is passes


def test_exits_have_a_collar_of_their_own():
    group = bracket("BUY", 1, entry=100, take_profit=150, stop=90)

    assert PriceCollar(5, exits=60)(context(group, last="100")) is None
    refused = PriceCollar(5, exits=20)(context(group, last="100"))
    assert refused == "target-1 price 150 is more than 20% away from the market at 100"


def test_open_orders_are_counted():
    group = bracket("BUY", 1, entry=100, take_profit=150, stop=90)

    assert MaxOpenOrders(5)(context(group, open_orders=2)) is None
    assert MaxOpenOrders(4)(context(group, open_orders=2)) == (
        "5 orders would be open, and 4 are allowed"
    )
    assert "unknown" in MaxOpenOrders(4)(context(group))


def test_the_first_refusal_counts_and_carries_its_gate():
    def friday(_context):
        return "not on Fridays"

    with pytest.raises(GateRefused) as caught:
        run_gates([PaperOnly(), friday, MaxSize(1)], context())

    assert (caught.value.gate, caught.value.reason) == ("friday", "not on Fridays")
    run_gates([PaperOnly(), MaxSize(4)], context())


@pytest.mark.parametrize("answer", [False, True, 0, ""])
def test_an_answer_that_cannot_be_understood_refuses(answer):
    with pytest.raises(GateRefused, match="None or the reason"):
        run_gates([lambda _: answer], context())


def test_a_gate_that_fails_lets_nothing_pass():
    def broken(_context):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_gates([broken], context())


@pytest.mark.parametrize(
    "build",
    [
        lambda: MaxSize(0),
        lambda: PriceCollar(0),
        lambda: PriceCollar(1, exits=-1),
        lambda: MaxOpenOrders(-1),
        lambda: MaxOpenOrders("3"),
    ],
)
def test_gates_that_let_nothing_pass_are_refused(build):
    with pytest.raises(PlanError):
        build()


@pytest.mark.parametrize("value", ["no", "False", 1, None])
def test_only_true_lets_live_accounts_pass(value):
    with pytest.raises(PlanError, match="True or False"):
        PaperOnly(allow_live=value)


async def asks(_):
    return None


@pytest.mark.parametrize(
    "gates", [MaxSize(5), [MaxSize], "MaxSize", ["MaxSize"], None, [None], 5, [asks]]
)
def test_what_is_no_list_of_gates_is_refused(gates):
    with pytest.raises(PlanError, match=r"such as \[?MaxSize\(5\)"):
        gates_of(gates)


def test_gates_may_come_from_any_iterable():
    assert gates_of(gate for gate in [MaxSize(5)]) == (MaxSize(5),)
