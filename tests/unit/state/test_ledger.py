"""Each rule of the ledger, by what TWS says in which order."""

import datetime as dt
from decimal import Decimal

import pytest
from ib_async import ComboLeg, CommissionReport, Contract, Execution, LimitOrder, Order, OrderState

from ibkit.state._fill import FillChange
from ibkit.state._ledger import OrderLedger, known_term
from ibkit.state._order import MISSING, REJECTED, OrderChange, Owner, Phase

ES = Contract(conId=1, symbol="ES", secType="FUT", localSymbol="ESZ6", exchange="CME")
NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
US = 7


@pytest.fixture
def ledger():
    ledger = OrderLedger()
    ledger.connected(client_id=US, epoch=1)
    return ledger


def limit(order_id=10, size=2, price=5000.0, perm_id=0, client_id=US, **fields):
    order = LimitOrder("BUY", size, price, orderId=order_id, clientId=client_id, **fields)
    order.permId = perm_id
    return order


def send(ledger, order, contract=ES):
    ledger.sent(order.orderId, contract, order)


def shown(ledger, status="Submitted", **fields):
    fields = {"perm_id": 900, **fields}
    ledger.open_order(ES, limit(**fields), OrderState(status=status))


def status(ledger, word, filled=0.0, average=0.0, *, order_id=10, perm_id=900, held="", client=US):
    ledger.order_status(order_id, word, filled, average, perm_id, client, held)


def execution(exec_id="a.01", size=1.0, price=5000.0, cumulative=1.0, **fields):
    given = {
        "execId": exec_id,
        "time": NOW,
        "acctNumber": "DU1",
        "side": "BOT",
        "shares": size,
        "price": price,
        "permId": 900,
        "clientId": US,
        "orderId": 10,
        "cumQty": cumulative,
    }
    return Execution(**{**given, **fields})


def executed(ledger, *args, recovered=False, contract=ES, **fields):
    ledger.execution(contract, execution(*args, **fields), recovered=recovered)


def the_order(ledger):
    (order,) = ledger.all()
    return order


def placed(ledger, **fields):
    send(ledger, limit(**fields))
    shown(ledger, "PreSubmitted", **fields)
    status(ledger, "Submitted")


# -- the ordinary life


def test_an_order_is_sent_then_working_then_filled(ledger):
    send(ledger, limit())
    phases = [the_order(ledger).phase]
    shown(ledger, "PreSubmitted")
    phases.append(the_order(ledger).phase)
    status(ledger, "Submitted")
    phases.append(the_order(ledger).phase)
    executed(ledger, size=2.0, cumulative=2.0)
    phases.append(the_order(ledger).phase)

    assert phases == [Phase.SENT, Phase.HELD, Phase.WORKING, Phase.DONE]
    assert the_order(ledger).perm_id == 900
    assert the_order(ledger).filled == 2
    assert the_order(ledger).remaining == 0
    assert the_order(ledger).average_price == 5000


def test_nothing_of_the_callers_order_is_kept(ledger):
    mine = limit()
    send(ledger, mine)
    mine.lmtPrice = 1.0

    assert the_order(ledger).order.lmtPrice == 5000.0
    assert type(the_order(ledger).order) is Order


def test_an_order_of_which_only_an_execution_was_heard_is_known_when_it_is_listed(ledger):
    send(ledger, limit(size=1))
    executed(ledger)
    ledger.completed_order(ES, limit(order_id=0, size=1, perm_id=900), OrderState(status="Filled"))

    assert the_order(ledger).perm_id == 900
    assert the_order(ledger).filled == 1


# -- messages are not statuses (B1, B2)


@pytest.mark.parametrize("code", [10349, 399, 2109, 404])
def test_a_notice_says_nothing_about_the_state(ledger, code):
    placed(ledger)
    ledger.error(10, code, "by the way")

    assert the_order(ledger).status == "Submitted"
    assert the_order(ledger).certain
    assert the_order(ledger).reason == "by the way"


