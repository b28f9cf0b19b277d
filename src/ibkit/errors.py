"""The errors of ibkit.

::

    IbkitError
    |- PlanError                 (ValueError) the request is impossible; nothing was sent
    |- RunningLoopError          (RuntimeError) a blocking call inside a running event loop
    |- ConnectionFailed          (ConnectionError) the connection could not be made
    |- ConnectionLost            (ConnectionError) it was there and went away
    |- NotConnected              (ConnectionError) it is not there
    |- StateUnknown              connected, but not yet synchronised: nobody knows
    |- RequestTimeout            (TimeoutError) asked, and no answer within the deadline
    |- WaitTimeout               (TimeoutError) waited for a change that did not come
    |- GatewayError              TWS answered with an error: code, text, request
    |   `- PacingViolation       too many requests; wait and ask again
    |- UnknownContract           no contract fits the question
    |- AmbiguousContract         several do
    |- NotTradable               continuous, expired or without an exchange
    |- ChainExhausted            no later month is listed
    |- RollRefused               a roll cannot begin; nothing was sent
    |- RollStuck                 a roll has begun and cannot go on by itself
    |- GateRefused               a gate of the order desk said no; nothing was sent
    |- OrderRejected             TWS or the exchange refused an order
    |- ForeignOrder              the order belongs to another client, or to a person
    |- FateUnknown               sent, and no answer came: connection lost, or too late
    |   `- CancelUnknown         cancels were sent, and the connection was lost before an answer
    |- LimitReached              one more subscription than IB allows
    |- StreamClosed              you closed it
    |- StreamBroken              the world broke it
    |   |- NotSubscribed         the account has no rights to this data
    |   `- BufferFull            nobody read it fast enough, and no value may be lost
    `- of `ibkit.products`       UnknownProduct, AmbiguousProduct, MalformedMonth, MalformedSymbol,
                                 RuleUnknown, CalendarLimit, MissingExtra

Each carries its facts as attributes and builds its text from them: what was asked, what came
back, what it means and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import define, field

from .products._errors import IbkitError as IbkitError, MissingExtra as MissingExtra  # noqa: PLC0414  # handed on

if TYPE_CHECKING:
    from ib_async import Contract

__all__ = [
    "AmbiguousContract",
    "BufferFull",
    "CancelUnknown",
    "ChainExhausted",
    "ConnectionFailed",
    "ConnectionLost",
    "FateUnknown",
    "ForeignOrder",
    "GateRefused",
    "GatewayError",
    "IbkitError",
    "LimitReached",
    "MissingExtra",
    "NotConnected",
    "NotSubscribed",
    "NotTradable",
    "OrderRejected",
    "PacingViolation",
    "PlanError",
    "RequestTimeout",
    "RollRefused",
    "RollStuck",
    "RunningLoopError",
    "StateUnknown",
    "StreamBroken",
    "StreamClosed",
    "UnknownContract",
    "WaitTimeout",
    "is_retryable",
]


@define(eq=False, str=False)
class PlanError(IbkitError, ValueError):
    """A request that cannot work, found before anything was sent."""

    field: str
    """What is wrong, by the name of the argument."""
    received: object
    allowed: str
    """What would be accepted, and why."""

    def __str__(self) -> str:
        return f"{self.field}: got {self.received!r}; {self.allowed}"


@define(eq=False, str=False)
class RunningLoopError(IbkitError, RuntimeError):
    """A blocking method was called while an event loop runs in this thread."""

    method: str

    def __str__(self) -> str:
        return (
            f"{self.method}() blocks, and an event loop is running in this thread; "
            f"write `await {self.method}_async(...)` instead. Nothing was sent."
        )


@define(eq=False, str=False)
class ConnectionFailed(IbkitError, ConnectionError):
    """No usable connection could be made."""

    address: str
    reason: str
    remedy: str
    code: int | None = None
    """IB's error code, where TWS gave one (326: client id in use)."""

    def __str__(self) -> str:
        code = f" (error {self.code})" if self.code else ""
        return f"cannot connect to {self.address}: {self.reason}{code}. {self.remedy}"


@define(eq=False, str=False)
class ConnectionLost(IbkitError, ConnectionError):
    """The connection went away while something was under way."""

    doing: str
    reason: str = "the connection was closed"

    def __str__(self) -> str:
        return f"{self.doing}: {self.reason} before an answer came"


