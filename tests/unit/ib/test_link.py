"""The link over a scripted TWS, in virtual time. B13, B19, B20 in two halves each."""

import asyncio
import subprocess
import sys
import time
from datetime import datetime, timezone

import pytest
from ib_async import util

from ibkit._ib._greeting import Address
from ibkit._ib._link import Link, Patience
from ibkit._ib._link_table import LinkState
from ibkit._ib._reconnect import Reconnect
from ibkit._ib._requests import Requests
from ibkit.errors import (
    ConnectionFailed,
    ConnectionLost,
    NotConnected,
    RequestTimeout,
    StateUnknown,
)

HERE = Address(host="127.0.0.1", port=7497, client_id=5)
UP, DOWN, CLOSED = LinkState.UP, LinkState.DOWN, LinkState.CLOSED
CONNECTING, SYNCING = LinkState.CONNECTING, LinkState.SYNCING
BROKER_LOST, RESYNCING = LinkState.BROKER_LOST, LinkState.RESYNCING


@pytest.fixture
def make_link(ib):
    links = []

    def make(**options):
        options.setdefault("uniform", lambda: 0.5)
        options.setdefault("requests", Requests(ib))
        link = Link(ib, HERE, **options)
        links.append(link)
        return link

    yield make
    for link in links:
        link.release()


async def open_link(make_link, **options):
    link = make_link(**options)
    await link.open_async()
    return link


def states(link, since=0):
    return [change.new for change in link.history[since:]]


# --- to be up --------------------------------------------------------------------------


async def test_up_means_that_everything_was_asked_for(tws, make_link):
    link = await open_link(make_link)

    assert link.is_up
    assert states(link) == [CONNECTING, SYNCING, UP]
    assert link.epoch == 1
    assert tws.client_id == 5
    # positions, open orders, completed orders, account updates, then executions
    assert sorted(tws.numbers()[1:-1]) == [5, 6, 61, 99]
    assert tws.numbers()[-1] == 7
    assert tws.ib.isConnected()


async def test_ib_asyncs_own_event_is_emitted_once(tws, make_link):
    connected = []
    tws.ib.connectedEvent += lambda: connected.append(1)
    await open_link(make_link)

    assert connected == [1]


async def test_each_change_is_an_event_and_is_kept(tws, make_link):
    link = make_link()
    seen = []
    link.changed += seen.append
    await link.open_async()

    assert tuple(seen) == link.history
    assert [(c.old, c.new) for c in seen] == [
        (DOWN, CONNECTING),
        (CONNECTING, SYNCING),
        (SYNCING, UP),
    ]
    assert {c.time.tzinfo is not None for c in seen} == {True}
    assert [c.epoch for c in seen] == [0, 1, 1]
    assert link.since == seen[-1].time
    assert link.reason == seen[-1].reason == "positions, open orders and executions are complete"


async def test_several_accounts_are_all_followed(tws, make_link):
    tws.accounts = "DU1,DU2"
    link = await open_link(make_link, account="DU2")

    assert [fields[3] for fields in tws.asked(6)] == ["DU2"]
    assert sorted(fields[3] for fields in tws.asked(76)) == ["DU1", "DU2"]
    assert link.missing == ()


async def test_a_read_only_api_is_not_asked_for_orders(tws, make_link):
    await open_link(make_link, readonly=True)

    assert 5 not in tws.numbers()
    assert 99 not in tws.numbers()


def test_the_blocking_twins(tws, make_link):
    link = make_link()
    link.open()

    assert link.is_up
    link.up()
    link.close()
    util.run(asyncio.sleep(0))
    assert link.state is CLOSED


# --- B19: connecting -------------------------------------------------------------------


