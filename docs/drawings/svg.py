"""A few shapes, as SVG."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal

INK, SOFT, PAPER = "#24292f", "#8c959f", "#ffffff"
BLUE, GREEN, RED, YELLOW = "#ddeeff", "#dcf5e3", "#ffe1de", "#fff4cc"

Anchor = Literal["start", "middle", "end"]


def page(width: float, height: float, parts: Iterable[str], title: str) -> str:
    """A whole picture on white paper, so that it is legible on a dark page too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">\n'
        f"<title>{escape(title)}</title>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{SOFT}"/></marker>'
        "</defs>\n"
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{PAPER}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def text(x: float, y: float, words: str, *, anchor: Anchor = "start", colour: str = INK) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, words: str, *, fill: str = BLUE) -> str:
    """A box with its words in the middle."""
    middle = text(x + width / 2, y + height / 2 + 4, words, anchor="middle")
    return rect(x, y, width, height, fill=fill) + middle


def rect(x: float, y: float, width: float, height: float, *, fill: str, about: str = "") -> str:
    title = f"<title>{escape(about)}</title>" if about else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="{fill}" '
        f'stroke="{SOFT}" stroke-width="0.8">{title}</rect>'
    )


def line(*points: tuple[float, float], colour: str = SOFT, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.4"{dash}/>'


def arrow(start: tuple[float, float], end: tuple[float, float], bend: float, about: str) -> str:
    """A bent arrow; what it means appears under the pointer."""
    (x1, y1), (x2, y2) = start, end
    cx, cy = (x1 + x2) / 2 + (y1 - y2) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    return (
        f'<path d="M{x1:.1f},{y1:.1f} Q{cx:.1f},{cy:.1f} {x2:.1f},{y2:.1f}" fill="none" '
        f'stroke="{SOFT}" stroke-width="1.2" marker-end="url(#tip)">'
        f"<title>{escape(about)}</title></path>"
    )


def dot(x: float, y: float, *, colour: str, about: str = "") -> str:
    title = f"<title>{escape(about)}</title>"
    return f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{colour}">{title}</circle>'
