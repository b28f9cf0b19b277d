import pytest

from ibkit.contracts import FuturesChain, Listing, RollTrail, plan_roll, product
from rolling import ES, ESM, ESU, QUOTES, TODAY, chain_of, order, pair, position, trade


def obstacles(working, *, size=3, quotes=QUOTES, chain=ES, listing=ESM):
    plan = plan_roll(
        position(size, listing), chain, today=TODAY, working=working, quotes=quotes, client_id=1
    )
    return list(plan.obstacles)


def test_exits_of_ours_are_no_obstacle():
    assert obstacles([*pair(10, 1), *pair(12, 2, number=2)]) == []


def test_orders_of_another_account_or_contract_are_no_obstacle():
    elsewhere = order(10, "BUY", 1, "LMT", 4900.0)
    elsewhere.account = "DU2"

    assert obstacles([trade(elsewhere), trade(order(11, "BUY", 1, "LMT", 1.0), ES[2])]) == []


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (order(0, "SELL", 1, "STP", 4980.0, clientId=0), "was placed by hand: cancel it in TWS"),
        (order(10, "SELL", 1, "STP", 4980.0, clientId=7), "belongs to client 7"),
        (order(10, "BUY", 1, "LMT", 4900.0), "would open or add: cancel it first"),
        (order(10, "SELL", 1, "PEG MKT"), "is of a type that is not moved"),
    ],
)
def test_an_order_that_cannot_be_moved_is_named(what, reason):
    (only,) = obstacles([trade(what)])

    assert reason in only
    assert str(int(what.totalQuantity)) in only


def test_an_entry_on_the_other_side_and_its_exits_stay_where_they_are():
    """A sell entry above the market, with a stop that would buy."""
    entry = trade(order(10, "SELL", 1, "LMT", 5100.0))
    child = trade(order(11, "SELL", 1, "STP", 5120.0, parentId=10))

    first, second = obstacles([entry, child])
    assert "would open or add" in first
    assert "waits for an entry: cancel the entry first" in second


def test_stops_for_more_than_is_held_are_refused():
    (only,) = obstacles([*pair(10, 2), *pair(12, 2, number=2)])

    assert only == "the stops on ESM6 close 4, and 3 is held: cancel what is too much"


def test_targets_for_more_than_is_held_are_refused():
    (only,) = obstacles([trade(order(10, "SELL", 4, "LMT", 5020.0))])

    assert only.startswith("the targets on ESM6 close 4")


def test_without_a_market_exits_cannot_be_priced():
    reasons = obstacles(pair(10, 3), quotes={})

    assert len(reasons) == 2
    assert "a side of a market is missing" in reasons[0]
    assert obstacles([trade(order(10, "SELL", 3, "MOC"))], quotes={}) == []


def test_two_that_cannot_be_told_apart_are_refused():
    twins = [trade(order(n, "SELL", 1, "LMT", 5020.0, ref="mine", ocaGroup="g")) for n in (10, 11)]

    assert "they cannot be told apart" in obstacles(twins)[0]


def test_a_namesake_on_the_new_month_is_refused():
    there = pair(20, 1)
    for each in there:
        each.contract = ESU.contract
    reasons = obstacles([*pair(10, 3), *there])

    assert len(reasons) == 2
    assert "is there already, with the name of an exit that moves" in reasons[0]


def test_another_roll_of_the_product_is_refused():
    ref = f"ir/{ESM.con_id}-{ES[2].con_id}:L0:s"
    other = trade(order(30, "BUY", 1, "LMT", 50.0, ref=ref), ES[2])

    assert "another roll of ES is under way" in obstacles([other])[0]


def test_a_roll_of_another_product_is_not():
    other = trade(order(30, "BUY", 1, "LMT", 50.0, ref="ir/5-6:L0:s"), ES[2])

    assert obstacles([other]) == []


def test_a_month_without_a_con_id_cannot_be_ordered():
    first = chain_of("ES", "2026-06")[0]
    later = Listing.by_rule(product("ES"), ESU.month)
    chain = FuturesChain(product=product("ES"), listings=[first, later])

    assert obstacles([], chain=chain) == ["ESU6 has no conId: ask a resolver for the chain"]


def test_a_roll_whose_order_is_of_another_client_is_its_own_to_finish():
    ref = f"ir/{ESM.con_id}-{ESU.con_id}:L0:s"
    theirs = trade(order(30, "BUY", 3, "LMT", 50.0, ref=ref, clientId=4))
    plan = plan_roll(
        position(3), ES, today=TODAY, working=[theirs], quotes=QUOTES, client_id=1,
        trail=RollTrail(old=ESM.con_id, new=ESU.con_id, is_long=True, working=1),
    )  # fmt: skip

    assert plan.obstacles == (f"client 4 is rolling it: BUY 3 LMT 50 ({ref})",)
