from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    ComboLeg,
    CompletedOrder,
    ContractFields,
    DeltaNeutral,
    ExecutionConditionFields,
    MarginConditionFields,
    OpenOrder,
    OrderFields,
    OrderStateFields,
    PercentChangeConditionFields,
    PriceConditionFields,
    TagValue,
    TimeConditionFields,
    VolumeConditionFields,
    encode,
)

UNSET = 1.7976931348623157e308
UNSET_INT = 2**31 - 1
CONTRACT = ContractFields(
    con_id=495512563,
    symbol="ES",
    sec_type="FUT",
    last_trade_date_or_contract_month="20250620",
    strike=Decimal("12.5"),
    right="?",
    multiplier="50",
    exchange="CME",
    currency="USD",
    local_symbol="ESM5",
    trading_class="ESX",
    combo_legs_descrip="1|2",
)
DELTA_NEUTRAL = OrderFields(delta_neutral_order_type="MKT")
SCALE = OrderFields(scale_price_increment=Decimal("0.5"))
BENCHMARK = OrderFields(order_type="PEG BENCH")
HEDGE = OrderFields(hedge_type="D")
# What an order must have for a field to travel at all.
BEHIND = {
    "delta_neutral_con_id": DELTA_NEUTRAL,
    "delta_neutral_settling_firm": DELTA_NEUTRAL,
    "delta_neutral_clearing_account": DELTA_NEUTRAL,
    "delta_neutral_clearing_intent": DELTA_NEUTRAL,
    "delta_neutral_open_close": DELTA_NEUTRAL,
    "delta_neutral_short_sale": DELTA_NEUTRAL,
    "delta_neutral_short_sale_slot": DELTA_NEUTRAL,
    "delta_neutral_designated_location": DELTA_NEUTRAL,
    "scale_price_adjust_value": SCALE,
    "scale_price_adjust_interval": SCALE,
    "scale_profit_offset": SCALE,
    "scale_auto_reset": SCALE,
    "scale_init_position": SCALE,
    "scale_init_fill_qty": SCALE,
    "scale_random_percent": SCALE,
    "reference_contract_id": BENCHMARK,
    "is_pegged_change_amount_decrease": BENCHMARK,
    "pegged_change_amount": BENCHMARK,
    "reference_change_amount": BENCHMARK,
    "reference_exchange_id": BENCHMARK,
    "hedge_param": HEDGE,
}
SINCE = {
    "duration": 159,  # 158 in truth, and in ibapi; ib_async and ib_insync read it one later
    "post_to_ats": 160,
    "auto_cancel_parent": 162,
    "min_trade_qty": 170,
    "min_compete_size": 170,
    "compete_against_best_offset": 170,
    "mid_offset_at_whole": 170,
    "mid_offset_at_half": 170,
}
NOT_IN_IBAPI = {"fa_profile", "e_trade_only", "firm_quote_only", "nbbo_price_cap"}
IN_NEITHER = {
    "transmit",
    "shares_allocation",
    "override_percentage_constraints",
    "scale_table",
    "active_start_time",
    "active_stop_time",
    "algo_id",
    "order_misc_options",
    "ext_operator",
    "mifid2_decision_maker",
    "mifid2_decision_algo",
    "mifid2_execution_trader",
    "mifid2_execution_algo",
    "advanced_error_override",
    "manual_order_time",
}
ONLY_COMPLETED = {
    "auto_cancel_date",
    "filled_quantity",
    "ref_futures_con_id",
    "shareholder",
    "imbalance_only",
    "route_marketable_to_bbo",
    "parent_perm_id",
}
ONLY_OPEN = {
    "client_id",
    "auction_strategy",
    "block_order",
    "e_trade_only",
    "firm_quote_only",
    "nbbo_price_cap",
    "parent_id",
    "delta_neutral_settling_firm",
    "delta_neutral_clearing_account",
    "delta_neutral_clearing_intent",
    "delta_neutral_open_close",
    "basis_points",
    "basis_points_type",
    "opt_out_smart_routing",
    "what_if",
    "adjusted_order_type",
    "trigger_price",
    "adjusted_stop_price",
    "adjusted_stop_limit_price",
    "adjusted_trailing_amount",
    "adjustable_trailing_unit",
    "soft_dollar_tier_name",
    "soft_dollar_tier_val",
    "soft_dollar_tier_display_name",
    "discretionary_up_to_limit_price",
    "use_price_mgmt_algo",
    "duration",
    "post_to_ats",
}
OF_THEIR_OWN = {
    "order_combo_legs",
    "smart_combo_routing_params",
    "algo_params",
    "conditions",
    "conditions_ignore_rth",
    "conditions_cancel_order",
}
ECHOED = [
    name for name in OrderFields._fields if name not in IN_NEITHER | ONLY_COMPLETED | OF_THEIR_OWN
]
COMPLETED = [
    name for name in OrderFields._fields if name not in IN_NEITHER | ONLY_OPEN | OF_THEIR_OWN
]
DEFAULTS = OrderFields()._asdict()
WHOLE = {
    "display_size",
    "min_qty",
    "volatility_type",
    "reference_price_type",
    "scale_init_level_size",
    "scale_subs_level_size",
    "scale_price_adjust_interval",
    "scale_init_position",
    "scale_init_fill_qty",
    "duration",
    "post_to_ats",
    "min_trade_qty",
    "min_compete_size",
    "basis_points_type",
    "ref_futures_con_id",
} | {name for name, value in DEFAULTS.items() if type(value) is int}


