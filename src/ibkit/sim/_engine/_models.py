"""The models of one broker, together."""

from __future__ import annotations

import datetime as dt

import attrs
from attrs import field, frozen

from ibkit.sim._checked import changed, does
from ibkit.sim._engine._fees import CommissionModel, FixedCommission
from ibkit.sim._engine._fill_models import (
    FillModel,
    FullFill,
    NoSlippage,
    SlippageModel,
    TickSlippage,
    TouchFill,
)
from ibkit.sim._engine._latency import Latency
from ibkit.sim._engine._margin import MarginModel, ShareMargin
from ibkit.sim._engine._rates import FixedRates, Rates
from ibkit.sim._scenario import Scenario


@frozen(kw_only=True, repr=False)
class Models:
    """The objects that decide how orders fare and what they cost. Swap any of them.

    Any object with the methods of the protocol will do. `SimGateway.models` takes effect with the
    next fill.

    Example:
        >>> from decimal import Decimal
        >>> from ibkit.sim import LotFill, Models, TickSlippage
        >>> models = Models(fill=LotFill(Decimal(1)), slippage=TickSlippage(2))
        >>> models.fill.take(Decimal(5), Decimal(100))
        Decimal('1')
    """

    fill: FillModel = field(factory=TouchFill, validator=does("take"))
    """How much of an order the size at the touch fills."""
    slippage: SlippageModel = field(factory=NoSlippage, validator=does("slip"))
    """How much worse than the touch an aggressive order fares."""
    latency: Latency = field(factory=Latency, validator=does("submit", "cancel", "commission"))
    """How long orders, cancels and commissions take."""
    commission: CommissionModel = field(factory=FixedCommission, validator=does("total"))
    """What an order costs."""
    margin: MarginModel = field(factory=ShareMargin, validator=does("group", "require"))
    """What must stand against positions."""
    rates: Rates = field(factory=FixedRates, validator=does("rate"))
    """What currencies are worth in the base currency."""

    __repr__ = changed

    @classmethod
    def of(cls, scenario: Scenario) -> Models:
        """Return the models that a scenario asks for."""
        ticks = scenario.slippage_ticks
        return cls(
            fill=FullFill() if scenario.fills == "full" else TouchFill(),
            slippage=TickSlippage(ticks) if ticks else NoSlippage(),
            latency=Latency(
                submit=dt.timedelta(milliseconds=scenario.submit_latency),
                cancel=dt.timedelta(milliseconds=scenario.cancel_latency),
                commission=dt.timedelta(milliseconds=scenario.commission_delay),
            ),
        )

    def switched(self, old: Scenario, new: Scenario) -> Models:
        """Return the models of a new scenario; those that were put here by hand stay."""
        usual = attrs.asdict(Models.of(old), recurse=False)
        by_hand = {
            name: model
            for name, model in attrs.asdict(self, recurse=False).items()
            if model != usual[name]
        }
        return attrs.evolve(Models.of(new), **by_hand)
