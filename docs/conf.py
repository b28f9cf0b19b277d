"""How the documentation is built. No network: the inventories of others are files here."""

from __future__ import annotations

import importlib
from importlib.metadata import version as installed_version
from typing import Any

import ib_async
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.ext import intersphinx

project = "ibkit"
author = copyright = "The ibkit authors"  # noqa: A001
release = version = installed_version("ibkit")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "_generated", "inventories"]

# --- content -------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "undoc-members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
default_role = "any"

intersphinx_mapping = {"python": ("https://docs.python.org/3", "inventories/python.inv")}
intersphinx_disabled_reftypes = ["std:doc"]

# --- looks ---------------------------------------------------------------------

html_theme = "furo"
html_title = f"ibkit {release}"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# --- names -----------------------------------------------------------------------

OTHERS = {
    "ib_async": "https://ib-api-reloaded.github.io/ib_async/api.html#{}",
    "eventkit": "https://eventkit.readthedocs.io/en/latest/api.html#{}",
}
"""Libraries whose documentation names each object by the module that defines it."""

RENAMED = {"_asyncio": "asyncio", "typing_extensions": "typing"}


def public_name(target: str) -> str:
    """Return the name by which users find *target*: without private modules, and in full."""
    first, *rest = target.split(".")
    if not rest and hasattr(ib_async, first):  # imported for type checkers only
        return f"{getattr(ib_async, first).__module__}.{first}"
    public = [part for part in rest if not part.startswith("_")]
    return ".".join([RENAMED.get(first, first), *public])


def defined(target: str) -> bool:
    """Whether *target* names something that is really there."""
    module, _, name = target.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def resolve(
    app: Sphinx, env: Any, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Find what a signature names by the module that defines it."""
    target = node.get("reftarget", "")
    if node.get("reftype") == "any" or target.rpartition(".")[2].startswith("_"):
        return content  # single backquotes around something else, or a private name: no link
    public = public_name(target)
    root = public.partition(".")[0]
    if root in OTHERS and defined(public):
        return nodes.reference("", "", content, internal=False, refuri=OTHERS[root].format(public))
    if public == target:
        return None
    node = node.copy()
    node["reftarget"], node["reftype"] = public, "obj"
    if root != "ibkit":
        return intersphinx.missing_reference(app, env, node, content)
    found: nodes.Element | None = env.get_domain("py").resolve_xref(
        env, node["refdoc"], app.builder, "obj", public, node, content
    )
    return found


# --- docstrings ------------------------------------------------------------------

_attributes: dict[str, list[str]] = {}


def keep(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Set the docstring of an attribute aside: napoleon reads `text: text` as `type: text`."""
    if what in {"attribute", "data", "property"}:
        _attributes[name] = list(lines)


def restore(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if name in _attributes:
        lines[:] = _attributes.pop(name)


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-docstring", keep, priority=100)
    app.connect("autodoc-process-docstring", restore, priority=900)