@pytest.mark.parametrize("part", [61, 5, 7])
async def test_a_part_that_never_ends_is_not_up(tws, make_link, part):
    tws.silent = {part}
    await tws.ib.connectAsync()
    assert tws.ib.isConnected()  # bare: with positions (orders, executions) unknown
    tws.ib.disconnect()
    await asyncio.sleep(1)
    link = make_link()

    with pytest.raises(ConnectionFailed, match=r"connected, but .* never came"):
        await link.open_async()
    assert link.state is CLOSED
    assert not tws.ib.isConnected()


async def test_a_part_that_ends_at_the_second_request_is_enough(tws, make_link):
    answers = [[], [[62, 1]], [[62, 1]]]
    tws.replies[61] = lambda _: answers.pop(0)
    link = await open_link(make_link)

    assert link.is_up
    assert answers == []


@pytest.mark.parametrize("part", [99, 6])
async def test_what_can_be_done_without_is_told(tws, make_link, part):
    tws.silent = {part}
    link = await open_link(make_link)

    assert link.missing == ({99: "completed orders", 6: "account updates of DU1"}[part],)
    assert link.history[-1].missing == link.missing


async def test_read_only_is_named(tws, make_link):
    text = "Error validating request.-'cd' : cause - The API interface is in Read-Only mode."
    tws.replies[5] = lambda _: [[4, 2, -1, 321, text, ""]]
    tws.replies[99] = lambda _: [[4, 2, -1, 321, text, ""]]
    link = make_link()

    with pytest.raises(ConnectionFailed, match=r"read-only mode.*readonly=True") as caught:
        await link.open_async()
    assert caught.value.code == 321


async def test_a_first_attempt_is_not_repeated(tws, make_link):
    tws.refuse = ConnectionRefusedError()
    link = make_link()

    with pytest.raises(ConnectionFailed, match="nothing listens on this port"):
        await link.open_async()
    assert tws.connects == 1
    assert link.state is CLOSED
    assert states(link) == [CONNECTING, DOWN, CLOSED]


async def test_a_link_that_failed_can_be_opened_again(tws, make_link):
    tws.refuse = ConnectionRefusedError()
    link = make_link()
    with pytest.raises(ConnectionFailed):
        await link.open_async()
    tws.refuse = None
    await link.open_async()

    assert link.is_up
    assert link.failure is None


async def test_the_client_id_in_use_is_told_at_once(tws, make_link):
    def refuse(_fields):
        tws.send(4, 2, -1, 326, "Unable connect as the client id is already in use.", "")
        asyncio.get_running_loop().call_soon(tws.hang_up)
        return []

    tws.replies[71] = refuse
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(asyncio.TimeoutError):
        await tws.ib.connectAsync(clientId=5, timeout=4)
    assert loop.time() - began == pytest.approx(4, abs=0.1)

    began = loop.time()
    link = make_link()
    with pytest.raises(ConnectionFailed, match="client id 5 is already in use") as caught:
        await link.open_async()
    assert caught.value.code == 326
    assert loop.time() - began < 0.1


async def test_cancelling_the_connect_closes(tws, make_link):
    tws.stop_at = "greeting"
    link = make_link()
    opening = asyncio.ensure_future(link.open_async())
    await asyncio.sleep(1)
    opening.cancel()
    await asyncio.sleep(0.1)

    assert link.state is CLOSED
    assert tws.transport.closed


# --- losing and making again -----------------------------------------------------------


async def test_a_lost_connection_is_made_again(tws, make_link):
    link = await open_link(make_link)
    tws.hang_up()
    await asyncio.sleep(5)

    assert states(link, since=3) == [DOWN, CONNECTING, SYNCING, UP]
    assert link.epoch == 2
    assert link.history[3].data_lost


async def test_the_delays_grow_and_stay_below_the_maximum(tws, make_link):
    policy = Reconnect(first=1, maximum=8, jitter=0)
    link = await open_link(make_link, reconnect=policy)
    began = asyncio.get_running_loop().time()
    tws.refuse = ConnectionRefusedError()
    tries = []
    link.changed += lambda change: (
        change.new is CONNECTING and tries.append(round(asyncio.get_running_loop().time() - began))
    )
    tws.hang_up()
    await asyncio.sleep(40)

    assert tries == [1, 3, 7, 15, 23, 31, 39]
    tws.refuse = None
    await link.up_async(timeout=20)
    assert link.is_up


