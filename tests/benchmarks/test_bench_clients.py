"""Clients are compared turn by turn, and what cannot be measured is said."""

import asyncio
import importlib
import subprocess
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def clients(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("bench_clients")


def cost(clients, quote):
    return clients.Cost(1, quote, 1, 1, 1)


def test_each_turn_is_compared_with_the_bare_library_of_the_same_turn(clients):
    found = {
        "ib_async 2.1.0": [cost(clients, 10), cost(clients, 40)],
        "other 1": [cost(clients, 20), cost(clients, 120)],
    }
    bare, other = clients.rows(found, "quote")

    assert (bare.what, bare.median) == ("ib_async 2.1.0, us of CPU", 25)
    assert (other.what, other.least, other.median, other.largest) == (
        "other 1 / ib_async",
        2,
        2.5,
        3,
    )


def test_a_client_that_cannot_be_installed_is_said_with_the_reason(clients, monkeypatch):
    def refused(_):
        raise subprocess.CalledProcessError(1, "pip", stderr="a\nNo matching distribution\n")

    monkeypatch.setattr(clients, "environment_of", refused)

    answer = asyncio.run(clients.attempt(clients.CLIENTS[0]))
    assert answer == "cannot be installed: No matching distribution"


def test_every_client_has_its_program(clients):
    assert all((BENCHMARKS / "clients" / one.program).is_file() for one in clients.CLIENTS)
    assert clients.BARE in {one.name for one in clients.CLIENTS}
