"""What the live state costs on top of ib_async: fills, synchronising, reading, keeping."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import logging
import statistics
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

from ib_async import IB, Contract, Execution, LimitOrder, MarketOrder
from report import Row, write

from ibkit._ib._greeting import Address
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.sim import SimGateway
from ibkit.state import LiveState, OrderLedger
from ibkit.testing import plug_in, run_virtual

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ROUND_TRIPS = 300
SERVER_VERSION = 178
CLIENT_ID = 3
ACCOUNT = "DU1000001"
POSITIONS, ORDERS = 10_000, 5_000
FILLS = 100_000
REPEATS = 7

Fields = list[bytes]


# -- traffic of the gateway, recorded


def frames(data: bytes) -> Iterator[Fields]:
    """Take the bytes of a socket apart."""
    while data:
        (size,) = struct.unpack(">I", data[:4])
        yield data[4 : 4 + size].split(b"\0")
        data = data[4 + size :]


def packed(messages: Iterable[Fields]) -> bytes:
    joined = (b"\0".join(fields) for fields in messages)
    return b"".join(struct.pack(">I", len(one)) + one for one in joined)


async def record(
    place: Callable[[IB, Contract, int], None], times: int
) -> tuple[Contract, int, list[bytes]]:
    """Return the contract, the first order id, and what came back for each time."""
    heard: list[bytes] = []
    async with SimGateway(port=None, seed=7, start=NOW) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=9, ask_size=9)
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=CLIENT_ID)
        await asyncio.sleep(1)
        (details,) = await ib.reqContractDetailsAsync(
            Contract(conId=gateway.market.instrument("ES").con_id)
        )
        first = ib.client.getReqId() + 1
        ib.client.conn.hasData += heard.append
        trips = []
        for n in range(times):
            heard.clear()
            place(ib, details.contract, n)
            await asyncio.sleep(1)
            trips.append(b"".join(heard))
        ib.disconnect()
    return details.contract, first, trips


def buy_or_sell(ib: IB, contract: Contract, n: int) -> None:
    ib.placeOrder(contract, MarketOrder("SELL" if n % 2 else "BUY", 1))


def limit(ib: IB, contract: Contract, _: int) -> None:
    ib.placeOrder(contract, LimitOrder("BUY", 1, 4000))


# -- clients that hear it


def replaying() -> IB:
    """Make a client that takes itself for connected, and sends into the void."""
    ib = IB()
    ib.client._serverVersion = ib.client.decoder.serverVersion = SERVER_VERSION
    ib.client.connState = ib.client.CONNECTED
    ib.client._apiReady = True
    ib.client._accounts = ib.wrapper.accounts = [ACCOUNT]
    ib.client.clientId = ib.wrapper.clientId = CLIENT_ID
    ib.client.sendMsg = lambda _: None
    return ib


def watched(ib: IB) -> Callable[[], None]:
    """Put a live state on a client; return what says that the synchronisation is over."""
    link = adopted(ib)
    state = LiveState(ib, link=link)
    becomes(link, LinkState.SYNCING)

    def up() -> None:
        becomes(link, LinkState.UP)
        assert len(state.orders) == len(ib.trades())  # none is taken for another's

    return up


def listened_to(ib: IB) -> Callable[[], None]:
    """Put a live state on a client, and a listener on what changes in the account."""
    link = adopted(ib)
    LiveState(ib, link=link).account.changed.connect(lambda _: None)
    becomes(link, LinkState.SYNCING)
    return lambda: becomes(link, LinkState.UP)


def adopted(ib: IB) -> Link:
    """Put a link on a client without its asking for anything."""
    ib.client._apiReady = False
    link = Link.adopt(ib)
    ib.client._apiReady = True
    link.address = Address(host="memory", port=1, client_id=CLIENT_ID)
    return link


def becomes(link: Link, new: LinkState) -> None:
    old, link.state = link.state, new
    link.changed.emit(LinkChanged(old=old, new=new, reason="", time=NOW, epoch=1))


def bare(_: IB) -> Callable[[], None]:
    return lambda: None


Setup = Callable[[IB], Callable[[], None]]


def cpu_of_round_trips(contract: Contract, first: int, trips: list[bytes], setup: Setup) -> float:
    ib = replaying()
    up = setup(ib)
    ib.client._reqIdSeq = first
    began = time.process_time()
    for n, trip in enumerate(trips):
        buy_or_sell(ib, contract, n)
        ib.client._onSocketHasData(trip)
    spent = time.process_time() - began
    up()
    assert [trade.isDone() for trade in ib.trades()] == [True] * len(trips)
    return spent


def cpu_of_sync(data: list[bytes], setup: Setup) -> float:
    ib = replaying()
    up = setup(ib)
    began = time.process_time()
    for packet in data:
        ib.client._onSocketHasData(packet)
    up()
    spent = time.process_time() - began
    assert (len(ib.positions()), len(ib.openTrades())) == (POSITIONS, ORDERS)
    return spent


def sync_traffic(trip: bytes) -> list[bytes]:
    """Make 10,000 positions and 5,000 open orders out of one order's openOrder and status."""
    messages = list(frames(trip))
    opened = next(fields for fields in messages if fields[0] == b"5")
    status = next(fields for fields in messages if fields[0] == b"3")
    perm_id = status[6]
    made: list[Fields] = []
    for n in range(POSITIONS):
        text = f"61 3 {ACCOUNT} {n + 1} ES FUT 20260320 0.0 _ 50 CME USD ESH6 ES 1 5000.0"
        made.append([b"" if part == "_" else part.encode() for part in text.split()] + [b""])
    for n in range(ORDERS):
        order_id, new = str(9000 + n).encode(), str(10**9 + n).encode()
        for fields in (opened, status):
            named = [new if field == perm_id else field for field in fields]
            made.append([named[0], order_id, *named[2:]])
    return [packed(made[at : at + 200]) for at in range(0, len(made), 200)]


