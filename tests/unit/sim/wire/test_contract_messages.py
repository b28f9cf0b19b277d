from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    ContractDetailsEnd,
    ContractFields,
    DepthExchange,
    MarketRule,
    MktDepthExchanges,
    PriceIncrement,
    ReqContractDetails,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqMktDepthExchanges,
    ReqSecDefOptParams,
    ReqSmartComponents,
    SecurityDefinitionOptionParameter,
    SecurityDefinitionOptionParameterEnd,
    SmartComponent,
    SmartComponents,
    SymbolSample,
    SymbolSamples,
)

SAMPLE = SymbolSample(265598, "AAPL", "STK", "NASDAQ", "USD", ("CFD", "OPT"), "APPLE INC", "e1")


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        (
            "reqSecDefOptParams",
            (7, "ES", "CME", "FUT", 495512563),
            ReqSecDefOptParams(7, "ES", "CME", "FUT", 495512563),
        ),
        ("reqMatchingSymbols", (7, "App"), ReqMatchingSymbols(7, "App")),
        ("reqMarketRule", (67,), ReqMarketRule(67)),
        ("reqSmartComponents", (7, "9c0001"), ReqSmartComponents(7, "9c0001")),
        ("reqMktDepthExchanges", (), ReqMktDepthExchanges()),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


def test_contract_details_are_asked_by_any_field(ask, contract):
    assert ask("reqContractDetails", 7, contract) == ReqContractDetails(
        7,
        ContractFields(
            con_id=495512563,
            symbol="ES",
            sec_type="FUT",
            last_trade_date_or_contract_month="20250620",
            strike=Decimal("12.5"),
            right="C",
            multiplier="50",
            exchange="CME",
            primary_exchange="GLOBEX",
            currency="USD",
            local_symbol="ESM5",
            trading_class="ESX",
            include_expired=True,
            sec_id_type="ISIN",
            sec_id="US0378331005",
        ),
    )


def test_the_issuer_of_bonds_is_asked_for_since_version_176(peer, ask_at):
    bond = peer.make("Contract", secType="BOND")
    before = ask_at(175, "reqContractDetails", 7, bond)
    bond.issuerId = "e1453318"

    assert before.contract.issuer_id == ""
    assert ask_at(176, "reqContractDetails", 7, bond).contract.issuer_id == "e1453318"


def test_an_empty_contract_is_asked_as_such(peer, ask):
    asked = ask("reqContractDetails", 7, peer.make("Contract")).contract

    assert not asked.strike
    assert asked._replace(strike=None) == ContractFields()


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (ContractDetailsEnd(7), ("contractDetailsEnd", 7)),
        (SecurityDefinitionOptionParameterEnd(7), ("securityDefinitionOptionParameterEnd", 7)),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


@pytest.mark.parametrize(
    ("expirations", "strikes"),
    [
        (("20250620", "20250718"), (Decimal("100.0"), Decimal("102.5"), Decimal(105))),
        (("20250620",), ()),
        ((), ()),
    ],
)
def test_an_option_chain_has_its_expirations_and_strikes(hear, expirations, strikes):
    chain = SecurityDefinitionOptionParameter(
        7, "SMART", 265598, "AAPL", "100", expirations, strikes
    )

    ((name, req_id, exchange, under_con_id, *rest),) = hear(chain)

    assert name == "securityDefinitionOptionParameter"
    assert (req_id, exchange, int(under_con_id)) == (7, "SMART", 265598)
    assert rest[:2] == ["AAPL", "100"]
    assert sorted(rest[2]) == list(expirations)
    assert sorted(rest[3]) == list(strikes)


@pytest.mark.parametrize("version", [175, 176])
def test_symbol_samples_are_described_since_version_176(hear_at, version):
    other = SymbolSample(1, "APP", "STK", "NASDAQ", "USD")

    ((name, req_id, heard),) = hear_at(version, SymbolSamples(7, (SAMPLE, other)))

    assert (name, req_id) == ("symbolSamples", 7)
    contracts = [sample.contract for sample in heard]
    assert [(c.conId, c.symbol, c.secType, c.primaryExchange, c.currency) for c in contracts] == [
        SAMPLE[:5],
        other[:5],
    ]
    assert [list(sample.derivativeSecTypes) for sample in heard] == [["CFD", "OPT"], []]
    said = ("APPLE INC", "e1") if version >= 176 else ("", "")
    assert (contracts[0].description, contracts[0].issuerId) == said


def test_depth_exchanges_keep_their_group(hear):
    exchanges = (DepthExchange("ISLAND", "STK", "", "Deep2", 2), DepthExchange("CME", "FUT"))

    ((name, heard),) = hear(MktDepthExchanges(exchanges))

    assert name == "mktDepthExchanges"
    assert [
        (e.exchange, e.secType, e.listingExch, e.serviceDataType, e.aggGroup) for e in heard
    ] == [("ISLAND", "STK", "", "Deep2", 2), ("CME", "FUT", "", "", 2147483647)]


def test_smart_components_map_bits_to_exchanges(hear):
    components = (SmartComponent(0, "AMEX", "A"), SmartComponent(1, "NASDAQ", "Q"))

    ((name, req_id, heard),) = hear(SmartComponents(7, components))

    assert (name, req_id) == ("smartComponents", 7)
    assert [(c.bitNumber, c.exchange, c.exchangeLetter) for c in heard] == list(components)


def test_a_market_rule_has_its_increments(hear):
    rule = MarketRule(
        67,
        (
            PriceIncrement(Decimal(0), Decimal("0.05")),
            PriceIncrement(Decimal(3), Decimal("0.10")),
        ),
    )

    ((name, rule_id, heard),) = hear(rule)

    assert (name, rule_id) == ("marketRule", 67)
    assert [(i.lowEdge, i.increment) for i in heard] == [(0.0, 0.05), (3.0, 0.1)]
