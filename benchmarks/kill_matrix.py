"""Draws which check catches which bug. Called by detection.py."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.colors import ListedColormap  # noqa: E402

# Nothing, skipped, caught, caught by the check that is meant for it.
COLOURS = ["#ffffff", "#e8e8e8", "#8db8de", "#c2410c"]
PANELS = {"dataset": ("dataset",), "model": ("model", "vae"), "trainer": ()}  # the rest
INCHES_PER_CELL = 0.115
FONT_SIZE = 5.5


def panel_of(kind: str) -> str:
    return next((panel for panel, kinds in PANELS.items() if kind in kinds), "trainer")


def cells(bugs: list, verdicts: list, checks: list[str]) -> np.ndarray:
    values = np.zeros((len(bugs), len(checks)))
    for row, (bug, found) in enumerate(zip(bugs, verdicts, strict=True)):
        for column, check in enumerate(checks):
            verdict = found.of_check.get(check)
            meant = verdict == "failed" and check == bug.check
            values[row, column] = 3 if meant else {"failed": 2, "skipped": 1}.get(verdict, 0)
    return values


def draw_panel(axes, bugs: list, verdicts: list, checks: list[str]):
    axes.pcolormesh(
        cells(bugs, verdicts, checks),
        cmap=ListedColormap(COLOURS),
        vmin=0,
        vmax=len(COLOURS) - 1,
        edgecolors="#d0d0d0",
        linewidth=0.2,
        rasterized=True,  # in the SVG as well: the grid has tens of thousands of cells
    )
    axes.invert_yaxis()
    axes.xaxis.tick_top()
    names = [check.removeprefix("test_").replace("_", " ") for check in checks]
    axes.set_xticks(np.arange(len(checks)) + 0.5, names, rotation=90, fontsize=FONT_SIZE)
    labels = [bug.name for bug in bugs]
    axes.set_yticks(np.arange(len(bugs)) + 0.5, labels, fontsize=FONT_SIZE)
    axes.tick_params(length=0, pad=1)
    for row in range(1, len(bugs)):
        if bugs[row].kind != bugs[row - 1].kind:
            axes.axhline(row, color="black", linewidth=0.6)


def draw(bugs: list, verdicts: list, path: Path):
    """One panel for each suite: bugs downwards, checks to the right. Writes .png and .svg."""
    groups: dict[str, list[int]] = {panel: [] for panel in PANELS}
    for index, bug in enumerate(bugs):
        groups[panel_of(bug.kind)].append(index)
    columns = {
        panel: list(dict.fromkeys(c for i in rows for c in verdicts[i].of_check))
        for panel, rows in groups.items()
    }
    margin = 2.2  # inches, for the names
    heights = {panel: len(rows) * INCHES_PER_CELL for panel, rows in groups.items()}
    widths = {panel: len(columns[panel]) * INCHES_PER_CELL for panel in groups}
    size = (sum(widths.values()) + margin * len(groups) + 0.2, max(heights.values()) + margin + 0.4)
    figure = plt.figure(figsize=size)
    left = 0.0
    for panel, rows in groups.items():
        left += margin
        bottom = size[1] - margin - heights[panel] - 0.2
        place = left / size[0], bottom / size[1], widths[panel] / size[0], heights[panel] / size[1]
        axes = figure.add_axes(place)
        draw_panel(axes, [bugs[i] for i in rows], [verdicts[i] for i in rows], columns[panel])
        left += widths[panel]
    figure.text(
        0.005,
        0.004,
        "orange: caught by the check that is meant for it; blue: caught; grey: the check says that "
        "it cannot judge",
        fontsize=8,
    )
    figure.savefig(path.with_suffix(".png"), dpi=100)
    matplotlib.rcParams["svg.fonttype"] = "none"  # text, not curves: a tenth of the size
    matplotlib.rcParams["svg.hashsalt"] = "kill matrix"  # the same picture, the same file
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    plt.close(figure)
