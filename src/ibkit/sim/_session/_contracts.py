"""Contracts: details, symbols, option chains, market rules."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument, Leg, Question, Refusal
from ibkit.sim._session._texts import zone

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session


def today(session: Session, now: dt.datetime) -> dt.date:
    """The date in the login zone."""
    return now.astimezone(zone(session.floor.scenario.zone)).date()


def question(contract: wire.ContractFields) -> Question:
    """What a client's contract asks for."""
    return Question(
        con_id=contract.con_id,
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        last_trade_date_or_contract_month=contract.last_trade_date_or_contract_month,
        strike=contract.strike or None,
        right=contract.right,
        multiplier=contract.multiplier,
        exchange=contract.exchange,
        primary_exchange=contract.primary_exchange,
        currency=contract.currency,
        local_symbol=contract.local_symbol,
        trading_class=contract.trading_class,
        include_expired=contract.include_expired,
        sec_id_type=contract.sec_id_type,
        sec_id=contract.sec_id,
        issuer_id=contract.issuer_id,
        legs=tuple(
            Leg(con_id=leg.con_id, ratio=leg.ratio, action=leg.action, exchange=leg.exchange)
            for leg in contract.combo_legs
        ),
    )


def find_one(
    session: Session, req_id: int, contract: wire.ContractFields, now: dt.datetime
) -> Instrument | None:
    """The one instrument that is meant; where there is none, the client has been told."""
    found = session.floor.market.listings.one(question(contract), today(session, now))
    if isinstance(found, Refusal):
        session.error(req_id, found.code, found.text)
        return None
    return found


def contract_fields(instrument: Instrument, exchange: str | None = None) -> wire.ContractFields:
    """An instrument as it stands in answers. *exchange* replaces its own."""
    return wire.ContractFields(
        con_id=instrument.con_id,
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        last_trade_date_or_contract_month=_date(instrument.last_trade),
        strike=instrument.strike,
        right=instrument.right,
        multiplier=instrument.multiplier,
        exchange=instrument.exchange if exchange is None else exchange,
        primary_exchange=instrument.primary_exchange,
        currency=instrument.currency,
        local_symbol=instrument.local_symbol,
        trading_class=instrument.trading_class,
        combo_legs_descrip=",".join(
            f"{leg.con_id}|{leg.ratio if leg.action == 'BUY' else -leg.ratio}"
            for leg in instrument.legs
        ),
        combo_legs=tuple(
            wire.ComboLeg(leg.con_id, leg.ratio, leg.action, leg.exchange)
            for leg in instrument.legs
        ),
    )


