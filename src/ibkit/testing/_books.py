"""An independent tally of an account: what its fills should have made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import final

from ibkit.sim import Fill, Instrument, SimGateway
from ibkit.testing._exposure import Key

CENT = Decimal("0.01")


@final
class Books:
    """Adds up every fill since it was made, and compares the sum with what the broker has.

    Nothing appears and nothing vanishes: a position is the sum of its fills; net liquidation is
    the first cash, less what was paid, plus what the positions are worth. Money is compared for
    accounts that trade in their own currency only, and while each position has a price.
    """

    def __init__(self, gateway: SimGateway) -> None:
        self._gateway = gateway
        self._fills: dict[str, Fill] = {}

    def update(self) -> None:
        """Take in the fills of today. The broker forgets them at midnight; so call it often."""
        for fill in self._gateway.truth.fills:
            stem, _, _ = fill.exec_id.rpartition(".")  # the rest counts corrections
            self._fills[stem] = fill

    def differences(self) -> list[str]:
        """Return what does not agree, a line each."""
        self.update()
        return [*self._wrong_positions(), *self._wrong_money()]

    def _wrong_positions(self) -> Iterator[str]:
        held = self._gateway.truth.positions
        bought = self._bought()
        for key in sorted(held.keys() | bought.keys()):
            if held.get(key, 0) != bought[key]:
                name = self._instrument(key[1]).local_symbol
                yield (
                    f"{key[0]} holds {held.get(key, Decimal(0))} {name}, "
                    f"and its fills add up to {bought[key]}"
                )

    def _bought(self) -> defaultdict[Key, Decimal]:
        bought: defaultdict[Key, Decimal] = defaultdict(Decimal)
        for fill in self._single_fills():
            bought[fill.account, fill.con_id] += _signed(fill)
        return bought

    def _single_fills(self) -> Iterable[Fill]:
        """A combo fills with its legs, which are what is held."""
        fills = self._fills.values()
        return (fill for fill in fills if self._instrument(fill.con_id).sec_type != "BAG")

    def _wrong_money(self) -> Iterator[str]:
        flows = self._flows()
        for account in self._gateway.scenario.accounts:
            figures = self._gateway.truth.figures(account.name)
            worth = self._worth(account.name)
            foreign = flows[account.name].keys() - {account.currency}
            if worth is None or foreign:
                continue
            expected = account.cash + flows[account.name][account.currency] + worth
            if abs(figures.net_liquidation - expected) >= CENT:
                yield (
                    f"{account.name} is worth {figures.net_liquidation:.2f} {account.currency}, "
                    f"and cash, fills and prices add up to {expected:.2f}"
                )

    def _flows(self) -> defaultdict[str, defaultdict[str, Decimal]]:
        """Money that fills have brought, by account and currency."""
        flows: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(
            lambda: defaultdict(Decimal)
        )
        for fill in self._single_fills():
            traded = self._instrument(fill.con_id)
            paid = _signed(fill) * fill.price * traded.point_value
            flows[fill.account][traded.currency] -= paid + fill.commission
            if traded.sec_type == "CASH":
                flows[fill.account][traded.symbol] += fill.quantity
        return flows

    def _worth(self, account: str) -> Decimal | None:
        """What the positions are worth; ``None`` while one has no price."""
        truth = self._gateway.truth
        views = [truth.position(*key) for key in truth.positions if key[0] == account]
        values = [view.market_value for view in views if view is not None]
        return None if None in values else sum((v for v in values if v is not None), Decimal(0))

    def _instrument(self, con_id: int) -> Instrument:
        return self._gateway.market.instrument(con_id)


def _signed(fill: Fill) -> Decimal:
    return fill.quantity if fill.side == "BOT" else -fill.quantity
