"""The requests of lines at IB, by the token under which the ledger counts them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable

from attrs import define, field

from ibkit._ib._market_data import MarketData, MarketSubscription, Message, Routes

from ._decisions import Request
from ._kinds import Kind
from ._line import Line


@define(eq=False)
class Wires:
    """Opens and cancels. A line hears one request at a time: its newest that has been sent."""

    door: MarketData
    clock: Callable[[], dt.datetime]
    on_sent: Callable[[Line, Request], None]
    on_error: Callable[[Line, int, str], None]
    on_complete: Callable[[Line], None]
    """Called when TWS has ended a snapshot."""
    opened: int = field(default=0, init=False)
    cancelled: int = field(default=0, init=False)
    _by_token: dict[int, MarketSubscription] = field(factory=dict, init=False)

    def __len__(self) -> int:
        return len(self._by_token)

    def __contains__(self, token: int) -> bool:
        return token in self._by_token

    def open(self, line: Line, request: Request) -> None:
        """Queue a request for *line*; the one before is heard until it is sent."""
        before = line.subscription
        line.token, line.subscription = request.token, None
        self.opened += 1
        subscription = self.door.open(
            line.plan.request(request.wants, line.feed, self.clock()),
            self._routes(line),
            on_error=functools.partial(self._heard, line, request.token),
            on_sent=functools.partial(self._sent, line, request, before),
        )
        line.subscription = self._by_token[request.token] = subscription

    def cancel(self, token: int) -> None:
        """Send the cancel of a request."""
        subscription = self._by_token.pop(token, None)
        if subscription is not None:
            self.cancelled += 1
            subscription.cancel()

    def mute(self, line: Line) -> None:
        """Hear no more of the present request of *line*; its cancel is still to come."""
        if line.subscription is not None:
            line.subscription.detach()

    def forget(self, line: Line) -> None:
        """Forget the present request of *line*, which IB has ended: it is cancelled no more."""
        if line.subscription is not None:
            line.subscription.forget()
            self._by_token.pop(line.token, None)
            line.subscription = None

    def forget_all(self) -> None:
        """Forget every request, because the connection is gone."""
        for subscription in self._by_token.values():
            subscription.forget()
        self._by_token.clear()

    def cancel_all(self) -> None:
        """Cancel whatever is open."""
        for token in list(self._by_token):
            self.cancel(token)

    def _routes(self, line: Line) -> Routes:
        routes: Routes = line.plan.routes(line.feed)
        if line.plan.spec.kind is Kind.SNAPSHOT:
            return {**routes, Message.SNAPSHOT_END: lambda *_: self.on_complete(line)}
        return routes

    def _sent(
        self,
        line: Line,
        request: Request,
        before: MarketSubscription | None,
        subscription: MarketSubscription,
    ) -> None:
        if before is not None:
            before.detach()
        if line.token != request.token:
            return
        line.is_delayed = False
        line.plan.begins(request.wants, line.feed)
        if line.ticker is not None:
            subscription.mirror(line.ticker)
        self.on_sent(line, request)

    def _heard(self, line: Line, token: int, code: int, text: str) -> None:
        if line.token == token:
            self.on_error(line, code, text)