async def test_the_number_of_attempts_is_bounded(tws, make_link):
    link = await open_link(make_link, reconnect=Reconnect(attempts=3))
    tws.refuse = ConnectionRefusedError()
    tws.hang_up()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    with pytest.raises(ConnectionFailed, match="nothing listens"):
        await link.up_async()
    assert tws.connects == 4
    assert link.state is CLOSED


async def test_without_attempts_nothing_is_made_again(tws, make_link):
    link = await open_link(make_link, reconnect=Reconnect(attempts=0))
    tws.hang_up()
    await asyncio.sleep(100)

    assert tws.connects == 1
    assert link.state is CLOSED
    with pytest.raises(ConnectionFailed, match="the connection was lost"):
        await link.up_async()


async def test_a_gateway_that_drops_each_time_is_not_hammered(tws, make_link):
    link = await open_link(make_link, reconnect=Reconnect(first=1, maximum=60, jitter=0))
    link.changed += lambda change: (
        asyncio.get_running_loop().call_later(0.5, tws.hang_up) if change.new is UP else None
    )
    tws.hang_up()
    await asyncio.sleep(600)

    assert 10 < tws.connects < 20


async def test_a_client_id_that_is_still_held_is_tried_again(tws, make_link):
    link = await open_link(make_link)
    login = tws.replies[71]
    tws.replies[71] = lambda _: [[4, 2, -1, 326, "in use", ""]]
    tws.hang_up()
    await asyncio.sleep(30)
    assert link.failure.code == 326
    assert link.state in {DOWN, CONNECTING}
    tws.replies[71] = login
    await asyncio.sleep(60)

    assert link.is_up


async def test_a_tws_that_became_too_old_is_not_tried_again(tws, make_link):
    link = await open_link(make_link)
    tws.version = 100
    tws.hang_up()
    await asyncio.sleep(60)

    assert link.state is CLOSED
    assert "too old" in str(link.failure)
    assert tws.connects == 2


async def test_a_loss_while_synchronising_ends_what_is_asked(tws, make_link):
    link = await open_link(make_link)
    tws.silent = {61}
    tws.hang_up()
    await asyncio.sleep(3)
    assert link.state is SYNCING
    tws.silent = set()
    tws.hang_up()
    await asyncio.sleep(20)

    assert states(link, since=3) == [DOWN, CONNECTING, SYNCING, DOWN, CONNECTING, SYNCING, UP]


# --- B13: a user's own disconnect is never undone --------------------------------------


async def test_the_end_that_a_user_asks_for_is_not_undone(tws, make_link):
    again = []

    def reconnect():  # what the guides say
        again.append(asyncio.ensure_future(tws.ib.connectAsync()))

    await tws.ib.connectAsync()
    tws.ib.disconnectedEvent += reconnect
    tws.ib.disconnect()
    await asyncio.sleep(5)
    assert tws.ib.isConnected()  # bare: against the user's wish
    tws.ib.disconnectedEvent -= reconnect
    tws.ib.disconnect()
    await asyncio.sleep(1)

    link = await open_link(make_link)
    connects = tws.connects
    tws.ib.disconnect()
    assert link.state is CLOSED
    await asyncio.sleep(1000)
    assert tws.connects == connects
    assert link.history[-1].reason == "ib.disconnect() was called"


@pytest.mark.parametrize("how", ["ib", "link"])
async def test_an_end_between_two_attempts_counts(tws, make_link, how):
    link = await open_link(make_link)
    tws.refuse = ConnectionRefusedError()
    tws.hang_up()
    await asyncio.sleep(2)
    assert link.state is DOWN
    tws.refuse = None
    tws.ib.disconnect() if how == "ib" else link.close()
    await asyncio.sleep(1000)

    assert link.state is CLOSED
    assert not tws.ib.isConnected()


