import asyncio
import signal
import subprocess
import sys
from decimal import Decimal

import pytest

from ibkit.sim import Account, Limits, SimGateway, __main__ as command
from ibkit.sim._scenario_file import ScenarioFile

pytestmark = pytest.mark.tcp
DAY = 'ibkit-transcript 1\n0 1 < Welcome version=176 time="now"\n'


def options(*arguments):
    return command.parser().parse_args(arguments)


@pytest.fixture
def main(monkeypatch, capsys):
    """Run the command until *visit* has been there; return its exit code and what it printed."""

    def main(*arguments, visit=None):
        class Stopped:
            async def wait(self):
                if visit is not None:
                    await visit(int(capsys.readouterr().out.rpartition(":")[2]))

        monkeypatch.setattr(command, "_stopped_by_signals", Stopped)
        code = command.main(["--port", "0", *map(str, arguments)])
        return code, *capsys.readouterr()

    return main


async def greeted(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"API\0\0\0\0\x09v157..178")
    await reader.readexactly(4)
    writer.close()
    await writer.wait_closed()


# -- options


def test_without_options_it_is_a_plain_users_gateway():
    usual = options()

    assert (usual.host, usual.port, usual.seed, usual.speed) == ("127.0.0.1", 7497, 1, 1.0)
    assert command.world_of(usual) == ScenarioFile(SimGateway().scenario, [])


def test_options_go_before_the_file(tmp_path):
    pytest.importorskip("tomllib")
    file = tmp_path / "s.toml"
    file.write_text('zone = "MET"\n[limits]\nlines = 5\n[[faults]]\nat = 1\nfault = "cut"\n')

    scenario, schedule = command.world_of(
        options("--scenario", str(file), "--lines", "7", "--account", "A=5", "--account", "B")
    )

    assert scenario.limits == Limits(lines=7)
    assert scenario.accounts == (Account(name="A", cash=Decimal(5)), Account(name="B"))
    assert scenario.zone == "MET"
    assert [line.fault for line in schedule] == ["cut"]
    assert command.world_of(options("--sessions")).scenario.sessions


def test_limits_go_by_their_names():
    named = options(
        "--limit", "depth=7", "--limit", "message_excess=reject", "--limit", "history_pacing=false"
    )

    assert command.world_of(named).scenario.limits == Limits(
        depth=7, message_excess="reject", history_pacing=False
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "x"], "'x' is no port"),
        (["--port", "70000"], "'70000' is no port"),
        (["--account", "A=x"], "cash: got 'x'; wanted a number"),
        (["--replay", "ES"], "'ES' is not NAME=FILE"),
        (["--limit", "depth"], "'depth' is not NAME=VALUE"),
        (["--upstream", "host"], "'host' is not HOST:PORT"),
        (["--scrub"], "--record FILE"),
        (["--upstream", "host:1"], "--upstream needs --record"),
        (["--serve-transcript", "a", "--record", "b"], "it records nothing"),
    ],
)
def test_options_that_make_no_sense_are_refused(capsys, arguments, words):
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)

    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_the_help_tells_of_the_three_uses(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])

    text = capsys.readouterr().out
    assert all(word in text for word in ("--trace", "--upstream", "--serve-transcript", "Ctrl-C"))


# -- runs


def test_it_serves_and_traces(main):
    code, out, err = main("--trace", "--seed", 3, visit=greeted)

    assert (code, err) == (0, "")
    assert out == ""  # a hello is no message


def test_it_records_what_is_said(main, tmp_path):
    code, _, _ = main("--record", tmp_path / "t.txt", visit=greeted)

    assert code == 0
    assert "1 > Hello versions=v157..178" in (tmp_path / "t.txt").read_text()


def test_it_serves_a_transcript(main, tmp_path):
    (tmp_path / "t.txt").write_text(DAY)

    assert main("--serve-transcript", tmp_path / "t.txt", visit=greeted) == (0, "", "")


def test_it_stands_before_another_gateway_and_records(tmp_path):
    file = tmp_path / "t.txt"

    async def relay():
        async with SimGateway() as upstream:
            address = f"127.0.0.1:{upstream.port}"
            arguments = options("--port", "0", "--upstream", address, "--record", str(file))
            async with command.service_of(arguments) as port:
                await greeted(port)

    asyncio.run(relay())

    assert "1 < Welcome version=178" in file.read_text()


def test_files_are_replayed(main, tmp_path):
    file = tmp_path / "ticks.csv"
    file.write_text("time,price,size\n2020-01-01 00:00:00,77,1\n")

    assert main("--replay", f"ES={file}", "--zone", "US/Central")[0] == 0
    assert main("--replay", f"ES={file}")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--speed", "0"], "speed: got 0.0"),
        (["--replay", "NOPE=x.csv"], "nothing is called 'NOPE'"),
        (["--limit", "wishes=3"], "--limit: wishes unknown; there are account_summaries"),
        (["--limit", "depth=deep"], "--limit: depth: got 'deep'; wanted a whole number"),
        (["--record", "/nowhere/t.txt"], "/nowhere/t.txt"),
        (["--serve-transcript", "/nowhere/t.txt"], "/nowhere/t.txt"),
        (["--scenario", "/nowhere/s.toml"], "/nowhere/s.toml"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(main, arguments, words):
    code, out, err = main(*arguments)

    assert (code, out) == (1, "")
    assert err.startswith("ibkit.sim: ")
    assert err.count("\n") == 1
    assert words in err or "tomllib" in err or "3.11" in err


def test_a_fault_that_is_none_names_the_file(main, tmp_path):
    pytest.importorskip("tomllib")
    file = tmp_path / "s.toml"
    file.write_text('[[faults]]\nat = 1\nfault = "quake"\n')

    code, _, err = main("--scenario", file)

    assert code == 1
    assert f"{file}: At(seconds=1, fault='quake'" in err


def test_a_port_in_use_says_what_to_do(main, capsys):
    async def visit(port):
        nonlocal taken
        taken = await asyncio.to_thread(command.main, ["--port", str(port)])

    taken = None
    _, _, err = main(visit=visit)

    assert taken == 1
    assert "Address already in use. Choose another port" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_without_a_traceback(number):
    process = subprocess.Popen(
        [sys.executable, "-m", "ibkit.sim", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("listening on 127.0.0.1:")

    process.send_signal(number)
    _, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (0, "")
