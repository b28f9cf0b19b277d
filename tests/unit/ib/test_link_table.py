import pytest

from ibkit._ib._link_table import DATA_LOST, TABLE, Action, LinkState, Signal, Step, step

S = LinkState


def test_every_state_has_its_row():
    assert set(TABLE) == set(LinkState)


@pytest.mark.parametrize("state", [state for state in LinkState if state is not S.CLOSED])
def test_the_user_can_close_in_every_state(state):
    assert step(state, Signal.CLOSE).state is S.CLOSED


@pytest.mark.parametrize("state", [S.CONNECTING, S.SYNCING, S.UP, S.BROKER_LOST, S.RESYNCING])
def test_closing_hangs_up_whatever_may_be_open(state):
    assert step(state, Signal.CLOSE).actions == (Action.HANG_UP,)


@pytest.mark.parametrize(
    "signal", [one for one in Signal if one not in {Signal.OPEN, Signal.CONNECTED}]
)
def test_what_is_closed_stays_closed(signal):
    assert step(S.CLOSED, signal) is None


def test_up_is_reached_by_a_whole_synchronisation_only():
    ways = {
        (state, signal)
        for state, row in TABLE.items()
        for signal, passage in row.items()
        if passage.state is S.UP
    }

    assert ways == {(S.SYNCING, Signal.SYNCED), (S.RESYNCING, Signal.SYNCED)}


def test_an_epoch_begins_with_each_login_only():
    ways = {
        signal
        for row in TABLE.values()
        for signal, passage in row.items()
        if Action.BEGIN_EPOCH in passage.actions
    }

    assert ways == {Signal.LOGGED_IN, Signal.CONNECTED}


@pytest.mark.parametrize("state", [S.SYNCING, S.UP, S.BROKER_LOST, S.RESYNCING])
def test_the_loss_of_the_socket_is_down_wherever_it_happens(state):
    assert step(state, Signal.SOCKET_LOST) == Step(S.DOWN)


@pytest.mark.parametrize("state", [S.UP, S.RESYNCING, S.BROKER_LOST])
@pytest.mark.parametrize("signal", [Signal.DATA_LOST, Signal.DATA_KEPT])
def test_the_return_of_ib_is_synchronised(state, signal):
    assert step(state, signal).state is S.RESYNCING


@pytest.mark.parametrize("state", [S.SYNCING, S.UP, S.BROKER_LOST, S.RESYNCING])
def test_the_loss_of_ib_is_never_up(state):
    assert step(state, Signal.BROKER_LOST).state is S.BROKER_LOST


def test_farms_alone_do_not_end_a_loss():
    assert step(S.BROKER_LOST, Signal.FARM_OK) == Step(S.BROKER_LOST)
    assert step(S.BROKER_LOST, Signal.QUIET) == Step(S.RESYNCING)
    assert step(S.UP, Signal.FARM_OK) is None


def test_what_gives_up_a_connection_hangs_up():
    for state in (S.SYNCING, S.RESYNCING):
        assert step(state, Signal.SYNC_FAILED) == Step(S.DOWN, (Action.HANG_UP,))
    assert step(S.UP, Signal.SILENT) == Step(S.DOWN, (Action.HANG_UP,))


def test_signals_that_leave_data_dead():
    assert Signal.DATA_KEPT not in DATA_LOST
    assert {Signal.SOCKET_LOST, Signal.DATA_LOST, Signal.QUIET, Signal.SILENT} <= DATA_LOST
