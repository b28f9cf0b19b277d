from ibkit.orders import FromFill, bracket_from_fill
from order_work import long_bracket, order, run, settle
from sim_client import future


def described(group, *, then=None):
    """The lines of a group that was placed, without the first."""

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        if then:
            await then(gateway, trade)
        return trade.describe(), trade._repr_html_()

    text, html = run(test)
    title, *lines = text.splitlines()
    return title, [" ".join(line.split()) for line in lines], html


def test_each_order_is_a_line_with_what_it_is_now():
    async def move(_gateway, trade):
        await trade.move_stop_async(4995)

    title, (head, *lines), html = described(long_bracket(2), then=move)

    assert title.endswith("PROTECTED open 2 protected 2>")
    assert head == "role side order status size filled reason"
    assert lines == [
        "entry BUY LMT 5000.25 FILLED 2 2",
        "target-1 SELL LMT 5010 WORKING 2 0",
        "stop-1 SELL STP 4995 WORKING 2 0",
    ]
    assert html.count("<tr>") == 4


def test_what_is_planned_and_what_waits_is_said():
    group = bracket_from_fill(
        "BUY", 1, entry=4900, stop=FromFill(-5), protect_first=4800, take_profit=FromFill(10)
    )
    _, (_, entry, guard, target, stop), _ = described(group)

    assert entry == "entry BUY LMT 4900 WORKING 1 0"
    assert guard == "guard SELL STP 4800 WAITING 1 0"
    assert target == "target-1 SELL LMT fill + 10 PLANNED 1 0"
    assert stop == "stop-1 SELL STP fill - 5 PLANNED 1 0"


def test_the_order_that_closes_has_a_line_and_a_refusal_its_reason():
    async def close(gateway, trade):
        gateway.faults.reject_order(order(gateway, "target-1").perm_id, "no margin")
        await settle()
        await trade.close_async()

    _, (_, *lines), _ = described(long_bracket(), then=close)

    assert [line.split()[0] for line in lines] == ["entry", "target-1", "stop-1", "close"]
    assert lines[-1] == "close SELL MKT FILLED 1 1"


def test_an_order_of_a_type_that_ibkit_never_sends_is_named():
    async def strange(_gateway, trade):
        trade.track("stop-1").latest.order.orderType = "PEG BEST"

    _, (_, *lines), _ = described(long_bracket(), then=strange)

    assert lines[-1] == "stop-1 SELL PEG BEST WORKING 1 0"
