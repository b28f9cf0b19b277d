from __future__ import annotations

import pytest

from brokerage import Desk
from ibkit.sim._engine._executions import Executions


def a_fill(desk: Desk | None = None):
    desk = Desk() if desk is None else desk
    desk.quote(99, 100)
    desk.place(desk.broker.next_valid_id(1))
    return desk.broker.executions()[-1]


def test_a_correction_stands_in_the_place_of_the_old():
    executions, desk = Executions(), Desk()
    first, second = a_fill(desk), a_fill(desk)
    executions.add(first, None)
    executions.add(second, None)
    better = first._replace(exec_id=first.exec_id[:-1] + "2")
    executions.add(better, None)

    assert [fill for fill, _ in executions] == [better, second]
    assert executions.get(first.exec_id).fill is better
    assert len(executions) == 2


def test_a_cleared_book_is_empty():
    executions, fill = Executions(), a_fill()
    executions.add(fill, None)
    executions.clear()

    with pytest.raises(KeyError):
        executions.get(fill.exec_id)
