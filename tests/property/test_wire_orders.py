"""Any order that ib_async sends is read as it was meant, and goes back as it came."""

import dataclasses
import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import ib_async
from hypothesis import given, strategies as st
from ib_async.client import Client
from ib_async.decoder import Decoder

from ibkit.sim._wire import (
    CompletedOrder,
    OpenOrder,
    OrderFields,
    OrderStateFields,
    encode,
)
from ibkit.sim._wire._requests import read_request

UNSET = (1.7976931348623157e308, 2**31 - 1)
VERSIONS = st.integers(157, 178)
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
WHOLE = st.one_of(st.just(UNSET[1]), st.integers(-1, 10**6))
PRICES = st.one_of(
    st.just(UNSET[0]),
    st.integers(-(10**7), 10**7).map(lambda cents: cents / 100),
    st.floats(1e-5, 1e-3),
    st.floats(1e15, 1e18),
)
ORDER_TYPES = st.sampled_from(["LMT", "VOL", "PEG BENCH", "PEGBEST", "PEG BEST", "PEG MID", ""])
CONDITIONS = st.one_of(
    st.builds(
        ib_async.PriceCondition,
        conjunction=st.sampled_from(["a", "o"]),
        isMore=st.booleans(),
        price=st.integers(0, 10**6).map(lambda cents: cents / 100),
        conId=st.integers(0, 10**6),
        exch=TEXT,
        triggerMethod=st.integers(0, 8),
    ),
    st.builds(ib_async.TimeCondition, isMore=st.booleans(), time=TEXT),
    st.builds(ib_async.MarginCondition, isMore=st.booleans(), percent=st.integers(0, 99)),
    st.builds(ib_async.ExecutionCondition, secType=TEXT, exch=TEXT, symbol=TEXT),
    st.builds(ib_async.VolumeCondition, volume=st.integers(0, 10**6), exch=TEXT),
    st.builds(ib_async.PercentChangeCondition, changePercent=st.integers(-99, 99), exch=TEXT),
)
TAGS = st.lists(st.builds(ib_async.TagValue, tag=TEXT, value=TEXT), max_size=3)
SPECIAL = {
    "orderType": ORDER_TYPES,
    "conditions": st.lists(CONDITIONS, max_size=3),
    "algoParams": TAGS,
    "smartComboRoutingParams": TAGS,
    "orderComboLegs": st.lists(st.builds(ib_async.OrderComboLeg, price=PRICES), max_size=2),
    "orderMiscOptions": st.just([]),
    "softDollarTier": st.builds(ib_async.SoftDollarTier, name=TEXT, val=TEXT),
    "competeAgainstBestOffset": st.one_of(PRICES, st.just(float("inf"))),
    "volatility": PRICES,
}


def of_type(field):
    if field.name in SPECIAL:
        return SPECIAL[field.name]
    kinds = {str: TEXT, bool: st.booleans(), int: WHOLE, float: PRICES}
    return kinds[type(field.default)]


ORDERS = st.fixed_dictionaries(
    {}, optional={field.name: of_type(field) for field in dataclasses.fields(ib_async.Order)}
).map(lambda attributes: ib_async.Order(**attributes))
CONTRACTS = st.builds(
    ib_async.Contract,
    secType=st.sampled_from(["FUT", "BAG"]),
    exchange=st.sampled_from(["SMART", "IBKRATS"]),
    symbol=TEXT,
    localSymbol=TEXT,
    comboLegs=st.lists(
        st.builds(ib_async.ComboLeg, conId=st.integers(0, 99), action=TEXT, exchange=TEXT),
        max_size=2,
    ),
    deltaNeutralContract=st.one_of(
        st.none(), st.builds(ib_async.DeltaNeutralContract, conId=st.integers(0, 99))
    ),
)


def names(text):
    return set(text.split())


def camel(name):
    if name == "rule80a":
        return "rule80A"
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def sent_by_client(version, contract, order):
    payloads = []
    client = Client.__new__(Client)
    client.isConnected = lambda: True
    client.serverVersion = lambda: version
    client.sendMsg = lambda text: payloads.append(text.encode())
    client.placeOrder(5, contract, order)
    return payloads[0]


