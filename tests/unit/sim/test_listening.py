import asyncio
import errno

import pytest

from ibkit.sim._listening import is_loopback, listen


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.0.1", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_only_this_machine_reaches_loopback(host, loopback):
    assert is_loopback(host) is loopback


def test_the_port_is_the_one_that_was_opened(caplog):
    async def open_port(host, port):
        return 4002

    assert asyncio.run(listen(open_port, "127.0.0.1", 0)) == 4002
    assert caplog.text == ""


def test_others_who_can_reach_it_are_warned_of(caplog):
    async def open_port(host, port):
        return 4002

    asyncio.run(listen(open_port, "0.0.0.0", 0))

    assert "0.0.0.0: anyone who reaches it may trade here" in caplog.text


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError(errno.EADDRINUSE, "error while attempting to bind: ..."),
            "Address already in use",
        ),
        (OSError(-2, "Name or service not known"), "Name or service not known"),
        (OSError("strange"), "strange"),
    ],
)
def test_a_port_that_cannot_be_opened_says_why_and_what_to_do(error, reason):
    async def open_port(host, port):
        raise error

    with pytest.raises(OSError, match=f"127.0.0.1:7497: {reason}. Choose another port") as caught:
        asyncio.run(listen(open_port, "127.0.0.1", 7497))

    assert caught.value.errno == error.errno