def camel(name):
    if name.startswith("soft_dollar_tier_"):
        return "softDollarTier"
    if name == "rule80a":
        return "rule80A"
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def value_of(name):
    """Give a value that is not the default of the field."""
    default = DEFAULTS[name]
    if isinstance(default, str):
        return f"a {name}"
    if isinstance(default, bool):
        return not default
    if name == "use_price_mgmt_algo":
        return True
    return 17 if name in WHOLE else Decimal("1.25")


def open_order(order, contract=CONTRACT, state=None):
    return OpenOrder(5, contract, order, state or OrderStateFields())


def completed_order(order, contract=CONTRACT, state=None):
    return CompletedOrder(contract, order, state or OrderStateFields())


def attributes(order):
    """Take the client's order apart, its tier into texts."""
    tier = order.softDollarTier
    plain = {k: v for k, v in vars(order).items() if k != "softDollarTier"}
    plain["conditions"] = len(order.conditions)
    plain["orderComboLegs"] = len(order.orderComboLegs or ())
    return plain | {
        "soft_dollar_tier_name": tier.name,
        "soft_dollar_tier_val": tier.val,
        "soft_dollar_tier_display_name": tier.displayName,
    }


def heard_order(calls):
    ((_, *heard),) = calls
    return heard[-2]


def check_each(hear_at, first, last, make, name):
    behind = BEHIND.get(name, OrderFields())
    value = value_of(name)
    special = behind._replace(**{name: value})
    attribute = name if name.startswith("soft_dollar_tier_") else camel(name)
    for version in {first, max(first, 170), last}:
        before = attributes(heard_order(hear_at(version, make(behind))))
        after = attributes(heard_order(hear_at(version, make(special))))

        assert after == before | {attribute: value}
        assert before[attribute] != value


@pytest.mark.parametrize("name", ECHOED)
def test_each_field_of_an_open_order_is_heard_in_its_place(peer, hear_at, is_official, name):
    if is_official and name in NOT_IN_IBAPI:
        pytest.skip("ibapi has no such attribute")
    until = 176 if name == "fa_profile" else max(peer.versions)

    check_each(hear_at, SINCE.get(name, 157), until, open_order, name)


@pytest.mark.parametrize("name", COMPLETED)
def test_each_field_of_a_completed_order_is_heard_in_its_place(peer, hear_at, is_official, name):
    if is_official and name in NOT_IN_IBAPI:
        pytest.skip("ibapi has no such attribute")
    until = 176 if name == "fa_profile" else max(peer.versions)
    since = 157 if name == "auto_cancel_parent" else SINCE.get(name, 157)

    check_each(hear_at, since, until, completed_order, name)


