from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from brokerage import Desk
from ibkit.sim import (
    FixedCommission,
    FixedRates,
    FullFill,
    Latency,
    LotFill,
    Models,
    NoSlippage,
    TickSlippage,
    TouchFill,
)
from ibkit.sim._scenario import Scenario


def test_a_plain_scenario_fills_at_the_touch_at_once():
    models = Models.of(Scenario())

    assert models.fill == TouchFill()
    assert models.slippage == NoSlippage()
    assert models.latency.submit == models.latency.cancel == models.latency.commission
    assert not models.latency.submit


def test_a_scenario_names_its_models():
    models = Models.of(
        Scenario(
            fills="full",
            slippage_ticks=3,
            submit_latency=10,
            cancel_latency=20,
            commission_delay=30,
        )
    )

    assert models.fill == FullFill()
    assert models.slippage == TickSlippage(3)
    assert [delay / dt.timedelta(milliseconds=1) for delay in _delays(models)] == [10, 20, 30]


def _delays(models: Models) -> tuple[dt.timedelta, ...]:
    return models.latency.submit, models.latency.cancel, models.latency.commission


def test_models_are_swapped_in_a_running_broker():
    desk = Desk()
    desk.quote(99, 100, 0)
    desk.place(1, "LMT", limit_price=100)
    desk.broker.models = Models(fill=FullFill())
    desk.quote(99, 100, 0)

    assert desk.status(1) == "Filled"


def test_a_running_broker_tells_its_models():
    models = Models(fill=FullFill())

    assert Desk(models=models).broker.models is models


def test_a_new_scenario_brings_its_models_but_for_those_put_in_by_hand():
    old, new = Scenario(slippage_ticks=1), Scenario(fills="full", submit_latency=5)
    by_hand = attrs.evolve(Models.of(old), rates=FixedRates(in_dollars={}))

    switched = by_hand.switched(old, new)

    assert switched == attrs.evolve(Models.of(new), rates=by_hand.rates)
    assert switched.slippage == NoSlippage()


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Models, {"fill": "full"}),
        (Models, {"fill": FullFill}),  # the class, not one of it
        (Models, {"slippage": 1}),
        (Models, {"latency": 0.5}),
        (Models, {"commission": 2.5}),
        (LotFill, {"lot": 0}),
        (TickSlippage, {"ticks": 0.5}),
        (Latency, {"submit": 0.5}),
        (Latency, {"cancel": dt.timedelta(seconds=-1)}),
        (FixedCommission, {"future": "x"}),
    ],
)
def test_what_is_no_model_is_refused_where_it_is_given(kind, given):
    with pytest.raises(ValueError, match=f"^{next(iter(given))}: got .*; wanted "):
        kind(**given)


def test_they_show_what_is_not_as_usual():
    rates = FixedRates(in_dollars={"EUR": 2})

    assert repr(Models(fill=FullFill(), rates=rates)) == (
        "Models(fill=FullFill(), rates=FixedRates(in_dollars={'EUR': Decimal('2')}))"
    )


def test_numbers_of_models_are_what_they_show():
    assert LotFill(1.5).lot == Decimal("1.5")
    assert FixedCommission(by_class={"ES": 1.1}).by_class == {"ES": Decimal("1.1")}
