import pytest

from ibkit.sim._session._lines import RIGHTS, admit


class Thing:
    def stop(self):
        pass


def test_lines_are_shared_by_all_clients(talk_with):
    talk = talk_with(limits={"lines": 2})
    one, other = talk.session, talk.log_in(4)
    one.start("quotes", 1, Thing())
    other.start("bars_5s", 1, Thing())
    talk.heard.clear()

    assert not admit(one, "quotes", 2)
    assert [m.error_code for m in talk.answers()] == [101]


def test_a_line_that_is_given_back_is_free(talk_with):
    talk = talk_with(limits={"lines": 1})
    talk.session.start("quotes", 1, Thing())
    talk.session.stop("quotes", 1)

    assert admit(talk.session, "quotes", 2)


def test_an_id_that_goes_on_cannot_begin_again(talk):
    talk.session.start("quotes", 1, Thing())
    talk.heard.clear()

    assert not admit(talk.session, "quotes", 1)
    assert [(m.req_id, m.error_code) for m in talk.answers()] == [(1, 322)]


@pytest.mark.parametrize(
    ("kind", "limit", "code"),
    [
        ("tick_by_tick", "tick_by_tick", 10190),
        ("depth", "depth", 309),
        ("live_bars", "real_time_requests", 456),
        ("summary", "account_summaries", 322),
    ],
)
def test_each_kind_has_its_limit_and_its_error(talk_with, kind, limit, code):
    talk = talk_with(limits={limit: 1})
    session = talk.session
    assert admit(session, kind, 1)
    session.start(kind, 1, Thing())
    talk.heard.clear()

    assert not admit(session, kind, 2)
    assert [m.error_code for m in talk.answers()] == [code]


def test_every_kind_counts_itself():
    assert all(kind in counted for kind, (counted, _, _) in RIGHTS.items())


def test_one_book_that_several_clients_look_at_counts_once(talk_with):
    talk = talk_with(limits={"depth": 1})
    es, nq = (talk.market.named(name, talk.now) for name in ("ES", "NQ"))
    one, other = talk.session, talk.log_in(4)
    one.start("depth", 1, Thing(), es)
    talk.heard.clear()

    assert admit(other, "depth", 1, es)
    assert not admit(other, "depth", 1, nq)
    assert [m.error_code for m in talk.answers()] == [309]


@pytest.mark.parametrize("counted", [True, False])
def test_whether_a_second_line_of_an_instrument_counts_is_a_switch(talk_with, counted):
    talk = talk_with(limits={"lines": 1, "duplicate_lines": counted})
    es, nq = (talk.market.named(name, talk.now) for name in ("ES", "NQ"))
    talk.session.start("quotes", 1, Thing(), es)

    assert admit(talk.session, "quotes", 2, es) is not counted
    assert not admit(talk.session, "quotes", 3, nq)