def block(text, test):
    return dict.fromkeys(names(text), test)


def scales(order, _):
    return 0 < order.scalePriceIncrement < UNSET[0]


def pegs_best(order, _):
    return order.orderType in {"PEG BEST", "PEGBEST"}


def has_mid_offsets(order, contract):
    to_mid = pegs_best(order, contract) and order.competeAgainstBestOffset == float("inf")
    return order.orderType in {"PEG MID", "PEGMID"} or to_mid


TRAVELS_ONLY_IF = {
    **block(
        "delta_neutral_con_id delta_neutral_settling_firm delta_neutral_clearing_account "
        "delta_neutral_clearing_intent delta_neutral_open_close delta_neutral_short_sale "
        "delta_neutral_short_sale_slot delta_neutral_designated_location",
        lambda order, _: order.deltaNeutralOrderType,
    ),
    **block(
        "scale_price_adjust_value scale_price_adjust_interval scale_profit_offset "
        "scale_auto_reset scale_init_position scale_init_fill_qty scale_random_percent",
        scales,
    ),
    **block("hedge_param", lambda order, _: order.hedgeType),
    **block(
        "reference_contract_id is_pegged_change_amount_decrease pegged_change_amount "
        "reference_change_amount reference_exchange_id",
        lambda order, _: order.orderType == "PEG BENCH",
    ),
    **block("algo_params", lambda order, _: order.algoStrategy),
    **block(
        "order_combo_legs smart_combo_routing_params",
        lambda _, contract: contract.secType == "BAG",
    ),
    **block("conditions_ignore_rth conditions_cancel_order", lambda order, _: order.conditions),
    **block("min_trade_qty", lambda _, contract: contract.exchange == "IBKRATS"),
    **block("min_compete_size compete_against_best_offset", pegs_best),
    **block("mid_offset_at_whole mid_offset_at_half", has_mid_offsets),
}
SINCE = {
    "duration": 158,
    "post_to_ats": 160,
    "auto_cancel_parent": 162,
    "advanced_error_override": 166,
    "manual_order_time": 169,
    **block(
        "min_trade_qty min_compete_size compete_against_best_offset mid_offset_at_whole "
        "mid_offset_at_half",
        170,
    ),
}
NEVER_SENT = names(
    "shares_allocation client_id perm_id basis_points basis_points_type "
    "soft_dollar_tier_display_name auto_cancel_date filled_quantity ref_futures_con_id "
    "shareholder imbalance_only route_marketable_to_bbo parent_perm_id"
)
DEFAULTS = OrderFields()._asdict()


def meant(name, order):
    """Give the value that the client's order has for one of our fields."""
    if name.startswith("soft_dollar_tier_"):
        return getattr(order.softDollarTier, name.rpartition("_")[2])
    value = getattr(order, camel(name))
    if name == "order_combo_legs":
        return tuple(None if leg.price in UNSET else number(leg.price) for leg in value)
    if name == "conditions":
        return [tuple(map(number, dataclasses.astuple(c)[1:])) for c in value]
    if isinstance(value, list):
        return tuple((tag.tag, tag.value) for tag in value)
    if DEFAULTS[name] is None:
        return None if value is None or value in UNSET else number(value)
    return 0 if value == UNSET[1] else value  # sent as an empty field


def number(value):
    return Decimal(repr(value)) if isinstance(value, float) else value


def travels(name, version, contract, order):
    if name in NEVER_SENT or version < SINCE.get(name, 0):
        return False
    if name == "fa_profile" and version >= 177:
        return False
    return TRAVELS_ONLY_IF.get(name, lambda *_: True)(order, contract)


