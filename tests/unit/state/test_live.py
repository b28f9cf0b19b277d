import asyncio
import datetime as dt

import pytest
from ib_async import IB, Contract, Execution, LimitOrder, OrderState, Position
from ib_async.objects import CommissionReport

from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.errors import NotConnected, RequestTimeout, StateUnknown
from ibkit.state import Added, Changed, Level, LiveState, Removed, _live as live

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ES = Contract(conId=1, symbol="ES", secType="FUT", localSymbol="ESZ6", exchange="CME")


@pytest.fixture
def ib():
    ib = IB()
    ib.wrapper.accounts = ["DU1", "DU2"]
    ib.wrapper.clientId = 3
    return ib


@pytest.fixture
def link(ib):
    link = Link.adopt(ib)
    link.address = link.address.__class__(host="memory", port=1, client_id=3)
    yield link
    link.release()


@pytest.fixture
def state(ib, link):
    state = LiveState(ib, account="DU1", link=link)
    becomes(link, LinkState.SYNCING)
    becomes(link, LinkState.UP)
    yield state
    state.close()


def becomes(link, new):
    old, link.state = link.state, new
    link.changed.emit(LinkChanged(old=old, new=new, reason="", time=NOW, epoch=link.epoch))


def shown(ib, status="Submitted", perm_id=900, **fields):
    order = LimitOrder("BUY", 2, 5000, orderId=10, clientId=3, **fields)
    order.permId = perm_id
    ib.wrapper.openOrder(10, ES, order, OrderState(status=status))


def status(ib, word, perm_id=900):
    ib.wrapper.orderStatus(10, word, 0, 2, 0, perm_id, 0, 0, 3, "")


def told_by(event):
    told = []
    event.connect(told.append)
    return told


def test_positions_are_told_once_per_change_and_by_account(ib, state):
    told = told_by(state.positions.changed)
    ib.wrapper.position("DU1", ES, 2.0, 1.0)
    ib.wrapper.position("DU1", ES, 2.0, 1.0)
    ib.wrapper.position("DU2", ES, 5.0, 1.0)
    ib.wrapper.position("DU1", ES, 0.0, 0.0)

    assert [type(change) for change in told] == [Added, Removed]
    assert [told[0].after.account, told[1].before.size] == ["DU1", 2]


def test_another_account_has_its_own_changes(ib, state):
    told = told_by(state.positions.of("DU2").changed)
    figures = told_by(state.account.changed)
    ib.wrapper.position("DU1", ES, 2.0, 1.0)
    ib.wrapper.position("DU2", ES, 5.0, 1.0)
    ib.wrapper.updateAccountValue("NetLiquidation", "7", "USD", "DU2")
    becomes(state.link, LinkState.DOWN)
    ib.wrapper.positions.clear()
    becomes(state.link, LinkState.UP)

    assert [type(change) for change in told] == [Added, Removed]
    assert told[0].after.account == "DU2"
    assert figures == []


def test_a_predicate_of_all_accounts_is_looked_at_for_each_of_them(ib, state):
    async def main():
        flat = state.positions.until_async(lambda view: view.total(ES) == 5, timeout=5)
        waiting = asyncio.ensure_future(flat)
        await asyncio.sleep(0)
        ib.wrapper.position("DU2", ES, 5.0, 1.0)
        await waiting

    asyncio.run(main())


def test_what_closed_while_nobody_listened_is_told_at_the_reconnect(ib, link, state):
    ib.wrapper.position("DU1", ES, 2.0, 1.0)
    ib.wrapper.updatePortfolio(ES, 2.0, 5.0, 10.0, 1.5, 0.5, 0.0, "DU1")
    told = told_by(state.positions.changed), told_by(state.portfolio.changed)
    becomes(link, LinkState.DOWN)
    ib.wrapper.positions.clear()
    ib.wrapper.portfolio.clear()
    becomes(link, LinkState.SYNCING)
    becomes(link, LinkState.UP)

    assert [[type(change) for change in one] for one in told] == [[Removed], [Removed]]


def test_account_values_are_told_when_they_change(ib, state):
    told = told_by(state.account.changed)
    for value in ("1", "1", "2"):
        ib.wrapper.updateAccountValue("NetLiquidation", value, "USD", "DU1")

    assert [type(change) for change in told] == [Added, Changed]


def test_orders_and_fills_are_told_with_before_and_after(ib, state):
    orders, fills = told_by(state.orders.changed), told_by(state.fills.changed)
    everything = told_by(state.order_changed)
    shown(ib)
    execution = Execution(
        execId="a.01", time=NOW, acctNumber="DU1", side="BOT", shares=2, price=5000, permId=900,
        clientId=3, orderId=10, cumQty=2,
    )  # fmt: skip
    ib.wrapper.execDetails(-1, ES, execution)
    ib.wrapper.commissionReport(CommissionReport(execId="a.01", commission=2.5, currency="USD"))

    assert isinstance(orders[0], Added)
    assert orders[-1].after.status == "Filled"
    assert [type(change) for change in fills] == [Added, Changed]
    assert fills[1].after.commission == 2.5
    assert everything[0].before is None
    assert state.orders[900].filled == 2


def test_what_an_if_would_do_is_no_order(ib, state):
    order = LimitOrder("BUY", 2, 5000, orderId=10, clientId=3, whatIf=True)
    ib.wrapper.openOrder(10, ES, order, OrderState(initMarginChange="1"))

    assert state.orders.all == ()


