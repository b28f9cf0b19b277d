import math
from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    ComboLeg,
    DecodeError,
    DeltaNeutral,
    ExecutionConditionFields,
    MarginConditionFields,
    OrderFields,
    PercentChangeConditionFields,
    PriceConditionFields,
    TagValue,
    TimeConditionFields,
    VolumeConditionFields,
    decode_request,
)

# What the client's order must have for a field to travel at all.
BEHIND = {
    "volatility": {"orderType": "VOL"},  # ib_async drops it from any other order
    "delta_neutral_con_id": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_settling_firm": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_clearing_account": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_clearing_intent": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_open_close": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_short_sale": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_short_sale_slot": {"deltaNeutralOrderType": "MKT"},
    "delta_neutral_designated_location": {"deltaNeutralOrderType": "MKT"},
    "scale_price_adjust_value": {"scalePriceIncrement": 0.5},
    "scale_price_adjust_interval": {"scalePriceIncrement": 0.5},
    "scale_profit_offset": {"scalePriceIncrement": 0.5},
    "scale_auto_reset": {"scalePriceIncrement": 0.5},
    "scale_init_position": {"scalePriceIncrement": 0.5},
    "scale_init_fill_qty": {"scalePriceIncrement": 0.5},
    "scale_random_percent": {"scalePriceIncrement": 0.5},
    "hedge_param": {"hedgeType": "D"},
    "reference_contract_id": {"orderType": "PEG BENCH"},
    "is_pegged_change_amount_decrease": {"orderType": "PEG BENCH"},
    "pegged_change_amount": {"orderType": "PEG BENCH"},
    "reference_change_amount": {"orderType": "PEG BENCH"},
    "reference_exchange_id": {"orderType": "PEG BENCH"},
    "min_compete_size": {"orderType": "PEG BEST"},
    "compete_against_best_offset": {"orderType": "PEG BEST"},
    "mid_offset_at_whole": {"orderType": "PEG MID"},
    "mid_offset_at_half": {"orderType": "PEG MID"},
}
SINCE = {
    "duration": 158,
    "post_to_ats": 160,
    "auto_cancel_parent": 162,
    "advanced_error_override": 166,
    "manual_order_time": 169,
    "min_trade_qty": 170,
    "min_compete_size": 170,
    "compete_against_best_offset": 170,
    "mid_offset_at_whole": 170,
    "mid_offset_at_half": 170,
}
NOT_IN_IBAPI = {"fa_profile", "e_trade_only", "firm_quote_only", "nbbo_price_cap"}
ONLY_IN_ANSWERS = {
    "client_id",
    "perm_id",
    "basis_points",
    "basis_points_type",
    "soft_dollar_tier_display_name",
    "auto_cancel_date",
    "filled_quantity",
    "ref_futures_con_id",
    "shareholder",
    "imbalance_only",
    "route_marketable_to_bbo",
    "parent_perm_id",
}
OF_THEIR_OWN = {
    "order_combo_legs",
    "smart_combo_routing_params",
    "shares_allocation",
    "algo_params",
    "order_misc_options",
    "conditions",
    "conditions_ignore_rth",
    "conditions_cancel_order",
    "soft_dollar_tier_name",
    "soft_dollar_tier_val",
}
TEXTS = {name for name, value in OrderFields()._asdict().items() if value == ""}
FLAGS = {name for name, value in OrderFields()._asdict().items() if isinstance(value, bool)}
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
} | {name for name, value in OrderFields()._asdict().items() if type(value) is int}
ALONE = [
    name for name in OrderFields._fields if name not in ONLY_IN_ANSWERS and name not in OF_THEIR_OWN
]


def camel(name):
    if name == "rule80a":
        return "rule80A"
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def value_of(name):
    """Give a value that is not the default of the field."""
    if name in TEXTS:
        return f"a {name}"
    if name in FLAGS:
        return not OrderFields()._asdict()[name]
    if name == "use_price_mgmt_algo":
        return True
    return 17 if name in WHOLE else 1.25


