import pytest

from ibkit.cli import main

pytestmark = pytest.mark.tcp


def test_a_chain_shows_every_month_its_dates_and_the_front(capsys):
    assert main(["chain", "CL"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert "WTI Crude Oil" in lines[1]
    assert lines[2].split() == [
        *("month", "symbol", "conId", "last", "trade", "first", "notice", "close-out"),
        *("volume", "roll"),
    ]
    marked = [line for line in lines if line.startswith(">")]
    assert len(marked) == 1
    assert marked[0].endswith("front")
    assert marked[0].split()[-3].replace(",", "").isdecimal(), "the volume of the front month"
    assert "front month on" in lines[-1]
    assert "business days before last trade" in lines[-1]


def test_active_months_are_fewer(capsys):
    main(["chain", "GC"])
    listed = len(capsys.readouterr().out.splitlines())
    main(["chain", "GC", "--months", "active"])

    assert len(capsys.readouterr().out.splitlines()) < listed


def test_an_unknown_product_is_one_line_and_1(capsys):
    assert main(["chain", "ESS"]) == 1
    said = capsys.readouterr().err

    assert "no futures product" in said
    assert "ES" in said
