"""The desk itself; what clients see of each fault is in tests/integration/test_sim_faults.py."""

import logging
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.sim import At, FaultDesk, LotFill, OrderTerms, TickSlippage, _wire as wire
from ibkit.sim._transport import Server, SteppedClock

LIMIT = OrderTerms(action="BUY", quantity=1, order_type="LMT", limit_price=4000)


@pytest.fixture
def clock(talk):
    return SteppedClock(talk.now)


@pytest.fixture
def desk(talk, clock):
    server = Server(talk.floor, clock)
    server.flush()
    return FaultDesk._of(talk.floor, server, clock)


def codes(talk):
    return [m.error_code for m in talk.answers() if isinstance(m, wire.ErrMsg)]


def test_every_fault_says_what_it_does():
    public = [fault for name, fault in vars(FaultDesk).items() if not name.startswith("_")]

    assert all(fault.__doc__ for fault in public)


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("ignore", ("ReqPosition",)),
        ("withhold", ("ReqPositions",)),
        ("double", ("orderStatus",)),
        ("delay", ("Nothing", 1)),
        ("delay_request", ("PositionEnd", 1)),
        ("refuse", ("Nothing", 321, "x")),
        ("answer_once", ("Nothing",)),
        ("cut_at", ("Nothing",)),
        ("alter", ("OrderStatus", {"state": 1})),
    ],
)
def test_a_message_that_is_none_is_refused_at_once(desk, fault, arguments):
    with pytest.raises(ValueError, match="did you mean"):
        getattr(desk, fault)(*arguments)


def test_every_rule_can_be_forgotten(desk, talk):
    desk.ignore("ReqPositions")
    desk.write_times("JST")
    desk.refuse_connections(5)
    desk.stay_silent(5)
    desk.split_packets(3)
    desk.clear()

    assert not talk.floor.interference.active
    assert talk.floor.spelling is None
    server = desk._server
    assert (server.refuse_next, server.silent_next, server.piece) == (0, 0, 0)


def test_ways_to_write_are_independent_of_each_other(desk, talk):
    desk.write_times("JST")
    desk.blank_unset()
    desk.write_times(None)

    assert talk.floor.spelling.blank_unset
    desk.blank_unset(on=False)
    assert talk.floor.spelling is None


def test_a_notice_without_a_text_of_its_own_needs_one(desk):
    desk.notice_next_order(777, "hello")

    with pytest.raises(ValueError, match="got 777, which needs a text"):
        desk.notice_next_order(777)


@pytest.mark.parametrize(
    "fault",
    [
        lambda desk: desk.fill_order(77, 1, 4000),
        lambda desk: desk.fill_in_one_burst({77: 4000}),
        lambda desk: desk.reject_order(77),
        lambda desk: desk.cancel_order(77),
        lambda desk: desk.release_order(77),
        lambda desk: desk.report_status(77),
        lambda desk: desk.correct_fill("77.01", 1),
        lambda desk: desk.bust_fill("77.01"),
        lambda desk: desk.place_by_hand("NOPE", LIMIT),
        lambda desk: desk.place_as_client(3, 77, "NOPE", LIMIT),
        lambda desk: desk.reject_order("3/77"),
    ],
)
def test_an_order_or_execution_that_is_none_is_a_lookup_error(desk, fault):
    with pytest.raises(LookupError, match=r"77|NOPE"):
        fault(desk)


@pytest.mark.parametrize("quantity", [0, -1, 2])
def test_no_more_than_what_remains_is_filled(desk, talk, quantity):
    talk.ask(talk.place(5))

    with pytest.raises(ValueError, match="1 of the order remain"):
        desk.fill_order(talk.broker.orders()[0].perm_id, quantity, 4000)


def test_switches_change_what_the_broker_and_its_models_do(desk, talk):
    desk.switch(cancel_latency=500, skip_market_status=True)
    talk.ask(talk.place(5), wire.CancelOrder(5))

    assert talk.broker.orders()[0].status == "PendingCancel"
    assert talk.floor.scenario.skip_market_status


