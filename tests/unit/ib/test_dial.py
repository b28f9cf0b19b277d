"""Every way in which a connect can fail: told at once where that is possible, and why."""

import asyncio
import socket

import pytest

from ibkit._ib import _compat as compat
from ibkit._ib._codes import CODES
from ibkit._ib._dial import dial
from ibkit._ib._greeting import Address, Ending
from ibkit._ib._health import HealthRecord

HERE = Address(host="127.0.0.1", port=7497, client_id=5)


async def attempt(tws, timeout=4.0):
    began = asyncio.get_running_loop().time()
    failure = await dial(tws.ib, HERE, timeout, CODES, HealthRecord())
    return failure, asyncio.get_running_loop().time() - began


async def test_a_login(tws):
    failure, _ = await attempt(tws)

    assert failure is None
    assert tws.client_id == 5
    assert tws.ib.client.isReady()
    assert tws.ib.wrapper.clientId == 5


@pytest.mark.parametrize(
    ("refuse", "ending"),
    [
        (ConnectionRefusedError(111, "refused"), Ending.REFUSED),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 7497)"),
         Ending.REFUSED),
        (socket.gaierror(-2, "Name or service not known"), Ending.NO_HOST),
        (OSError(113, "No route to host"), Ending.UNREACHABLE),
        (RuntimeError("something else"), Ending.UNREACHABLE),
    ],
)  # fmt: skip
async def test_what_the_system_says(tws, refuse, ending):
    tws.refuse = refuse
    failure, seconds = await attempt(tws)

    assert failure.ending is ending
    assert seconds < 0.1


@pytest.mark.parametrize(
    ("stage", "ending"),
    [
        ("tcp", Ending.NO_ANSWER),
        ("greeting", Ending.SILENT),
        ("login", Ending.NO_LOGIN),
    ],
)
async def test_a_peer_that_stops_is_left_at_the_deadline(tws, stage, ending):
    tws.stop_at = stage
    failure, seconds = await attempt(tws)

    assert failure.ending is ending
    assert failure.seconds == 4
    assert seconds == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize(
    ("stage", "ending"),
    [
        ("connect", Ending.DROPPED),
        ("greeting", Ending.DROPPED),
        ("login", Ending.DROPPED_LATER),
    ],
)
async def test_a_peer_that_closes_is_told_at_once(tws, stage, ending):
    tws.hang_up_at = stage
    failure, seconds = await attempt(tws)

    assert failure.ending is ending
    assert seconds < 0.1


async def test_another_program_on_the_port(tws):
    tws.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    failure, seconds = await attempt(tws)

    assert failure.ending is Ending.STRANGER
    assert "HTTP/1.1 400" in failure.detail
    assert seconds < 0.1


async def test_a_tws_that_is_too_old(tws):
    tws.version = 156
    failure, seconds = await attempt(tws)

    assert (failure.ending, failure.detail) == (Ending.TOO_OLD, "156")
    assert seconds < 0.1


async def test_the_client_id_in_use(tws):
    tws.replies[71] = lambda _: [[4, 2, -1, 326, "in use", ""]]
    failure, seconds = await attempt(tws)

    assert (failure.ending, failure.code) == (Ending.ID_IN_USE, 326)
    assert seconds < 0.1


async def test_another_fatal_code(tws):
    tws.replies[71] = lambda _: [[4, 2, -1, 503, "The TWS is out of date", ""]]
    failure, _ = await attempt(tws)

    assert (failure.ending, failure.code) == (Ending.TOLD, 503)
    assert failure.detail == "The TWS is out of date"
    assert failure.remedy


async def test_notices_during_the_login_do_no_harm(tws):
    login = tws.replies[71]
    tws.replies[71] = lambda f: [[4, 2, -1, 2104, "farm OK:usfarm", ""], *login(f)]
    failure, _ = await attempt(tws)

    assert failure is None


@pytest.mark.parametrize("stage", ["greeting", "login"])
async def test_after_a_failure_the_next_attempt_is_clean(tws, stage):
    tws.stop_at = stage
    await attempt(tws)
    tws.stop_at = None
    failure, seconds = await attempt(tws)

    assert failure is None
    assert seconds < 0.1


async def test_a_peer_that_takes_no_bytes_does_not_block_the_next_attempt(tws):
    tws.stop_at, tws.stuck = "greeting", True
    await attempt(tws)
    await asyncio.sleep(0.1)
    assert not compat.has_transport(tws.ib)
    tws.stop_at, tws.stuck = None, False
    failure, seconds = await attempt(tws)

    assert failure is None
    assert seconds < 0.2


async def test_a_cancelled_attempt_leaves_nothing(tws):
    tws.stop_at = "login"
    dialling = asyncio.ensure_future(attempt(tws))
    await asyncio.sleep(1)
    dialling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialling
    await asyncio.sleep(0.1)

    assert tws.transport.closed
    assert len(asyncio.all_tasks()) == 1
    # ib_async's own listener is the only one
    assert len(tws.ib.client.conn.hasData) == len(tws.ib.client.conn.disconnected) == 1
