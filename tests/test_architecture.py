"""Only `_ib` touches the insides of ib_async (import-linter sees imports, not attributes)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "ibkit"

ALLOWED = {
    "testing/_connect.py": "plugs an unmodified IB into the transport in memory, in one function",
}
"""Files outside `_ib` that may, with the reason."""

INSIDES = {"client", "wrapper"}
HOLDERS = {"ib", "_ib", "ib_async"}
"""The names under which code holds an `IB`, and the package."""


def _sources() -> list[Path]:
    return [path for path in sorted(SRC.rglob("*.py")) if "_ib" not in path.parts]


def trespasses(source: str) -> list[str]:
    """Return each place in *source* that reaches into ib_async."""
    nodes = ast.walk(ast.parse(source))
    return [f"line {node.lineno}: {ast.unparse(node)}" for node in nodes if _reaches_in(node)]


def _reaches_in(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return _last_name(node.value) in HOLDERS and _is_inside(node.attr)
    if isinstance(node, ast.ImportFrom):
        package, *modules = (node.module or "").split(".")
        names = [*modules, *(alias.name for alias in node.names)]
        return package == "ib_async" and any(map(_is_inside, names))
    if isinstance(node, ast.Import):
        paths = [alias.name.split(".") for alias in node.names]
        return any(path[0] == "ib_async" and any(map(_is_inside, path)) for path in paths)
    return False


def _is_inside(name: str) -> bool:
    return name in INSIDES or (name.startswith("_") and not name.startswith("__"))


def _last_name(node: ast.expr) -> str | None:
    return getattr(node, "attr", None) or getattr(node, "id", None)


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(SRC)))
def test_only_the_door_touches_the_insides_of_ib_async(path: Path) -> None:
    found = trespasses(path.read_text(encoding="utf-8"))

    if str(path.relative_to(SRC)) in ALLOWED:
        assert found, f"{path.name} needs no exception any more"
    else:
        assert found == []


@pytest.mark.parametrize(
    "trespass",
    [
        "self._ib.client.reqMktData(1)",
        "ib.wrapper.reqId2Ticker",
        "desk.ib.client",
        "self.ib._timeoutHandle",
        "from ib_async.client import Client",
        "from ib_async.util import _fillDate",
        "import ib_async.wrapper",
        "ib_async.wrapper.Wrapper",
    ],
)
def test_a_trespass_is_seen(trespass: str) -> None:
    assert len(trespasses(trespass)) == 1


@pytest.mark.parametrize(
    "harmless",
    [
        "from ib_async import IB, Contract",
        "from ib_async.contract import Contract",
        "self._ib.positions()",
        "ib.client_id",
        "self.client.send()",
        "from ibkit._ib._requests import request",
        "ib.__class__",
    ],
)
def test_what_is_public_is_free(harmless: str) -> None:
    assert trespasses(harmless) == []