@pytest.mark.parametrize("name", ALONE)
def test_each_field_of_an_order_arrives_in_its_place(peer, ask_at, is_official, name):
    if is_official and name in NOT_IN_IBAPI:
        pytest.skip("ibapi has no such attribute")
    routed = {"exchange": "IBKRATS"} if name == "min_trade_qty" else {}
    behind = BEHIND.get(name, {})
    plain = peer.make("Order", **behind)
    special = peer.make("Order", **behind | {camel(name): value_of(name)})
    known = range(
        max(SINCE.get(name, 157), 157),
        min(177 if name == "fa_profile" else 179, max(peer.versions) + 1),
    )

    for version in known:
        contract = peer.make("Contract", symbol="ES", **routed)
        before = ask_at(version, "placeOrder", 5, contract, plain)
        request = ask_at(version, "placeOrder", 5, contract, special)

        assert request.order == before.order._replace(**{name: value_of(name)})
        assert (request.order_id, request.contract) == (5, before.contract)


@pytest.mark.parametrize("name", [*SINCE, "fa_profile"])
def test_a_field_that_the_version_does_not_know_keeps_its_default(peer, ask_at, is_official, name):
    if is_official:
        pytest.skip("ibapi refuses to send such an order")
    unknown = range(177, 179) if name == "fa_profile" else range(157, SINCE[name])
    order = peer.make("Order", **BEHIND.get(name, {}) | {camel(name): value_of(name)})
    contract = peer.make("Contract", symbol="ES", exchange="IBKRATS")

    for version in set(unknown) & set(peer.versions):
        request = ask_at(version, "placeOrder", 5, contract, order)

        assert getattr(request.order, name) == getattr(OrderFields(), name)


def test_an_order_of_defaults_is_unset_where_the_client_is(peer, ask, is_official):
    request = ask("placeOrder", 5, peer.make("Contract"), peer.make("Order"))

    assert request.order == OrderFields(
        total_quantity=None if is_official else Decimal(0),
        open_close="" if is_official else "O",
        display_size=0,
        discretionary_amt=Decimal(0),
        use_price_mgmt_algo=None if is_official else False,
    )


def test_the_contract_of_an_order_arrives_whole(ask_at, peer, contract):
    for version in peer.versions:
        placed = ask_at(version, "placeOrder", 5, contract, peer.make("Order")).contract

        assert placed._asdict() == placed._asdict() | {
            "con_id": 495512563,
            "symbol": "ES",
            "sec_type": "FUT",
            "last_trade_date_or_contract_month": "20250620",
            "strike": Decimal("12.5"),
            "right": "C",
            "multiplier": "50",
            "exchange": "CME",
            "primary_exchange": "GLOBEX",
            "currency": "USD",
            "local_symbol": "ESM5",
            "trading_class": "ESX",
            "sec_id_type": "ISIN",
            "sec_id": "US0378331005",
        }


def test_a_spread_arrives_with_its_legs_and_their_prices(peer, ask_at):
    legs = [
        peer.make(
            "ComboLeg",
            conId=1,
            ratio=2,
            action="BUY",
            exchange="CME",
            openClose=3,
            shortSaleSlot=4,
            designatedLocation="here",
            exemptCode=5,
        ),
        peer.make("ComboLeg", conId=6, ratio=1, action="SELL", exchange="CBOT"),
    ]
    prices = [peer.make("OrderComboLeg", price=1.5), peer.make("OrderComboLeg")]
    contract = peer.make("Contract", secType="BAG", comboLegs=legs)
    order = peer.make(
        "Order",
        orderComboLegs=prices,
        smartComboRoutingParams=peer.tags(NonGuaranteed="1"),
        discretionaryAmt=0.5,
    )

    for version in peer.versions:
        request = ask_at(version, "placeOrder", 5, contract, order)

        assert request.contract.combo_legs == (
            ComboLeg(1, 2, "BUY", "CME", 3, 4, "here", 5),
            ComboLeg(6, 1, "SELL", "CBOT"),
        )
        assert request.order.order_combo_legs == (Decimal("1.5"), None)
        assert request.order.smart_combo_routing_params == (TagValue("NonGuaranteed", "1"),)
        assert request.order.discretionary_amt == Decimal("0.5")