def compared(run: Callable[[Setup], float], setup: Setup) -> tuple[float, float, float]:
    """Compare with bare ib_async pair by pair: a busy machine hits both alike."""
    ratios = []
    for _ in range(REPEATS):
        gc.collect()
        without = run(bare)
        gc.collect()
        ratios.append(run(setup) / without)
    return spread(ratios)


def spread(found: Iterable[float]) -> tuple[float, float, float]:
    ordered = sorted(found)
    return statistics.median(ordered), ordered[0], ordered[-1]


# -- reading and keeping


def reading(size: int) -> tuple[float, float, float]:
    """Return the microseconds that a position, an order, a fill and a figure take together."""
    ib = replaying()
    link = adopted(ib)
    state = LiveState(ib, link=link)
    fill_ledger(state.ledger, size)
    for n in range(size):
        ib.wrapper.position(ACCOUNT, Contract(conId=n + 1), 1.0, 5000.0)
        ib.wrapper.updateAccountValue("CashBalance", "1", f"{n}", ACCOUNT)
    link.state = LinkState.UP

    def once() -> float:
        began = time.process_time()
        for n in range(1_000):
            state.positions[n % size + 1]
            state.orders[n % size + 1]
            state.fills[exec_id(n % size)]
            state.account["CashBalance", f"{n % size}"]
        return (time.process_time() - began) * 1e3

    return spread(once() for _ in range(REPEATS))


def exec_id(n: int) -> str:
    return f"0000e1a7.{n:08x}.01"


def fill_of(n: int, orders: int) -> Execution:
    return Execution(
        execId=exec_id(n), time=NOW, acctNumber=ACCOUNT, exchange="CME", side="BOT", shares=1.0,
        price=5000.0, permId=n % orders + 1, clientId=CLIENT_ID, orderId=n % orders + 1,
        cumQty=n // orders + 1.0,
    )  # fmt: skip


def fill_ledger(ledger: OrderLedger, fills: int) -> None:
    """Give each of as many orders one fill."""
    contract = Contract(conId=1, symbol="ES")
    ledger.connected(CLIENT_ID, 1)
    for n in range(fills):
        terms = LimitOrder("BUY", 1_000, 5000.0, orderId=n + 1, clientId=CLIENT_ID)
        ledger.sent(n + 1, contract, terms)
    for n in range(fills):
        ledger.execution(contract, fill_of(n, fills), recovered=False)
    ledger.take_changes()


def keeping(quarter: int, ledger: OrderLedger) -> tuple[float, float]:
    """Return the microseconds and the bytes of each fill of a quarter of them."""
    contract = Contract(conId=1, symbol="ES")
    fills = [fill_of(n, 1_000) for n in range(quarter * FILLS // 4, (quarter + 1) * FILLS // 4)]
    began = time.process_time()
    for fill in fills[::2]:
        ledger.execution(contract, fill, recovered=False)
        ledger.take_changes()
    each = (time.process_time() - began) / (len(fills) / 2) * 1e6
    tracemalloc.start()
    for fill in fills[1::2]:
        ledger.execution(contract, fill, recovered=False)
        ledger.take_changes()
    kept = tracemalloc.get_traced_memory()[0] / (len(fills) / 2)
    tracemalloc.stop()
    return each, kept


def growth() -> list[Row]:
    ledger, contract = OrderLedger(), Contract(conId=1, symbol="ES")
    ledger.connected(CLIENT_ID, 1)
    for n in range(1_000):
        order = LimitOrder("BUY", 1_000, 5000.0, orderId=n + 1, clientId=CLIENT_ID)
        ledger.sent(n + 1, contract, order)
    ledger.take_changes()
    quarters = [keeping(quarter, ledger) for quarter in range(4)]
    times, sizes = zip(*quarters, strict=True)
    rows = [
        Row(f"a fill among the {name} 25,000 of {FILLS:,}, in us of CPU", *[each] * 3, "")
        for name, each in (("first", times[0]), ("last", times[-1]))
    ]
    return [*rows, Row("what is kept of a fill, in bytes", *spread(sizes), "no growth besides")]


def main() -> None:
    logging.disable(logging.CRITICAL)
    contract, first, trips = run_virtual(record(buy_or_sell, ROUND_TRIPS))
    _, _, (opened,) = run_virtual(record(limit, 1))
    data = sync_traffic(opened)

    def fills(setup: Setup) -> float:
        return cpu_of_round_trips(contract, first, trips, setup)

    def log_in(setup: Setup) -> float:
        return cpu_of_sync(data, setup)

    log_in_of = f"a log-in with {POSITIONS:,} positions and {ORDERS:,} orders"
    write(
        "state",
        [
            Row("a fill, order to position, / bare ib_async", *compared(fills, watched), "<= 1.25"),
            Row("... with a listener on account.changed", *compared(fills, listened_to), ""),
            Row(f"{log_in_of}, / bare ib_async", *compared(log_in, watched), "<= 1.3"),
            Row("four keyed reads out of 100 each, in us of CPU", *reading(100), ""),
            Row("four keyed reads out of 10,000 each, in us of CPU", *reading(10_000), "the same"),
            *growth(),
        ],
    )


if __name__ == "__main__":
    main()