@pytest.mark.parametrize("name", sorted(IN_NEITHER - {"shares_allocation"}))
def test_what_no_client_hears_of_an_order_changes_nothing(name):
    special = OrderFields()._replace(
        **{name: (TagValue("a", "1"),) if "options" in name else value_of(name)}
    )

    assert encode(open_order(special), 178) == encode(open_order(OrderFields()), 178)
    assert encode(completed_order(special), 178) == encode(completed_order(OrderFields()), 178)


def test_the_duration_is_there_since_version_158(hear_at, is_official):
    if not is_official:
        pytest.skip("they look for it from 159 on")
    order = OrderFields(duration=60, min_trade_qty=1)

    assert heard_order(hear_at(157, open_order(order))).duration == UNSET_INT
    assert heard_order(hear_at(158, open_order(order))).duration == 60


@pytest.mark.parametrize("make", [open_order, completed_order])
def test_what_is_unset_is_unset_to_every_client(peer, hear_at, make):
    never_sent = peer.make("Order")
    never_unset = {"peggedChangeAmount", "referenceChangeAmount", "usePriceMgmtAlgo"}

    for version in peer.versions:
        order = heard_order(hear_at(version, make(OrderFields())))

        for name, default in DEFAULTS.items():
            attribute = camel(name)
            if default is None and attribute not in never_unset and hasattr(never_sent, attribute):
                heard = getattr(order, attribute)
                assert heard in {UNSET, UNSET_INT, getattr(never_sent, attribute)}, name


@pytest.mark.parametrize(
    ("make", "doubles", "whole"), [(open_order, 21, 2), (completed_order, 6, 3)]
)
def test_unset_is_spelled_out_where_a_client_would_hear_zero(make, doubles, whole):
    fields = encode(make(OrderFields()), 178).split(b"\0")

    assert fields.count(b"1.7976931348623157E308") == doubles
    assert fields.count(b"2147483647") == whole


@pytest.mark.parametrize("make", [open_order, completed_order])
def test_the_contract_of_an_order_is_heard_whole(peer, hear_at, make):
    for version in peer.versions:
        ((_, *heard),) = hear_at(version, make(OrderFields()))
        contract = heard[-3]

        assert (contract.conId, contract.symbol, contract.secType) == (495512563, "ES", "FUT")
        assert contract.lastTradeDateOrContractMonth == "20250620"
        assert (contract.strike, contract.right, contract.multiplier) == (12.5, "?", "50")
        assert (contract.exchange, contract.currency) == ("CME", "USD")
        assert (contract.localSymbol, contract.tradingClass) == ("ESM5", "ESX")
        assert contract.comboLegsDescrip == "1|2"


def test_an_open_order_says_its_id(hear):
    ((name, order_id, _, order, _),) = hear(open_order(OrderFields()))

    assert (name, order_id, order.orderId) == ("openOrder", 5, 5)


MARGINS = [
    "init_margin_before",
    "maint_margin_before",
    "equity_with_loan_before",
    "init_margin_change",
    "maint_margin_change",
    "equity_with_loan_change",
    "init_margin_after",
    "maint_margin_after",
    "equity_with_loan_after",
]
STATE = OrderStateFields(
    "Submitted",
    *(Decimal(f"{number}.5") for number in range(1, 10)),
    commission=Decimal("2.25"),
    min_commission=Decimal("1.25"),
    max_commission=Decimal("3.25"),
    commission_currency="USD",
    warning_text="careful",
    completed_time="20250620 10:00:00 US/Central",
    completed_status="Filled Size: 1",
)


def test_the_state_of_an_open_order_has_its_margins(hear, is_official):
    ((*_, state),) = hear(open_order(OrderFields(), state=STATE))

    commission = "commissionAndFees" if is_official else "commission"
    fees = commission[0].upper() + commission[1:]
    assert state.status == "Submitted"
    assert [getattr(state, camel(name)) for name in MARGINS] == [f"{n}.5" for n in range(1, 10)]
    assert getattr(state, commission) == 2.25
    assert getattr(state, f"min{fees}") == 1.25
    assert getattr(state, f"max{fees}") == 3.25
    assert getattr(state, f"{commission}Currency") == "USD"
    assert state.warningText == "careful"


