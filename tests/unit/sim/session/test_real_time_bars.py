import datetime as dt

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._session._real_time_bars import boundary_after


def request(talk, what="TRADES", name="NQ"):
    return wire.ReqRealTimeBars(7, talk.contract(name), 5, what, False, ())


def test_bars_begin_at_whole_five_seconds():
    at = dt.datetime(2026, 3, 2, 15, 0, 7, 5, tzinfo=dt.timezone.utc)

    assert boundary_after(at) == at.replace(second=10, microsecond=0)
    assert boundary_after(at.replace(second=10, microsecond=0)).second == 15


def test_a_bar_is_told_when_it_ends_under_the_time_at_which_it_began(talk):
    begun = int(talk.now.timestamp())
    talk.ask(request(talk, "MIDPOINT"))

    early, (bar,) = talk.wait(4.9), talk.wait(0.1)

    assert early == []
    assert (bar.req_id, bar.time) == (7, begun)
    assert bar.low <= bar.open <= bar.high
    assert (bar.volume, bar.wap, bar.bar_count) == (-1, -1, -1)


def test_bars_of_trades_have_volume(talk):
    talk.ask(request(talk))

    bars = talk.wait(60)

    assert len(bars) > 5
    assert sum(bar.volume for bar in bars) > 0


def lose_ib(floor, *, lost):
    floor.is_offline = lost


def break_farm(floor, *, lost):
    floor.farms.report("usfarm", is_up=not lost)


@pytest.mark.parametrize("outage", [lose_ib, break_farm])
def test_bars_of_an_outage_never_come(talk, outage):
    talk.ask(request(talk, "MIDPOINT"))
    outage(talk.floor, lost=True)
    during, since = talk.wait(20), int(talk.now.timestamp())
    outage(talk.floor, lost=False)
    after = talk.wait(20)

    assert during == []
    assert len(after) >= 4
    assert min(bar.time for bar in after) >= since


def test_bars_end_with_a_cancel(talk):
    talk.ask(request(talk), wire.CancelRealTimeBars(7))

    assert talk.wait(30) == []
    (refusal,) = talk.ask(wire.CancelRealTimeBars(7))
    assert refusal.error_code == 300


@pytest.mark.parametrize(("rights", "what", "code"), [("live", "YIELD", 321), ("none", "BID", 420)])
def test_what_is_not_offered_is_refused(talk_with, rights, what, code):
    talk = talk_with(market_data=rights)

    (refusal,) = talk.ask(request(talk, what))

    assert refusal.error_code == code


@pytest.mark.parametrize(("paced", "refused"), [(True, [420]), (False, [])])
def test_the_sixty_first_new_stream_in_ten_minutes_is_420(talk_with, paced, refused):
    talk = talk_with(limits={"history_pacing": paced})
    for _ in range(60):
        talk.ask(request(talk), wire.CancelRealTimeBars(7))

    answers = talk.ask(request(talk))

    assert [m.error_code for m in answers if isinstance(m, wire.ErrMsg)] == refused


def test_bars_of_what_is_not_listed_are_200(talk):
    asked = request(talk)._replace(contract=wire.ContractFields(con_id=77))

    assert [m.error_code for m in talk.ask(asked)] == [200]


def test_a_second_stream_of_one_id_is_refused(talk):
    talk.ask(request(talk))

    assert [m.error_code for m in talk.ask(request(talk))] == [322]