@pytest.mark.parametrize("code", [98765, 10311])
def test_a_code_that_leaves_the_state_open_is_asked_about(ledger, code):
    placed(ledger)
    ledger.error(10, code, "new in this version")

    assert the_order(ledger).status == "Submitted"
    assert not the_order(ledger).certain
    assert [order.order_id for order in ledger.take_doubts()] == [10]


@pytest.mark.parametrize("code", [110, 321, 434])
def test_a_new_order_that_was_refused_is_done(ledger, code):
    send(ledger, limit())
    ledger.error(10, code, "no")

    assert the_order(ledger).status == REJECTED
    assert the_order(ledger).is_done


@pytest.mark.parametrize("code", [110, 321, 329])
def test_a_refused_modification_leaves_the_order_as_it_was(ledger, code):
    placed(ledger)
    send(ledger, limit(price=4990.0))
    ledger.error(10, code, "no")

    order = the_order(ledger)
    assert order.is_live
    assert order.order.lmtPrice == 5000.0
    assert order.wanted is None


def test_a_modification_is_wanted_until_tws_shows_it(ledger):
    placed(ledger)
    send(ledger, limit(price=4990.0))
    before = the_order(ledger)
    shown(ledger, price=4990.0)

    assert before.order.lmtPrice == 5000.0
    assert before.wanted is not None
    assert before.wanted.lmtPrice == 4990.0
    assert the_order(ledger).order.lmtPrice == 4990.0
    assert the_order(ledger).wanted is None


@pytest.mark.parametrize("error_first", [True, False])
def test_201_with_inactive_in_any_order_is_a_rejection(ledger, error_first):
    send(ledger, limit())
    if error_first:
        ledger.error(10, 201, "margin")
        status(ledger, "Inactive")
    else:
        status(ledger, "Inactive")
        ledger.error(10, 201, "margin")

    assert the_order(ledger).status == REJECTED
    assert the_order(ledger).certain
    assert ledger.take_doubts() == []


def test_inactive_for_locating_securities_is_not_dead_and_may_revive(ledger):
    send(ledger, limit())
    status(ledger, "Inactive", held="locate")
    suspended = the_order(ledger)
    status(ledger, "Submitted")

    assert suspended.phase is Phase.SUSPENDED
    assert not suspended.is_done
    assert the_order(ledger).phase is Phase.WORKING


# -- statuses in any order (B3, B4)


def test_a_late_status_does_not_undo_a_fill(ledger):
    placed(ledger)
    status(ledger, "Filled", 2.0, 5000.0)
    status(ledger, "Submitted", 0.0)

    assert the_order(ledger).status == "Filled"
    assert the_order(ledger).filled == 2


def test_executions_alone_complete_an_order(ledger):
    send(ledger, limit())
    executed(ledger, "a.01", 1.0, 5000.0, 1.0)
    executed(ledger, "b.01", 1.0, 5001.0, 2.0)

    assert the_order(ledger).status == "Filled"
    assert the_order(ledger).average_price == Decimal("5000.5")


def test_a_fill_after_a_cancel_counts(ledger):
    placed(ledger)
    status(ledger, "Cancelled")
    executed(ledger, size=1.0, cumulative=1.0)

    assert the_order(ledger).status == "Cancelled"
    assert the_order(ledger).filled == 1
    assert the_order(ledger).remaining == 0


def test_a_whole_fill_after_a_cancel_is_a_fill(ledger):
    placed(ledger)
    status(ledger, "Cancelled")
    executed(ledger, size=2.0, cumulative=2.0)

    assert the_order(ledger).status == "Filled"


def test_an_old_open_order_does_not_revive_one_that_has_ended(ledger):
    placed(ledger)
    status(ledger, "Cancelled")
    shown(ledger, "PendingCancel")
    ledger.take_doubts()
    ledger.relist()
    ledger.listed()

    assert the_order(ledger).status == "Cancelled"
    assert the_order(ledger).certain


def test_a_cancelled_order_that_speaks_again_is_asked_about(ledger):
    placed(ledger)
    status(ledger, "Cancelled")
    status(ledger, "Submitted")

    assert not the_order(ledger).certain
    assert len(ledger.take_doubts()) == 1

    ledger.relist()
    shown(ledger, "Submitted")

    assert the_order(ledger).certain
    assert the_order(ledger).is_live


