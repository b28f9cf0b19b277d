import csv
from decimal import Decimal

from ibkit.cli._tape import START, write_tape


def test_the_tape_begins_at_its_start_rises_and_never_falls_far(tmp_path):
    with write_tape(tmp_path).open() as file:
        rows = list(csv.DictReader(file))
    bids = [Decimal(row["bid"]) for row in rows]

    assert bids[0] == START
    assert bids[-1] > START + 20
    assert min(bids) >= START - 1
    assert all(Decimal(row["ask"]) - Decimal(row["bid"]) == Decimal("0.25") for row in rows)
    assert all(Decimal(r["bid"]) <= Decimal(r["price"]) <= Decimal(r["ask"]) for r in rows)
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