def test_margins_that_are_unset_are_the_largest_number(hear, is_official):
    ((*_, state),) = hear(open_order(OrderFields()))

    assert {getattr(state, camel(name)) for name in MARGINS} == {"1.7976931348623157E308"}
    assert (state.commissionAndFees if is_official else state.commission) == UNSET


def test_the_state_of_a_completed_order_says_when_and_how(hear):
    ((name, _, _, state),) = hear(completed_order(OrderFields(), state=STATE))

    assert name == "completedOrder"
    assert state.status == "Submitted"
    assert state.completedTime == "20250620 10:00:00 US/Central"
    assert state.completedStatus == "Filled Size: 1"


EVERYTHING = OrderFields(
    order_type="PEG BENCH",
    delta_neutral_order_type="MKT",
    delta_neutral_con_id=3,
    scale_price_increment=Decimal("0.5"),
    scale_random_percent=True,
    hedge_type="D",
    hedge_param="beta=1",
    order_combo_legs=(Decimal("1.5"), None),
    smart_combo_routing_params=(TagValue("NonGuaranteed", "1"),),
    algo_strategy="Adaptive",
    algo_params=(TagValue("adaptivePriority", "Normal"), TagValue("b", "2")),
    reference_exchange_id="ISLAND",
    conditions=(
        PriceConditionFields("o", True, Decimal("99.5"), 8314, "SMART", 2),
        TimeConditionFields("a", False, "20250620-10:00:00"),
        MarginConditionFields("a", True, Decimal(30)),
        ExecutionConditionFields("a", "STK", "SMART", "IBM"),
        VolumeConditionFields("a", True, 1000, 8314, "SMART"),
        PercentChangeConditionFields("a", True, Decimal("2.5"), 8314, "SMART"),
    ),
    conditions_ignore_rth=True,
    lmt_price_offset=Decimal("0.75"),
)
BAG = CONTRACT._replace(
    combo_legs=(ComboLeg(1, 2, "BUY", "CME", 3, 4, "here", 5), ComboLeg(6, 1, "SELL", "CBOT")),
    delta_neutral_contract=DeltaNeutral(9, Decimal("0.5"), Decimal("199.75")),
)


@pytest.mark.parametrize("make", [open_order, completed_order])
def test_an_order_with_every_block_is_heard_whole(peer, hear_at, is_official, make):
    for version in peer.versions:
        ((_, *heard),) = hear_at(version, make(EVERYTHING, BAG))
        contract, order = heard[-3:-1]

        assert [list(vars(leg).values()) for leg in contract.comboLegs] == [
            list(leg) for leg in BAG.combo_legs
        ]
        underlying = contract.deltaNeutralContract
        assert (underlying.conId, underlying.delta, underlying.price) == (9, 0.5, 199.75)
        assert [leg.price for leg in order.orderComboLegs] == [1.5, UNSET]
        for name in ("smart_combo_routing_params", "algo_params"):
            tags = getattr(order, camel(name))
            assert [(tag.tag, tag.value) for tag in tags] == list(getattr(EVERYTHING, name))
        assert [condition.condType for condition in order.conditions] == [1, 3, 4, 5, 6, 7]
        price, time, margin, execution, volume, change = order.conditions
        exchange = "exchange" if is_official else "exch"
        assert (price.isMore, price.price, price.conId) == (True, 99.5, 8314)
        assert (getattr(price, exchange), price.triggerMethod) == ("SMART", 2)
        assert (time.isMore, time.time) == (False, "20250620-10:00:00")
        assert (margin.isMore, margin.percent) == (True, 30)
        assert (execution.secType, execution.symbol) == ("STK", "IBM")
        assert getattr(execution, exchange) == "SMART"
        assert (volume.volume, volume.conId, change.changePercent) == (1000, 8314, 2.5)
        joins = [
            c.isConjunctionConnection if is_official else c.conjunction == "a"
            for c in order.conditions
        ]
        assert joins == [False, True, True, True, True, True]
        assert (order.conditionsIgnoreRth, order.conditionsCancelOrder) == (True, False)
        assert (order.deltaNeutralConId, order.scaleRandomPercent) == (3, True)
        assert (order.hedgeParam, order.referenceExchangeId) == ("beta=1", "ISLAND")
        assert order.lmtPriceOffset == 0.75
