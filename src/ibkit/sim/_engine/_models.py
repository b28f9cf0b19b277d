"""The models of one broker, together."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

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


@frozen(kw_only=True)
class Models:
    """The objects that decide how orders fare and what they cost. Swap any of them."""

    fill: FillModel = field(factory=TouchFill)
    slippage: SlippageModel = field(factory=NoSlippage)
    latency: Latency = field(factory=Latency)
    commission: CommissionModel = field(factory=FixedCommission)
    margin: MarginModel = field(factory=ShareMargin)
    rates: Rates = field(factory=FixedRates)

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