@pytest.mark.parametrize("stage", ["greeting", "login"])
async def test_an_end_during_the_login_counts(tws, make_link, stage):
    link = await open_link(make_link)
    tws.stop_at = stage
    tws.hang_up()
    await asyncio.sleep(3)
    assert link.state is CONNECTING
    tws.ib.disconnect()
    await asyncio.sleep(100)

    assert link.state is CLOSED
    assert tws.transport.closed


async def test_an_end_asked_for_in_a_handler_counts(tws, make_link):
    link = make_link()
    link.changed += lambda change: tws.ib.disconnect() if change.new is UP else None
    opening = asyncio.ensure_future(link.open_async())
    await asyncio.sleep(1000)

    assert link.state is CLOSED
    assert not tws.ib.isConnected()
    with pytest.raises(NotConnected):
        await opening


async def test_closing_ends_what_is_pending(tws, make_link):
    link = await open_link(make_link)
    tws.silent = {61}
    asking = asyncio.ensure_future(link.requests.positions_async())
    await asyncio.sleep(0.1)
    link.close()

    with pytest.raises(ConnectionLost):
        await asyncio.wait_for(asking, 1)


# --- TWS and IB ------------------------------------------------------------------------


async def test_the_loss_of_ib_and_its_return(tws, make_link):
    link = await open_link(make_link)
    for _ in range(3):
        tws.error(-1, 1100)
        await asyncio.sleep(1)
    assert link.state is BROKER_LOST
    tws.sent.clear()
    tws.error(-1, 1102)
    await asyncio.sleep(1)

    assert states(link, since=3) == [BROKER_LOST, RESYNCING, UP]
    assert [c.code for c in link.history[3:]] == [1100, 1102, None]
    assert not any(c.data_lost for c in link.history[3:])
    assert link.epoch == 1
    # what can have been missed; the account is still subscribed
    assert sorted(tws.numbers()) == [5, 7, 61, 99]


async def test_lost_data_are_told_in_any_state(tws, make_link):
    link = await open_link(make_link)
    tws.error(-1, 1101)
    tws.error(-1, 1101)
    await asyncio.sleep(1)

    lost = [(c.old, c.new) for c in link.history if c.data_lost]
    assert lost == [(UP, RESYNCING), (RESYNCING, RESYNCING)]
    assert link.is_up


async def test_a_loss_that_only_the_farms_end(tws, make_link):
    link = await open_link(make_link, patience=Patience(quiet=30))
    tws.error(-1, 2110)
    await asyncio.sleep(600)
    assert link.state is BROKER_LOST
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    await asyncio.sleep(20)
    tws.error(-1, 1100)
    await asyncio.sleep(100)
    assert link.state is BROKER_LOST  # it was not over
    tws.error(-1, 2106, "HMDS data farm connection is OK:ushmds")
    await asyncio.sleep(29)
    assert link.state is BROKER_LOST
    await asyncio.sleep(2)

    assert link.is_up
    assert link.history[-2].new is RESYNCING
    assert link.history[-2].data_lost


async def test_a_loss_told_in_the_packet_of_the_login_is_heard(tws, make_link):
    login = tws.replies[71]
    tws.replies[71] = lambda f: [
        *login(f),
        [4, 2, -1, 2104, "Market data farm connection is OK:usfarm", ""],
        [4, 2, -1, 1100, "lost", ""],
    ]
    link = make_link()
    opening = asyncio.ensure_future(link.open_async())
    await asyncio.sleep(1)

    assert link.state is BROKER_LOST
    assert list(link.farms) == ["usfarm"]
    connected = []
    tws.ib.connectedEvent += lambda: connected.append(1)
    tws.error(-1, 1102)
    await opening
    assert connected == [1]


