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
    ib.client._accounts = ib.wrapper.accounts = ["DU1000001"]
    ib.client.clientId = ib.wrapper.clientId = CLIENT_ID
    ib.client.sendMsg = lambda _: None
    return ib


def watched(ib: IB) -> Callable[[], None]:
    """Put a live state on a client; return what says that the synchronisation is over."""
    link = adopted(ib)
    LiveState(ib, link=link)
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
    setup(ib)()
    ib.client._reqIdSeq = first
    began = time.process_time()
    for n, trip in enumerate(trips):
        buy_or_sell(ib, contract, n)
        ib.client._onSocketHasData(trip)
    spent = time.process_time() - began
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
        text = f"61 3 DU1000001 {n + 1} ES FUT 20260320 0.0 _ 50 CME USD ESH6 ES 1 5000.0"
        made.append([b"" if part == "_" else part.encode() for part in text.split()] + [b""])
    for n in range(ORDERS):
        order_id, new = str(9000 + n).encode(), str(10**9 + n).encode()
        for fields in (opened, status):
            named = [new if field == perm_id else field for field in fields]
            made.append([named[0], order_id, *named[2:]])
    return [packed(made[at : at + 200]) for at in range(0, len(made), 200)]


def compared(name: str, run: Callable[[Setup], float], unit: str, per: float) -> None:
    """Print bare, with state, and the ratio, pair by pair: a busy machine hits both alike."""
    pairs = []
    for _ in range(REPEATS):
        gc.collect()
        pairs.append((run(bare), run(watched)))
    ratio = [with_state / without for without, with_state in pairs]
    middle = [statistics.median(column) * per for column in zip(*pairs, strict=True)]
    print(
        f"{name:34} {middle[0]:8.1f} {middle[1]:8.1f} {unit:3} "
        f"ratio {statistics.median(ratio):5.2f}  ({min(ratio):.2f} to {max(ratio):.2f})"
    )


# -- reading and keeping


def microseconds_per_read(size: int) -> float:
    ib = replaying()
    for n in range(size):
        ib.wrapper.position("DU1000001", Contract(conId=n + 1), 1.0, 5000.0)
    link = adopted(ib)
    state = LiveState(ib, link=link)
    link.state = LinkState.UP
    began = time.perf_counter()
    for n in range(1_000):
        state.positions[n % size + 1]
    return (time.perf_counter() - began) * 1e3


def fill_of(n: int) -> Execution:
    return Execution(
        execId=f"0000e1a7.{n:08x}.01", time=NOW, acctNumber="DU1", exchange="CME", side="BOT",
        shares=1.0, price=5000.0, permId=n % 1000 + 1, clientId=3, orderId=n % 1000 + 1,
        cumQty=n // 1000 + 1.0,
    )  # fmt: skip


def keep_fills() -> None:
    """Print the memory and the time of each quarter of 100,000 fills of 1,000 orders."""
    ledger, contract = OrderLedger(), Contract(conId=1, symbol="ES")
    ledger.connected(3, 1)
    for n in range(1_000):
        ledger.sent(n + 1, contract, LimitOrder("BUY", 1_000, 5000.0, orderId=n + 1, clientId=3))
    ledger.take_changes()
    for quarter in range(4):
        fills = [fill_of(n) for n in range(quarter * FILLS // 4, (quarter + 1) * FILLS // 4)]
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
        print(f"fills {len(ledger.fills):7,}: {each:6.1f} us each, {kept:6.0f} bytes kept of each")


def main() -> None:
    logging.disable(logging.CRITICAL)
    contract, first, trips = run_virtual(record(buy_or_sell, ROUND_TRIPS))
    compared(
        "a fill, order to position",
        lambda setup: cpu_of_round_trips(contract, first, trips, setup),
        "us",
        1e6 / ROUND_TRIPS,
    )
    _, _, (opened,) = run_virtual(record(limit, 1))
    data = sync_traffic(opened)
    compared(
        f"{POSITIONS:,} positions, {ORDERS:,} orders", lambda s: cpu_of_sync(data, s), "ms", 1e3
    )
    for size in (100, 10_000):
        print(f"a position out of {size:6,}: {microseconds_per_read(size):6.2f} us")
    keep_fills()


if __name__ == "__main__":
    main()
