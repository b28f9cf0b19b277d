"""`FuturesResolver`: the one right contract, or an error that says what to choose."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Hashable, Iterable
from typing import Final, Literal, TypeAlias, final, get_args
from zoneinfo import ZoneInfo

from ib_async import IB, Contract, ContractDetails, Future

from ibkit._ib._arguments import flag, instance, text, wait_seconds, word
from ibkit._ib._blocking import blocking
from ibkit._ib._requests import Requests
from ibkit._ib._shared import link_of
from ibkit.errors import (
    AmbiguousContract,
    GatewayError,
    IbkitError,
    NotTradable,
    PlanError,
    RequestTimeout,
    UnknownContract,
)
from ibkit.products import (
    EXCHANGES,
    PRODUCTS,
    AmbiguousProduct,
    PriceGrid,
    Product,
    Products,
    UnknownProduct,
)

from ._ask import Asked, Query, asked
from ._chain import FuturesChain
from ._listing import Listing, rule_on
from ._resolution import ContinuousReplaced, Note, Resolution, deciding_fields
from ._roll_rules import RollRule, checked_rule
from ._rows import contradiction, family_of, one_per_contract, question_of

EXPIRED_SERVED = dt.timedelta(days=730)
"""For how long TWS serves an expired future (gateway-behaviour 2.1)."""
Months: TypeAlias = Literal["active", "listed"]


@final
class FuturesResolver:
    """
    Finds futures: by name, month, local symbol, conId, or an incomplete contract.

    What TWS has answered is kept until the end of the day, errors too, so that asking again
    costs nothing. Questions that are asked at the same time are sent once.

    Args:
        ib: The connection.
        products: The table of products; `Products.extended` adds your own.
        requests: Shares pacing and deadlines with the rest of the program.
    """

    def __init__(
        self, ib: IB, *, products: Products = PRODUCTS, requests: Requests | None = None
    ) -> None:
        instance(products, "products", Products, "PRODUCTS, or PRODUCTS.extended(...)")
        self.requests: Requests = requests or link_of(ib).requests
        self.products: Products = products
        self._answers: dict[Hashable, list[ContractDetails] | GatewayError] = {}
        self._grids: dict[int, PriceGrid] = {}
        self._day: dt.date | None = None

    def __repr__(self) -> str:
        return f"<FuturesResolver of {len(self.products)} products>"

    # -- chains

    async def chain_async(
        self, root: str, months: Months = "listed", *, include_expired: bool = False
    ) -> FuturesChain:
        """
        All listed months of a product, from one request.

        Args:
            root: The product: exchange root, IB symbol or trading class, in any case.
            months: ``"active"`` keeps those that most people hold.
            include_expired: Also those that ended in the last two years.

        Raises:
            UnknownContract: No such product, or TWS lists none of it.
            GatewayError, RequestTimeout, NotConnected: As requests do.
        """
        months = word(months, "months", get_args(Months))
        flag(include_expired, "include_expired")
        product = self._product(root)
        rows = await self._ask(question_of(product, include_expired=include_expired), root)
        listings = [Listing.from_details(row, product) for row in family_of(product, rows).own]
        if not listings:
            raise UnknownContract(root, f"TWS lists no months of {product.name}")
        since = self.today(product) - (EXPIRED_SERVED if include_expired else dt.timedelta(0))
        chain = FuturesChain(product=product, listings=listings, since=since)
        return chain if months == "listed" else chain.active

    chain: Final = blocking(chain_async)

    async def front_month_async(self, root: str, rule: RollRule | None = None) -> Future:
        """
        The front month as traders mean it: the first that has not been left by the roll rule.

        Args:
            root: The product.
            rule: When a month is left; the convention of the product by default.

        Raises:
            ChainExhausted: Every listed month has been left; else as `chain_async`.
        """
        if rule is not None:
            checked_rule(rule)
        chain = await self.chain_async(root)
        return chain.front(self.today(chain.product), rule).contract

    front_month: Final = blocking(front_month_async)

    # -- one contract

    async def resolve_async(self, query: Query) -> Resolution:
        """
        The one contract that is meant, ready to be ordered or streamed.

        Args:
            query: ``"ESZ6"``, ``"ES 2026-12"``, ``"6E"`` (its front month), a conId, or a
                `Contract` as far as it is known: a position's, one with an exchange that IB has
                renamed, a `ContFuture` (its front month). Expired ones only with
                ``includeExpired``.

        Raises:
            UnknownContract: Nothing fits, or the text cannot be read; the nearest names are told.
            AmbiguousContract: Several do; the candidates and what would decide are told.
            PlanError: A query that is neither text, conId nor contract.
            GatewayError, RequestTimeout, NotConnected: As requests do.
        """
        question = asked(query, self.products, self.today(None))
        if question.front_of is not None:
            return await self._front(question, question.front_of)
        rows = self._fitting(question, await self._ask(question.contract, query))
        if question.given is not None and rows[0].contract is not None:
            wrong = contradiction(question.given, rows[0].contract)
            if wrong:
                raise UnknownContract(query, wrong)
        return self._only(question, rows, query)

    resolve: Final = blocking(resolve_async)

    async def resolve_many_async(
        self, queries: Iterable[Query], *, timeout: float | None = None
    ) -> list[Resolution | IbkitError]:
        """
        Resolve several at once: a result or an error for each, in their order.

        Only distinct questions are sent, paced; one that fails does not stop the others.

        Args:
            queries: As `resolve_async` takes them.
            timeout: Seconds for all of them. What has no answer then is a `RequestTimeout`.
        """
        if isinstance(queries, (str, Contract)) or not isinstance(queries, Iterable):
            raise PlanError("queries", queries, "a list of queries, such as ['ESZ6', 'NQ']")
        given, timeout = list(queries), wait_seconds(timeout)
        tasks = [asyncio.ensure_future(self.resolve_async(query)) for query in given]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=timeout)
        finally:
            for task in tasks:
                task.cancel()
        return [
            _answer(task) if task.done() else RequestTimeout(f"resolving {query}", timeout or 0.0)
            for query, task in zip(given, tasks, strict=True)
        ]

    resolve_many: Final = blocking(resolve_many_async)

    async def tradable_async(self, query: Query) -> Future | Contract:
        """
        The contract for an order or a stream: resolved, and not expired.

        Raises `NotTradable` for an expired one, else as `resolve_async`.
        """
        resolution = await self.resolve_async(query)
        if not resolution.is_tradable:
            raise NotTradable(resolution.contract, f"it expired on {resolution.last_trade}")
        return resolution.contract

    tradable: Final = blocking(tradable_async)

    async def price_grid_async(self, query: Query) -> PriceGrid:
        """
        The prices that orders may have: the market rule of the contract's exchange.

        Where TWS names no rule it is the smallest step of the contract. Raises as
        `resolve_async`.
        """
        resolution = await self.resolve_async(query)
        details = resolution.details
        rule = rule_on(details, resolution.contract.exchange)
        if rule is None:
            return PriceGrid.from_details(details.minTick, details.priceMagnifier)
        if rule not in self._grids:
            rows = await self.requests.market_rule_async(rule)
            self._grids[rule] = PriceGrid([(row.lowEdge, row.increment) for row in rows])
        return self._grids[rule]

    price_grid: Final = blocking(price_grid_async)

    async def validate_async(self, query: Query) -> str:
        """Say in plain lines what a query means, or why it means nothing. Never raises for that."""
        try:
            resolution = await self.resolve_async(query)
        except (UnknownContract, AmbiguousContract, ValueError, LookupError) as error:
            return f"{query}: {error}"
        return resolution.describe()

    validate: Final = blocking(validate_async)

    # -- inside

    async def _front(self, question: Asked, product: Product) -> Resolution:
        front = await self.front_month_async(product.root)
        rows = await self._ask(Contract(conId=front.conId, exchange=front.exchange), product.root)
        notes: tuple[Note, ...] = question.notes
        if question.contract.secType == "CONTFUT":
            notes = (*notes, ContinuousReplaced(front.localSymbol))
        return Resolution.of(rows[0], notes, self.today(product))

    def _fitting(self, question: Asked, rows: list[ContractDetails]) -> list[ContractDetails]:
        """Drop weekly and differently sized siblings, unless they are what was asked for."""
        product = question.product
        own = family_of(product, rows).own if product is not None else ()
        return list(own) or one_per_contract(rows, question.contract.exchange)

    def _only(self, question: Asked, rows: list[ContractDetails], query: Query) -> Resolution:
        if len(rows) == 1:
            found = Resolution.of(rows[0], question.notes, self.today(question.product))
            found.contract.includeExpired = question.contract.includeExpired  # traps B40
            return found
        contracts = [row.contract for row in rows if row.contract is not None]
        raise AmbiguousContract(query, contracts, deciding_fields(contracts))

    async def _ask(self, contract: Contract, query: object) -> list[ContractDetails]:
        self._forget_yesterday()
        key = _key(contract)
        answer = self._answers.get(key)
        if answer is None:
            try:
                answer = await self.requests.contract_details_async(contract)
            except GatewayError as error:
                if error.code != 200:
                    raise
                answer = error
            self._answers[key] = answer
        if isinstance(answer, GatewayError):
            raise UnknownContract(query, answer.text) from answer
        if not answer:
            raise UnknownContract(query)
        return answer

    def _forget_yesterday(self) -> None:
        today = self.today(None)
        if today != self._day:
            self._day = today
            self._answers.clear()
            self._grids.clear()

    def today(self, product: Product | None) -> dt.date:
        """The date at the exchange of a product now; without one, in UTC."""
        now = self.requests.health.clock()
        exchange = EXCHANGES.get(product.exchange) if product is not None else None
        return now.astimezone(ZoneInfo(exchange.zone)).date() if exchange else now.date()

    def _product(self, root: str) -> Product:
        try:
            return self.products.find(text(root, "root"))
        except AmbiguousProduct as error:
            raise UnknownContract(root, str(error)) from error
        except UnknownProduct as error:
            raise UnknownContract(
                root, "no futures product has this name", error.nearest
            ) from error


def _answer(task: asyncio.Future[Resolution]) -> Resolution | IbkitError:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, IbkitError):
        return error
    raise error


def _key(contract: Contract) -> Hashable:
    return tuple(
        (name, value)
        for name, value in sorted(vars(contract).items())
        if isinstance(value, Hashable)
    )
