import itertools

import pytest

from ibkit.streams._kinds import Kind
from ibkit.streams._recovery import (
    CUTS,
    DELIVERING,
    TABLE,
    Action,
    Phase,
    Signal,
    pause_before,
    signal_of,
    step,
)

A, P, S = Action, Phase, Signal
REQUEST = {A.AGAIN, A.RENEW, A.LATER, A.RETRY}
REQUESTED = [P.OPENING, P.TENTATIVE, P.LIVE, P.PASSING, P.DOUBTFUL, P.CUT, P.RETURNING]


def follow(kind, phase, *signals):
    actions = []
    for signal in signals:
        taken = step(kind, phase, signal)
        phase = taken.phase
        actions += taken.actions
    return phase, actions


def test_every_phase_has_its_row():
    assert set(TABLE) == set(Phase)


@pytest.mark.parametrize("phase", REQUESTED)
def test_whatever_was_going_on_a_lost_connection_is_a_gap_and_ends_in_a_request(phase):
    phase, actions = follow(Kind.QUOTES, phase, S.SOCKET_LOST, S.SOCKET_BACK)

    assert phase is P.WAITING
    assert A.GAP in actions


@pytest.mark.parametrize("phase", REQUESTED)
@pytest.mark.parametrize("kind", list(Kind))
def test_lost_subscriptions_are_requested_again_from_every_phase(phase, kind):
    taken = step(kind, phase, S.DATA_LOST)

    assert (taken.phase, taken.actions) == (P.WAITING, (A.GAP, A.CLEAR, A.AGAIN))


@pytest.mark.parametrize(("kind", "phase"), list(itertools.product(Kind, Phase)))
def test_a_new_request_always_leads_to_waiting_and_only_there(kind, phase):
    for signal in Signal:
        taken = step(kind, phase, signal)
        if REQUEST & set(taken.actions):
            assert taken.phase is P.WAITING, (kind, phase, signal)


@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_happens_nobody_delivers_who_has_not_said_that_data_flow(kind):
    seen, ahead = set(), [(P.WAITING, True)]
    while ahead:
        state = phase, owes = ahead.pop()
        if state in seen:
            continue
        seen.add(state)
        assert not (phase in DELIVERING and owes), "a first value without Started, or after a gap"
        for signal in Signal:
            taken = step(kind, phase, signal)
            says = [action for action in taken.actions if action in {A.GAP, A.RESUME}]
            ahead.append((taken.phase, says[-1] is A.GAP if says else owes))

    assert {phase for phase, _ in seen} == set(Phase) - {P.ENDED}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_farm_that_comes_back_silently_leads_to_a_new_request(kind):
    phase, actions = follow(kind, P.LIVE, S.FARM_BROKEN, S.FARM_OK, S.SILENT)

    assert phase is P.WAITING
    assert actions[-3:] == [A.GAP, A.CLEAR, A.AGAIN]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_line_that_delivers_while_a_farm_is_broken_has_no_gap_and_is_watched(kind):
    assert follow(kind, P.LIVE, S.FARM_BROKEN, S.DATA, S.FARM_OK) == (P.LIVE, [A.WATCH])


@pytest.mark.parametrize("kind", list(Kind))
def test_a_line_that_begins_while_a_farm_is_broken_is_watched_as_well(kind):
    phase, actions = follow(kind, P.OPENING, S.FARM_BROKEN, S.DATA, S.FARM_OK)

    assert (phase, actions) == (P.LIVE, [A.RESUME, A.WATCH])


@pytest.mark.parametrize("kind", list(Kind))
def test_a_line_that_falls_silent_after_the_farm_is_back_is_asked_for_again(kind):
    phase, actions = follow(kind, P.LIVE, S.FARM_BROKEN, S.DATA, S.FARM_OK, S.SILENT)

    assert (phase, actions[1:]) == (P.WAITING, [A.GAP, A.CLEAR, A.AGAIN])


def test_data_that_was_under_way_when_tws_lost_ib_ends_no_gap():
    assert follow(Kind.TICKS, P.LIVE, S.SERVER_LOST, S.DATA, S.DATA) == (P.CUT, [A.GAP])


