"""How the documentation is built. No network: the inventories of others are files here."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from enum import Enum
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import attrs
from docutils import nodes
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

project = "ibkit"
author = copyright = "The ibkit authors"  # noqa: A001
release = version = installed_version("ibkit")

extensions = [
    "drawings",
    "example_page",
    "myst_parser",
    "notebook_pages",
    "reference_links",
    "reference_pages",
    "reference_tables",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "_generated/tables", "inventories"]

# --- content -------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True  # as the source has them, not their repr
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "undoc-members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

default_role = "any"  # single backquotes link where they name something, and are text elsewhere
suppress_warnings = ["ref.any"]

intersphinx_mapping = {"python": ("https://docs.python.org/3", "inventories/python.inv")}
nitpick_ignore = [
    ("py:class", "hypothesis.stateful.RuleBasedStateMachine"),  # no inventory of it is kept here
    ("py:class", "ModuleType"),  # autodoc loses where an inherited annotation came from
]
intersphinx_disabled_reftypes = ["std:doc"]

# --- looks ---------------------------------------------------------------------

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["faces.css"]
html_title = f"ibkit {release}"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# --- docstrings of attributes ------------------------------------------------------
# napoleon reads `text: more text` as `type: description`, so it shall not see them.

_attributes: dict[str, list[str]] = {}


def keep(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if what in {"attribute", "data", "property"}:
        _attributes[name] = list(lines)


def restore(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    if name in _attributes:
        lines[:] = _attributes.pop(name)


# --- signatures of attrs classes ---------------------------------------------------
# Their source is made by attrs, and says `attr_dict['tif'].default` where a value stands.

_PLAIN = (bool, int, str, Decimal, tuple, type(None))
_MADE_BY_ATTRS = re.compile(r"attr_dict\['(\w+)'\]\.default")


def show_defaults(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: Any
) -> tuple[str | None, Any] | None:
    if not (signature and attrs.has(obj)):
        return None

    def value(found: re.Match[str]) -> str:
        default = getattr(attrs.fields(obj), found[1]).default
        if isinstance(default, Enum):
            return str(default)
        return repr(default) if isinstance(default, _PLAIN) else "..."

    return _MADE_BY_ATTRS.sub(value, signature), returns


def hide_object(app: Sphinx, doctree: nodes.document) -> None:
    """Take out what says of a class that it is one."""
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.astext() == "Bases: object":
            paragraph.parent.remove(paragraph)


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-signature", show_defaults)
    app.connect("doctree-read", hide_object)
    app.connect("autodoc-process-docstring", keep, priority=100)
    app.connect("autodoc-process-docstring", restore, priority=900)