async def test_a_login_at_a_tws_without_ib_is_not_up(tws, make_link):
    login = tws.replies[71]
    tws.replies[71] = lambda f: [
        *login(f),
        [4, 2, -1, 2103, "Market data farm connection is broken:usfarm", ""],
        [4, 2, -1, 2105, "HMDS data farm connection is broken:ushmds", ""],
    ]
    link = make_link(patience=Patience(quiet=30))
    opening = asyncio.ensure_future(link.open_async())
    await asyncio.sleep(100)
    assert link.state is BROKER_LOST
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    await asyncio.sleep(29)
    assert not opening.done()
    await opening

    assert link.is_up


async def test_a_login_with_one_farm_away_is_up(tws, make_link):
    login = tws.replies[71]
    tws.replies[71] = lambda f: [
        *login(f),
        [4, 2, -1, 2103, "Market data farm connection is broken:usfarm", ""],
        [4, 2, -1, 2106, "HMDS data farm connection is OK:ushmds", ""],
    ]
    link = await open_link(make_link)

    assert link.is_up


async def test_a_moved_port_is_followed(tws, make_link):
    link = await open_link(make_link)
    tws.error(-1, 1300, "Socket port has been reset and this connection is being dropped. "
                        "Please reconnect on the new port -7500")  # fmt: skip
    await asyncio.sleep(5)

    assert link.address.port == 7500
    assert tws.ib.client.port == 7500
    assert link.is_up
    assert link.epoch == 2


async def test_farms_of_an_earlier_session_are_forgotten(tws, make_link):
    link = await open_link(make_link)
    tws.error(-1, 2103, "Market data farm connection is broken:usfarm")
    await asyncio.sleep(0.1)
    assert list(link.farms) == ["usfarm"]
    tws.hang_up()
    await asyncio.sleep(5)

    assert link.is_up
    assert link.farms == {}


async def test_farms_are_events_of_their_own(tws, make_link):
    link = await open_link(make_link)
    seen = []
    link.farm_changed += seen.append
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    tws.error(-1, 2103, "Market data farm connection is broken:usfarm")
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    await asyncio.sleep(1)

    assert [change.came_back for change in seen] == [False, False, True]
    assert link.is_up
    assert len(link.history) == 3


# --- silence ---------------------------------------------------------------------------


async def test_silence_is_asked_about(tws, make_link):
    await open_link(make_link, patience=Patience(silence=30))
    tws.sent.clear()
    await asyncio.sleep(100)

    assert set(tws.numbers()) == {49}
    assert 2 <= len(tws.sent) <= 3


async def test_a_talking_tws_is_not_asked(tws, make_link):
    await open_link(make_link, patience=Patience(silence=30))
    tws.sent.clear()
    for _ in range(20):
        await asyncio.sleep(10)
        tws.send(8, 1, "10:00")

    assert tws.sent == []


async def test_a_loss_while_tws_is_asked_is_a_loss_like_any_other(tws, make_link):
    link = await open_link(make_link, patience=Patience(silence=30, login=10))
    tws.silent = {49}
    await asyncio.sleep(35)
    tws.hang_up()
    await asyncio.sleep(5)

    assert link.is_up
    assert link.history[3].reason == "the connection was lost"
    assert link.requests.health.current().handler_errors == 0


async def test_a_dead_tws_is_left_and_called_again(tws, make_link):
    link = await open_link(make_link, patience=Patience(silence=30, login=10))
    tws.silent = {49}
    await asyncio.sleep(50)

    assert states(link, since=3) == [DOWN, CONNECTING, SYNCING, UP]
    assert link.history[3].reason == "no word from TWS for 30 s"
    assert link.epoch == 2


# --- adopting --------------------------------------------------------------------------


@pytest.fixture
def adopt(ib):
    links = []

    def make(**options):
        links.append(Link.adopt(ib, **options))
        return links[-1]

    yield make
    for link in links:
        link.release()