def _date(day: dt.date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def details(session: Session, request: wire.ReqContractDetails, now: dt.datetime) -> None:
    """Every match, then the end; an error has no end (2.1)."""
    day = today(session, now)
    found = session.floor.market.listings.find(question(request.contract), day)
    if isinstance(found, Refusal):
        session.error(request.req_id, found.code, found.text)
        return
    continuous = request.contract.sec_type == "CONTFUT"
    for instrument in found:
        fields = _details(session, instrument, day)
        if continuous:
            fields = fields._replace(contract=fields.contract._replace(sec_type="CONTFUT"))
        session.send(wire.ContractData(request.req_id, fields))
    session.send(wire.ContractDetailsEnd(request.req_id))


def _details(session: Session, instrument: Instrument, day: dt.date) -> wire.ContractDetailsFields:
    hours = session.floor.market.hours
    derivative = instrument.sec_type == "FUT"
    return wire.ContractDetailsFields(
        contract=contract_fields(instrument),
        last_trade=_last_trade(instrument),
        market_name=instrument.market_name or instrument.trading_class,
        min_tick=instrument.min_tick / instrument.price_magnifier,
        order_types=",".join(instrument.order_types),
        valid_exchanges=",".join(instrument.valid_exchanges),
        price_magnifier=instrument.price_magnifier,
        under_con_id=instrument.under_con_id,
        long_name=instrument.long_name,
        contract_month=instrument.contract_month,
        industry=instrument.industry,
        category=instrument.category,
        subcategory=instrument.subcategory,
        time_zone_id=instrument.zone,
        trading_hours=hours.text(instrument, day),
        liquid_hours=hours.text(instrument, day, liquid=True),
        sec_id_list=tuple(wire.TagValue(*pair) for pair in instrument.sec_ids),
        agg_group=None if derivative else 1,
        under_symbol=instrument.under_symbol,
        under_sec_type=instrument.under_sec_type,
        market_rule_ids=",".join(map(str, instrument.market_rules)),
        real_expiration_date=_date(instrument.last_trade),
        stock_type=instrument.stock_type,
        min_size=instrument.min_size,
        size_increment=instrument.size_increment,
        suggested_size_increment=instrument.size_increment,
    )


def _last_trade(instrument: Instrument) -> str:
    if instrument.last_trade is None:
        return ""
    if not instrument.last_trade_time:
        return _date(instrument.last_trade)
    return f"{_date(instrument.last_trade)} {instrument.last_trade_time} {instrument.zone}"


def matching_symbols(session: Session, request: wire.ReqMatchingSymbols, now: dt.datetime) -> None:
    """At most 16 hits, and a second between two questions (2.1)."""
    floor = session.floor
    pause = dt.timedelta(seconds=floor.scenario.limits.symbol_search_seconds)
    if not floor.pauses.admits("matching_symbols", now, pause):
        if floor.scenario.search_excess == "refuse":
            session.refuse(request.req_id, 10159)
        return
    listings = floor.market.listings
    samples = tuple(
        wire.SymbolSample(
            con_id=hit.con_id,
            symbol=hit.symbol,
            sec_type=hit.sec_type,
            primary_exchange=hit.primary_exchange or hit.exchange,
            currency=hit.currency,
            derivative_sec_types=listings.derivative_types(hit),
            description=hit.long_name,
        )
        for hit in listings.matching_symbols(request.pattern)
    )
    session.send(wire.SymbolSamples(request.req_id, samples))


def market_rule(session: Session, request: wire.ReqMarketRule, now: dt.datetime) -> None:
    """The price bands of a rule, or 124. An error has no request id: the request has none."""
    rows = session.floor.market.market_rule(request.market_rule_id)
    if rows is None:
        session.refuse(-1, 124, request.market_rule_id)
        return
    increments = tuple(wire.PriceIncrement(*row) for row in rows)
    session.send(wire.MarketRule(request.market_rule_id, increments))


def option_params(session: Session, request: wire.ReqSecDefOptParams, now: dt.datetime) -> None:
    """One chain per exchange and class, then the end; an unknown underlying has an end only."""
    chains = session.floor.market.listings.option_chains(
        request.underlying_symbol,
        request.underlying_sec_type,
        request.underlying_con_id,
        today(session, now),
    )
    for chain in chains:
        if request.fut_fop_exchange in ("", chain.exchange):
            session.send(
                wire.SecurityDefinitionOptionParameter(
                    req_id=request.req_id,
                    exchange=chain.exchange,
                    underlying_con_id=chain.under_con_id,
                    trading_class=chain.trading_class,
                    multiplier=chain.multiplier,
                    expirations=tuple(map(_date, chain.expirations)),
                    strikes=chain.strikes,
                )
            )
    session.send(wire.SecurityDefinitionOptionParameterEnd(request.req_id))


SMART_EXCHANGES = (("NYSE", "N"), ("NASDAQ", "Q"), ("ARCA", "P"), ("BATS", "Z"), ("IEX", "V"))


def smart_components(session: Session, request: wire.ReqSmartComponents, now: dt.datetime) -> None:
    """The exchanges behind the letters of ticks 32 and 33."""
    components = tuple(
        wire.SmartComponent(bit, exchange, letter)
        for bit, (exchange, letter) in enumerate(SMART_EXCHANGES)
    )
    session.send(wire.SmartComponents(request.req_id, components))


DEPTH_EXCHANGES = (
    wire.DepthExchange("CME", "FUT", "", "Deep", None),
    wire.DepthExchange("CBOT", "FUT", "", "Deep", None),
    wire.DepthExchange("NYMEX", "FUT", "", "Deep", None),
    wire.DepthExchange("COMEX", "FUT", "", "Deep", None),
    wire.DepthExchange("EUREX", "FUT", "", "Deep", None),
    wire.DepthExchange("NASDAQ", "STK", "", "Deep2", 1),
    wire.DepthExchange("ARCA", "STK", "", "Deep", 1),
    wire.DepthExchange("IDEALPRO", "CASH", "", "Deep", 4),
)


def depth_exchanges(session: Session, request: wire.ReqMktDepthExchanges, now: dt.datetime) -> None:
    """Where depth can be had."""
    session.send(wire.MktDepthExchanges(DEPTH_EXCHANGES))
