"""Finds what signatures name by the module that defines it, or by a short name."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any, get_origin

from docutils import nodes
from reference_pages import public_modules
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.ext import intersphinx

import ibkit

OTHERS = {
    "ib_async": "https://ib-api-reloaded.github.io/ib_async/api.html#{}",
    "eventkit": "https://eventkit.readthedocs.io/en/latest/api.html#{}",
    "matplotlib": "https://matplotlib.org/stable/api/_as_gen/{}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{}.html",
}
"""Libraries whose pages follow from the name of the object and the module that defines it."""

RENAMED = {
    "Axes": "matplotlib.axes.Axes",
    "_asyncio": "asyncio",
    "pd": "pandas",
    "typing_extensions": "typing",
}


def resolve(
    app: Sphinx, env: Any, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Return a link, or what stands there without one where no page can exist."""
    target = node.get("reftarget", "")
    if node.get("reftype") == "any" or target.rpartition(".")[2].startswith("_"):
        return content  # single backquotes around something else, or a private name
    full = full_name(target)
    for name in public_names(full):
        if found := link(app, env, node, content, name):
            return found
    private = full.startswith("ibkit.") and "._" in full and defined(full)
    return content if private else None


def full_name(target: str) -> str:
    """Return what a short name stands for in ibkit: an annotation that autodoc left as text."""
    if defined(target):
        return target
    first, *rest = target.split(".")
    for module in [one for name, one in sys.modules.items() if name.startswith("ibkit")]:
        item: Any = getattr(module, first, None)
        for part in rest:
            item = getattr(item, part, None)
        if isinstance(item, type):
            return f"{item.__module__}.{item.__qualname__}"
        if get_origin(item) is not None:  # an alias: Literal["BUY", "SELL"]
            return f"{module.__name__}.{target}"
    return target


def public_names(full: str) -> Iterator[str]:
    """Yield by which names users may find what is called *full* where it is defined."""
    first, *rest = full.split(".")
    first = RENAMED.get(first, first)
    yield ".".join([first, *(part for part in rest if not part.startswith("_"))])
    if first == "ibkit":
        yield from handed_on(full)
    elif rest:
        yield f"{first}.{rest[-1]}"  # asyncio.protocols.Protocol


def handed_on(full: str) -> Iterator[str]:
    """Yield the names under which public modules of ibkit hand on what is called *full*."""
    if not defined(full):
        return
    module, _, name = full.rpartition(".")
    wanted = getattr(importlib.import_module(module), name)
    for one in public_modules():
        if getattr(importlib.import_module(one), name, None) is wanted:
            yield f"{one}.{name}"


def defined(full: str) -> bool:
    module, _, name = full.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except (ImportError, ValueError):
        return False


def link(
    app: Sphinx, env: Any, node: pending_xref, content: nodes.TextElement, name: str
) -> nodes.Element | None:
    root = name.partition(".")[0]
    if root in OTHERS:
        url = OTHERS[root].format(name)
        return nodes.reference("", "", content, refuri=url) if defined(name) else None
    node = node.copy()
    node["reftarget"], node["reftype"] = name, "obj"
    if root != "ibkit":
        return intersphinx.missing_reference(app, env, node, content)
    found: nodes.Element | None = env.get_domain("py").resolve_xref(
        env, node["refdoc"], app.builder, "obj", name, node, content
    )
    return found


def load_everything(_: Sphinx) -> None:
    for module in pkgutil.walk_packages(ibkit.__path__, "ibkit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", load_everything)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