async def test_an_ib_that_is_connected_is_checked(tws, adopt):
    await tws.ib.connectAsync("10.0.0.1", 4002, clientId=9)
    tws.sent.clear()
    link = adopt()
    assert link.state is SYNCING
    await link.up_async()

    assert link.epoch == 1
    assert link.address == Address(host="10.0.0.1", port=4002, client_id=9)
    assert tws.numbers()[-1] == 7


async def test_an_ib_that_is_not_connected_is_watched(tws, adopt):
    link = adopt()
    assert link.state is DOWN
    with pytest.raises(NotConnected):
        link.require_up("positions")
    await tws.ib.connectAsync()
    await link.up_async()

    assert link.is_up


async def test_ib_async_announces_a_connect_of_the_user_and_nobody_else_does(tws, adopt):
    connected = []
    tws.ib.connectedEvent += lambda: connected.append(1)
    link = adopt()
    await tws.ib.connectAsync()
    await link.up_async()

    assert connected == [1]


async def test_the_users_own_reconnect_is_noticed(tws, adopt):
    await tws.ib.connectAsync()
    link = adopt()
    await link.up_async()
    tws.hang_up()
    await asyncio.sleep(100)
    assert link.state is CLOSED
    assert tws.connects == 1
    await tws.ib.connectAsync()
    await link.up_async()

    assert link.epoch == 2


async def test_an_adopted_ib_is_reconnected_on_request(tws, adopt):
    await tws.ib.connectAsync(clientId=9)
    link = adopt(reconnect=Reconnect())
    await link.up_async()
    tws.hang_up()
    await asyncio.sleep(10)

    assert link.is_up
    assert tws.client_id == 9


def test_an_ib_connected_by_blocking_calls_is_adopted(tws, adopt):
    tws.ib.connect()
    link = adopt()
    assert link.state is SYNCING
    link.up()
    assert link.is_up

    tws.ib.disconnect()
    assert link.state is CLOSED
    util.run(asyncio.sleep(0.01))


# --- asking the link -------------------------------------------------------------------


async def test_what_is_not_known_is_said(tws, make_link):
    link = make_link()
    with pytest.raises(NotConnected, match="positions: not connected"):
        link.require_up("positions")
    await link.open_async()
    link.require_up("positions")
    tws.error(-1, 1100)
    await asyncio.sleep(0.1)
    with pytest.raises(StateUnknown, match=r"known: the link is broker lost.*; nothing was sent"):
        link.require_up("positions")


async def test_a_link_says_where_it_is(tws, make_link):
    link = make_link()
    before = repr(link)
    await link.open_async()

    assert before.endswith(" down: not opened yet>")
    assert repr(link).startswith("<Link ")
    assert " up: " in repr(link)
    link.close()


async def test_waiting_has_a_deadline(tws, make_link):
    link = await open_link(make_link)
    tws.error(-1, 1100)
    await asyncio.sleep(0.1)

    with pytest.raises(RequestTimeout, match=r"the connection to 127.0.0.1:7497 as client 5"):
        await link.up_async(timeout=5)


async def test_a_link_that_the_user_closed_has_no_failure(tws, make_link):
    link = await open_link(make_link)
    tws.refuse = ConnectionRefusedError()
    tws.hang_up()
    await asyncio.sleep(3)
    assert link.failure is not None
    link.close()

    with pytest.raises(NotConnected):
        await link.up_async()


async def test_what_users_handlers_raise_is_seen(tws, make_link):
    link = await open_link(make_link)

    def typo(*_):
        raise ZeroDivisionError

    tws.ib.errorEvent += typo
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    await asyncio.sleep(0.1)

    health = link.requests.health.current()
    assert health.errors_by_handler == {"a handler of IB.errorEvent": 1}


