"""The demo as a user runs it, in a process of its own, over a real socket."""

import re
import subprocess
import sys
import time

import pytest

from ibkit.cli._gateway import simulated_gateway

pytestmark = pytest.mark.tcp


def ibkit(*arguments):
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ibkit", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done, time.monotonic() - began


def test_the_demo_shows_a_bracket_that_fills_and_closes_and_ends_with_0():
    done, seconds = ibkit("demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "FAIL" not in done.stdout
    assert "front month: ES" in done.stdout
    assert len(re.findall(r"bid +[\d,.]+ x", done.stdout)) >= 5
    for words in (
        "entry filled at",
        "1 of 1 protected by a working stop",
        "target filled",
        "stop cancelled by its OCA group",
        "is flat",
        "Everything above really happened",
    ):
        assert words in done.stdout
    assert seconds < 15 or ibkit("demo")[1] < 15  # the machine may have been busy for a moment


def test_an_account_that_is_not_a_paper_account_is_refused_and_nothing_is_placed():
    with simulated_gateway("--account", "U1234567") as gateway:
        done, _ = ibkit("demo", "--host", gateway.host, "--port", str(gateway.port))

    assert done.returncode == 1
    assert "not a paper account" in done.stdout
    assert "placed" not in done.stdout
    assert "U1234567" not in done.stdout + done.stderr


def test_a_host_where_nothing_listens_is_one_clear_line_and_1():
    done, _ = ibkit("demo", "--host", "127.0.0.1", "--port", "1")

    assert done.returncode == 1
    assert "cannot connect to 127.0.0.1:1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_an_unknown_product_is_one_line_that_names_the_nearest():
    done, _ = ibkit("demo", "--root", "ESX")

    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "nearest: FESX, ES" in done.stdout


def test_what_does_not_happen_is_said_and_ends_with_1():
    with simulated_gateway("--seed", "4") as gateway:  # a walk, that need not reach the target
        done, _ = ibkit(
            "demo", "--host", gateway.host, "--port", str(gateway.port), "--patience", "0.01"
        )

    assert done.returncode == 1
    assert re.search(r"FAIL \S", done.stdout), done.stdout
    assert "Traceback" not in done.stdout + done.stderr
