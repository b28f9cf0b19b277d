"""A cut at every boundary between two messages, of which the random schedules hit only some.

Each story is one group and a path of prices on which its entry fills in parts, a target fills, and
the rest is stopped out. It is told again and again: the connection is cut before the first message
that the client sends, before the second, and so on, then before each one that it gets. Messages
about the account's money are not counted: for orders, a cut before one is a cut before the next.
Then the client reconnects, or another process takes its place.

That is every boundary with ``--deep``, and otherwise every second one of the messages sent and
every sixth of those received.
"""

import asyncio
import itertools
import logging
import struct
from decimal import Decimal

import pytest

from ibkit.orders import (
    FromFill,
    Limit,
    Market,
    Oca,
    Stop,
    Target,
    bracket,
    bracket_from_fill,
    oca as oca_group,
    single,
)
from ibkit.testing import run_virtual
from order_schedules import LOOSE, Player

UP = [4997, 4997.25, 4998, 5003, 5006, 5004]
"""On this path a buy limit at 4998 fills, and the first target at 5005."""

TARGETS = [Target(1, 5005), Target(2, 5020)]
STORIES = {
    "separate": bracket("BUY", 3, entry=Limit(4998), targets=TARGETS, stop=4990, breakeven_after=1),
    "attached": bracket("BUY", 3, entry=Limit(4998), targets=TARGETS, stop=4990, slices="attached"),
    "managed": bracket_from_fill(
        "BUY",
        3,
        entry=Limit(4998),
        targets=[Target(1, FromFill(7)), Target(2, FromFill(20))],
        stop=FromFill(-8),
        protect_first=4980,
    ),
    "market": bracket("BUY", 2, entry=Market(), take_profit=5005, stop=4990),
    "oca": oca_group(
        [single("SELL", 2, Limit(5005)), single("SELL", 2, Stop(4990))], kind=Oca.REDUCE_WITH_BLOCK
    ),
}
ABOUT_ORDERS = {b"3", b"4", b"5", b"11", b"53", b"55", b"59", b"61", b"62", b"101", b"102"}


class Scissors:
    """Cut a client's connection before a message: the nth that it sends, or that it gets."""

    def __init__(self, ib, way, nth):
        self.way, self.left = way, nth
        self.connection = connection = ib.client.conn
        self.send, self.take, self.rest = connection.sendMsg, connection.data_received, b""
        connection.sendMsg, connection.data_received = self.sending, self.getting

    def sending(self, message):
        if not self.cuts(">"):
            self.send(message)

    def getting(self, data):
        self.rest += data
        while len(self.rest) >= 4:
            end = 4 + struct.unpack(">I", self.rest[:4])[0]
            if len(self.rest) < end:
                return
            frame, self.rest = self.rest[:end], self.rest[end:]
            if frame[4:].split(b"\0", 1)[0] in ABOUT_ORDERS and self.cuts("<"):
                return
            self.take(frame)

    def cuts(self, way):
        if way != self.way or self.left <= 0:
            return False
        self.left -= 1
        if self.left == 0:
            self.rest = b""
            self.connection.transport.abort()
        return self.left == 0


class Story(Player):
    """One group, one path, one cut."""

    def __init__(self, name, way, nth, restart):
        super().__init__(7, luck=False)
        self.plan, self.restart = STORIES[name], restart
        self.market = LOOSE if name == "oca" else self.name
        self.way, self.nth = way, nth

    async def _acts(self):
        self.scissors = Scissors(self.ib, self.way, self.nth)
        self.place(self.plan, self.market)
        for price in UP:
            await asyncio.sleep(0.4)
            await self.come_back()
            self._quote(Decimal(str(price)))
            if wrong := [*self._wrong_now()]:
                return wrong
        await asyncio.sleep(0.4)
        await self.come_back()
        return await self._settle() or await self._restart_and_compare() or await self.fall()

    async def come_back(self):
        if not self.ib.isConnected():
            await (self._restart() if self.restart else self._reconnect())

    async def fall(self):
        self._quote(Decimal(4970))
        self.gateway.market.trade(self.market, 4970, size=50)
        return await self._settle()


async def tell(name, way, nth, restart):
    story = Story(name, way, nth, restart)
    played = await story.play()
    return story.scissors.left == 0, played.wrong, str(played)


@pytest.fixture
def silent():
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


@pytest.mark.parametrize("restart", [False, True], ids=["reconnect", "restart"])
@pytest.mark.parametrize("name", STORIES)
def test_a_cut_at_any_message_leaves_the_group_right(name, restart, silent, request, capsys):
    deep = request.config.getoption("--deep")
    counts = {}
    for way, stride in {">": 1 if deep else 2, "<": 1 if deep else 6}.items():
        for nth in itertools.count(1 + restart % stride, stride):
            cut, wrong, text = run_virtual(tell(name, way, nth, restart))

            assert not wrong, f"cut before message {nth} {way}\n{text}"
            if not cut:
                break
            counts[way] = counts.get(way, 0) + 1
    with capsys.disabled():
        print(f"\n{name}: cut before {counts['>']} messages sent, {counts['<']} received")  # noqa: T201 - the promise of this test is a count
    assert counts[">"] >= 4
    assert counts["<"] >= 4
