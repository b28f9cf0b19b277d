from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    CalculateOptionPrice,
    ComboLeg,
    ContractFields,
    DecodeError,
    DeltaNeutral,
    ReqFundamentalData,
    ReqHistoricalData,
    ReqMktData,
    TagValue,
    decode_request,
)

LEGS = (
    ComboLeg(1, 2, "BUY", "CME"),
    ComboLeg(3, 4, "SELL", "CBOT"),
)


@pytest.fixture
def spread(peer):
    legs = [
        peer.make("ComboLeg", conId=1, ratio=2, action="BUY", exchange="CME"),
        peer.make("ComboLeg", conId=3, ratio=4, action="SELL", exchange="CBOT"),
    ]
    return peer.make("Contract", secType="BAG", symbol="ES", strike=0.0, comboLegs=legs)


def without_strike(request):
    return request._replace(contract=request.contract._replace(strike=None))


def test_a_quote_is_asked_with_its_generic_ticks(ask, contract):
    request = ask("reqMktData", 7, contract, "233,236", False, True, [])

    assert request.contract.trading_class == "ESX"
    assert request == ReqMktData(7, request.contract, "233,236", False, True)


def test_the_options_of_a_quote_are_read(peer, ask, contract, is_official):
    if is_official:
        pytest.skip("ibapi refuses them")

    request = ask("reqMktData", 7, contract, "", True, False, peer.tags(a="1"))

    assert request.snapshot
    assert request.mkt_data_options == (TagValue("a", "1"),)


def test_the_quote_of_a_spread_has_its_legs(ask, spread):
    request = ask("reqMktData", 7, spread, "233", False, False, [])

    assert without_strike(request) == ReqMktData(
        7, ContractFields(symbol="ES", sec_type="BAG", combo_legs=LEGS), "233", False, False
    )


def test_the_quote_of_a_delta_neutral_spread_has_its_underlying(peer, ask, spread):
    spread.deltaNeutralContract = peer.make(
        "DeltaNeutralContract", conId=9, delta=0.5, price=199.75
    )

    request = ask("reqMktData", 7, spread, "233", False, False, [])

    underlying = DeltaNeutral(9, Decimal("0.5"), Decimal("199.75"))
    assert request.contract.delta_neutral_contract == underlying
    assert request.generic_tick_list == "233"


def test_bars_are_asked_with_every_setting(peer, ask, contract):
    options = peer.tags(a="1")

    request = ask(
        "reqHistoricalData",
        7,
        contract,
        "20250620 10:00:00 US/Central",
        "2 D",
        "5 mins",
        "TRADES",
        1,
        2,
        True,
        options,
    )

    assert request.contract.include_expired
    assert request == ReqHistoricalData(
        req_id=7,
        contract=request.contract,
        end_date_time="20250620 10:00:00 US/Central",
        bar_size_setting="5 mins",
        duration_str="2 D",
        use_rth=True,
        what_to_show="TRADES",
        format_date=2,
        keep_up_to_date=True,
        chart_options=(TagValue("a", "1"),),
    )


def test_the_bars_of_a_spread_have_its_legs(ask, spread):
    request = ask("reqHistoricalData", 7, spread, "", "1 D", "1 hour", "MIDPOINT", 0, 1, False, [])

    assert request.contract.combo_legs == LEGS
    assert not request.keep_up_to_date


@pytest.mark.parametrize(
    ("options", "read"), [({}, ()), ({"a": "1", "b": ""}, (TagValue("a", "1"), TagValue("b", "")))]
)
def test_the_number_of_options_may_come_before_them(
    peer, ask, contract, is_official, options, read
):
    if is_official:
        pytest.skip("ibapi no longer has this request")

    request = ask("reqFundamentalData", 7, contract, "ReportSnapshot", peer.tags(**options))

    assert request == ReqFundamentalData(
        7,
        ContractFields(
            con_id=495512563,
            symbol="ES",
            sec_type="FUT",
            exchange="CME",
            primary_exchange="GLOBEX",
            currency="USD",
            local_symbol="ESM5",
        ),
        "ReportSnapshot",
        read,
    )


@pytest.mark.parametrize("ending", ["a=1;", "1\0a=1;"])
def test_options_may_come_alone_or_after_their_number(ending):
    contract = "\0".join(["8314", "IBM", *[""] * 10])

    request = decode_request(f"55\x003\x007\0{contract}\x000.25\x00100\0{ending}\0".encode(), 178)

    assert request == CalculateOptionPrice(
        7,
        ContractFields(con_id=8314, symbol="IBM"),
        Decimal("0.25"),
        Decimal(100),
        (TagValue("a", "1"),),
    )


def test_more_legs_than_there_are_fields_is_a_fault_of_the_legs():
    contract = "\0".join(["0", "ES", "BAG", *[""] * 9])
    payload = f"1\x0011\x007\0{contract}\x009999999\x001\x001\0BUY\0CME\0".encode()

    with pytest.raises(DecodeError) as caught:
        decode_request(payload, 178)

    assert (caught.value.request, caught.value.req_id) == ("ReqMktData", 7)
    assert caught.value.field == "con_id"


@pytest.mark.parametrize("count", ["-1", "x", "1e3", "99999999", "1.0"])
def test_a_number_of_legs_that_is_none_is_a_fault(count):
    contract = "\0".join(["0", "ES", "BAG", *[""] * 9])

    with pytest.raises(DecodeError) as caught:
        decode_request(f"1\x0011\x007\0{contract}\0{count}\0".encode(), 178)

    assert caught.value.field == "combo_legs"