def test_reading_is_refused_until_all_is_known(link, state):
    becomes(link, LinkState.DOWN)
    with pytest.raises(NotConnected):
        state.snapshot()
    becomes(link, LinkState.SYNCING)
    with pytest.raises(StateUnknown):
        state.snapshot()
    becomes(link, LinkState.UP)

    assert state.snapshot().parts["positions"] == {}


def test_closed_it_tells_nothing_and_can_be_read(ib, state):
    told = told_by(state.positions.changed)
    state.close()
    ib.wrapper.position("DU1", ES, 2.0, 1.0)

    assert told == []
    assert state.positions[1].size == 2


def test_closed_it_does_not_tell_what_it_can_no_longer_know(state):
    state.close()

    assert "closed" in repr(state)
    for ask in (lambda: state.orders.open, state.fills.values, state.snapshot, state.ask):
        with pytest.raises(StateUnknown, match="closed"):
            list(ask())


class Answers:
    """Stands for the requests; each question waits for `answer`."""

    def __init__(self, monkeypatch, requests):
        self.asked, self.answer = [], []
        for name in ("open_orders_async", "completed_orders_async", "executions_async"):
            monkeypatch.setattr(type(requests), name, self.question(name))

    def question(self, name):
        async def ask(_requests, *_, **__):
            self.asked.append(name)
            await asyncio.sleep(0)
            if self.answer and (error := self.answer.pop(0)) is not None:
                raise error

        return ask


@pytest.fixture
def answers(monkeypatch, link):
    return Answers(monkeypatch, link.requests)


def test_a_doubt_is_asked_about_until_tws_answers(ib, state, answers, monkeypatch):
    monkeypatch.setattr(live, "ASK_AGAIN_AFTER", 0)
    answers.answer = [RequestTimeout("open orders", 10)]

    async def main():
        shown(ib)
        status(ib, "PreSubmitted")  # it goes back: TWS is asked
        assert not state.orders[900].certain
        while len(answers.asked) < 2:
            await asyncio.sleep(0)
        shown(ib)
        await state.orders.until_async(lambda v: v[900].certain, timeout=5)

    asyncio.run(main())

    assert answers.asked[:2] == ["open_orders_async", "open_orders_async"]


def test_who_asks_while_tws_is_being_asked_waits_with_the_others(state, answers):
    async def main():
        await asyncio.gather(*(state.ask_async() for _ in range(5)))

    asyncio.run(main())

    assert len(answers.asked) == 3


@pytest.mark.parametrize("turns", [2, 3])
def test_what_is_doubted_while_tws_is_being_asked_is_asked_about_too(ib, state, answers, turns):
    """The answers that are on their way may be older than the doubt."""

    async def main():
        shown(ib)
        asking = asyncio.ensure_future(state.ask_async())
        for _ in range(turns):
            await asyncio.sleep(0)
        state.doubt(state.orders[900])
        await asking

    asyncio.run(main())

    assert answers.asked.count("open_orders_async") == 2


def test_asking_raises_what_the_request_raised(state, answers):
    answers.answer = [RequestTimeout("open orders", 10)]

    with pytest.raises(RequestTimeout):
        state.ask()


def test_nobody_is_asked_while_there_is_no_connection(link, state, answers):
    becomes(link, LinkState.BROKER_LOST)

    with pytest.raises(StateUnknown):
        state.ask()
    with pytest.raises(StateUnknown):
        state.reconcile()
    assert answers.asked == []


def test_an_order_placed_while_tws_has_lost_ib_is_not_certain(ib, link, state, answers):
    async def main():
        becomes(link, LinkState.BROKER_LOST)
        shown(ib)
        lost = state.orders[900].certain
        becomes(link, LinkState.RESYNCING)
        shown(ib)
        becomes(link, LinkState.UP)
        return lost, state.orders[900].certain

    assert asyncio.run(main()) == (False, True)


def test_a_tws_that_never_tells_completed_orders_is_asked_for_them_once(
    ib, link, state, answers, caplog
):
    answers.answer = [None, RequestTimeout("completed orders", 10)]

    state.ask()
    state.ask()
    link.epoch += 1
    state.ask()

    assert answers.asked.count("completed_orders_async") == 2
    assert answers.asked.count("executions_async") == 3
    assert "known from executions only" in caplog.text


def test_what_did_not_come_at_the_log_in_is_not_asked_for_again(link, state, answers):
    link.missing = ("completed orders",)

    state.ask()

    assert answers.asked == ["open_orders_async", "executions_async"]


def test_over_a_read_only_connection_no_order_is_known(ib, link, answers):
    link.readonly = True
    state = LiveState(ib, account="DU1", link=link)
    becomes(link, LinkState.UP)

    assert state.orders.freshness.level is Level.UNKNOWN
    assert "read-only" in repr(state)
    for reading in (lambda: len(state.orders), lambda: state.orders.all, state.snapshot):
        with pytest.raises(StateUnknown, match="read-only"):
            reading()
    with pytest.raises(StateUnknown, match=r"placing a group.*read-only"):
        state.require_up("placing a group")
    assert (len(state.positions), len(state.fills)) == (0, 0)
    state.ask_again()
    assert state._settling is None
    state.close()


def test_reconciling_compares_with_a_fresh_answer(ib, link, state, monkeypatch):
    ib.wrapper.position("DU1", ES, 2.0, 1.0)

    async def positions(_):
        return [Position("DU1", ES, 3.0, 1.0)]

    async def orders(_):
        return []

    monkeypatch.setattr(type(link.requests), "positions_async", positions)
    monkeypatch.setattr(type(link.requests), "all_open_orders_async", orders)
    (difference,) = state.reconcile().positions

    assert (difference.held, difference.told) == (2, 3)
