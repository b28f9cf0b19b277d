"""Write the tables of what the simulated gateway does into the documentation.

`python tools/gateway_tables.py` writes them; `tests/tools/test_gateway_tables.py` fails when they
are old, and `tests/integration/test_sim_coverage.py` when what they say is not so.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ibkit.sim import _scenario, _wire as wire
from ibkit.sim._session import _login as login, _side_services as side
from ibkit.sim._session._dispatch import HANDLERS

ROOT = Path(__file__).parents[1]
PAGES = (
    ROOT / "docs" / "reference" / "gateway-messages.md",
    ROOT / "docs" / "explanation" / "simulator-fidelity.md",
)

# -- messages

SIMULATED, SILENT, EMPTY = "simulated", "no answer, as from TWS", "an empty answer"
SPECIAL: dict[Callable[..., None], str] = {
    login.ignore: SILENT,
    login.user_info: EMPTY,
    login.soft_dollar_tiers: EMPTY,
    side.scanner_parameters: EMPTY,
    side.news_providers: EMPTY,
    side.display_groups: EMPTY,
    side.cancel_scanner: "error 365: there is none",
    side.cancel_unknown: "error 300: there is none",
}
NEVER_SENT = {
    wire.BondContractData: "no bonds are listed",
    wire.DeltaNeutralValidation: "no delta-neutral orders",
    wire.DisplayGroupUpdated: "no display groups",
    wire.FundamentalData: "no fundamentals (430)",
    wire.HistoricalNews: "no news (10276)",
    wire.HistoricalNewsEnd: "no news (10276)",
    wire.NewsArticle: "no news (10172)",
    wire.ReceiveFA: "no advisor account (321)",
    wire.ReplaceFAEnd: "no advisor account (321)",
    wire.RerouteMktDataReq: "no CFDs are listed",
    wire.RerouteMktDepthReq: "no CFDs are listed",
    wire.ScannerData: "no scanner (162)",
    wire.TickEFP: "not sent by TWS without a subscription of its own",
    wire.TickNews: "no news",
    wire.UpdateNewsBulletin: "no bulletins",
    wire.VerifyAndAuthCompleted: "no verification (321)",
    wire.VerifyAndAuthMessageAPI: "no verification (321)",
    wire.VerifyCompleted: "no verification (321)",
    wire.VerifyMessageAPI: "no verification (321)",
    wire.WshEventData: "no Wall Street Horizon (10276)",
    wire.WshMetaData: "no Wall Street Horizon (10276)",
}
"""Answers that the codec writes and the gateway has no occasion for."""


def coverage(request: type) -> str:
    """Tell what comes back of a request, from the tables that the gateway itself uses."""
    if request in side.UNAVAILABLE:
        return f"error {side.UNAVAILABLE[request][0]}"
    return SPECIAL.get(HANDLERS[request], SIMULATED)


def request_rows() -> Iterator[tuple[str, ...]]:
    """Yield number, name and what comes back of every request."""
    for number, spec in sorted(wire.REQUESTS.items()):
        yield str(number), f"`{spec.message.__name__}`", coverage(spec.message)


def answer_rows() -> Iterator[tuple[str, ...]]:
    """Yield number, name and whether it is ever sent of every answer."""
    for message, spec in sorted(wire.ANSWERS.items(), key=lambda row: row[1].id):
        why = NEVER_SENT.get(message)
        yield str(spec.id), f"`{message.__name__}`", f"never: {why}" if why else "sent"


def summary_rows() -> Iterator[tuple[str, ...]]:
    """Yield how many requests fare how."""
    counted = Counter(
        re.sub(r"^error.*", "refused with the error of a real gateway", coverage(spec.message))
        for spec in wire.REQUESTS.values()
    )
    yield from ((what, str(count)) for what, count in counted.most_common())


# -- the fault menu

MENU = {
    1: ("harmless notices with an accepted order", "notice_next_order"),
    2: (
        "201 before or after Inactive; held for locating",
        "reject_next_order hold_next_order release_order reject_order",
    ),
    3: (
        "no orderStatus; status before execution; late commission; corrections",
        "switch withhold delay double report_status correct_fill bust_fill",
    ),
    4: ("a cancel against a fill; 10147, 10148, 161", "race_cancel refuse cancel_order"),
    5: (
        "refused modifications and requests",
        "refuse_next_modify refuse_next_order refuse",
    ),
    6: (
        "lost connectivity, farms, cuts, restarts, refused connections",
        """lose_connectivity restore lose_data farm_down farm_up nightly_reset cut cut_at restart
        refuse_connections stay_silent move_port""",
    ),
    7: ("no answer, no end, one answer for two", "ignore withhold answer_once"),
    8: (
        "part-filled parents, fills in one burst, rejected parents, both sides",
        "fill_order fill_in_one_burst reject_order switch",
    ),
    9: ("packets cut anywhere", "split_packets"),
    10: ("unset numbers, zones, UTC times", "blank_unset write_times alter"),
    11: ("limits and pacing", "switch compete refuse"),
    12: ("books: shifts and 317", "reset_depth"),
    13: ("unknown, ambiguous and expired contracts", "refuse"),
    14: ("orders of others under the same id", "place_by_hand place_as_client"),
    15: ("late ticks; a cancel before its request", "delay_request"),
}
"""Line of the fault menu -> what it is about, and the methods of `FaultDesk` that do it."""


def menu_rows() -> Iterator[tuple[str, ...]]:
    """Yield line, subject, methods and number of cards of the fault menu."""
    everything = cards()
    for line, (about, methods) in MENU.items():
        shown = [c.number for c in everything if re.search(rf"menu {line}\b", c.source)]
        names = ", ".join(f"`{name}`" for name in methods.split())
        yield str(line), about, names, ", ".join(shown)


# -- cards

AREAS = {
    "ACC": "accounts, money, P&L",
    "BRK": "brackets: parents and children",
    "CHK": "checks and rejections",
    "CMB": "combos",
    "CND": "conditions",
    "CON": "contracts; log-in",
    "CXL": "cancelling",
    "DET": "the same seed, the same bytes",
    "DOM": "depth",
    "SES": "trading hours",
    "FIL": "fill models",
    "FLT": "faults",
    "HIS": "history",
    "HOS": "hostility",
    "IDS": "order ids and perm ids",
    "LIM": "message rates",
    "LST": "listing orders and executions",
    "MAN": "manual orders, binding",
    "MKT": "quotes and trades",
    "MOD": "modifying",
    "MSG": "every request and answer of the protocol",
    "NUM": "prices and sizes",
    "OCA": "OCA groups",
    "OPR": "what the exchange or a person does",
    "RTB": "five-second bars",
    "STS": "statuses and the order of messages",
    "TAP": "the tape and its history",
    "TBT": "tick-by-tick",
    "TIF": "time in force",
    "TRG": "trigger methods",
    "TRL": "trailing and adjustable stops",
    "TRN": "transmit",
    "TSC": "transcripts",
    "TYP": "order types",
    "WHO": "whose orders",
    "WHT": "what-if, in the engine",
    "WIF": "what-if, at a client",
}
MARKS = {
    "C": "documented",
    "R": "reported",
    "I": "inferred",
    "U": "open",
    "menu": "fault menu",
    "issue": "ours",
}


class Card(NamedTuple):
    """One numbered test."""

    number: str
    source: str
    file: str
    test: str

    @property
    def area(self) -> str:
        return self.number[:3]

    @property
    def mark(self) -> str:
        """C, R, I, U: how sure the fact is; or where else the demand comes from."""
        for word in ("issue", "menu"):
            if self.source.startswith(word):
                return word
        return str(re.findall(r"\b[CRIU]\b", self.source)[0])


@cache
def cards() -> list[Card]:
    """Read every card from the tests."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "@card(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            for decorator in getattr(node, "decorator_list", ()):
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "card":
                    number, source = (ast.literal_eval(each) for each in decorator.args)
                    found.append(Card(number, source, path.name, node.name))  # type: ignore[attr-defined] # what has decorators has a name
    return sorted(found)


def card_rows() -> Iterator[tuple[str, ...]]:
    """Yield the count of cards of each area, by mark."""
    everything = cards()
    for area in sorted({card.area for card in everything}):
        marks = Counter(card.mark for card in everything if card.area == area)
        counts = (str(marks[mark] or "") for mark in MARKS)
        yield area, AREAS[area], *counts, str(sum(marks.values()))
    marks = Counter(card.mark for card in everything)
    yield "", "all", *(str(marks[mark]) for mark in MARKS), str(len(everything))


# -- switches


def _default(value: ast.expr | None) -> str:
    """What stands behind the equals sign, or inside of ``field(default=...)``."""
    if isinstance(value, ast.Call):
        given = [word.value for word in value.keywords if word.arg == "default"]
        value = given[0] if given else value
    return ast.unparse(value) if value else ""


def switch_rows(of: str) -> Iterator[tuple[str, ...]]:
    """Yield name, default and meaning of each field of a class of switches."""
    tree = ast.parse(Path(_scenario.__file__).read_text(encoding="utf-8"))
    (body,) = (n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == of)
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                text = " ".join(str(following.value.value).split())
            default = _default(node.value)
            shown = f"`{default}`" if default and "(" not in default.strip("()") else ""
            kinds = re.sub(r"Literal\[(.*)\]", r"\1", ast.unparse(node.annotation))
            kinds = kinds.replace("|", "or").replace("'", "")
            yield f"`{node.target.id}`", shown, kinds, text


# -- pages


def table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    columns = head.split("|")
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@cache
def blocks() -> dict[str, str]:
    """Return everything that is generated, by its name in the pages."""
    return {
        "summary": table("What comes back|Requests", summary_rows()),
        "requests": table("No.|Request|What comes back", request_rows()),
        "answers": table("No.|Answer|Sent", answer_rows()),
        "cards": table(
            "Area|Of|" + "|".join(MARKS.values()) + "|All",
            card_rows(),
        ),
        "menu": table("Line|About|Methods of `FaultDesk`|Cards", menu_rows()),
        "switches": table("Switch|Default|Values|What it settles", switch_rows("Scenario")),
        "limits": table("Limit|Default|Values|What it settles", switch_rows("Limits")),
    }


def filled(text: str) -> str:
    """Return a page with the present tables."""
    for name, block in blocks().items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if begin in text:
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}\n{block}\n{end}{rest.partition(end)[2]}"
    return text


def main() -> int:
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = filled(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            print(f"written: {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
