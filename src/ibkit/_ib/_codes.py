"""What every code of TWS means: one table (codes.csv), and the questions that others ask of it.

The effects are those of gateway-behaviour section 5: FO a new order is refused, FC a live order
ends, MR a modification is refused and CR a cancel, and the order stays, FR a request is refused
or ended, W a warning, S the connection, L made by the client library. ``?`` marks the codes
after which only TWS can tell what is true.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum, Flag, auto
from pathlib import Path
from types import MappingProxyType

from attrs import Factory, field, frozen


class Scope(Enum):
    """What a code is about."""

    ORDER = "order"
    REQUEST = "request"
    STREAM = "stream"
    CONNECTION = "connection"


class Severity(Enum):
    """How bad it is."""

    NOTICE = "notice"
    REFUSED = "refused"
    RETRYABLE = "retryable"
    FATAL = "fatal"


class Effect(Flag):
    """What a code does to the thing whose id it carries."""

    NONE = 0
    FO = auto()
    FC = auto()
    MR = auto()
    CR = auto()
    FR = auto()
    W = auto()
    S = auto()
    L = auto()
    DOUBT = auto()


class Doing(Enum):
    """What was asked of an order when the code arrived."""

    NEW = "new"
    MODIFY = "modify"
    CANCEL = "cancel"
    NOTHING = "nothing"


class OrderVerdict(Enum):
    """What a code says about the state of an order."""

    ENDED = "ended"
    """It is not working: never accepted, or cancelled."""
    KEPT = "kept"
    """The modification or cancel was refused; the order is as it was before."""
    SILENT = "silent"
    """It says nothing about the state."""
    ASK = "ask"
    """Only TWS knows: ask for open orders and executions before sending anything again."""


class RequestVerdict(Enum):
    """What a code says about a request."""

    FAILED = "failed"
    GOES_ON = "goes on"
    DOUBTFUL = "doubtful"
    """An answer may follow or not; do not wait for it until the deadline."""


def _effect_of(code: Code) -> Effect:
    return _DEFAULT_EFFECT.get((code.scope, code.severity)) or _SEVERITY_EFFECT[code.severity]


@frozen(kw_only=True)
class Code:
    """
    What one code of TWS means.

    Give *effect* only where it does not follow from scope and severity.

    >>> Code(scope=Scope.ORDER, severity=Severity.NOTICE, meaning="a preset was used").effect
    <Effect.W: 32>
    """

    scope: Scope
    severity: Severity
    meaning: str
    remedy: str = ""
    """What to do."""
    effect: Effect = field(default=Factory(_effect_of, takes_self=True))
    known: bool = True
    """False for a code that is not in the table."""


_DEFAULT_EFFECT = {
    (Scope.ORDER, Severity.REFUSED): Effect.FO | Effect.MR,
    (Scope.ORDER, Severity.FATAL): Effect.FC,
    (Scope.CONNECTION, Severity.NOTICE): Effect.S,
    (Scope.CONNECTION, Severity.RETRYABLE): Effect.S,
    (Scope.CONNECTION, Severity.FATAL): Effect.S,
}
_SEVERITY_EFFECT = {
    Severity.NOTICE: Effect.W,
    Severity.REFUSED: Effect.FR,
    Severity.RETRYABLE: Effect.FR,
    Severity.FATAL: Effect.FR,
}

_DEFAULT_REMEDY = {
    (Scope.ORDER, Severity.REFUSED): "Correct the order and send it again.",
    (Scope.REQUEST, Severity.REFUSED): "Correct the request and ask again.",
    (Scope.STREAM, Severity.REFUSED): "Correct the subscription and ask again.",
}

UNKNOWN = Code(
    scope=Scope.ORDER,
    severity=Severity.NOTICE,
    meaning="not in ibkit's table of codes",
    remedy="Ask TWS for the state before acting; add the code with CODES.extended({...}).",
    effect=Effect.NONE,
    known=False,
)


@frozen(kw_only=True)
class Notice:
    """
    A message of TWS that ended nothing by itself.

    >>> CODES.notice(2104, "Market data farm connection is OK:usfarm").meaning
    'a market data farm is connected'
    """

    code: int
    text: str
    """As TWS sent it, in the language of TWS."""
    req_id: int = -1
    """The order or request it concerns; -1 for none."""
    time: datetime | None = None
    scope: Scope
    severity: Severity
    meaning: str
    remedy: str


@frozen
class Codes(Mapping[int, Code]):
    """
    The table of TWS codes: a mapping that knows every number.

    A number that is not in the table is a notice, and its verdict on an order is to ask TWS
    (ib_async takes every unknown code as a cancellation, traps B1).

    >>> CODES[326].severity
    <Severity.FATAL: 'fatal'>
    >>> CODES[99999].known
    False
    """

    table: Mapping[int, Code]

    def __getitem__(self, code: int) -> Code:
        return self.table.get(code, UNKNOWN)

    def __iter__(self) -> Iterator[int]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, code: object) -> bool:
        return code in self.table

    def extended(self, codes: Mapping[int, Code]) -> Codes:
        """
        Make a table with further or other meanings; this one stays as it is.

        >>> new = Code(scope=Scope.ORDER, severity=Severity.NOTICE, meaning="a new warning")
        >>> CODES.extended({10400: new})[10400].meaning
        'a new warning'
        """
        return Codes(MappingProxyType({**self.table, **codes}))

    def about_order(self, code: int, doing: Doing) -> OrderVerdict:
        """
        Tell what *code* on an order id says about that order.

        >>> CODES.about_order(110, Doing.NEW), CODES.about_order(110, Doing.MODIFY)
        (<OrderVerdict.ENDED: 'ended'>, <OrderVerdict.KEPT: 'kept'>)
        >>> CODES.about_order(10349, Doing.NEW)
        <OrderVerdict.SILENT: 'silent'>
        """
        effect = self[code].effect
        if Effect.DOUBT in effect:
            return OrderVerdict.ASK
        for part, verdicts in _ORDER_VERDICTS:
            if part in effect and doing in verdicts:
                return verdicts[doing]
        return OrderVerdict.ASK

    def about_request(self, code: int) -> RequestVerdict:
        """
        Tell what *code* on a request id says about that request.

        >>> CODES.about_request(321), CODES.about_request(2174), CODES.about_request(165)
        (<RequestVerdict.FAILED: 'failed'>, <RequestVerdict.GOES_ON: 'goes on'>, \
<RequestVerdict.DOUBTFUL: 'doubtful'>)
        """
        known = self[code]
        effect = known.effect
        if not effect:
            # 2100-2199 are warnings as a rule (gateway-behaviour 5, last line)
            return RequestVerdict.DOUBTFUL if 2100 <= code < 2200 else RequestVerdict.FAILED
        if Effect.W in effect:
            # a warning about an order comes before the answer to a what-if, if at all
            doubtful = Effect.FR in effect or known.scope is Scope.ORDER
            return RequestVerdict.DOUBTFUL if doubtful else RequestVerdict.GOES_ON
        return RequestVerdict.GOES_ON if Effect.S in effect else RequestVerdict.FAILED

    def is_pacing(self, code: int, text: str) -> bool:
        """Tell whether the refusal means: too many requests, wait and ask again."""
        return code == 100 or "pacing" in text.lower()

    def notice(
        self, code: int, text: str, req_id: int = -1, time: datetime | None = None
    ) -> Notice:
        """Put a message and its meaning into one value."""
        known = self[code]
        return Notice(
            code=code,
            text=text,
            req_id=req_id,
            time=time,
            scope=known.scope,
            severity=known.severity,
            meaning=known.meaning,
            remedy=known.remedy,
        )


# First row that fits.
_ORDER_VERDICTS: tuple[tuple[Effect, Mapping[Doing, OrderVerdict]], ...] = (
    # 201 on a modification does not tell whether the old order still works
    (Effect.FC | Effect.MR, {Doing.MODIFY: OrderVerdict.ASK}),
    (Effect.FC, dict.fromkeys(Doing, OrderVerdict.ENDED)),
    (Effect.W, dict.fromkeys(Doing, OrderVerdict.SILENT)),
    (Effect.S, dict.fromkeys(Doing, OrderVerdict.SILENT)),
    (Effect.CR, {Doing.CANCEL: OrderVerdict.KEPT}),
    # a cancel may have followed the modification that is refused here
    (Effect.MR, {Doing.MODIFY: OrderVerdict.KEPT}),
    (Effect.FO, {Doing.NEW: OrderVerdict.ENDED, Doing.MODIFY: OrderVerdict.KEPT}),
)


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _effect(text: str) -> Effect:
    effect = Effect.DOUBT if "?" in text else Effect.NONE
    for name in text.replace("?", "").split():
        effect |= Effect[name]
    return effect


def _code(row: Mapping[str, str]) -> Code:
    scope, severity = Scope(row["scope"]), Severity(row["severity"])
    return Code(
        scope=scope,
        severity=severity,
        meaning=row["meaning"],
        remedy=row["remedy"] or _DEFAULT_REMEDY.get((scope, severity), ""),
        effect=_effect(row["effect"]),
    )


def _load() -> Codes:
    text = Path(__file__).with_name("codes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return Codes(MappingProxyType({n: _code(row) for row in rows for n in _numbers(row["code"])}))


CODES = _load()
"""The table ibkit starts with."""
