import pytest

from ibkit.cli import main
from ibkit.cli._check import STEPS
from ibkit.cli._gateway import simulated_gateway

pytestmark = pytest.mark.tcp


def checked(gateway):
    return main(["check", "--host", gateway.host, "--port", str(gateway.port), "--patience", "2"])


def verdicts(text):
    """The steps that went well, and those that did not."""
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.startswith("  ")]
    return tuple(
        [rest.split(":")[0] for word, rest in lines if word == verdict and ":" in rest]
        for verdict in ("ok", "FAIL")
    )


def test_every_step_is_tried_and_nothing_is_traded(capsys):
    assert main(["check"]) == 0
    said = capsys.readouterr().out

    assert verdicts(said) == (list(STEPS), [])
    assert "connected in" in said
    assert "one ES needs a margin of" in said
    assert "What ibkit needs is there." in said


def test_a_step_that_fails_does_not_keep_the_others_from_being_tried(capsys, tmp_path):
    pytest.importorskip("tomllib")
    file = tmp_path / "scenario.toml"
    file.write_text('market_data = "none"\n')
    with simulated_gateway("--scenario", str(file)) as gateway:
        assert checked(gateway) == 1
    said = capsys.readouterr().out

    assert verdicts(said) == ([step for step in STEPS if step != "quotes"], ["quotes"])
    assert f"1 of {len(STEPS)} steps failed" in said


def test_a_read_only_api_is_found_out(capsys, tmp_path):
    pytest.importorskip("tomllib")
    file = tmp_path / "scenario.toml"
    file.write_text("read_only = true\n")
    with simulated_gateway("--scenario", str(file)) as gateway:
        assert checked(gateway) == 0
        said = capsys.readouterr().out
        assert main(["chain", "ES", "--host", gateway.host, "--port", str(gateway.port)]) == 0

    assert "note to place orders, switch off" in said
    assert "orders: not tried" in said


def test_a_live_account_is_told_without_its_number(capsys):
    with simulated_gateway("--account", "U1234567") as gateway:
        assert checked(gateway) == 0
    said = capsys.readouterr().out

    assert "accounts: 0 paper, 1 live" in said
    assert "note orders go to a live account only" in said
    assert "1234567" not in said


def test_an_unknown_product_fails_what_needs_it(capsys):
    assert main(["check", "--root", "ESX"]) == 1
    said = capsys.readouterr().out

    assert verdicts(said)[1] == ["contract", "quotes", "history", "orders"]


def test_a_host_where_nothing_listens_is_one_line_and_1(capsys):
    assert main(["check", "--host", "127.0.0.1", "--port", "1"]) == 1

    assert "cannot connect to 127.0.0.1:1" in capsys.readouterr().err