@define(eq=False, str=False)
class NotConnected(IbkitError, ConnectionError):
    """There is no connection now."""

    doing: str

    def __str__(self) -> str:
        return f"{self.doing}: not connected; nothing was sent"


@define(eq=False, str=False)
class StateUnknown(IbkitError):
    """Connected, but what was asked for is not known yet, or not any more."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: the state is not known: {self.reason}"


@define(eq=False, str=False)
class RequestTimeout(IbkitError, TimeoutError):
    """A request that TWS did not answer in time."""

    request: str
    seconds: float
    heard: Sequence[str] = ()
    """What TWS said meanwhile, code and text, that did not end the request."""

    def __str__(self) -> str:
        said = f". Meanwhile TWS said: {'; '.join(self.heard)}" if self.heard else ""
        return (
            f"no answer to {self.request} within {self.seconds:g} s; TWS may be busy, "
            f"the farm may be down, or the request may be malformed (TWS ignores some){said}"
        )


@define(eq=False, str=False)
class WaitTimeout(IbkitError, TimeoutError):
    """What was waited for did not happen in time. Nothing is wrong with the connection."""

    waited_for: str
    seconds: float
    now: str = ""
    """How things stand instead."""

    def __str__(self) -> str:
        now = f"; now: {self.now}" if self.now else ""
        return f"{self.waited_for} did not happen within {self.seconds:g} s{now}"


@define(eq=False, str=False)
class GatewayError(IbkitError):
    """TWS answered a request with an error."""

    code: int
    text: str
    request: str = ""
    req_id: int | None = None

    def __str__(self) -> str:
        what = f"{self.request}: " if self.request else ""
        return f"{what}error {self.code}: {self.text}"


class PacingViolation(GatewayError):
    """Too many requests in too short a time. Wait, then ask again."""


@define(eq=False, str=False)
class UnknownContract(IbkitError):
    """No contract fits the question."""

    query: object
    reason: str = "no security definition was found"
    nearest: Sequence[str] = ()

    def __str__(self) -> str:
        hint = f"; nearest: {', '.join(self.nearest)}" if self.nearest else ""
        return f"{self.query}: {self.reason}{hint}"


@define(eq=False, str=False)
class AmbiguousContract(IbkitError):
    """More than one contract fits the question."""

    query: object
    candidates: Sequence[Contract]
    hint: str
    """The smallest set of fields that would decide it."""

    def __str__(self) -> str:
        shown = ", ".join(
            f"{c.localSymbol or c.symbol} ({c.exchange}, multiplier {c.multiplier or '-'}, "
            f"class {c.tradingClass or '-'}, conId {c.conId})"
            for c in self.candidates[:8]
        )
        more = f" and {len(self.candidates) - 8} more" if len(self.candidates) > 8 else ""
        return f"{self.query} fits {len(self.candidates)} contracts: {shown}{more}. {self.hint}"


@define(eq=False, str=False)
class NotTradable(IbkitError):
    """The contract can be looked at, but not ordered or streamed."""

    contract: Contract
    reason: str

    def __str__(self) -> str:
        name = self.contract.localSymbol or self.contract.symbol or self.contract.conId
        return f"{name} cannot be used here: {self.reason}"


@define(eq=False, str=False)
class ChainExhausted(IbkitError):
    """The chain has no such month (any more)."""

    product: str
    reason: str

    def __str__(self) -> str:
        return f"{self.product}: {self.reason}"


@define(eq=False, str=False)
class RollRefused(IbkitError):
    """A roll cannot be carried out as things stand. Nothing was sent."""

    roll: str
    """From where to where: ``ESM6 -> ESU6``."""
    reasons: Sequence[str]

    def __str__(self) -> str:
        return f"{self.roll} is not rolled: {'; '.join(self.reasons)}. Nothing was sent."


@define(eq=False, str=False)
class RollStuck(IbkitError):
    """A roll has begun and cannot go on by itself. No order of it works; exits stay."""

    roll: str
    reason: str
    moved: Decimal
    """How many contracts are in the new month because of it."""
    left: Decimal
    """How many are left in the old month."""

    def __str__(self) -> str:
        return (
            f"{self.roll} is stuck: {self.reason}. {self.moved.normalize():f} moved, "
            f"{self.left.normalize():f} left in the old month. See to the cause, then carry on "
            "with FuturesRoller.resume_async(), which reads from the broker what was done."
        )


@define(eq=False, str=False)
class GateRefused(IbkitError):
    """A gate of the order desk refused a group. Nothing was sent."""

    gate: str
    reason: str

    def __str__(self) -> str:
        return f"{self.gate} refused: {self.reason}; nothing was sent"


@define(eq=False, str=False)
class OrderRejected(IbkitError):
    """TWS or the exchange refused an order."""

    code: int
    text: str
    leg: str = ""
    """The role of the order in its group: ``entry``, ``target-1``, ``stop-1``."""
    remedy: str = ""
    """What to do, where the table of codes knows."""

    def __str__(self) -> str:
        leg = f"{self.leg} " if self.leg else ""
        error = f" with error {self.code}" if self.code else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{leg}order rejected{error}: {self.text.rstrip('.')}{remedy}"


@define(eq=False, str=False)
class ForeignOrder(IbkitError):
    """The order was placed by another client or by hand, and is not touched."""

    order_id: int
    client_id: int
    reason: str

    def __str__(self) -> str:
        return (
            f"order {self.order_id} of client {self.client_id}: {self.reason}; nothing was sent. "
            "Cancel or change it where it was placed, or cancel everything of everybody with "
            'cancel_all_async("everything").'
        )


@define(eq=False, str=False)
class FateUnknown(IbkitError):
    """Orders were handed to the socket, and no answer came while it was waited for."""

    group: str
    roles: Sequence[str] = field(default=())
    before: str = "the connection was lost"
    """What happened instead of an answer."""

    def __str__(self) -> str:
        what = f"group {self.group}: {', '.join(self.roles)}" if self.roles else f"{self.group}:"
        return (
            f"{what} sent, no answer before {self.before}; they may be live. Do not send them "
            "again: call recover_async() when connected, which finds by orderRef what arrived."
        )


@define(eq=False, str=False)
class CancelUnknown(FateUnknown):
    """Cancels were handed to the socket, and the connection was lost before an answer."""

    def __str__(self) -> str:
        roles = ", ".join(self.roles) or "orders of others"
        return (
            f"{self.group}: the connection was lost, and nobody knows whether these are cancelled: "
            f"{roles}. They may live, and fill. The desk cancels its own once more when it is "
            "connected again; a program that is started anew has to call it again."
        )


@define(eq=False, str=False)
class LimitReached(IbkitError):
    """One more subscription than IB allows."""

    kind: str
    limit: int
    holders: Sequence[str] = ()

    def __str__(self) -> str:
        held = f" (held by {', '.join(self.holders[:5])}{', ...' if len(self.holders) > 5 else ''})"
        return f"the limit of {self.limit} {self.kind} is reached{held if self.holders else ''}"


@define(eq=False, str=False)
class StreamClosed(IbkitError):
    """The stream was closed by its owner."""

    stream: str

    def __str__(self) -> str:
        return f"{self.stream} is closed"


@define(eq=False, str=False)
class StreamBroken(IbkitError):
    """The stream ended because TWS ended it."""

    code: int
    text: str
    stream: str = ""

    def __str__(self) -> str:
        return f"{self.stream or 'stream'} ended by error {self.code}: {self.text}"


class NotSubscribed(StreamBroken):
    """The account has no rights to this market data."""

    def __str__(self) -> str:
        return (
            f"{super().__str__()} The account has no rights to this data: subscribe to it in "
            "Client Portal (Settings, Market Data Subscriptions), or take delayed data."
        )


class BufferFull(StreamBroken):
    """A stream with the policy ``fail`` was read more slowly than values came. Its code is 0."""

    def __str__(self) -> str:
        return (
            f"{self.stream}: {self.text}, because it is read more slowly than the market moves. "
            "Read faster, or take a larger buffer, or one that may drop values."
        )


def is_retryable(error: BaseException) -> bool:
    """Whether asking the same thing again, later, may succeed.

    >>> is_retryable(RequestTimeout("reqPositions", 4.0))
    True
    >>> is_retryable(PlanError("size", 0, "a size is at least 1"))
    False
    """
    return isinstance(
        error, (RequestTimeout, PacingViolation, ConnectionLost, NotConnected, StateUnknown)
    )