def test_an_unknown_status_word_is_taken_as_alive(ledger):
    placed(ledger)
    status(ledger, "Daydreaming")

    assert the_order(ledger).is_live


@pytest.mark.parametrize("code", [10147, 10148, 161, 136])
def test_a_refused_cancel_leaves_the_order(ledger, code):
    placed(ledger)
    ledger.cancel_sent(10)
    ledger.error(10, code, "cannot")

    assert not the_order(ledger).is_done


# -- executions (B10)


def test_a_correction_replaces_and_does_not_double(ledger):
    placed(ledger)
    executed(ledger, "a.01", 1.0, 5000.0, 1.0)
    executed(ledger, "a.02", 1.0, 4999.0, 1.0)

    (fill,) = ledger.fills.all()
    assert fill.price == 4999
    assert the_order(ledger).filled == 1


def test_a_trade_that_is_taken_back_is_not_filled(ledger):
    placed(ledger)
    executed(ledger, "a.01", 1.0, 5000.0, 1.0)
    executed(ledger, "a.02", 0.0, 5000.0, 0.0)

    assert the_order(ledger).filled == 0


def test_a_duplicate_execution_is_one(ledger):
    placed(ledger)
    for recovered in (False, True):
        executed(ledger, "a.01", 1.0, 5000.0, 1.0, recovered=recovered)

    assert len(ledger.fills) == 1
    assert not ledger.fills.all()[0].recovered


def test_a_recovered_fill_is_told(ledger):
    placed(ledger)
    ledger.take_changes()
    executed(ledger, "a.01", 1.0, 5000.0, 1.0, recovered=True)

    fills = [change for change in ledger.take_changes() if isinstance(change, FillChange)]
    assert [change.after.recovered for change in fills] == [True]


def test_a_commission_may_come_first_and_zero_is_not_unknown(ledger):
    placed(ledger)
    ledger.commission(CommissionReport("a.01", 2.25, "USD", 1.7976931348623157e308))
    executed(ledger, "a.01", 1.0, 5000.0, 1.0)
    executed(ledger, "b.01", 1.0, 5000.0, 2.0)
    first, second = ledger.fills.all()

    assert first.commission == Decimal("2.25")
    assert first.realized_pnl is None
    assert second.commission is None

    ledger.commission(CommissionReport("b.01", 0.0, "USD", 0.0))

    assert ledger.fills.all()[1].commission == 0
    assert ledger.fills.all()[1].realized_pnl == 0


def test_the_legs_of_a_combo_do_not_fill_the_combo(ledger):
    bag = Contract(symbol="ES", secType="BAG", exchange="CME")
    send(ledger, limit(size=1), bag)
    ledger.open_order(bag, limit(size=1, perm_id=900), OrderState(status="Submitted"))
    executed(ledger, "leg1.01", 1.0, 5000.0, 1.0, contract=ES)

    assert the_order(ledger).filled == 0

    executed(ledger, "bag.01", 1.0, -20.0, 1.0, contract=bag)

    assert the_order(ledger).status == "Filled"


def test_executions_before_the_order_is_heard_of_are_counted(ledger):
    executed(ledger, size=2.0, cumulative=2.0, recovered=True)
    shown(ledger, "Submitted")

    assert the_order(ledger).status == "Filled"


# -- whose order (B5, A6)


@pytest.mark.parametrize(
    ("order_id", "client_id", "owner"),
    [(10, US, Owner.OURS), (10, 5, Owner.CLIENT), (0, 0, Owner.MANUAL)],
)
def test_every_order_has_an_owner(ledger, order_id, client_id, owner):
    shown(ledger, order_id=order_id, client_id=client_id)

    assert the_order(ledger).owner is owner


def test_another_clients_order_of_the_same_id_is_another_order(ledger):
    placed(ledger)
    shown(ledger, perm_id=901, client_id=5)
    status(ledger, "Cancelled", perm_id=901, client=5)

    assert ledger.by_perm_id(900).is_live
    assert ledger.by_perm_id(901).is_done


