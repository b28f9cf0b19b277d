"""Names of fields are held to what the codec writes, message by message."""

from decimal import Decimal
from functools import cache
from typing import get_origin

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._transcript._names import PATHS, TICK_BY_TICK, layout, name_of
from ibkit.sim._wire._layout import columns_of

VERSIONS = (157, 163, 164, 170, 176, 178)


def blank(declared):
    """A message or a part of one of which every field says nothing."""
    values = []
    for name, column in columns_of(declared).items():
        if name in declared._field_defaults:
            values.append(declared._field_defaults[name])
        elif hasattr(column.hint, "_fields"):
            values.append(blank(column.hint))
        elif get_origin(column.hint) is tuple:
            values.append(())
        else:
            values.append({str: "", int: 0, bool: False, Decimal: Decimal(0)}.get(column.hint))
    return declared(*values)


def marks(column):
    """Two values of a field that are written differently."""
    if column.hint is str or column.name == "date":
        return "left", "right"
    if column.hint is bool:
        return False, True
    if str(column.hint).startswith("float"):
        return 0.25, 0.5
    return (3, 4) if column.hint is int or "int" in str(column.hint) else (Decimal(3), Decimal(4))


@cache
def paths_of(message):
    """Where the value of each named field stands in a message."""
    if message in PATHS:
        return {path.rpartition(".")[2]: path.split(".") for path in PATHS[message].split()}
    found = {}
    for name, path in flat(message, ()):
        found.setdefault(name, path)  # the second of a name has its owner before it
    return found


def flat(declared, before):
    for name, column in columns_of(declared).items():
        if column.kind is not None:
            yield name, (*before, name)
        elif hasattr(column.hint, "_fields"):
            names = column.carries or tuple(columns_of(column.hint))
            yield from ((n, (*before, name, n)) for n in names)


def replaced(message, path, value):
    name, *rest = path
    inner = replaced(getattr(message, name), rest, value) if rest else value
    return message._replace(**{name: inner})


def fields(answer, version):
    return wire.encode(answer, version)[4:].decode().split("\0")


DERIVED = [m for m in wire.ANSWERS if m not in TICK_BY_TICK]


@pytest.mark.parametrize("message", DERIVED, ids=lambda m: m.__name__)
def test_each_name_stands_at_the_field_that_its_value_changes(message):
    for version in VERSIONS:
        known = layout("<", message.__name__, version)
        empty = blank(message)
        for name in known.names:
            owner, _, last = name.rpartition(".")
            path = paths_of(message)[last] if not owner else (owner, last)
            declared = message
            for part in path[:-1]:
                declared = columns_of(declared)[part].hint
            first, second = marks(columns_of(declared)[path[-1]])
            before = fields(replaced(empty, path, first), version)
            after = fields(replaced(empty, path, second), version)
            changed = [
                i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]
            ]

            assert changed[0] == known.index_of(name), f"{name} at {version}"


@pytest.mark.parametrize(
    ("answer", "name", "text"),
    [
        (
            wire.TickByTickAllLast(7, 2, 99, Decimal(5), Decimal(3), False, False, "CME", "x"),
            "exchange",
            "CME",
        ),
        (
            wire.TickByTickBidAsk(7, 99, Decimal(4), Decimal(5), Decimal(1), Decimal(2)),
            "ask_price",
            "5",
        ),
        (wire.TickByTickMidPoint(7, 99, Decimal("4.5")), "mid_point", "4.5"),
    ],
)
def test_three_ticks_share_an_id_and_are_told_apart_by_their_kind(answer, name, text):
    found = fields(answer, 178)
    known = layout("<", type(answer).__name__, 178)

    assert name_of("<", found) == type(answer).__name__
    assert found[known.index_of(name)] == text


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("way", [">", "<"])
def test_no_message_has_two_fields_of_a_name(way, version):
    tables = {">": [spec.message for spec in wire.REQUESTS.values()], "<": list(wire.ANSWERS)}
    for message in tables[way]:
        names = layout(way, message.__name__, version).names

        assert len(set(names)) == len(names), message
        assert "length" not in names


def test_a_request_is_named_by_what_its_reader_finds_there():
    known = layout(">", "ReqHistoricalData", 178)
    fields = ["20", *("" for _ in known.names), "0", ""]
    fields[known.index_of("req_id")] = "7"
    fields[known.index_of("bar_size_setting")] = "5 mins"
    fields[known.index_of("format_date")] = "2"
    for name in ("con_id", "use_rth", "include_expired"):
        fields[known.index_of(name)] = "1"

    request = wire.decode_request("\0".join(fields).encode() + b"\0", 178)

    assert (request.req_id, request.bar_size_setting, request.format_date) == (7, "5 mins", 2)
    assert (request.contract.con_id, request.use_rth) == (1, True)


@pytest.mark.parametrize("name", ["ReqMktData", "PlaceOrder"])
def test_fields_that_depend_on_others_have_no_names(name):
    names = layout(">", name, 178).names

    assert names[-1] == {"ReqMktData": "trading_class", "PlaceOrder": "hidden"}[name]


def test_an_id_that_is_not_in_the_tables_has_no_name():
    assert name_of("<", ["777", "1"]) is None
    assert name_of(">", []) is None
    assert name_of("<", ["99", "1", "8"]) is None
