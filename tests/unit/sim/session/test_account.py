from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._scenario import Account
from ibkit.sim._session._account import account_names

TWO = (Account(name="DU1"), Account(name="DU2", cash=Decimal(500)))


def names(answers):
    return [type(answer).__name__ for answer in answers]


def of(kind, answers):
    return [answer for answer in answers if isinstance(answer, kind)]


@pytest.mark.parametrize(
    ("asked", "found"), [("", ["DU1", "DU2"]), ("All", ["DU1", "DU2"]), ("DU2", ["DU2"]), ("X", [])]
)
def test_a_request_means_one_account_or_all(talk_with, asked, found):
    assert account_names(talk_with(accounts=TWO).session, asked) == found


def test_account_updates_are_values_holdings_time_and_an_end(talk):
    talk.ask(talk.place(1, order_type="MKT"))

    answers = talk.ask(wire.ReqAccountUpdates(True, ""))

    assert names(answers)[0] == "UpdateAccountValue"
    assert names(answers)[-4:] == [
        "UpdatePortfolio",
        "UpdateAccountTime",
        "UpdateAccountTime",
        "AccountDownloadEnd",
    ]
    assert of(wire.UpdateAccountTime, answers)[0].time_stamp == "10:00"


def test_only_what_has_changed_is_told_every_three_minutes(talk):
    talk.ask(wire.ReqAccountUpdates(True, ""), talk.place(1, order_type="MKT"))

    talk.quote("ES", bid=5010, ask=Decimal("5010.25"))
    early, told = talk.wait(179), talk.wait(1)

    assert early == []
    assert 0 < len(of(wire.UpdateAccountValue, told)) < 60
    assert of(wire.UpdatePortfolio, told)[0].market_price > 5000


def test_what_is_held_is_told_at_its_present_price_to_who_asks_later(talk):
    talk.ask(talk.place(1, order_type="MKT"))
    talk.wait(1)
    talk.market.quote("ES", talk.now, bid=5010, ask=Decimal("5010.25"))  # nobody watches

    updates = talk.ask(wire.ReqAccountUpdates(True, ""))
    summary = talk.ask(wire.ReqAccountSummary(7, "All", "NetLiquidation"))

    assert of(wire.UpdatePortfolio, updates)[0].market_price == Decimal("5010.125")
    assert Decimal(of(wire.AccountSummary, summary)[0].value) > 1_000_400


def test_a_second_account_replaces_the_first(talk_with):
    talk = talk_with(accounts=TWO)
    talk.ask(wire.ReqAccountUpdates(True, "DU1"))

    answers = talk.ask(wire.ReqAccountUpdates(True, "DU2"))

    assert answers[0].error_code == 2100
    assert answers[-1] == wire.AccountDownloadEnd("DU2")
    assert list(talk.session.running) == [("updates", 0)]


def test_a_subscription_ends_on_request(talk):
    talk.ask(wire.ReqAccountUpdates(True, ""))
    talk.ask(wire.ReqAccountUpdates(False, ""))

    assert talk.session.running == {}
    assert talk.wait(600) == []


def test_an_account_of_somebody_else_is_refused(talk):
    answers = talk.ask(wire.ReqAccountUpdates(True, "U99"))

    assert [m.error_code for m in answers] == [321]


def test_a_summary_is_rows_and_an_end_again_every_three_minutes(talk):
    first = talk.ask(wire.ReqAccountSummary(7, "All", "NetLiquidation,BuyingPower"))
    later = talk.wait(180)

    assert [m.tag for m in of(wire.AccountSummary, first)] == ["BuyingPower", "NetLiquidation"]
    assert names(later) == ["AccountSummaryEnd"]
    talk.ask(wire.CancelAccountSummary(7))
    assert talk.wait(180) == []


