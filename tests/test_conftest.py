"""The guards of the suite hold."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite of its own, in its own process, under our conftest."""
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makeini(
        "[pytest]\nfilterwarnings = error\nmarkers = slow: slow\n"
        "asyncio_default_fixture_loop_scope = function\naddopts = -p no:cacheprovider\n"
    )
    return pytester


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "0.0.0.0", "2001:db8::1"])
def test_no_socket_reaches_another_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # a datagram socket: were the guard broken, connecting it would still send nothing
    with (
        socket.socket(family, socket.SOCK_DGRAM) as stranger,
        pytest.raises(Exception, match="tests speak to this machine only"),
    ):
        stranger.connect((address, 9))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(Exception, match=r"not to 'gateway\.invalid'"):
        socket.getaddrinfo("gateway.invalid", 7497)


def test_nobody_else_is_served() -> None:
    with socket.socket() as server, pytest.raises(Exception, match="this machine only"):
        server.bind(("", 0))


def test_loopback_is_open() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def talk() -> bytes:
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"hello\n")
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    assert asyncio.run(talk()) == b"hello\n"


def test_a_task_left_unfinished_fails_its_test_and_only_that(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio

        loop = asyncio.new_event_loop()

        async def forever():
            await asyncio.Event().wait()

        async def leave():
            loop.task = asyncio.ensure_future(forever())

        def test_leaves_a_task():
            loop.run_until_complete(leave())

        def test_is_clean():
            assert loop.task.cancelled()
        """
    )

    result = suite.runpytest_subprocess()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*tasks left unfinished:*", "*forever()*"])


def test_an_idle_loop_may_stay(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio

        def test_takes_the_loop_of_the_thread():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            loop.run_until_complete(asyncio.sleep(0))
        """
    )

    suite.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_loop_that_stayed_is_closed_before_another_takes_its_place(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(
        """
        import asyncio
        import gc

        def test_takes_the_loop_of_the_thread():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            loop.run_until_complete(asyncio.sleep(0))

        def test_has_a_loop_of_its_own():
            asyncio.run(asyncio.sleep(0))

        def teardown_module():
            gc.collect()
        """
    )

    suite.runpytest_subprocess().assert_outcomes(passed=2)


def test_a_blocking_disconnect_is_finished(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio
        import socket

        def test_leaves_the_last_callback_to_the_loop():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            with socket.create_server(("127.0.0.1", 0)) as server:
                connecting = loop.create_connection(asyncio.Protocol, *server.getsockname())
                transport, _ = loop.run_until_complete(connecting)
                transport.close()
        """
    )

    result = suite.runpytest_subprocess()

    assert result.ret == 0
    result.stderr.no_fnmatch_line("*ResourceWarning*")


def test_slow_tests_run_only_in_the_deep_profile(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from hypothesis import settings

        @pytest.mark.slow
        def test_long():
            assert settings.default.max_examples == 2000
        """
    )

    suite.runpytest_subprocess().assert_outcomes(skipped=1)
    suite.runpytest_subprocess("--deep").assert_outcomes(passed=1)
