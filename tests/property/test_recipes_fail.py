"""The stories of `docs/explanation/why-groups.md`: wrong with a recipe, right with a desk.

The page shows the stories from this file and their ends in tables; the tests hold the tables
against what happens.
"""

import asyncio
import logging
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from ib_async import IB

from ibkit.orders import OrderDesk
from ibkit.sim import OrderTerms, Scenario, SimGateway
from ibkit.testing import plug_in, run_virtual
from order_recipes import RECIPES, RecipePlayer
from order_schedules import Player
from order_truth import AT_WORK
from sim_client import MONDAY, future

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "why-groups.md"
SCHEDULES = 50
STOPS = {"STP", "STP LMT", "TRAIL"}


class Stage:
    """A gateway, a client, and one bracket on it: by a recipe, or by a desk."""

    def __init__(self, gateway, recipe, by_desk):
        self.gateway, self.faults = gateway, gateway.faults
        self.recipe, self.by_desk = RECIPES[recipe], by_desk
        self.desk = None

    async def connect(self):
        self.ib = plug_in(IB(), self.gateway)
        await self.reconnect()

    async def reconnect(self):
        await self.ib.connectAsync(clientId=3)
        if self.by_desk:
            self.desk = self.desk or OrderDesk(self.ib)
            await self.desk.state.link.up_async(timeout=60)

    async def buy(self, size):
        """Place the bracket. Entry at 5002 or the market, first target at 5005, stop at 4993."""
        contract = future(self.gateway)
        if self.by_desk:
            group = self.recipe.plan("BUY", size)
            self.placing = asyncio.ensure_future(self.desk.place_async(contract, group))
        else:
            self.recipe.place(self.ib, contract, "BUY", size)
        await asyncio.sleep(0)

    async def market(self, bid, size=50):
        """Let the market stand at a bid, with so much on either side, and some time go by."""
        self.quote(bid, size)
        self.gateway.market.trade("ES", bid, size=1)
        await asyncio.sleep(5)

    def quote(self, bid, size=50):
        ask = Decimal(str(bid)) + Decimal("0.25")
        self.gateway.market.quote("ES", bid=bid, ask=ask, bid_size=size, ask_size=size)

    async def restart_client(self):
        await self.leave()
        self.desk = None
        await self.connect()
        if self.by_desk:
            await self.desk.recover_async()

    async def leave(self):
        if self.by_desk:
            self.placing.cancel()
            await asyncio.gather(self.placing, return_exceptions=True)
            self.desk.close()
        self.ib.disconnect()
        await asyncio.sleep(0.01)

    def order(self, role):
        return next(o for o in self.gateway.truth.orders if f":{role}" in o.terms.order_ref)

    def end(self):
        """What is held, and what the orders at work would sell of it."""
        held = sum(self.gateway.truth.positions.values(), Decimal(0))
        works = Counter()
        for order in self.gateway.truth.orders:
            if order.status in AT_WORK:
                kind = "stops" if order.terms.order_type in STOPS else "limits"
                works[kind] += order.working
        stops, limits = int(works["stops"]), int(works["limits"])
        return f"{int(held):+} held, stops for {stops}, limits for {limits}"


# --- the stories ---


async def the_first_target_fills(stage):
    await stage.buy(2)
    await stage.market(5000)
    await stage.market(5006)


async def the_status_of_the_fill_is_skipped(stage):
    stage.faults.switch(skip_market_status=True)
    await stage.buy(2)
    await stage.market(5000)


async def somebody_closes_by_hand(stage):
    await stage.buy(1)
    await stage.market(5000)
    sale = OrderTerms(action="SELL", quantity=Decimal(1), order_type="MKT")
    stage.faults.place_by_hand("ES", sale)
    await asyncio.sleep(5)
    await stage.market(4980)


async def the_exchange_rejects_the_stop(stage):
    await stage.buy(1)
    await stage.market(5000)
    stage.faults.reject_order(stage.order("s1").perm_id, "no margin")
    await stage.market(5001)


async def the_connection_is_cut_while_the_entry_fills(stage):
    stage.faults.cut_at("PlaceOrder", after=True)
    await stage.buy(1)
    await asyncio.sleep(1)
    await stage.reconnect()
    await stage.market(5000)


async def the_program_is_restarted_while_the_entry_fills(stage):
    stage.faults.switch(submit_latency=500)
    await stage.buy(1)
    await asyncio.sleep(0.1)
    await stage.restart_client()
    await stage.market(5000)


async def the_entry_fills_in_part_and_is_cancelled(stage):
    stage.faults.switch(partial_parent="all")
    stage.quote(5001.75, size=1)
    await stage.buy(3)
    await asyncio.sleep(1)
    stage.faults.cancel_order(stage.order("e").perm_id)
    await asyncio.sleep(5)
    await stage.market(4980)


STORIES = [
    ("two targets, one stop", the_first_target_fills),
    ("exits when filled", the_status_of_the_fill_is_skipped),
    ("bracketOrder", somebody_closes_by_hand),
    ("bracketOrder", the_exchange_rejects_the_stop),
    ("exits when filled", the_connection_is_cut_while_the_entry_fills),
    ("exits when filled", the_program_is_restarted_while_the_entry_fills),
    ("bracketOrder", the_entry_fills_in_part_and_is_cancelled),
]


# --- the tests ---


@pytest.fixture(autouse=True)
def silent():
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


async def told(recipe, story, by_desk):
    async with SimGateway(port=None, seed=7, start=MONDAY, scenario=Scenario()) as gateway:
        stage = Stage(gateway, recipe, by_desk)
        stage.quote(5000)
        await stage.connect()
        await story(stage)
        await asyncio.sleep(30)
        end = stage.end()
        await stage.leave()
        return end


def rows(heading):
    """The rows of a table of the page, as lists of cells."""
    part = PAGE.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^\| (.*) \|$", part, re.MULTILINE)
    return [[cell.strip(" `") for cell in line.split("|")] for line in lines[1:]]


@pytest.mark.parametrize(("recipe", "story"), STORIES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_story_ends_as_the_page_says(recipe, story):
    ends = [run_virtual(told(recipe, story, by_desk)) for by_desk in (False, True)]

    said = {row[0]: row[1:] for row in rows("Stories") if row[0] != "---"}
    assert said[story.__name__] == [recipe, *ends]
    assert ends[0] != ends[1]


def test_the_page_shows_every_story():
    shown = re.findall(r":pyobject: (\w+)", PAGE.read_text())

    assert [name for name in shown if name.startswith(("the_", "somebody"))] == [
        story.__name__ for _, story in STORIES
    ]


@pytest.mark.parametrize("name", [*RECIPES, "the order desk"])
def test_so_many_random_schedules_break_a_promise(name):
    counts = [failures(name, luck=luck) for luck in (False, True)]

    said = {row[0]: row[1:] for row in rows("By chance")}
    assert said[name] == [str(count) for count in counts]


def failures(name, *, luck):
    players = (
        RecipePlayer(name, seed, luck=luck) if name in RECIPES else Player(seed, luck=luck)
        for seed in range(SCHEDULES)
    )
    return sum(bool(run_virtual(player.play()).wrong) for player in players)