# -- reconnects (B20, A6)


def test_after_a_disconnect_nothing_live_is_certain_and_what_is_done_stays_so(ledger):
    placed(ledger)
    shown(ledger, perm_id=901, order_id=11)
    status(ledger, "Cancelled", perm_id=901, order_id=11)
    ledger.disconnected()

    assert not ledger.by_perm_id(900).certain
    assert ledger.by_perm_id(901).certain


def test_an_order_of_another_client_is_not_missed_in_a_list_of_ones_own(ledger):
    """Otherwise a program that comes back with another client id takes its orders for lost."""
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US + 1, 2)
    ledger.listed()
    doubts = ledger.take_doubts()
    ledger.relist()
    asks = ledger.asks_for_others()
    shown(ledger, "Submitted")
    ledger.listed(of_all=True)

    assert [order.perm_id for order in doubts] == [900]
    assert asks
    assert (the_order(ledger).is_live, the_order(ledger).certain) == (True, True)
    assert not ledger.asks_for_others()


@pytest.mark.parametrize(
    ("client_id", "order_id", "us", "certain"),
    [(US, 10, US, True), (9, 10, US, False), (0, 0, US, False), (0, 0, 0, True)],
)
def test_an_order_that_tws_tells_of_only_when_asked_is_not_certain(
    ledger, client_id, order_id, us, certain
):
    ledger.connected(us, 1)
    terms = {"client_id": client_id, "order_id": order_id}
    shown(ledger, "Submitted", **terms)
    said = [the_order(ledger).certain]
    ledger.relist()
    shown(ledger, "Submitted", **terms)
    ledger.listed(of_all=True)
    said.append(the_order(ledger).certain)
    status(ledger, "Cancelled", client=client_id, order_id=order_id)

    assert said == [certain, certain]
    assert the_order(ledger).certain
    assert ledger.take_doubts() == []


def test_an_order_of_another_client_that_is_not_in_the_list_of_all_is_missing(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US + 1, 2)
    ledger.relist()
    ledger.listed(of_all=True)

    assert the_order(ledger).status == MISSING


def test_a_relisted_order_is_the_same_order(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US, 2)
    shown(ledger, "Submitted")
    status(ledger, "Submitted")
    ledger.listed()

    assert the_order(ledger).certain
    assert the_order(ledger).epoch == 2


def test_an_id_that_was_handed_out_again_names_the_new_order(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US, 2)
    send(ledger, limit(price=1.0))
    shown(ledger, perm_id=950, price=1.0)

    assert ledger.by_order_id(US, 10).perm_id == 950
    assert ledger.by_perm_id(900).order.lmtPrice == 5000.0


def test_what_filled_while_we_were_away_is_filled(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US, 2)
    executed(ledger, "a.01", 2.0, 5000.0, 2.0, recovered=True)
    ledger.listed()

    assert the_order(ledger).status == "Filled"


def test_what_tws_does_not_mention_any_more_is_missing_and_never_assumed_filled(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US, 2)
    ledger.listed()

    assert the_order(ledger).status == MISSING
    assert the_order(ledger).is_done
    assert the_order(ledger).filled == 0


def test_a_completed_order_closes_ours(ledger):
    placed(ledger)
    ledger.disconnected()
    ledger.connected(US, 2)
    done = limit(perm_id=900, order_id=0, client_id=0)
    done.filledQuantity = 0.0
    ledger.completed_order(ES, done, OrderState(status="Cancelled"))
    ledger.listed()

    assert the_order(ledger).status == "Cancelled"
    assert the_order(ledger).owner is Owner.OURS


def completed(ledger, status="Cancelled", **fields):
    """completedOrder names neither client nor order id."""
    terms = limit(order_id=0, client_id=0, perm_id=900, **fields)
    ledger.completed_order(ES, terms, OrderState(status=status))


