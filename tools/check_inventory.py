"""Fail unless every exported name of every public package is in the built documentation."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from sphinx.util.inventory import InventoryFile

import ibkit


def public_modules() -> list[str]:
    """Return `ibkit` and what stands in it under a name of its own."""
    found = (module.name for module in pkgutil.iter_modules(ibkit.__path__))
    return ["ibkit", *(f"ibkit.{name}" for name in found if not name.startswith("_"))]


def exported() -> set[str]:
    """Return every name that a public module lists in ``__all__``, with its module."""
    return {
        f"{module}.{name}"
        for module in public_modules()
        for name in getattr(importlib.import_module(module), "__all__", ())
    }


def documented(inventory: Path) -> set[str]:
    """Return the Python names that a Sphinx *inventory* has."""
    with inventory.open("rb") as stream:
        entries = InventoryFile.load(stream, "", lambda _, name: name)
    return {name for kind, names in entries.items() if kind.startswith("py:") for name in names}


def undocumented(names: Iterable[str], inventory: Path) -> list[str]:
    """Return which of *names* the inventory lacks, under any name of the same object."""
    wanted = set(names)
    present = wanted & documented(inventory)
    objects = {id(locate(name)) for name in present}
    return sorted(name for name in wanted - present if id(locate(name)) not in objects)


def locate(name: str) -> object:
    """Return what a public *name* stands for; a plain value stands only for itself."""
    module, _, last = name.rpartition(".")
    item = getattr(importlib.import_module(module), last)
    return name if isinstance(item, (str, bytes, int, float, tuple)) else item


def main(inventory: str) -> int:
    names = exported()
    missing = undocumented(names, Path(inventory))
    for name in missing:
        print(f"{name} is exported, and nothing documents it where it is defined")
    print(f"{len(names) - len(missing)} of {len(names)} exported names are documented")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
