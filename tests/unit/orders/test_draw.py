from html.parser import HTMLParser

import attrs
import pytest

from ibkit.orders import (
    FromFill,
    Limit,
    Market,
    Oca,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    oca,
    single,
    trailing,
)

SEPARATE = bracket(
    "BUY", 3, entry=Limit(5000), targets=[Target(1, 5010), Target(1, 5020)], stop=4990,
    breakeven_after=1, outside_rth=True,
)  # fmt: skip


def test_a_tree_of_slices():
    assert str(SEPARATE).splitlines() == [
        "bracket: BUY 3 in 3 slices, separate",
        "entry-1       BUY 1 LMT 5000 DAY outside RTH",
        "|- target-1   SELL 1 LMT 5010 DAY outside RTH",
        "`- stop-1     SELL 1 STP 4990 DAY outside RTH",
        "entry-2       BUY 1 LMT 5000 DAY outside RTH",
        "|- target-2   SELL 1 LMT 5020 DAY outside RTH",
        "`- stop-2     SELL 1 STP 4990 DAY outside RTH",
        "entry-3       BUY 1 LMT 5000 DAY outside RTH",
        "`- stop-3     SELL 1 STP 4990 DAY outside RTH",
    ]


def test_a_tree_of_a_managed_bracket():
    group = bracket_from_fill("BUY", 1, stop=FromFill(percent=-1), protect_first=4900)

    assert str(group).splitlines()[1:] == [
        "entry         BUY 1 MKT DAY",
        "|- guard      SELL 1 STP 4900 DAY",
        "`- stop-1     SELL 1 STP fill - 1% DAY  (after the fill)",
    ]


def test_one_order_is_one_line():
    assert str(trailing("SELL", 1, percent=1)) == "trailing stop: SELL 1 TRAIL 1% DAY"


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (SEPARATE, "IB itself keeps each slice"),
        (SEPARATE, "When the first target filled, the other stops"),
        (bracket_from_fill("BUY", 1, stop=1, protect_first=0), "The guard stands"),
        (bracket_from_fill("BUY", 1, stop=1), "has to be running"),
        (
            bracket("BUY", 2, entry=9, targets=[Target(1, 10)], stop=8, slices="attached"),
            "put them back",
        ),
        (oca([single("BUY", 1, Market())] * 2, kind=Oca.CANCEL_WITH_BLOCK), "also in part"),
    ],
)
def test_a_description_says_who_sees_to_it(group, said):
    assert said in group.describe()


def test_a_plain_bracket_needs_no_explanation():
    group = bracket("BUY", 1, entry=9, take_profit=10, stop=8)

    assert group.describe() == str(group)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.cells = [], []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] == "td":
            self.cells.append(data)


def test_html_is_closed_and_has_a_row_per_order():
    tags = _Tags()
    tags.feed(SEPARATE._repr_html_())

    assert tags.open == []
    assert tags.cells[:5] == ["entry-1", "BUY", "1", "LMT 5000", "DAY outside RTH"]
    assert tags.cells.count("SELL") == 5


def test_html_is_escaped():
    group = bracket("BUY", 1, entry=9, stop=8)
    strange = attrs.evolve(group.legs[1], kind="<b>stop", number=0)
    forged = attrs.evolve(group, legs=(group.legs[0], strange))

    assert "&lt;b&gt;stop" in forged._repr_html_()
    assert "<b>stop" not in forged._repr_html_()


def test_a_group_shows_itself_in_a_line():
    assert repr(bracket("BUY", 1, entry=9, stop=8, group_id="k3f9")) == (
        "<OrderGroup k3f9: bracket: BUY 1>"
    )
    assert "OCA group of 2" in repr(oca([single("BUY", 1, Trail(amount=1))] * 2, name="x"))
