"""What a type checker has to infer and to refuse for `ibkit.orders`; never executed."""

from decimal import Decimal

from ib_async import Contract, Order, Position
from typing_extensions import assert_type

from ibkit.orders import (
    Action,
    AdjustableStop,
    Day,
    FromFill,
    Gate,
    GateContext,
    GroupEvent,
    GroupFacts,
    GroupStatus,
    Gtc,
    Leg,
    Limit,
    Market,
    MaxSize,
    Oca,
    OrderGroup,
    OrderRef,
    PaperOnly,
    Payoff,
    PlannedOrder,
    PriceGrid,
    Side,
    Stop,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    close_position,
    copy_order,
    events_between,
    exit_orders,
    first_facts,
    modified,
    moved,
    oca,
    parse_order_ref,
    payoff,
    repair,
    restore,
    run_gates,
    single,
    status_of,
    trailing,
)


def builders_return_groups(position: Position) -> None:
    assert_type(single("BUY", 1, Market()), OrderGroup)
    assert_type(bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop="4990"), OrderGroup)
    assert_type(
        bracket(
            "BUY", 2, entry=5000, targets=[Target(1, 5010), Target(1, Trail(amount=8))], stop=1
        ),
        OrderGroup,
    )
    assert_type(bracket_from_fill("SELL", 1, stop=FromFill(ticks=20)), OrderGroup)
    assert_type(oca([single("BUY", 1, Market())], kind=Oca.REDUCE_NON_BLOCK), OrderGroup)
    assert_type(trailing("SELL", 1, amount=8), OrderGroup)
    assert_type(trailing("SELL", 1, percent=1, tif=Gtc(), account="DU1"), OrderGroup)
    assert_type(close_position(position), OrderGroup)
    assert_type(close_position(-3, Limit(5000)), OrderGroup)


def groups_know_their_parts(group: OrderGroup, grid: PriceGrid) -> None:
    assert_type(group["entry"], PlannedOrder)
    assert_type(group.targets, tuple[PlannedOrder, ...])
    assert_type(group.guard, PlannedOrder | None)
    assert_type(group.side, Side)
    assert_type(group.size, Decimal)
    assert_type(group["entry"].leg, Leg)
    assert_type(group.to_orders(1), list[Order])
    assert_type(group.on_grid(grid, rounding="nearest"), OrderGroup)
    assert_type(group.evolve(legs={"stop-1": Stop(4990)}), OrderGroup)
    assert_type(group.describe(), str)
    assert_type(exit_orders(group, {"stop-1": 1}, 1, grid=grid), list[Order])
    assert_type(restore(group.to_orders(1)), OrderGroup)
    assert_type(payoff(group, point_value=50), Payoff)
    assert_type(payoff(group).ratio, Decimal | None)


def changing_orders(order: Order) -> None:
    assert_type(modified(order, leg=Stop(4990), size=2), Order)
    assert_type(moved(Stop(4990), 4995), Leg)
    assert_type(copy_order(order), Order)
    assert_type(parse_order_ref(order.orderRef), OrderRef | None)


def facts_and_rules(group: OrderGroup) -> None:
    facts = first_facts(group)
    assert_type(facts, GroupFacts)
    assert_type(status_of(facts), GroupStatus)
    assert_type(repair(facts), tuple[Action, ...])
    assert_type(events_between(facts, facts), tuple[GroupEvent, ...])


def prices(grid: PriceGrid) -> None:
    assert_type(grid.round("5000.1", "down"), Decimal)
    assert_type(grid.round_for("BUY", 5000.1), Decimal)
    assert_type(grid.ticks_between(1, 2), int)
    grid.round(1, "away")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def gates_are_any_callables(contract: Contract, group: OrderGroup) -> None:
    def not_on_fridays(context: GateContext) -> str | None:
        return "it is Friday" if context.now and context.now.weekday() == 4 else None

    def says_yes(context: GateContext) -> bool:
        return True

    mine: Gate = not_on_fridays
    context = GateContext(contract=contract, group=group, account="DU1")
    run_gates([PaperOnly(), MaxSize(5), mine], context)
    wrong: Gate = says_yes  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    del wrong


def what_a_checker_refuses() -> None:
    single("HOLD", 1, Market())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    single("BUY", 1, 5000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    single("BUY", 1, Market(), acount="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    single("BUY", 1, Market(), tif="DAILY")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    trailing("SELL", 1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    trailing("SELL", 1, amount=1, percent=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    bracket("BUY", 1, entry=1, take_profit=2, targets=[Target(1, 2)])  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    bracket("BUY", 1, entry=1, stop=0, slices="joined")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    AdjustableStop(1, adjust_at=2, becomes=Limit(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Limit(5000, tif=Day(), price=1)  # type: ignore[misc]  # pyright: ignore[reportCallIssue]
    single("BUY", 1, Market()).account = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
