"""Every line of the fault menu is a method of `FaultDesk`, and a line of a scenario file."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import sys
from pathlib import Path

import pytest
from ib_async import LimitOrder, MarketOrder

from ibkit.sim import FaultDesk, read_scenario_file
from ibkit.testing import run_virtual
from sim_client import connected, future

TOOL = Path(__file__).parents[2] / "tools" / "gateway_tables.py"
SPEC = importlib.util.spec_from_file_location("gateway_tables", TOOL)
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)

TERMS = 'terms = { action = "BUY", quantity = 1, order_type = "LMT", limit_price = 3000.5 }'
LINES = {
    "alter": 'answer = "OrderStatus"\nfields = { status = "Lost" }',
    "answer_once": 'request = "ReqCurrentTime"',
    "blank_unset": "",
    "bust_fill": 'exec_id = "latest"',
    "cancel_order": 'perm_id = "3/50"\nreason = "halted"',
    "compete": "",
    "correct_fill": 'exec_id = "latest"\nprice = 5000.75',
    "cut": "client_id = 3",
    "cut_at": 'request = "PlaceOrder"\nafter = true',
    "delay": 'answer = "OrderStatus"\nseconds = 1.5',
    "delay_request": 'request = "CancelMktData"\nseconds = 2',
    "double": 'answer = "ExecDetails"',
    "farm_down": 'farm = "ushmds"',
    "farm_up": "dead = true",
    "fill_in_one_burst": 'prices = { "3/50" = 4000, "3/51" = 4001.25 }',
    "fill_order": 'perm_id = "3/50"\nquantity = 1\nprice = 4000.25',
    "hold_next_order": "",
    "ignore": 'request = "ReqPositions"',
    "lose_connectivity": "times = 2",
    "lose_data": "",
    "move_port": "port = 7500",
    "nightly_reset": "",
    "notice_next_order": "code = 399",
    "place_as_client": f'client_id = 9\norder_id = 50\nname = "ES"\n{TERMS}',
    "place_by_hand": f'name = "ES"\n{TERMS}',
    "race_cancel": "quantity = 1",
    "refuse": 'request = "ReqContractDetails"\ncode = 200\ntext = "No security definition"',
    "refuse_connections": "times = 2",
    "refuse_next_modify": 'code = 110\ntext = "off the grid"',
    "refuse_next_order": 'code = 321\ntext = "no"',
    "reject_next_order": 'reason = "no"\nerror_first = true',
    "reject_order": 'perm_id = "3/50"\nreason = "no"',
    "release_order": 'perm_id = "3/50"',
    "report_status": 'perm_id = "3/50"\nstatus = "PreSubmitted"',
    "reset_depth": "",
    "restart": "ids_back_by = 3",
    "restore": "data_lost = true",
    "split_packets": "size = 3",
    "stay_silent": "",
    "switch": 'partial_parent = "all"\nprice_band = 0.05\nlimits = { lines = 3 }',
    "withhold": 'answer = "PositionEnd"',
    "write_times": 'zone = "JST"',
}
"""Method -> its arguments as a scenario file writes them."""
BY_CALL = {"schedule", "clear"}
"""Methods that are no faults."""


def test_the_menu_has_fifteen_lines_and_each_its_methods_and_cards():
    rows = list(tables.menu_rows())

    assert [row[0] for row in rows] == [str(n) for n in range(1, 16)]
    assert [row for row in rows if not row[3]] == []
    assert {m for _, methods in tables.MENU.values() for m in methods.split()} == set(LINES)


def test_every_fault_can_stand_in_a_scenario_file():
    methods = {name for name in vars(FaultDesk) if not name.startswith("_")}

    assert methods - BY_CALL == set(LINES)


@pytest.fixture
def carried_out(monkeypatch):
    """The moments at which a method of the desk has done its work."""

    def watch(fault):
        moments, method = [], getattr(FaultDesk, fault)

        @functools.wraps(method)
        def noted(desk, **arguments):
            method(desk, **arguments)
            moments.append(desk._clock.now())

        monkeypatch.setattr(FaultDesk, fault, noted)
        return moments

    return watch


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
@pytest.mark.parametrize("fault", sorted(LINES))
def test_it_is_carried_out_at_its_time(fault, tmp_path, carried_out):
    path = tmp_path / "scenario.toml"
    path.write_text(f'[[faults]]\nat = 1.5\nfault = "{fault}"\n{LINES[fault]}\n')
    moments = carried_out(fault)

    async def main():
        async with connected() as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25)
            es = future(gateway)
            ib.placeOrder(es, MarketOrder("BUY", 1))
            for order_id in (50, 51):
                ib.client.placeOrder(order_id, es, LimitOrder("BUY", 1, 4000, orderId=order_id))
            begun = gateway.clock.now()
            gateway.faults.schedule(read_scenario_file(path).schedule)
            await asyncio.sleep(2)
            return begun

    begun = run_virtual(main())

    assert [round((moment - begun).total_seconds(), 3) for moment in moments] == [1.5]
