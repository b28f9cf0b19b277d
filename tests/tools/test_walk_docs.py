"""What is wrong with a page is told; the browser itself is not needed for that."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "walk_docs.py"
ROOT = "http://127.0.0.1:1/"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("walk_docs", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(**changes):
    return {"links": [], "ids": ["here"], "broken": [], "heading": "A page", **changes}


def test_a_whole_site_has_no_faults(tool):
    site = {f"{ROOT}a.html": page(links=[f"{ROOT}b.html#here"]), f"{ROOT}b.html": page()}

    assert list(tool.faults(site, ROOT)) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ({"status": 404}, "a.html: 404"),
        (page(heading=""), "a.html: no heading"),
        (page(broken=["x.svg"]), "a.html: x.svg does not load"),
        (page(links=[f"{ROOT}a.html#gone"]), "a.html: no gone in a.html"),
    ],
)
def test_each_fault_is_named(tool, found, fault):
    assert list(tool.faults({f"{ROOT}a.html": found}, ROOT)) == [fault]


def test_what_a_browser_asks_for_unasked_does_not_count(tool):
    assert tool.refusal(404, f"{ROOT}favicon.ico") == []
    assert tool.refusal(404, f"{ROOT}x.css") == [f"{ROOT}x.css: 404"]
    assert tool.complaint("error", "x is not defined") == ["x is not defined"]
    assert tool.complaint("warning", "slow") == []


class Browser:
    """Stands in for the page of a browser: a site in memory."""

    def __init__(self, site):
        self.site, self.ok, self.status = site, True, 200

    def goto(self, address, **_):
        self.found = self.site.get(address)
        self.ok = self.found is not None
        self.status = 200 if self.ok else 404
        return self

    def evaluate(self, _):
        return self.found


def test_every_page_is_visited_once_and_strangers_are_not(tool):
    index = page(links=[f"{ROOT}b.html", f"{ROOT}b.html#here", "https://example.org/x.html"])
    site = {f"{ROOT}index.html": index, f"{ROOT}b.html": page(links=[f"{ROOT}gone.html"])}
    walked = list(tool.walk(Browser(site), ROOT))

    assert [address for address, _ in walked] == [f"{ROOT}{n}.html" for n in ("index", "b", "gone")]
    assert walked[-1][1] == {"status": 404}
