"""Writes the reference: a page for each public module, from its docstrings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

import ibkit

GENERATED = Path(__file__).parent / "_generated" / "reference"


def public_modules() -> list[str]:
    """Return the modules of ibkit that export something."""
    found = (f"ibkit.{one.name}" for one in pkgutil.iter_modules(ibkit.__path__))
    names = ["ibkit", *(name for name in found if "._" not in name)]
    return [name for name in names if getattr(importlib.import_module(name), "__all__", ())]


def write_pages(_: Sphinx) -> None:
    pages = {f"{name}.rst": page(name) for name in public_modules()}
    GENERATED.mkdir(parents=True, exist_ok=True)
    for old in GENERATED.glob("*.rst"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        GENERATED.joinpath(name).write_text(text, encoding="utf-8")


def page(name: str) -> str:
    """Return the page of a module: its docstring, classes and functions, then its constants."""
    module = importlib.import_module(name)
    others = {one: home for one in module.__all__ if (home := home_of(module, one)) != name}
    return (
        f"{name}\n{'=' * len(name)}\n\n.. automodule:: {name}\n"
        + (f"   :exclude-members: {', '.join(others)}\n" if others else "")
        + "".join(constants(module))
        + ("\nAlso here:\n\n" if others else "")
        + "".join(f"* :py:obj:`{home}.{one}`\n" for one, home in sorted(others.items()))
    )


def home_of(module: ModuleType, name: str) -> str:
    """Return the public module that documents *name*: the one it is defined in, where it can."""
    item = getattr(module, name)
    defined = str(getattr(item, "__module__", ""))
    homes = [home for home in public_modules() if exports(home, name, item)]
    own = (home for home in homes if home != "ibkit" and f"{defined}.".startswith(f"{home}."))
    # a constant has no module of its own; a name of a private part is at home where it comes first
    return next(own, homes[0] if defined.startswith("ibkit.") else module.__name__)


def exports(home: str, name: str, item: object) -> bool:
    """Tell whether a module offers this very thing under this name."""
    module = importlib.import_module(home)
    return name in module.__all__ and getattr(module, name) is item


def constants(module: ModuleType) -> Iterator[str]:
    """Yield an entry for each constant and alias that is documented where it is defined.

    autodoc looks for that text in the module that hands the name on, and finds none.
    """
    for name in module.__all__:
        item = getattr(module, name)
        if not (inspect.isclass(item) or inspect.isroutine(item) or inspect.ismodule(item)):
            for text in definitions(module, name):
                lines = "".join(f"   {line}\n" if line else "\n" for line in text)
                yield f"\n.. py:data:: {name}\n   :module: {module.__name__}\n\n{lines}"


def definitions(module: ModuleType, name: str) -> Iterator[list[str]]:
    """Yield the text that stands under the definition of *name*."""
    for one in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        documented = ModuleAnalyzer.for_module(one.name).find_attr_docs()
        if ("", name) in documented:
            yield documented["", name]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