def test_a_position_is_told_when_asked_for_and_whenever_it_changes(talk):
    assert names(talk.ask(wire.ReqPositions())) == ["PositionEnd"]

    answers = talk.ask(talk.place(1, order_type="MKT", total_quantity=Decimal(2)))

    (position,) = of(wire.Position, answers)
    assert (position.position, position.account) == (2, "DU1000001")
    assert position.contract.exchange == ""  # that of a future is not told


def test_no_more_positions_after_the_cancel(talk):
    talk.ask(wire.ReqPositions(), wire.CancelPositions())

    assert of(wire.Position, talk.ask(talk.place(1, order_type="MKT"))) == []


def test_positions_of_one_account_leave_out_the_others(talk_with):
    talk = talk_with(accounts=TWO)
    talk.ask(talk.place(1, order_type="MKT", account="DU1"))

    one = talk.ask(wire.ReqPositionsMulti(8, "DU1", "m"))
    other = talk.ask(wire.ReqPositionsMulti(9, "DU2", ""))

    assert names(one) == ["PositionMulti", "PositionMultiEnd"]
    assert (one[0].req_id, one[0].model_code) == (8, "m")
    assert names(other) == ["PositionMultiEnd"]
    talk.ask(wire.CancelPositionsMulti(8))
    assert list(talk.session.running) == [("positions_multi", 9)]


def test_values_of_all_accounts_at_once(talk_with):
    talk = talk_with(accounts=TWO)

    answers = talk.ask(wire.ReqAccountUpdatesMulti(8, "", "", False))

    cash = [m for m in answers[:-1] if m.key == "TotalCashValue"]
    assert {(m.account, m.value) for m in cash} == {("DU1", "1000000.00"), ("DU2", "500.00")}
    assert answers[-1] == wire.AccountUpdateMultiEnd(8)


def test_what_changes_in_the_values_of_accounts_is_told_until_the_cancel(talk):
    talk.ask(wire.ReqAccountUpdatesMulti(8, "", "M", False))
    traded = of(wire.AccountUpdateMulti, talk.ask(talk.place(1, order_type="MKT")))
    talk.quote("ES", bid=5010, ask=Decimal("5010.25"))
    early, later = talk.wait(179), of(wire.AccountUpdateMulti, talk.wait(1))
    ended = talk.ask(wire.CancelAccountUpdatesMulti(8), talk.place(2, order_type="MKT"))

    assert {m.key for m in traded} >= {"InitMarginReq", "NetLiquidation"}
    assert {(m.req_id, m.account, m.model_code) for m in traded} == {(8, "DU1000001", "M")}
    assert early == []
    assert "UnrealizedPnL" in {m.key for m in later}
    assert of(wire.AccountUpdateMulti, ended) == []


def test_all_clients_follow_the_same_account(talk_with):
    talk = talk_with(accounts=TWO)
    other = talk.log_in(4)
    talk.ask(wire.ReqAccountUpdates(True, "DU1"))

    (refusal,) = talk.ask(wire.ReqAccountUpdates(True, "DU2"), session=other)

    assert (refusal.error_code, refusal.error_string.rpartition(".")[2]) == (2101, "3")
    assert names(talk.ask(wire.ReqAccountUpdates(True, "DU1"), session=other))[-1] == (
        "AccountDownloadEnd"
    )


def test_positions_of_one_account_are_told_to_who_asked_for_it(talk_with):
    talk = talk_with(accounts=TWO)
    for req_id, account in ((7, "DU1"), (8, "DU2")):
        talk.ask(wire.ReqPositionsMulti(req_id, account, ""))
    (told,) = of(wire.PositionMulti, talk.ask(talk.place(1, order_type="MKT", account="DU1")))

    assert (told.req_id, told.account, told.position) == (7, "DU1", 1)


def test_a_position_that_never_was_is_not_told(talk):
    talk.ask(wire.ReqAccountUpdates(True, ""), wire.ReqPositions())
    talk.heard.clear()
    talk.floor.position_changed("DU1000001", 77)

    assert of(wire.UpdatePortfolio, talk.answers()) == of(wire.Position, talk.answers()) == []