def test_models_that_were_put_in_by_hand_stay_when_a_switch_is_thrown(desk, talk):
    by_hand = LotFill(Decimal(2))
    talk.broker.models = evolve(talk.broker.models, fill=by_hand)

    desk.switch(fills="full", slippage_ticks=3)

    assert talk.broker.models.fill is by_hand
    assert talk.broker.models.slippage == TickSlippage(3)


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"accounts": ()}, ValueError), ({"sessions": True}, ValueError), ({"nope": 1}, TypeError)],
)
def test_what_makes_the_world_and_what_is_none_cannot_be_switched(desk, changes, error):
    with pytest.raises(error):
        desk.switch(**changes)


# -- schedules


def test_a_schedule_happens_on_the_gateways_clock(desk, talk, clock):
    assert talk.session
    talk.heard.clear()
    desk.schedule([At(2, "restore"), At(1, "lose_connectivity", {"times": 2})])
    clock.advance(0.9)
    before = codes(talk)
    clock.advance(1.1)

    assert (before, codes(talk)) == ([], [1100, 1100, 1102])


@pytest.mark.parametrize(
    "line",
    [
        At(1, "quake"),
        At(1, "_publish"),
        At(1, "schedule", {"lines": []}),
        At(1, "cut", {"x": 1}),
        At(1, "delay", {"answer": "OrderStatus"}),
    ],
)
def test_a_line_that_is_no_fault_refuses_the_whole_schedule(desk, talk, line):
    waiting = len(talk.floor.timers)

    with pytest.raises(ValueError, match=r"At\(seconds=1"):
        desk.schedule([At(1, "compete"), line])

    assert len(talk.floor.timers) == waiting


def test_a_fault_that_has_become_impossible_is_logged_and_the_others_go_on(
    desk, talk, clock, caplog
):
    assert talk.session
    talk.heard.clear()
    desk.schedule([At(1, "reject_order", {"perm_id": 77}), At(2, "lose_connectivity")])

    with caplog.at_level(logging.ERROR, logger="ibkit.sim"):
        clock.advance(3)

    assert codes(talk) == [1100]
    assert "reject_order" in caplog.text


def test_pieces_have_a_size(desk):
    with pytest.raises(ValueError, match="got -1"):
        desk.split_packets(-1)


def test_an_order_of_another_client_needs_no_connection(desk, talk):
    desk.place_as_client(9, 5, "ES", {"action": "BUY", "quantity": 1, "order_type": "MKT"})

    assert [fill.key for fill in talk.broker.executions()] == [(9, 5)]
    assert 9 not in [session.client_id for session in talk.floor.sessions]


def test_some_limits_may_change_and_the_others_stay(desk, talk):
    before = talk.floor.scenario.limits

    desk.switch(limits={"lines": 2})

    assert talk.floor.scenario.limits.lines == 2
    assert talk.floor.scenario.limits.depth == before.depth