def test_a_spread_may_arrive_without_legs(peer, ask_at):
    contract = peer.make("Contract", secType="BAG")

    request = ask_at(176, "placeOrder", 5, contract, peer.make("Order", tif="GTC"))

    assert request.contract.combo_legs == ()
    assert request.order.tif == "GTC"


@pytest.mark.parametrize("increment", [0.0, -0.5])
def test_an_order_without_a_positive_increment_is_not_scaled(peer, ask_at, increment):
    order = peer.make("Order", scalePriceIncrement=increment, scaleTable="t", tif="GTC")

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    assert (asked.scale_price_increment, asked.scale_table) == (Decimal(str(increment)), "t")


def test_an_algo_arrives_with_its_parameters(peer, ask_at):
    order = peer.make(
        "Order",
        algoStrategy="Adaptive",
        algoParams=peer.tags(adaptivePriority="Normal", x="2"),
        algoId="id",
    )

    request = ask_at(176, "placeOrder", 5, peer.make("Contract"), order)

    assert request.order.algo_strategy == "Adaptive"
    assert request.order.algo_params == (TagValue("adaptivePriority", "Normal"), TagValue("x", "2"))
    assert request.order.algo_id == "id"


def test_miscellaneous_options_and_the_tier_arrive(peer, ask_at):
    order = peer.make(
        "Order",
        orderMiscOptions=peer.tags(a="1"),
        softDollarTier=peer.make("SoftDollarTier", name="n", val="v"),
    )

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    assert asked.order_misc_options == (TagValue("a", "1"),)
    assert (asked.soft_dollar_tier_name, asked.soft_dollar_tier_val) == ("n", "v")


def test_a_delta_neutral_contract_arrives(peer, ask_at):
    underlying = peer.make("DeltaNeutralContract", conId=9, delta=0.5, price=199.75)
    contract = peer.make("Contract", deltaNeutralContract=underlying)

    request = ask_at(176, "placeOrder", 5, contract, peer.make("Order"))

    assert request.contract.delta_neutral_contract == DeltaNeutral(
        9, Decimal("0.5"), Decimal("199.75")
    )


CONDITIONS = [
    (
        "PriceCondition",
        {"isMore": False, "price": 99.5, "conId": 8314, "exch": "SMART", "triggerMethod": 2},
        PriceConditionFields("a", False, Decimal("99.5"), 8314, "SMART", 2),
    ),
    (
        "TimeCondition",
        {"isMore": True, "time": "20250620-10:00:00"},
        TimeConditionFields("a", True, "20250620-10:00:00"),
    ),
    (
        "MarginCondition",
        {"isMore": True, "percent": 30},
        MarginConditionFields("a", True, Decimal(30)),
    ),
    (
        "ExecutionCondition",
        {"secType": "STK", "exch": "SMART", "symbol": "IBM"},
        ExecutionConditionFields("a", "STK", "SMART", "IBM"),
    ),
    (
        "VolumeCondition",
        {"isMore": True, "volume": 1000, "conId": 8314, "exch": "SMART"},
        VolumeConditionFields("a", True, 1000, 8314, "SMART"),
    ),
    (
        "PercentChangeCondition",
        {"isMore": False, "changePercent": 2.5, "conId": 8314, "exch": "SMART"},
        PercentChangeConditionFields("a", False, Decimal("2.5"), 8314, "SMART"),
    ),
]


def make_condition(peer, is_official, kind, attributes):
    if is_official:
        attributes = {{"exch": "exchange"}.get(k, k): v for k, v in attributes.items()}
    return peer.make(kind, **attributes)


@pytest.mark.parametrize(("kind", "attributes", "read"), CONDITIONS)
def test_each_kind_of_condition_arrives(peer, ask_at, is_official, kind, attributes, read):
    condition = make_condition(peer, is_official, kind, attributes)
    order = peer.make("Order", conditions=[condition], conditionsCancelOrder=True)

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    assert asked.conditions == (read,)
    assert (asked.conditions_ignore_rth, asked.conditions_cancel_order) == (False, True)