FORGOTTEN = """
from ib_async import IB
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkState

ib = IB()
ib.link = Link.adopt(ib)
ib.link.state = LinkState.UP
ib.client.connState = ib.client.CONNECTED
"""


def test_a_program_that_ends_without_a_disconnect_ends_in_silence():
    ended = subprocess.run(
        [sys.executable, "-c", FORGOTTEN], capture_output=True, text=True, check=True
    )

    assert ended.stderr == ""


async def test_released_means_nothing_is_changed_any_more(tws, make_link):
    link = await open_link(make_link)
    link.release()
    assert tws.ib.disconnect.__name__ == "disconnect"
    assert "disconnect" not in vars(tws.ib) or vars(tws.ib)["disconnect"].__self__ is tws.ib
    tws.hang_up()
    await asyncio.sleep(100)

    assert link.state is UP  # what it last knew
    assert tws.connects == 1


# --- B10: fills in zones that ib_async does not know ------------------------------------


def execution(time):
    row = [11, -1, 5, 1, "ES", "FUT", "20260320", 0, "", 50, "CME", "USD", "ESH6", "ES", "e.01"]
    row += [time, "DU1", "CME", "BOT", 1, 5000, 9, 1, 0, 1, 5000, "", "", "", "", 1, 0]
    return row


@pytest.mark.parametrize(
    ("sent", "known_to_ib_async"),
    [
        ("20260105 09:30:00 US/Eastern", True),
        ("20260105 23:30:00 JST", False),
        ("20260105 22:30:00 China Standard Time", False),
        ("20260105-14:30:00", False),  # read, but as local time
    ],
)
async def test_a_fill_is_not_lost_to_the_name_of_a_zone(
    tws, make_link, sent, known_to_ib_async, monkeypatch
):
    monkeypatch.setenv("TZ", "America/Denver")
    time.tzset()
    right = datetime(2026, 1, 5, 14, 30, tzinfo=timezone.utc)
    await tws.ib.connectAsync()
    tws.send(*execution(sent))
    await asyncio.sleep(0.1)
    bare = [fill.execution.time for fill in tws.ib.fills()]
    assert (bare == [right]) is known_to_ib_async
    tws.ib.disconnect()
    await asyncio.sleep(1)

    await open_link(make_link)
    tws.send(*execution(sent))
    await asyncio.sleep(0.1)
    assert [fill.execution.time for fill in tws.ib.fills()] == [right]
    monkeypatch.undo()
    time.tzset()


async def test_a_fill_in_an_unknown_zone_is_kept_and_told_once(tws, make_link, caplog):
    await open_link(make_link)
    for _ in range(2):
        tws.send(*execution("20260105 09:30:00 Middle Earth Time"))
    await asyncio.sleep(0.1)

    assert len(tws.ib.fills()) == 1
    told = [r.message for r in caplog.records if r.name == "ibkit"]
    assert len(told) == 1
    assert "'20260105 09:30:00 Middle Earth Time'; set IB.TimezoneTWS" in told[0]


# --- B20: 1102 and the account summary -------------------------------------------------


async def test_summaries_do_not_pile_up(tws, make_link):
    await tws.ib.connectAsync()
    for _ in range(3):
        tws.error(-1, 1102)
    await asyncio.sleep(1)
    assert len(tws.asked(62)) == 3
    assert len(tws.asked(63)) == 0
    tws.ib.disconnect()
    await asyncio.sleep(1)

    await open_link(make_link)
    tws.sent.clear()
    tws.error(-1, 1102)
    await asyncio.sleep(1)
    assert tws.asked(62) == []
    tws.replies[62] = lambda f: [[63, 1, f[2], "DU1", "SMA", "1", "USD"], [64, 1, f[2]]]
    await tws.ib.accountSummaryAsync()
    for _ in range(3):
        tws.error(-1, 1102)
        await asyncio.sleep(1)
    assert len(tws.asked(62)) - len(tws.asked(63)) == 2
