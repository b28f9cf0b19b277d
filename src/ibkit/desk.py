"""One connection with its parts wired: the composition root, no rules of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, final

from ib_async import IB, Contract
from typing_extensions import Self

from ibkit._ib._arguments import flag, instance, seconds, text, whole
from ibkit._ib._blocking import blocking
from ibkit._ib._codes import CODES, Codes
from ibkit._ib._greeting import Address
from ibkit._ib._health import Health
from ibkit._ib._link import Link, Patience
from ibkit._ib._reconnect import Reconnect
from ibkit._ib._requests import Requests
from ibkit._ib._shared import link_of
from ibkit.contracts import FuturesResolver, FuturesRoller, RollRule
from ibkit.errors import NotConnected, PlanError
from ibkit.history import History
from ibkit.orders import Gate, OrderDesk, PaperOnly
from ibkit.orders._gates import gates_of
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
        self._opens, self._account = link is not None, text(account, "account")
        self._is_closed = False
        requests = self.link.requests
        self.state: LiveState = LiveState(ib, account=account, link=self.link)
        self.contracts: FuturesResolver = FuturesResolver(ib, requests=requests, products=products)
        self.streams: StreamManager = StreamManager(ib, limits=limits, requests=requests)
        self.history: History = History(ib, requests=requests, resolver=self.contracts)
        self.orders: OrderDesk = OrderDesk(
            ib,
            (PaperOnly(allow_live=allow_live), *gates_of(gates)),
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

        Raises `ConnectionFailed` with the cause and what to do, `NotConnected` on an ``IB`` of
        yours that was never connected, and `PlanError` for an account that is not managed and for
        a desk that was closed: its parts listen no more.
        """
        if self._is_closed:
            raise PlanError("desk", self, "a new one: a desk that was closed is not opened again")
        if not (self._opens or self.link.epoch or self.ib.isConnected()):
            raise NotConnected("opening a desk on an IB (await ib.connectAsync(...) comes first)")
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
        """End the streams, stop watching for good, disconnect what `open_desk` connected."""
        self._is_closed = True
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
        state = "closed" if self._is_closed else self.link.state.value
        return f"<Desk {self.link.address} {state}>"


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

    Raises at once:
        PlanError: An argument that cannot be meant: a port as host, a gate that is no gate.
    """
    for value, name, kind, example in (
        (reconnect, "reconnect", Reconnect, "Reconnect(...); Reconnect(attempts=0) for never"),
        (ib, "ib", IB, "an IB of ib_async"),
    ):
        if value is not None:
            instance(value, name, kind, example)
    instance(codes, "codes", Codes, "CODES, or CODES.extended({...})")
    client = ib or IB()
    link = Link(
        client,
        _address(host, port, client_id),
        reconnect=reconnect or Reconnect(),
        requests=Requests(client, codes=codes),
        account=text(account, "account"),
        readonly=flag(readonly, "readonly"),
        patience=Patience(login=seconds(timeout)),
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


def _address(host: object, port: int, client_id: int) -> Address:
    if not isinstance(host, str) or not host:
        raise PlanError("host", host, "a name or address such as '127.0.0.1'; then the port")
    return Address(
        host=host,
        port=whole(port, "port", 1, 65_535),
        client_id=whole(client_id, "client_id", 0),
    )
