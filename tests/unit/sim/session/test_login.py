import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._scenario import Account
from ibkit.sim._session._session import Stage


def test_a_client_is_ready_after_start_api(talk):
    session = talk.session

    assert (session.stage, session.client_id) == (Stage.READY, 3)


def test_the_same_id_twice_is_refused_and_closed(talk):
    first, second = talk.log_in(3), talk.floor.open("other", talk.now)

    (refusal,) = talk.ask(wire.StartApi(3, ""), session=second)

    assert refusal.error_code == 326
    assert second.closing
    assert not first.closing


def test_an_id_is_free_again_when_its_client_has_gone(talk):
    talk.floor.closed(talk.log_in(3), talk.now)

    assert talk.log_in(3).stage is Stage.READY


@pytest.mark.parametrize(
    ("accounts", "text"),
    [((Account(name="A"),), "A"), ((Account(name="A"), Account(name="B")), "A,B,")],
)
def test_accounts_are_listed_with_a_comma_after_each_of_several(talk_with, accounts, text):
    talk = talk_with(accounts=accounts)

    assert talk.ask(wire.ReqManagedAccts()) == [wire.ManagedAccounts(text)]


def test_the_time_is_told_in_whole_seconds(talk):
    talk.wait(1.9)

    (answer,) = talk.ask(wire.ReqCurrentTime())

    assert answer.time == int(talk.now.timestamp())


def test_questions_about_nothing_have_answers_that_say_so(talk):
    answers = talk.ask(wire.ReqUserInfo(1), wire.ReqSoftDollarTiers(2), wire.ReqFamilyCodes())

    assert answers == [
        wire.UserInfo(1, ""),
        wire.SoftDollarTiers(2, ()),
        wire.FamilyCodes((wire.FamilyCode("DU1000001", ""),)),
    ]


def test_the_log_level_is_taken_without_an_answer(talk):
    assert talk.ask(wire.SetServerLogLevel(5)) == []


def greeting(talk, client_id=5):
    session = talk.floor.open("another", talk.now)
    answers = talk.ask(wire.StartApi(client_id, ""), session=session)
    return [answer.error_code for answer in answers if isinstance(answer, wire.ErrMsg)]


@pytest.mark.parametrize("code", ["2110", "1100"])
def test_who_logs_in_while_ib_is_out_of_reach_hears_that_and_that_no_farm_is_there(talk_with, code):
    talk = talk_with(offline_login=code)
    talk.floor.go_offline()

    assert greeting(talk) == [int(code), 2103, 2105, 2157]


def test_who_logs_in_while_a_farm_is_broken_hears_of_that_farm(talk):
    talk.floor.farms.report("usfarm", is_up=False)

    assert greeting(talk) == [2103, 2106, 2158]