@pytest.mark.parametrize("kind", list(Kind))
def test_what_tws_answers_while_it_has_lost_ib_starts_nothing(kind):
    for before in ((), (S.FARM_BROKEN,)):
        assert follow(kind, P.OPENING, *before, S.SERVER_LOST, S.DATA) == (P.CUT, [A.GAP])


@pytest.mark.parametrize(
    ("code", "is_cut"), [(1100, True), (2110, True), (1101, False), (1102, False), (2104, False)]
)
def test_which_messages_say_that_tws_has_lost_ib(code, is_cut):
    assert CUTS[code] is is_cut
    assert 2103 not in CUTS


def test_ticks_that_come_back_by_themselves_leave_a_gap_behind():
    phase, actions = follow(Kind.TICKS, P.LIVE, S.FARM_BROKEN, S.FARM_OK, S.DATA)

    assert phase is P.LIVE
    assert actions == [A.WATCH, A.GAP, A.RESUME]


@pytest.mark.parametrize("kind", [Kind.QUOTES, Kind.DEPTH, Kind.BARS])
def test_what_builds_on_earlier_messages_is_requested_anew_after_a_hole(kind):
    phase, actions = follow(kind, P.LIVE, S.SERVER_LOST, S.DATA_KEPT, S.DATA)

    assert phase is P.WAITING
    assert A.AGAIN in actions


def test_many_messages_of_one_outage_do_no_more_than_one():
    once = follow(Kind.TICKS, P.LIVE, S.SERVER_LOST, S.DATA_KEPT, S.DATA)
    often = follow(
        Kind.TICKS, P.LIVE, S.SERVER_LOST, S.SERVER_LOST, S.SERVER_LOST, S.DATA_KEPT, S.DATA
    )

    assert once[0] is often[0] is P.LIVE
    assert set(once[1]) == set(often[1])


def test_a_book_that_is_reset_starts_from_nothing_without_a_new_request():
    phase, actions = follow(Kind.DEPTH, P.LIVE, S.BOOK_RESET, S.DATA)

    assert phase is P.LIVE
    assert actions == [A.GAP, A.CLEAR, A.WATCH, A.RESUME]


def test_an_outage_that_ends_without_1100_is_seen_all_the_same():
    assert step(Kind.TICKS, P.LIVE, S.DATA_KEPT).phase is P.RETURNING


def test_a_request_that_was_never_answered_is_repeated_after_the_farm_is_up():
    phase, actions = follow(Kind.QUOTES, P.OPENING, S.FARM_OK, S.SILENT)

    assert (phase, actions) == (P.WAITING, [A.WATCH, A.RETRY])


@pytest.mark.parametrize("signal", list(Signal))
def test_nothing_moves_a_stream_that_has_ended(signal):
    assert step(Kind.QUOTES, P.ENDED, signal) == step(Kind.QUOTES, P.ENDED, S.DATA)
    assert step(Kind.QUOTES, P.ENDED, signal).phase is P.ENDED


@pytest.mark.parametrize(
    ("code", "kind", "signal"),
    [
        (1100, Kind.QUOTES, S.SERVER_LOST),
        (2110, Kind.DEPTH, S.SERVER_LOST),
        (1101, Kind.TICKS, S.DATA_LOST),
        (1102, Kind.TICKS, S.DATA_KEPT),
        (2103, Kind.BARS_5S, S.FARM_BROKEN),
        (2104, Kind.BARS_5S, S.FARM_OK),
        (2105, Kind.BARS, S.FARM_BROKEN),
        (2106, Kind.BARS_5S, None),
        (2108, Kind.QUOTES, None),
        (2158, Kind.QUOTES, None),
    ],
)
def test_messages_for_everybody(code, kind, signal):
    assert signal_of(code, kind) is signal


def test_pauses_grow_and_end_at_a_minute():
    pauses = [pause_before(attempt) for attempt in range(1, 20)]

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.0, 60.0)
    assert pause_before(1, later=True) > 0
