"""Named cases of the ledger; the state machine is in tests/property/test_streams_ledger.py."""

import pytest

from ibkit.streams._decisions import Cancel, Evict, Holder, Open, Refuse, Share, Wait
from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._ledger import Ledger
from ibkit.streams._limits import Pool, StreamLimits

ES, NQ, CL = 1, 2, 3


class Desk:
    """Drives a ledger and writes down what it decides, as words."""

    def __init__(self, **limits):
        self.ledger = Ledger(StreamLimits(**limits))
        self.now = 0.0
        self.number = 0
        self.tokens = {}

    def spec(self, con_id, kind=Kind.QUOTES, *parameters):
        return Spec(con_id=con_id, exchange="CME", kind=kind, parameters=parameters)

    def open(self, con_id, kind=Kind.QUOTES, *parameters, wants=(), priority=0, when_full="wait"):
        self.number += 1
        holder = Holder(
            number=self.number, name=f"h{self.number}", priority=priority, when_full=when_full
        )
        spec = self.spec(con_id, kind, *parameters)
        return self.told(self.ledger.acquire(holder, spec, frozenset(wants), now=self.now))

    def close(self, number):
        return self.told(self.ledger.release(number, now=self.now))

    def after(self, seconds):
        until, words = self.now + seconds, []
        while self.ledger.deadline is not None and self.ledger.deadline <= until:
            self.now = max(self.now, self.ledger.deadline)
            words += self.told(self.ledger.due(self.now))
        self.now = until
        return words

    def told(self, decisions):
        return [self.word(decision) for decision in decisions]

    def word(self, decision):
        if isinstance(decision, Open):
            self.tokens[decision.request.spec.con_id] = decision.request.token
        match decision:
            case Open(request) | Cancel(request):
                return f"{type(decision).__name__} {request.spec.con_id}".lower()
            case Evict(request, by):
                return f"evict {request.spec.con_id} for {by.con_id}"
            case Share(holder, _) | Wait(holder):
                return f"{type(decision).__name__} {holder.name}".lower()
            case Refuse(holder, pool, limit, holders):
                return f"refuse {holder.name} {pool.name} {limit} {' '.join(holders)}"


def test_a_second_consumer_shares_the_line():
    desk = Desk()

    assert desk.open(ES) == ["open 1"]
    assert desk.open(ES) == ["share h2"]
    assert desk.ledger.holders(desk.spec(ES)) == ("h1", "h2")
    assert desk.ledger.statistics(now=0.0)[Pool.LINES].used == 1


def test_the_line_is_cancelled_once_when_the_last_one_leaves():
    desk = Desk()
    desk.open(ES)
    desk.open(ES)
    desk.after(1)

    assert desk.close(1) == []
    assert desk.close(2) == ["cancel 1"]
    assert desk.close(2) == []


def test_a_cancel_waits_until_the_request_has_been_held():
    desk = Desk(minimum_hold=0.3)
    desk.open(ES)

    assert desk.close(1) == []
    assert desk.ledger.statistics(now=0.0)[Pool.LINES].used == 1
    assert desk.after(0.2) == []
    assert desk.after(0.2) == ["cancel 1"]
    assert desk.ledger.statistics(now=0.4)[Pool.LINES].used == 0


def test_a_line_that_is_about_to_be_cancelled_is_taken_over():
    desk = Desk()
    desk.open(ES)
    desk.close(1)

    assert desk.open(ES) == ["share h2"]
    assert desk.after(10) == []


def test_generic_ticks_are_merged_into_one_request():
    desk = Desk(lines=10)
    desk.open(ES, wants={233})
    desk.after(1)

    assert desk.open(ES, wants={236}) == ["share h2", "open 1", "cancel 1"]
    assert desk.ledger._entries[desk.spec(ES)].request.wants == {233, 236}
    assert desk.open(ES, wants={236}) == ["share h3"]


def test_a_wider_request_takes_the_place_of_the_old_one_when_all_are_taken():
    desk = Desk(lines=1)
    desk.open(ES)
    desk.after(1)

    assert desk.open(ES, wants={236}) == ["share h2", "cancel 1", "open 1"]


def test_what_is_made_wider_keeps_its_place_from_whoever_waits():
    desk = Desk(lines=1)
    desk.open(ES)
    desk.after(1)
    desk.open(NQ, priority=1)

    assert desk.open(ES, wants={236}) == ["share h3", "cancel 1", "open 1"]


