import pytest

from ibkit import __version__
from ibkit.cli import main
from ibkit.cli._main import parser


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["demo", "--port", "x"]])
def test_what_is_no_command_ends_with_two_and_a_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: ibkit" in capsys.readouterr().err


def test_every_command_has_a_help_line():
    text = parser().format_help()

    for command in ("demo", "chain", "roll", "watch", "record", "sim"):
        assert command in text


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
