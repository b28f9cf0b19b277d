import asyncio
import re
import signal
import subprocess
import sys

import pytest
from ib_async import IB

from ibkit.cli._main import main, parser
from ibkit.cli._record import command_of
from ibkit.sim import SimGateway


def options(*arguments):
    return parser().parse_args(["record", "--out", "day.txt", *arguments])


def test_account_numbers_are_replaced_unless_they_are_asked_for():
    usual = command_of(options())

    assert usual[1:] == [
        *("-m", "ibkit.sim", "--port", "4000", "--upstream", "127.0.0.1:7497"),
        *("--record", "day.txt", "--scrub"),
    ]
    assert "--scrub" not in command_of(options("--keep-accounts"))


def test_it_becomes_the_proxy_and_says_what_to_do(monkeypatch, capsys):
    class Became(Exception):
        pass

    def become(_program, command):
        raise Became(command)

    monkeypatch.setattr("os.execv", become)
    with pytest.raises(Became) as became:
        main(["record", "--host", "tws", "--port", "4002", "--listen", "0", "--out", "day.txt"])

    (command,) = became.value.args
    assert command[3:7] == ["--port", "0", "--upstream", "tws:4002"]
    said = capsys.readouterr().out
    assert "recording to day.txt; account numbers are replaced" in said
    assert "here instead of to tws:4002" in said


def test_where_to_write_has_to_be_said(capsys):
    with pytest.raises(SystemExit):
        main(["record"])

    assert "--out" in capsys.readouterr().err


@pytest.mark.tcp
@pytest.mark.skipif(sys.platform == "win32", reason="no Ctrl-C for a child on Windows")
def test_a_session_is_recorded_until_ctrl_c(tmp_path):
    path = tmp_path / "day.txt"

    async def port_of(recorder):
        async for line in recorder.stdout:
            if found := re.search(rb":(\d+)$", line):
                return int(found[1])
        pytest.fail("the recorder has ended")

    async def session(port):
        ib = IB()
        await ib.connectAsync("127.0.0.1", port, clientId=4)
        names = ib.managedAccounts()
        ib.disconnect()
        await asyncio.sleep(0.05)
        return names

    async def main():
        async with SimGateway() as gateway:
            arguments = ["--port", str(gateway.port), "--listen", "0", "--out", str(path)]
            recorder = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ibkit", "record", *arguments), stdout=subprocess.PIPE
            )
            try:
                names = await session(await port_of(recorder))
            finally:
                recorder.send_signal(signal.SIGINT)
                code = await recorder.wait()
            return names, code

    names, code = asyncio.run(main())
    transcript = path.read_text()

    assert (names, code) == (["DU1000001"], 0)
    assert transcript.startswith("ibkit-transcript 1\n")
    assert "ManagedAccounts accounts_list=DU9000001" in transcript
    assert "DU1000001" not in transcript