@pytest.mark.parametrize("execution_first", [True, False])
@pytest.mark.parametrize(
    ("client_id", "order_id", "owner"),
    [(US, 10, Owner.OURS), (9, 10, Owner.CLIENT), (0, 0, Owner.MANUAL)],
)
def test_who_placed_a_completed_order_is_told_by_its_execution_only(
    ledger, client_id, order_id, owner, execution_first
):
    steps = [
        lambda: executed(ledger, clientId=client_id, orderId=order_id),
        lambda: completed(ledger),
    ]
    for step in steps if execution_first else steps[::-1]:
        step()

    order = the_order(ledger)
    assert (order.owner, order.client_id, order.order_id) == (owner, client_id, order_id)
    assert order.filled == 1


def test_nobody_says_who_placed_an_order_that_is_over_and_never_traded(ledger):
    completed(ledger)

    assert the_order(ledger).owner is Owner.UNKNOWN


def test_an_order_whose_answer_was_lost_is_found_again_by_its_reference(ledger):
    send(ledger, limit(orderRef="g1/entry"))
    ledger.disconnected()
    ledger.connected(US, 2)
    shown(ledger, "Submitted", orderRef="g1/entry")
    ledger.listed()

    assert the_order(ledger).perm_id == 900
    assert the_order(ledger).is_live


SPREAD = Contract(
    secType="BAG",
    symbol="ES",
    comboLegs=[ComboLeg(conId=1, ratio=1, action="SELL"), ComboLeg(conId=2, ratio=1, action="BUY")],
)
SHOWN_SPREAD = Contract(
    secType="BAG", symbol="ES", conId=28812380, comboLegs=list(reversed(SPREAD.comboLegs))
)
NQ = Contract(conId=3, symbol="NQ", secType="FUT")


@pytest.mark.parametrize(
    ("sent", "told", "terms", "same"),
    [
        (ES, ES, {}, True),
        (Contract(symbol="ES", secType="FUT"), ES, {}, True),
        (SPREAD, SHOWN_SPREAD, {}, True),
        (ES, SHOWN_SPREAD, {}, False),
        (SPREAD, ES, {}, False),
        (NQ, ES, {}, False),
        (Contract(symbol="NQ", secType="FUT"), ES, {}, False),
        (ES, ES, {"size": 3}, False),
        (ES, ES, {"orderRef": "another"}, False),
        (ES, ES, {"action": "SELL"}, False),
        (ES, ES, {"orderType": "MKT"}, False),
    ],
)
def test_an_order_whose_answer_was_lost_is_not_taken_for_another(ledger, sent, told, terms, same):
    """TWS may hand out the id of an order that never arrived again."""
    send(ledger, limit(), sent)
    ledger.disconnected()
    ledger.connected(US, 2)
    names = {name: terms.pop(name) for name in ("action", "orderType") if name in terms}
    shown_terms = limit(perm_id=900, **terms)
    vars(shown_terms).update(names)
    ledger.open_order(told, shown_terms, OrderState(status="Submitted"))

    assert len(ledger.all()) == (1 if same else 2)


def test_an_old_order_that_tws_names_by_the_id_of_a_new_one_is_not_the_new_one(ledger):
    """TWS kept the first until IB was there again, and handed its id out once more."""
    send(ledger, limit(), SPREAD)
    ledger.disconnected()
    ledger.connected(US, 2)
    send(ledger, limit(price=4000.0))
    ledger.open_order(SHOWN_SPREAD, limit(perm_id=900), OrderState(status="Submitted"))
    doubts = ledger.take_doubts()
    ledger.relist()
    ledger.listed()

    spread, new = ledger.all()
    assert (spread.perm_id, new.perm_id) == (900, 0)
    assert [order.order.lmtPrice for order in doubts] == [4000.0]
    assert new.status == MISSING


