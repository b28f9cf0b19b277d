"""Walk the built documentation with a headless browser, as a reader would.

Follows every link inside of the site. What it does not forgive: a page or a fragment that is not
there, a picture that does not load, an error in the console, a page without a heading, a search
that finds nothing.
Needs playwright and a Chromium: `python tools/walk_docs.py docs/_build/html /usr/bin/chromium`.
"""

from __future__ import annotations

import functools
import http.server
import importlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

SEARCHES = ("bracket", "front month", "GroupTrade", "reconnect")
LOOK = """() => ({
  links: [...document.querySelectorAll('a[href]')].map(a => a.href),
  ids: [...document.querySelectorAll('[id]')].map(e => e.id),
  broken: [...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => i.src),
  heading: document.querySelector('h1')?.innerText ?? '',
})"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the site and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def served(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/"


def walk(page: Any, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the address of each page that can be reached, and what is on it."""
    waiting, seen = [urljoin(root, "index.html")], set[str]()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = page.goto(address, wait_until="load")
        found = page.evaluate(LOOK) if answer.ok else {"status": answer.status}
        yield address, found
        waiting += [
            here
            for link in found.get("links", ())
            if (here := urldefrag(link).url).startswith(root) and here.endswith(".html")
        ]


def faults(pages: dict[str, dict[str, Any]], root: str) -> Iterator[str]:
    for address, found in pages.items():
        where = address.removeprefix(root)
        if "status" in found:
            yield f"{where}: {found['status']}"
            continue
        if not found["heading"] and "genindex" not in where:
            yield f"{where}: no heading"
        yield from (f"{where}: {picture} does not load" for picture in found["broken"])
        for link in found["links"]:
            target, fragment = urldefrag(link)
            ids = pages.get(target, {}).get("ids")
            if fragment and ids is not None and fragment not in ids:
                yield f"{where}: no {fragment} in {target.removeprefix(root)}"


def complaint(kind: str, text: str) -> list[str]:
    return [text] if kind == "error" and "Failed to load" not in text else []  # see refusal


def refusal(status: int, address: str) -> list[str]:
    missing = status >= 400 and not address.endswith("/favicon.ico")  # browsers ask unasked
    return [f"{address}: {status}"] if missing else []


def searches(page: Any, root: str) -> Iterator[str]:
    """Search as a reader does; yield what finds nothing."""
    for words in SEARCHES:
        page.goto(f"{root}search.html?q={words.replace(' ', '+')}", wait_until="load")
        page.wait_for_function("document.querySelector('#search-results p')", timeout=20_000)
        page.wait_for_timeout(500)
        count = page.locator("#search-results li").count()
        print(f"search {words!r}: {count} results")
        if not count:
            yield f"search {words!r}: nothing found"


def main(folder: str, browser: str) -> int:
    server, root = served(Path(folder))
    playwright = importlib.import_module("playwright.sync_api")  # no part of the dev extra
    wrong: list[str] = []
    with playwright.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        page.on("console", lambda said: wrong.extend(complaint(said.type, said.text)))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("response", lambda got: wrong.extend(refusal(got.status, got.url)))
        pages = dict(walk(page, root))
        wrong += faults(pages, root)
        wrong += searches(page, root)
        chromium.close()
    server.shutdown()
    links = sum(len(found.get("links", ())) for found in pages.values())
    print(f"{len(pages)} pages, {links} links")
    print(*dict.fromkeys(wrong), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