def test_widening_waits_for_the_minimum_hold():
    desk = Desk()
    desk.open(ES)

    assert desk.open(ES, wants={236}) == ["share h2"]
    assert desk.after(1) == ["open 1", "cancel 1"]


def test_who_waits_is_served_by_priority_and_then_by_arrival():
    desk = Desk(lines=1)
    desk.open(ES)
    desk.after(1)
    desk.open(NQ)
    desk.open(CL, priority=1)

    assert desk.close(1) == ["cancel 1", "open 3"]
    desk.after(1)
    assert desk.close(3) == ["cancel 3", "open 2"]


def test_refusing_says_what_is_full_and_who_holds_it():
    desk = Desk(depth=2)
    desk.open(ES, Kind.DEPTH)
    desk.open(NQ, Kind.DEPTH)

    assert desk.open(CL, Kind.DEPTH, when_full="refuse") == ["refuse h3 DEPTH 2 h1 h2"]
    assert desk.ledger.holders(desk.spec(CL, Kind.DEPTH)) == ()


def test_one_that_refuses_does_not_jump_the_queue():
    desk = Desk(lines=2)
    desk.open(ES)
    desk.after(1)
    desk.open(NQ, Kind.BARS_5S)
    desk.open(CL, Kind.BARS_5S)

    assert desk.close(1) == ["cancel 1", "open 3"]


def test_evicting_takes_the_oldest_of_the_lowest_priority():
    desk = Desk(lines=3)
    desk.open(ES, priority=1)
    desk.open(NQ)
    desk.open(CL)
    desk.after(1)

    assert desk.open(4, when_full="evict") == ["evict 2 for 4", "cancel 2", "open 4"]
    assert desk.ledger.statistics(now=1.0)[Pool.LINES].waiting == 1


def test_a_protected_contract_is_never_evicted():
    desk = Desk(lines=1)
    desk.ledger.protected = frozenset({ES})
    desk.open(ES)
    desk.after(1)

    assert desk.open(NQ, when_full="evict", priority=9) == ["wait h2"]


def test_two_that_evict_do_not_evict_each_other_for_ever():
    desk = Desk(lines=1)
    desk.open(ES, when_full="evict")
    desk.after(1)
    desk.open(NQ, when_full="evict")

    assert desk.after(1000) == []
    assert desk.close(2) == ["cancel 2", "open 1"]


def test_an_eviction_waits_until_somebody_has_been_held():
    desk = Desk(lines=1, minimum_hold=0.5)
    desk.open(ES)

    assert desk.open(NQ, when_full="evict") == ["wait h2"]
    assert desk.after(1) == ["evict 1 for 2", "cancel 1", "open 2"]


def test_what_a_victim_leaves_over_goes_to_who_waits_for_it():
    desk = Desk(lines=2, real_time=1)
    desk.open(ES, Kind.BARS_5S)
    desk.open(NQ)
    desk.after(1)
    desk.open(CL, Kind.BARS, "1 min", "1 D", "TRADES")

    assert desk.open(4, when_full="evict") == ["evict 1 for 4", "cancel 1", "open 4", "open 3"]


def test_tick_by_tick_of_one_instrument_waits_fifteen_seconds():
    desk = Desk(tick_by_tick=3)

    assert desk.open(ES, Kind.TICKS, "Last") == ["open 1"]
    assert desk.open(ES, Kind.TICKS, "BidAsk") == ["wait h2"]
    assert desk.open(NQ, Kind.TICKS, "Last") == ["open 2"]
    assert desk.after(14) == []
    assert desk.after(2) == ["open 1"]


def test_waiting_for_the_time_is_no_reason_to_refuse():
    desk = Desk(tick_by_tick=3)
    desk.open(ES, Kind.TICKS, "Last")

    assert desk.open(ES, Kind.TICKS, "BidAsk", when_full="refuse") == ["wait h2"]


def test_one_that_waits_for_the_time_keeps_its_place():
    desk = Desk(tick_by_tick=2)
    desk.open(ES, Kind.TICKS, "Last")
    desk.open(ES, Kind.TICKS, "BidAsk")

    assert desk.open(NQ, Kind.TICKS, "Last") == ["wait h3"]
    assert desk.after(16) == ["open 1"]


def test_a_refusal_of_ib_is_learned_and_the_line_waits_in_front():
    desk = Desk(lines=100)
    for con_id in (1, 2, 3):
        desk.open(con_id)

    assert desk.told(desk.ledger.refused(desk.tokens[3], Pool.LINES, now=0.0)) == ["wait h3"]
    assert desk.ledger.statistics(now=0.0)[Pool.LINES].limit == 2
    assert desk.open(4) == ["wait h4"]
    assert desk.after(61) == ["open 3"]


