"""One connection with its parts wired: the composition root, no rules of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, final

from ib_async import IB, Contract
from typing_extensions import Self

from ibkit._ib._blocking import blocking
from ibkit._ib._codes import CODES, Codes
from ibkit._ib._greeting import Address
from ibkit._ib._health import Health
from ibkit._ib._link import Link, Patience
from ibkit._ib._reconnect import Reconnect
from ibkit._ib._requests import Requests
from ibkit._ib._shared import link_of
from ibkit.contracts import FuturesResolver, FuturesRoller, RollRule
from ibkit.history import History
from ibkit.orders import Gate, OrderDesk, PaperOnly
from ibkit.products import PRODUCTS, Products
from ibkit.state import LiveState
from ibkit.state._accounts import chosen_account
from ibkit.streams import Quote, StreamLimits, StreamManager


@final
class Desk:
    """
    Contracts, orders, streams, history and state on one ``IB``.

    ``Desk(ib)`` stands on an ``IB`` that you connect yourself; `open_desk` makes a connection
    and keeps it up. Closing a desk leaves orders as they are; it disconnects only what
    `open_desk` connected.

    Args:
        ib: The client.
        account: The account that orders go to and views show; needed when several are managed.
        allow_live: Let orders go to an account that is not a paper account.
        gates: Further gates that groups of orders must pass, besides `PaperOnly`.
        limits: What IB allows this user in market data.
        products: The table of futures products.
        rules: When positions in a product are rolled, by root, instead of its convention.
        link: The connection; by default the one that all parts on this ``IB`` share.
    """

    def __init__(
        self,
        ib: IB,
        *,
        account: str = "",
        allow_live: bool = False,
        gates: Iterable[Gate] = (),
        limits: StreamLimits | None = None,
        products: Products = PRODUCTS,
        rules: Mapping[str, RollRule] | None = None,
        link: Link | None = None,
    ) -> None:
        self.ib: IB = ib
        self.link: Link = link or link_of(ib)
        self._opens, self._account = link is not None, account
        requests = self.link.requests
        self.state: LiveState = LiveState(ib, account=account, link=self.link)
        self.contracts: FuturesResolver = FuturesResolver(ib, requests=requests, products=products)
        self.streams: StreamManager = StreamManager(ib, limits=limits, requests=requests)
        self.history: History = History(ib, requests=requests, resolver=self.contracts)
        self.orders: OrderDesk = OrderDesk(
            ib,
            (PaperOnly(allow_live=allow_live), *gates),
            state=self.state,
            account=account,
            market=self._market_async,
        )
        self.roller: FuturesRoller = FuturesRoller(
            self.contracts, self.orders, streams=self.streams, rules=rules
        )

    async def _market_async(self, contract: Contract) -> Quote:
        """The market of a contract for gates: of a stream that runs, or asked for once."""
        return (await self.streams.snapshot_async(contract))[contract.conId]

    @property
    def health(self) -> Health:
        """How handlers and background tasks are doing: errors in them are counted here."""
        return self.link.requests.health.current()

    async def open_async(self) -> Self:
        """
        Connect, synchronise, and find the groups of an earlier run.

        Raises `ConnectionFailed` with the cause and what to do, and `PlanError` for an account
        that is not managed.
        """
        if self._opens:
            await self.link.open_async()
        else:
            await self.link.up_async()
        try:
            if self._account:
                chosen_account(self.ib, self._account)
            if not self.link.readonly:
                await self.orders.recover_async()
        except BaseException:
            self.close()
            raise
        return self

    open: Final = blocking(open_async)

    def close(self) -> None:
        """End the streams, stop watching, and disconnect what `open_desk` connected."""
        self.streams.close_all()
        self.orders.close()
        self.state.close()
        if self._opens:
            self.link.close()

    async def __aenter__(self) -> Self:
        return await self.open_async()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Desk {self.link.address} {self.link.state.value}>"


def open_desk(
    host: str = "127.0.0.1",
    port: int = 7497,
    *,
    client_id: int = 1,
    account: str = "",
    allow_live: bool = False,
    gates: Iterable[Gate] = (),
    limits: StreamLimits | None = None,
    products: Products = PRODUCTS,
    rules: Mapping[str, RollRule] | None = None,
    reconnect: Reconnect | None = None,
    readonly: bool = False,
    timeout: float = 10.0,
    codes: Codes = CODES,
    ib: IB | None = None,
) -> Desk:
    """
    Make a desk on a connection of its own, to be entered with ``async with`` or ``with``.

    Entering connects and synchronises; leaving disconnects. Meanwhile the connection is
    supervised: after a loss it is made again as *reconnect* says, streams are asked for again,
    orders are asked about.

    Args:
        host: Where TWS or the gateway is.
        port: Its API port: 7497 paper TWS, 7496 live TWS, 4002 paper gateway, 4001 live gateway.
        client_id: The number of this program, unique among those connected.
        account: See `Desk`, as for the following.
        allow_live: Off by default: only paper accounts may trade.
        gates: Further gates.
        limits: What IB allows in market data.
        products: The table of futures products.
        rules: When positions in a product are rolled, by root.
        reconnect: When to connect again; by default for ever, at most once a minute.
        readonly: Ask for no orders and send none, as a TWS needs it whose API is in read-only mode
            (API > Settings > Read-Only API). Market data, history, positions, fills and account
            values are there; placing, changing and reading orders raise `StateUnknown`.
        timeout: Seconds that the log-in may take.
        codes: The table of TWS codes; extend it with ``CODES.extended({...})``.
        ib: A client of your own to connect, for its settings.

    Raises on entering:
        ConnectionFailed: With the cause and what to do.
        PlanError: The account is not managed by this login; it lists those that are.
    """
    client = ib or IB()
    link = Link(
        client,
        Address(host=host, port=port, client_id=client_id),
        reconnect=reconnect or Reconnect(),
        requests=Requests(client, codes=codes),
        account=account,
        readonly=readonly,
        patience=Patience(login=timeout),
    )
    return Desk(
        client,
        account=account,
        allow_live=allow_live,
        gates=gates,
        limits=limits,
        products=products,
        rules=rules,
        link=link,
    )
