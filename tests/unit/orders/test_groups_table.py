import pytest

from ibkit.errors import PlanError
from ibkit.orders import Groups, Market, single
from order_work import long_bracket, run
from sim_client import future


async def two_groups(gateway, desk):
    es = future(gateway)
    one = await desk.orders.place_async(es, long_bracket(2, group_id="first"))
    await one.entered_async()
    two = await desk.orders.place_async(es, single("BUY", 1, Market(), group_id="second"))
    await two.closed_async()
    return desk.orders.groups, one, two


def test_groups_are_a_sequence_oldest_first():
    async def test(gateway, desk):
        groups, one, two = await two_groups(gateway, desk)
        return (
            list(groups) == [one, two],
            groups[0] is one,
            groups[-1] is two,
            type(groups[:1]),
            len(groups[1:]),
            two in groups,
        )

    assert run(test) == (True, True, True, Groups, 1, True)


def test_a_group_is_found_by_its_id():
    async def test(gateway, desk):
        groups, one, _ = await two_groups(gateway, desk)
        with pytest.raises(PlanError, match="one of first, second"):
            groups["third"]
        with pytest.raises(PlanError, match="no group is here"):
            groups[:0]["third"]
        return groups["first"] is one

    assert run(test) is True


def test_live_groups_are_those_of_which_something_is_left():
    async def test(gateway, desk):
        groups, one, _ = await two_groups(gateway, desk)
        return list(groups.live) == [one]

    assert run(test) is True


def test_a_table_of_groups_stays_as_it_was():
    async def test(gateway, desk):
        before = desk.orders.groups
        await two_groups(gateway, desk)
        return len(before), len(desk.orders.groups)

    assert run(test) == (0, 2)


def test_they_print_as_a_table():
    async def test(gateway, desk):
        groups, _, _ = await two_groups(gateway, desk)
        return str(groups), repr(Groups([]))

    text, empty = run(test)
    title, head, first, second = text.splitlines()

    assert title == "groups"
    assert head.split()[:4] == ["group", "contract", "what", "side"]
    assert first.split()[:9] == [
        "first", "ESH6", "separate", "BUY", "2", "PROTECTED", "2", "2", "2",
    ]  # fmt: skip
    assert second.split()[:6] == ["second", "ESH6", "single", "BUY", "1", "CLOSED"]
    assert empty == "groups: none"


def test_in_a_notebook_they_are_html():
    async def test(gateway, desk):
        groups, _, _ = await two_groups(gateway, desk)
        return groups._repr_html_()

    html = run(test)

    assert html.startswith("<table>")
    assert html.count("<tr>") == 3
    assert "PROTECTED" in html
