import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._market import Quote
from ibkit.sim._session._floor import BEAT


class Watcher:
    def __init__(self):
        self.seen = []

    def on_ticks(self, ticks, now):
        self.seen.append((now, [tick for tick in ticks if isinstance(tick, Quote)]))


def es(talk):
    return talk.market.named("ES", talk.now).con_id


def test_no_more_clients_than_the_limit_and_a_place_becomes_free(talk_with):
    talk = talk_with(limits={"clients": 1})
    first = talk.session
    second = talk.floor.open("second", talk.now)
    talk.floor.closed(first, talk.now)

    assert second.closing
    assert not talk.floor.open("third", talk.now).closing


def test_only_clients_that_have_logged_in_and_stay_are_ready(talk):
    talk.floor.open("silent", talk.now)
    leaving = talk.log_in(4)
    session = talk.session
    leaving.close("over")

    assert talk.floor.ready_sessions() == [session]
    assert talk.floor.logged_in(4) is None


def test_watchers_hear_of_what_happens_after_they_came_until_they_leave(talk):
    early, late = Watcher(), Watcher()
    talk.floor.watch(es(talk), early, talk.now)
    talk.quote("ES", bid=5001, ask=5002)
    talk.floor.watch(es(talk), late, talk.now)
    talk.quote("ES", bid=5003, ask=5004)
    talk.floor.unwatch(es(talk), early)
    talk.quote("ES", bid=5005, ask=5006)

    assert [quotes[0].bid for _, quotes in early.seen] == [5001, 5003]
    assert [quotes[0].bid for _, quotes in late.seen] == [5003, 5005]


def test_leaving_twice_does_nothing(talk):
    watcher = Watcher()
    talk.floor.watch(es(talk), watcher, talk.now)
    talk.floor.unwatch(es(talk), watcher)
    talk.floor.unwatch(es(talk), watcher)

    assert talk.wait(10) == []


def test_quotes_are_sampled_four_times_a_second_while_somebody_watches(talk):
    watcher = Watcher()
    con_id = talk.market.named("NQ", talk.now).con_id
    talk.floor.watch(con_id, watcher, talk.now)
    talk.wait(5)
    times = [now for now, _ in watcher.seen]
    talk.floor.unwatch(con_id, watcher)
    talk.wait(1)

    assert len(times) > 5
    assert all((now - times[0]) % BEAT == dt.timedelta(0) for now in times)
    assert talk.floor.next_due() is None or talk.floor.next_due() > talk.now + BEAT * 4


def test_an_idle_floor_has_nothing_to_do(talk):
    talk.wait(60)
    due = talk.floor.next_due()

    assert due is None or due - talk.now > dt.timedelta(hours=1)


def test_at_midnight_yesterday_s_executions_are_gone_though_nothing_happens(talk):
    asking = wire.ReqExecutions(1, 0, "", "", "", "", "", "")
    talk.ask(talk.place(1, order_type="MKT"))
    before = talk.ask(asking)
    talk.now = dt.datetime(2026, 3, 3, 5, 0, tzinfo=dt.timezone.utc)  # 0:00 in New York
    after = talk.ask(asking)

    assert [type(one).__name__ for one in before][:1] == ["ExecDetails"]
    assert [type(one).__name__ for one in after] == ["ExecDetailsEnd"]


def test_time_that_has_passed_is_not_lived_again(talk):
    talk.wait(10)

    talk.floor.catch_up(talk.now - dt.timedelta(seconds=5))

    assert talk.floor.now == talk.now


def test_what_is_due_happens_in_the_order_of_its_time(talk):
    seen = []
    for seconds in (3, 1, 2):
        due = talk.now + dt.timedelta(seconds=seconds)
        talk.floor.timers.at(due, lambda now: seen.append((now - talk.now).total_seconds()))
    end = talk.now + dt.timedelta(seconds=5)

    talk.floor.advance(end)

    assert seen == [1, 2, 3]


def test_orders_wait_while_ib_is_out_of_reach(talk):
    session = talk.session
    talk.floor.go_offline()
    talk.ask(talk.place(1))
    before = talk.broker.orders()

    talk.floor.go_online(talk.now)

    assert before == ()
    assert [order.key for order in talk.broker.orders()] == [(session.client_id, 1)]


def test_an_order_that_waits_has_used_its_id(talk):
    client_id = talk.session.client_id
    talk.floor.go_offline()
    talk.ask(talk.place(7))

    assert talk.floor.next_valid_id(client_id) == 8
    assert talk.floor.next_valid_id(client_id + 1) == 1


def test_data_stands_still_while_ib_is_out_of_reach(talk):
    watcher = Watcher()
    talk.floor.watch(es(talk), watcher, talk.now)
    talk.floor.go_offline()

    talk.wait(5)

    assert watcher.seen == []


def test_what_was_missed_is_shown_when_ib_is_back(talk):
    talk.ask(talk.place(1))
    watcher = Watcher()
    talk.floor.watch(es(talk), watcher, talk.now)
    talk.floor.go_offline()
    talk.wait(5)
    talk.quote("ES", bid=3990, ask=3991)
    missed, open_orders = list(watcher.seen), talk.broker.orders()

    talk.floor.go_online(talk.now)

    assert (missed, len(open_orders)) == ([], 1)
    ((_, (quote,)),) = watcher.seen
    assert (quote.bid, quote.time) == (3990, talk.now)
    assert talk.broker.orders() == ()


def test_dead_data_stays_dead_and_lines_are_free_again(talk):
    talk.ask(wire.ReqMktData(7, talk.contract(), "", False, False, ()), wire.ReqPositions())
    talk.floor.kill_data()

    assert talk.quote("ES", bid=5001, ask=5002) == []
    assert list(talk.session.running) == [("positions", 0)]
    assert talk.floor.held["quotes"] == 0


def test_lines_may_be_ended_with_an_error_each(talk):
    talk.ask(
        wire.ReqMktData(7, talk.contract(), "", False, False, ()),
        wire.ReqMktData(8, talk.contract("AAPL"), "", False, False, ()),
    )
    talk.heard.clear()

    talk.floor.refuse_all("quotes", 10197)

    assert [(m.req_id, m.error_code) for m in talk.answers()] == [(7, 10197), (8, 10197)]


@pytest.mark.parametrize("watched", [True, False])
def test_the_broker_is_told_the_price_of_what_is_held(talk, watched):
    talk.ask(talk.place(1, order_type="MKT"))
    if watched:
        talk.floor.watch(es(talk), Watcher(), talk.now)
    talk.wait(1)
    talk.floor.deliver(
        talk.market.quote("ES", talk.now, bid=5010, ask=Decimal("5010.25")), talk.now
    )

    talk.floor.mark(talk.now)

    assert talk.broker.positions("DU1000001")[0].market_price == Decimal("5010.125")
