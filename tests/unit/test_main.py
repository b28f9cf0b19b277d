import runpy
import sys

import pytest


def test_the_module_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ibkit", "--help"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("ibkit", run_name="__main__")

    assert caught.value.code == 0
    assert "demo" in capsys.readouterr().out
