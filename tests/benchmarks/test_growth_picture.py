"""The picture of how the work grows has everything that was measured, and is the same each time."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def drawing(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("growth_picture")
    monkeypatch.setattr(module, "PICTURE", tmp_path / "growth.svg")
    return module


def curves(module, level):
    points = [module.Point(size, level, level - 1, level + 1) for size in (1, 10)]
    return {"bare ib_async": points, "ibkit": points}


def test_each_panel_has_its_name_and_each_curve_too(drawing):
    panels = {name: curves(drawing, 10) for name in ("lines", "consumers", "at once", "at work")}
    text = drawing.draw(panels).read_text(encoding="utf-8")

    assert all(f">{name}<" in text for name in [*panels, "bare ib_async", "ibkit"])


def test_the_same_numbers_make_the_same_file(drawing):
    panels = {name: curves(drawing, 10) for name in "abcd"}
    first = drawing.draw(panels).read_bytes()

    assert drawing.draw(panels).read_bytes() == first
    panels["d"] = curves(drawing, 11)
    assert drawing.draw(panels).read_bytes() != first