@given(ORDERS, CONTRACTS, VERSIONS)
def test_an_order_is_read_as_it_was_meant(order, contract, version):
    request, left_over = read_request(sent_by_client(version, contract, order), version)

    assert left_over == 0
    for name, default in DEFAULTS.items():
        read = getattr(request.order, name)
        if name == "conditions":
            read = [tuple(condition) for condition in read]
        expected = meant(name, order) if travels(name, version, contract, order) else default
        assert read == expected, name
    legs = contract.comboLegs if contract.secType == "BAG" else []
    assert [tuple(leg) for leg in request.contract.combo_legs] == [
        dataclasses.astuple(leg) for leg in legs
    ]
    assert (request.contract.delta_neutral_contract is None) == (not contract.deltaNeutralContract)


class Recorder:
    """A wrapper of ib_async that keeps the order it is told of."""

    def __init__(self):
        self.ib = SimpleNamespace(TimezoneTWS="")
        self.defaultTimezone = dt.timezone.utc

    def openOrder(self, _order_id, contract, order, state):
        self.heard = contract, order, state

    def completedOrder(self, contract, order, state):
        self.heard = contract, order, state


class Complaints:
    def exception(self, text):
        raise AssertionError(text)


def heard_by_client(version, answer):
    recorder = Recorder()
    decoder = Decoder(recorder, version)
    decoder.logger = Complaints()
    decoder.interpret(encode(answer, version)[4:-1].decode().split("\0"))
    return recorder.heard


SENT_BACK_IN_NEITHER = names(
    "transmit shares_allocation override_percentage_constraints scale_table "
    "active_start_time active_stop_time algo_id order_misc_options ext_operator "
    "mifid2_decision_maker mifid2_decision_algo mifid2_execution_trader "
    "mifid2_execution_algo advanced_error_override manual_order_time order_combo_legs "
    "conditions algo_params smart_combo_routing_params soft_dollar_tier_name "
    "soft_dollar_tier_val soft_dollar_tier_display_name"
)
SENT_BACK_OPEN_ONLY = names(
    "client_id auction_strategy block_order e_trade_only firm_quote_only nbbo_price_cap "
    "parent_id delta_neutral_settling_firm delta_neutral_clearing_account "
    "delta_neutral_clearing_intent delta_neutral_open_close basis_points "
    "basis_points_type opt_out_smart_routing what_if adjusted_order_type trigger_price "
    "adjusted_stop_price adjusted_stop_limit_price adjusted_trailing_amount "
    "adjustable_trailing_unit discretionary_up_to_limit_price use_price_mgmt_algo "
    "duration post_to_ats"
)
SENT_BACK_COMPLETED_ONLY = names(
    "auto_cancel_date filled_quantity ref_futures_con_id shareholder imbalance_only "
    "route_marketable_to_bbo parent_perm_id"
)
HEARD_SINCE = SINCE | {"duration": 159}  # ib_async reads it one version late


def expected_to_be_heard(name, value, version):
    """Give all that ib_async may make of a value that the order has."""
    if name == "scale_price_increment" and not value:
        value = None  # ib_async takes 0 for unset here
    if value is None or version < HEARD_SINCE.get(name, 0):
        return {*UNSET, getattr(ib_async.Order(), camel(name))}
    return {float(value) if isinstance(value, Decimal) else value}


@given(ORDERS, CONTRACTS, VERSIONS, st.booleans())
def test_an_order_goes_back_as_it_came(order, contract, version, is_open):
    placed, _ = read_request(sent_by_client(version, contract, order), version)
    state = OrderStateFields(status="Submitted")
    echo = (
        OpenOrder(5, placed.contract, placed.order, state)
        if is_open
        else CompletedOrder(placed.contract, placed.order, state)
    )
    heard_contract, heard, heard_state = heard_by_client(version, echo)

    absent = SENT_BACK_COMPLETED_ONLY if is_open else SENT_BACK_OPEN_ONLY
    for name in set(DEFAULTS) - SENT_BACK_IN_NEITHER - absent:
        expected = expected_to_be_heard(name, getattr(placed.order, name), version)
        assert getattr(heard, camel(name)) in expected, name
    assert heard_state.status == "Submitted"
    assert len(heard.conditions) == len(placed.order.conditions)
    assert [(tag.tag, tag.value) for tag in heard.algoParams] == list(placed.order.algo_params)
    assert len(heard_contract.comboLegs) == len(placed.contract.combo_legs)
