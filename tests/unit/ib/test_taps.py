import pytest
from ib_async import (
    CommissionReport,
    Contract,
    Execution,
    LimitOrder,
    Order,
    OrderState,
)

from ibkit._ib._health import HealthRecord
from ibkit._ib._taps import StatusMessage, Taps

ES = Contract(conId=1, symbol="ES", secType="FUT")
STATUS = (5, "Submitted", 0.0, 2.0, 0.0, 9, 0, 0.0, 1, "", 0.0)


@pytest.fixture
def taps(ib):
    return Taps(ib, HealthRecord())


@pytest.fixture
def heard():
    return []


def keep(heard):
    return lambda *fields: heard.append(fields)


@pytest.mark.parametrize(
    ("tap", "message", "fields"),
    [
        ("open_order", "openOrder", (5, ES, Order(orderId=5), OrderState())),
        ("open_orders_end", "openOrderEnd", ()),
        ("execution", "execDetails", (-1, ES, Execution(execId="e.01"))),
        ("commission", "commissionReport", (CommissionReport("e.01"),)),
        ("position", "position", ("DU1", ES, 2.0, 250000.0)),
        ("error", "error", (5, 10349, "preset", "")),
    ],
)
def test_each_message_is_heard_as_it_came(ib, taps, heard, tap, message, fields):
    getattr(taps, tap)(keep(heard))
    getattr(ib.wrapper, message)(*fields)

    assert heard == [fields]


def test_completed_orders(ib, taps, heard):
    taps.completed_order(keep(heard))
    ib.wrapper._results["completedOrders"] = []
    ib.wrapper.completedOrder(ES, Order(permId=9), OrderState(status="Filled"))

    assert heard[0][1].permId == 9


def test_a_status_has_named_fields(ib, taps, heard):
    taps.order_status(heard.append)
    ib.wrapper.orderStatus(*STATUS)

    assert heard == [StatusMessage(*STATUS)]
    assert heard[0].perm_id == 9
    assert heard[0].remaining == 2


async def test_the_truth_is_heard_before_ib_async_makes_something_of_it(ib, taps, connected):
    # B1: ib_async calls it Cancelled
    await connected()
    trade = ib.placeOrder(ES, LimitOrder("BUY", 1, 5000))
    seen = []
    taps.error(lambda *_: seen.append(trade.orderStatus.status))
    ib.wrapper.error(trade.order.orderId, 10349, "Order TIF was set to DAY", "")

    assert seen == ["PendingSubmit"]
    assert trade.orderStatus.status == "Cancelled"


def test_a_commission_is_heard_before_unset_becomes_zero(ib, taps):
    seen = []
    taps.commission(lambda report: seen.append(report.realizedPNL))
    ib.wrapper.commissionReport(CommissionReport("e.01", realizedPNL=1.7976931348623157e308))

    assert seen == [1.7976931348623157e308]


def test_a_listener_that_fails_is_recorded_and_the_message_goes_on(ib, taps):
    def typo(*_):
        raise ZeroDivisionError

    seen = []
    ib.positionEvent += lambda position: seen.append(position.position)
    taps.position(typo)
    ib.wrapper.position("DU1", ES, 2.0, 1.0)

    assert seen == [2.0]
    context = taps.health.current().last_error.context
    assert "typo of position" in context


def test_a_tap_can_be_taken_off(ib, taps, heard):
    first, second = [], []
    close = taps.position(keep(first))
    taps.position(keep(second))
    ib.wrapper.position("DU1", ES, 1.0, 1.0)
    close()
    close()
    ib.wrapper.position("DU1", ES, 2.0, 1.0)

    assert len(first) == 1
    assert len(second) == 2