@pytest.mark.parametrize(
    ("fault", "arguments", "name"),
    [
        ("cut_at", {"request": "PlaceOrder", "nth": 0}, "nth"),
        ("cut_at", {"request": None}, "request"),
        ("refuse_connections", {"times": "2"}, "times"),
        ("stay_silent", {"times": -1}, "times"),
        ("restart", {"ids_back_by": "3"}, "ids_back_by"),
        ("split_packets", {"size": 1.5}, "size"),
        ("lose_connectivity", {"times": 0}, "times"),
        ("restore", {"data_lost": "no"}, "data_lost"),
        ("farm_down", {"farm": "USFARM"}, "farm"),
        ("farm_up", {"farm": None}, "farm"),
        ("move_port", {"port": "x"}, "port"),
        ("ignore", {"request": "ReqPositions", "times": "2"}, "times"),
        ("ignore", {"request": "ReqPositions", "client_id": "1"}, "client_id"),
        ("withhold", {"answer": "OrderStatus", "times": 0}, "times"),
        ("delay", {"answer": "OrderStatus", "seconds": -1}, "seconds"),
        ("delay_request", {"request": "ReqMktData", "seconds": float("nan")}, "seconds"),
        ("refuse", {"request": "ReqMktData", "code": "162", "text": "x"}, "code"),
        ("refuse", {"request": "ReqMktData", "code": 162, "text": None}, "text"),
        ("alter", {"answer": "OrderStatus", "fields": "status"}, "fields"),
        ("alter", {"answer": "OrderStatus", "fields": {}}, "fields"),
        ("alter", {"answer": "OrderStatus", "fields": {"status.x": 1}}, "field of OrderStatus"),
        ("alter", {"answer": "ErrMsg", "fields": {"error_code": "x"}}, "error_code"),
        ("write_times", {"zone": 5}, "zone"),
        ("blank_unset", {"on": "yes"}, "on"),
        ("reject_next_order", {"reason": 5}, "reason"),
        ("refuse_next_order", {"code": "x", "text": "y"}, "code"),
        ("race_cancel", {"quantity": 0}, "quantity"),
        ("fill_in_one_burst", {"prices": [5]}, "prices"),
        ("bust_fill", {"exec_id": 5}, "exec_id"),
        ("correct_fill", {"exec_id": "latest", "price": "y"}, "price"),
        ("switch", {"fills": "FULL"}, "fills"),
        ("switch", {"limits": {"lines": "5"}}, "lines"),
        ("place_as_client", {"client_id": "7", "order_id": 1, "name": "ES", "terms": LIMIT}, "cli"),
        ("place_by_hand", {"name": "ES", "terms": None}, "terms"),
        ("schedule", {"lines": At(1, "cut")}, "lines"),
        ("schedule", {"lines": [(1, "cut")]}, "lines"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused_at_once(desk, talk, fault, arguments, name):
    if arguments.get("exec_id") == "latest":
        talk.ask(talk.place(5, order_type="MKT"))
    with pytest.raises(ValueError, match=rf"^{name}.*: got "):
        getattr(desk, fault)(**arguments)

    assert not talk.floor.interference.active


def test_a_client_that_is_not_there_cannot_be_cut_off(desk):
    with pytest.raises(LookupError, match="client_id: got 99; so far there were"):
        desk.cut(99)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"action": "buy"}, "action"),
        ({"order_type": "limit"}, "Invalid order type"),
        ({"quantity": Decimal(-1)}, "Order size"),
        ({"account": "nope"}, "Invalid account code"),
        ({"tif": "gtc"}, "gtc|[Tt]ime"),
    ],
)
def test_nobody_places_by_hand_what_tws_would_not_take(desk, talk, changes, words):
    with pytest.raises(ValueError, match=f"terms: refused with .*({words})"):
        desk.place_by_hand("ES", evolve(LIMIT, **changes))
    with pytest.raises(ValueError, match=f"terms: refused with .*({words})"):
        desk.place_as_client(8, 1, "ES", evolve(LIMIT, **changes))

    assert talk.broker.orders() == ()


def test_an_order_of_an_absent_client_may_be_refused_as_it_was_arranged(desk, talk):
    desk.refuse_next_order(10311, "as arranged")
    desk.place_as_client(8, 1, "ES", LIMIT)
    assert not talk.floor.broker.orders()

    desk.notice_next_order(10311, "by the way")
    desk.place_as_client(8, 2, "ES", LIMIT)

    assert len(talk.floor.broker.orders()) == 1


def test_a_fault_that_takes_other_values_is_logged_when_its_time_has_come(desk, clock, caplog):
    desk.schedule([At(1, "split_packets", {"size": "x"}), At(1, "switch", {"nope": 1})])
    clock.advance(2)

    assert "size: got 'x'; wanted a whole number" in caplog.text
    assert "nope" in caplog.text


def test_a_fault_that_is_none_comes_with_the_nearest(desk):
    with pytest.raises(ValueError, match=r"did you mean cut"):
        desk.schedule([At(1, "Cut")])
