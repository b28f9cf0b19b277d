"""The examples in the README, in docs/ and in the docstrings are tests (`nox -s doctests`).

Each page has a namespace of its own, and runs from top to bottom.
"""

from __future__ import annotations

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.integration import pytest as integration
from sybil.parsers import myst, rest

_FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE

_page_parsers = [
    myst.PythonCodeBlockParser(doctest_optionflags=_FLAGS),
    myst.SkipParser(),
]

_readme = Sybil(name="readme", parsers=_page_parsers, filenames=["README.md"])
_pages = Sybil(
    name="pages", parsers=_page_parsers, path="docs", pattern="*.md", excludes=["_generated/*/*"]
)
_docstrings = Sybil(
    name="docstrings",
    parsers=[rest.DocTestParser(optionflags=_FLAGS), rest.SkipParser()],
    path="src",
    pattern="*.py",
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = integration.pytest_integration(_readme, _pages, _docstrings)