def test_a_refusal_of_ib_reaches_the_one_who_did_not_want_to_wait():
    desk = Desk(lines=100)
    desk.open(ES, when_full="refuse")

    assert desk.told(desk.ledger.refused(desk.tokens[ES], Pool.LINES, now=0.0)) == [
        "refuse h1 LINES 0 "
    ]


def test_what_ib_has_ended_is_not_cancelled():
    desk = Desk()
    desk.open(ES)
    desk.open(ES)
    desk.ledger.ended(desk.tokens[ES], now=5.0)

    assert desk.close(1) == []
    assert desk.after(10) == []
    assert desk.ledger.statistics(now=5.0)[Pool.LINES].used == 0


@pytest.mark.parametrize(("alive", "words"), [(True, ["open 1", "cancel 1"]), (False, ["open 1"])])
def test_a_request_is_repeated_under_a_new_token(alive, words):
    desk = Desk()
    desk.open(ES)
    desk.after(1)
    old = desk.tokens[ES]

    assert desk.told(desk.ledger.again(old, now=1.0, alive=alive)) == words
    assert desk.tokens[ES] != old
    assert desk.ledger.again(old, now=1.0, alive=alive) == []


def test_a_pause_before_the_next_request_is_kept():
    desk = Desk()
    desk.open(ES)
    desk.after(1)

    assert desk.told(desk.ledger.again(desk.tokens[ES], now=1.0, alive=True, delay=5)) == [
        "cancel 1"
    ]
    assert desk.after(4) == []
    assert desk.after(2) == ["open 1"]


def test_a_lost_connection_cancels_nothing_and_everything_is_asked_for_again_in_order():
    desk = Desk(lines=2)
    for con_id, priority in ((ES, 0), (NQ, 1), (CL, 2)):
        desk.open(con_id, priority=priority)
    desk.ledger.lost()

    assert desk.open(4) == ["wait h4"]
    assert desk.close(3) == []
    assert desk.after(10) == []
    assert desk.told(desk.ledger.restored(now=desk.now)) == ["open 2", "open 1"]


def test_a_holder_has_one_line():
    desk = Desk()
    desk.open(ES)
    desk.number = 0

    with pytest.raises(ValueError, match="h1 holds quotes 1@CME already"):
        desk.open(NQ)


def test_a_thousand_streams_in_line_are_quick_to_queue():
    desk = Desk(lines=1)
    for con_id in range(1, 1001):
        desk.open(con_id)

    assert desk.ledger.statistics(now=0.0)[Pool.LINES].waiting == 999
    served = [desk.after(1) + desk.close(number) for number in range(1, 1001)]
    assert served[0] == ["cancel 1", "open 2"]
    assert served[-1] == ["cancel 1000"]


def test_what_ib_says_of_a_request_that_nobody_made_changes_nothing():
    desk = Desk()
    desk.open(ES)
    desk.ledger.sent(99, now=1.0)

    assert desk.ledger.ended(99, now=1.0) == []
    assert desk.ledger.refused(99, Pool.DEPTH, now=1.0) == []
    assert desk.ledger.statistics(now=1.0)[Pool.LINES].used == 1


def test_a_refusal_for_a_pool_that_is_not_used_opens_the_line_again():
    desk = Desk()
    desk.open(ES)

    assert desk.told(desk.ledger.refused(desk.tokens[ES], Pool.DEPTH, now=0.0)) == ["open 1"]


def test_a_cancel_that_must_wait_waits_whenever_it_is_asked():
    desk = Desk()
    desk.open(ES)
    desk.close(1)

    assert desk.ledger.due(0.0) == []
    assert desk.after(1) == ["cancel 1"]


def test_a_doomed_line_that_ib_has_ended_is_not_cancelled():
    desk = Desk()
    desk.open(ES)
    desk.close(1)

    assert desk.ledger.again(desk.tokens[ES], now=0.0, alive=False) == []
    assert desk.ledger.statistics(now=0.0)[Pool.LINES].used == 0
    assert desk.after(1) == []


def test_who_needs_two_pools_evicts_in_the_one_that_is_full():
    desk = Desk(lines=1)
    desk.open(ES)
    desk.after(1)

    assert desk.open(NQ, Kind.BARS_5S, when_full="evict") == ["evict 1 for 2", "cancel 1", "open 2"]