def test_a_refused_order_that_is_sent_again_and_revives_leaves_no_ghost(ledger):
    send(ledger, limit())
    ledger.error(10, 201, "Order rejected")
    shown(ledger, "Inactive")
    ledger.relist()
    send(ledger, limit(price=4999.0))
    shown(ledger, "Submitted", price=4999.0)
    doubts = ledger.take_doubts()
    ledger.relist()
    shown(ledger, "Submitted", price=4999.0)
    ledger.listed()

    first, again = ledger.all()
    assert [order.perm_id for order in doubts if not order.perm_id] == [0]
    assert (first.status, first.order.lmtPrice, first.certain) == ("Submitted", 4999.0, True)
    assert (again.status, again.wanted) == (MISSING, None)


def test_what_an_order_filled_before_it_was_found_again_is_counted(ledger):
    send(ledger, limit(size=2, orderRef="mine"))
    ledger.disconnected()
    ledger.connected(US, 2)
    executed(ledger, "a.01", 1.0, 5000.0, 1.0, orderId=10)
    shown(ledger, size=2, orderRef="mine")

    order = the_order(ledger)
    assert (order.filled, order.average_price) == (1, 5000)


@pytest.mark.parametrize("ids", [("a.01", "b.01"), ("x", "y"), ("1.x", "1.y")])
def test_trades_with_ids_of_any_form_are_told_apart(ledger, ids):
    placed(ledger)
    for exec_id in ids:
        executed(ledger, exec_id, 1.0, 5000.0, 1.0)

    assert the_order(ledger).filled == 2


def test_an_order_that_never_arrived_is_missing(ledger):
    send(ledger, limit(orderRef="g1/entry"))
    ledger.disconnected()
    ledger.connected(US, 2)
    ledger.listed()

    assert the_order(ledger).status == MISSING


def test_an_order_sent_while_tws_is_asked_is_not_taken_for_missing(ledger):
    placed(ledger)
    ledger.error(10, 98765, "?")
    ledger.relist()
    send(ledger, limit(order_id=11))
    shown(ledger, "Submitted")
    ledger.listed()

    assert [order.is_done for order in ledger.all()] == [False, False]
    assert ledger.all()[0].certain


# -- changes


def test_every_change_names_before_and_after_and_nothing_is_told_twice(ledger):
    placed(ledger)
    changes = ledger.take_changes()
    status(ledger, "Submitted")

    assert isinstance(changes[0], OrderChange)
    assert changes[0].before is None
    assert [c.after.status for c in changes][-1] == "Submitted"
    assert ledger.take_changes() == []


def test_one_message_is_one_change(ledger):
    told = []
    for say in (
        lambda: send(ledger, limit()),
        lambda: shown(ledger, "PreSubmitted"),
        lambda: status(ledger, "Submitted", 1.0, 5000.0),
        lambda: status(ledger, "Filled", 2.0, 5000.0),
    ):
        say()
        told.append([(c.before and c.before.status, c.after.status) for c in ledger.take_changes()])

    assert told == [
        [(None, "")],
        [("", "PreSubmitted")],
        [("PreSubmitted", "Submitted")],
        [("Submitted", "Filled")],
    ]


@pytest.mark.parametrize(
    "read",
    [
        lambda ledger: ledger.all()[0],
        lambda ledger: ledger.by_perm_id(900),
        lambda ledger: ledger.by_order_id(US, 10),
        lambda ledger: ledger.take_changes()[-1].after,
        lambda ledger: (ledger.doubt(ledger.by_perm_id(900)), ledger.take_doubts())[1][0],
    ],
)
def test_a_value_that_was_read_never_changes(ledger, read):
    placed(ledger)
    before = read(ledger)
    said = before.status, before.filled, before.cancelling
    status(ledger, "Submitted", 1.0, 5000.0)
    ledger.cancel_sent(10)
    status(ledger, "Cancelled", 1.0, 5000.0)

    assert (before.status, before.filled, before.cancelling) == said
    assert the_order(ledger).status == "Cancelled"


def test_messages_are_bounded(ledger):
    placed(ledger)
    for n in range(100):
        ledger.error(10, 399, str(n))

    assert len(the_order(ledger).messages) == 20
    assert the_order(ledger).reason == "99"


# -- what the schedules of tests/property/test_state_machine.py have found


