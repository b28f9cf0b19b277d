"""Draws how the work grows: `docs/pictures/growth.svg`, beside the table of `bench_growth.py`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "growth.svg"
COLOURS = {"bare ib_async": "#8c959f", "ibkit": "#0969da"}


class Point(NamedTuple):
    """The cost at one size: the median of several measurements, the least and the largest."""

    size: int
    median: float
    least: float
    largest: float


Curves = Mapping[str, list[Point]]
"""Who was measured -> the points."""


def draw(panels: Mapping[str, Curves]) -> Path:
    """Draw a panel for each thing that grows; its title is its axis."""
    looks = {"svg.hashsalt": "ibkit", "svg.fonttype": "none", "font.size": 9}
    with mpl.rc_context(looks):
        figure, rows = plt.subplots(2, len(panels) // 2, figsize=(8, 5), layout="constrained")
        axes = rows.flatten()
        for axis, (title, curves) in zip(axes, panels.items(), strict=True):
            for name, points in curves.items():
                curve(axis, name, points)
            axis.set_xlabel(title)
            axis.set_ylim(0, 1.1 * axis.get_ylim()[1])
            axis.spines[["top", "right"]].set_visible(False)
            axis.set_ylabel("µs of CPU")
        axes[0].legend(frameon=False)
        figure.savefig(PICTURE, metadata={"Date": None})
        plt.close(figure)
    return PICTURE


def curve(axis: Any, name: str, points: list[Point]) -> None:
    sizes = [point.size for point in points]
    middle = [point.median for point in points]
    below = [point.median - point.least for point in points]
    above = [point.largest - point.median for point in points]
    axis.errorbar(
        sizes, middle, [below, above], label=name, color=COLOURS[name], marker="o", ms=3, capsize=2
    )