def test_conditions_arrive_together_with_what_joins_them(peer, ask_at, is_official):
    conditions = [
        make_condition(peer, is_official, kind, attributes) for kind, attributes, _ in CONDITIONS
    ]
    conditions[1].Or()
    order = peer.make(
        "Order", conditions=conditions, conditionsIgnoreRth=True, adjustedOrderType="STP"
    )

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    expected = [read for _, _, read in CONDITIONS]
    expected[1] = expected[1]._replace(conjunction="o")
    assert list(asked.conditions) == expected
    assert (asked.conditions_ignore_rth, asked.conditions_cancel_order) == (True, False)
    assert asked.adjusted_order_type == "STP"


def test_an_offset_up_to_the_midpoint_is_infinite(peer, ask_at):
    order = peer.make(
        "Order",
        orderType="PEG BEST",
        minCompeteSize=100,
        competeAgainstBestOffset=math.inf,
        midOffsetAtWhole=0.5,
        midOffsetAtHalf=0.25,
    )

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    assert asked.compete_against_best_offset == Decimal("Infinity")
    assert (asked.mid_offset_at_whole, asked.mid_offset_at_half) == (
        Decimal("0.5"),
        Decimal("0.25"),
    )


@pytest.mark.parametrize("order_type", ["PEG BENCH", "PEGBENCH"])
def test_both_spellings_of_a_pegged_order_are_known(peer, ask_at, order_type):
    if peer.name == "ib_insync" and order_type == "PEGBENCH":
        pytest.skip("ib_insync knows one spelling")
    order = peer.make("Order", orderType=order_type, referenceContractId=8314, extOperator="me")

    asked = ask_at(176, "placeOrder", 5, peer.make("Contract"), order).order

    assert (asked.reference_contract_id, asked.ext_operator) == (8314, "me")


def spoilt(peer, field, text):
    """Give a plain order with one field of the frame overwritten."""
    order = peer.make("Order", action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=77.5)
    fields = peer.payload(178, "placeOrder", 5, peer.make("Contract"), order).split(b"\0")
    fields[field] = text
    return b"\0".join(fields)


LMT_PRICE = 19


@pytest.mark.parametrize(
    "text",
    [
        b"NaN",
        b"nan",
        b"sNaN",
        b"Infinity",
        b"-inf",
        b"1e999",
        b"1E+99",
        b"1e-99",
        b"9" * 400,
        b"1_0",
        b"0x10",
        b" 1",
        b"1 ",
        b"--1",
        b"1,5",
        b"\xd9\xa1",
        b"\xff",
        b"abc",
    ],
)
def test_a_price_that_is_no_price_is_a_fault_of_that_field(ib_async_peer, text):
    with pytest.raises(DecodeError) as caught:
        decode_request(spoilt(ib_async_peer, LMT_PRICE, text), 178)

    assert caught.value.request == "PlaceOrder"
    assert caught.value.req_id == 5
    assert caught.value.field == "lmt_price"
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "price"),
    [
        (b"77.5", "77.5"),
        (b"5e-05", "0.00005"),
        (b"1e+16", "10000000000000000"),
        (b"1.5E3", "1500"),
        (b"-0.25", "-0.25"),
        (b".5", "0.5"),
        (b"+1", "1"),
        (b"1.7976931348623157E308", None),
        (b"1.7976931348623157e+308", None),
        (b"", None),
    ],
)
def test_a_price_may_be_written_in_any_client_s_way(ib_async_peer, text, price):
    request = decode_request(spoilt(ib_async_peer, LMT_PRICE, text), 178)

    assert request.order.lmt_price == (None if price is None else Decimal(price))


def test_a_condition_of_unknown_type_is_a_fault(ib_async_peer):
    make = ib_async_peer.make
    order = make("Order", conditions=[make("TimeCondition", condType=2)])
    payload = ib_async_peer.payload(178, "placeOrder", 5, make("Contract"), order)

    with pytest.raises(DecodeError) as caught:
        decode_request(payload, 178)

    assert caught.value.field == "condition"


def test_an_order_cut_short_lacks_its_first_missing_field(ib_async_peer):
    payload = spoilt(ib_async_peer, LMT_PRICE, b"1")
    for length in range(1, payload.count(b"\0")):
        cut = b"\0".join(payload.split(b"\0")[:length]) + b"\0"

        with pytest.raises(DecodeError, match="is missing"):
            decode_request(cut, 178)
