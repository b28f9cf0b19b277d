import pytest

from ibkit import __version__
from ibkit.cli import main
from ibkit.cli._main import parser


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["nonsense"], ["demo", "--port", "x"], ["chain", "ES", "NQ"]),
        ["roll", "ES", "--limit", "x"],
        ["watch", "ES", "--port", "4002"],  # who names a port does not mean a simulated gateway
    ],
)
def test_what_is_no_command_ends_with_two_and_a_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: ibkit" in capsys.readouterr().err


def test_every_command_has_a_help_line():
    text = parser().format_help()

    for command in ("demo", "chain", "roll", "watch", "record", "sim"):
        assert command in text


def test_the_simulator_gets_its_options_as_they_are(monkeypatch):
    became = []
    monkeypatch.setattr("os.execv", lambda _, command: became.append(command) or 1 / 0)
    options = ["--port", "0", "--serve-transcript", "day.txt", "--trace"]
    for given in (options, ["--help"]):
        with pytest.raises(ZeroDivisionError):
            main(["sim", *given])

    assert [command[3:] for command in became] == [options, ["--help"]]


def test_an_error_is_one_line_beside_the_output(monkeypatch, capsys):
    def failed(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("ibkit.cli._main._chain", failed)

    assert main(["chain", "ES"]) == 1
    assert capsys.readouterr() == ("", "ibkit: the disk is full\n")


def test_an_interrupt_ends_a_command_quietly(monkeypatch):
    def interrupted(options, console):
        raise KeyboardInterrupt

    monkeypatch.setattr("ibkit.cli._demo.demo", interrupted)

    assert main(["demo"]) == 130


def test_a_reader_that_has_seen_enough_is_no_error(monkeypatch, tmp_path):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("ibkit.cli._main._chain", closed)
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr("sys.stdout", out)

        assert main(["chain", "ES"]) == 141