def test_while_tws_has_lost_ib_nothing_it_says_of_live_orders_is_certain(ledger):
    ledger.doubt_all()
    placed(ledger)
    assert not the_order(ledger).certain

    ledger.relist()
    shown(ledger)
    ledger.connected(client_id=US, epoch=1)
    ledger.listed()

    assert the_order(ledger).certain


def test_what_was_taken_back_stays_so_when_an_old_status_comes_late(ledger):
    placed(ledger)
    executed(ledger, "a.01", size=1.0, cumulative=1.0)
    executed(ledger, "a.02", size=0.0, cumulative=1.0)
    status(ledger, "Submitted", filled=1.0)

    assert the_order(ledger).filled == 0


@pytest.mark.parametrize("word", ["PendingSubmit", "PreSubmitted"])
def test_a_status_that_goes_back_is_asked_about(ledger, word):
    placed(ledger)
    status(ledger, word)

    assert not the_order(ledger).certain
    assert [order.perm_id for order in ledger.take_doubts()] == [900]


def test_a_status_that_goes_back_because_tws_was_asked_is_believed(ledger):
    placed(ledger)
    ledger.doubt(the_order(ledger))
    ledger.relist()
    shown(ledger, "PreSubmitted")
    ledger.listed()
    ledger.take_doubts()

    assert the_order(ledger).certain
    assert the_order(ledger).status == "PreSubmitted"
    assert ledger.take_doubts() == []


def test_terms_that_were_doubted_and_not_shown_are_not_wanted_any_more(ledger):
    placed(ledger)
    send(ledger, limit(price=5010.0))
    ledger.doubt(the_order(ledger))
    status(ledger, "Submitted")
    assert the_order(ledger).certain
    ledger.relist()
    shown(ledger)
    ledger.listed()

    assert the_order(ledger).wanted is None


def test_a_change_sent_while_tws_is_asked_is_not_settled_by_that_answer(ledger):
    placed(ledger)
    ledger.doubt(the_order(ledger))
    ledger.take_doubts()
    ledger.relist()
    send(ledger, limit(price=5010.0))
    shown(ledger)
    ledger.listed()

    assert the_order(ledger).wanted is not None
    assert [order.perm_id for order in ledger.take_doubts()] == [900]


# -- the edges


def test_a_status_with_the_perm_id_of_another_order_says_nothing_of_this_one(ledger):
    placed(ledger)
    status(ledger, "Cancelled", perm_id=901)

    assert the_order(ledger).phase is Phase.WORKING


def test_an_order_that_is_sent_again_before_an_answer_is_one_order_with_the_newer_terms(ledger):
    send(ledger, limit())
    send(ledger, limit(price=4999.0))

    assert the_order(ledger).phase is Phase.SENT
    assert the_order(ledger).wanted.lmtPrice == 4999.0


def test_a_status_without_a_perm_id_counts_for_the_order_id(ledger):
    send(ledger, limit())
    status(ledger, "PreSubmitted", perm_id=0)

    assert (the_order(ledger).phase, the_order(ledger).perm_id) == (Phase.HELD, 0)


def test_the_legs_of_a_combo_that_come_before_it_do_not_fill_it(ledger):
    executed(ledger, "leg.01")
    ledger.completed_order(
        SPREAD, limit(order_id=0, size=1, perm_id=900), OrderState(status="Cancelled")
    )

    assert the_order(ledger).filled == 0


@pytest.mark.parametrize(
    ("term", "known"), [(None, None), ("", None), ("DAY", "DAY"), (0.1, Decimal("0.1"))]
)
def test_a_term_that_is_not_set_is_none(term, known):
    assert known_term(term) == known


def test_an_order_that_is_shown_as_filled_has_filled_whole_before_its_executions_come(ledger):
    send(ledger, limit())
    shown(ledger, "Filled")

    truth = ledger.by_order_id(US, 10)
    assert (truth.status, truth.filled, truth.average_price) == ("Filled", 2, None)
    executed(ledger, "a.01", 2.0, 5000.0, 2.0)
    truth = ledger.by_order_id(US, 10)
    assert (truth.filled, truth.average_price) == (2, 5000)
