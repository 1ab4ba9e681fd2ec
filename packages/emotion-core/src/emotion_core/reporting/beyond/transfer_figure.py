"""The picture of runs on data sets: the accuracies, and a risk-coverage curve for each; for light pages and dark."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.evaluation.figures import label_text
from emotion_core.evaluation.transfer.record import Transfer
from emotion_core.imports import needs
from emotion_core.reporting.beyond.transfer_table import data_title, on_data
from emotion_core.system.claim import write_aside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"
"""Stands in the drawing for the colour of the text, which the page decides; nothing else has it."""

STYLE = (
    "<style>svg { --ink: #1b1b1b; background: #fff; } "
    "@media (prefers-color-scheme: dark) { svg { --ink: #ececec; background: #16181b; } }</style>"
)

PANELS_A_ROW = 3


def write_figure(transfer: Transfer, path: Path) -> None:
    """Write the picture as SVG, there whole or not at all; the same figures give the same file.

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    write_aside(path, svg(transfer))


def svg(transfer: Transfer) -> str:
    """The picture, whose text is dark on a light page and light on a dark one."""
    needs("study", "matplotlib", who="the picture of a transfer")
    import matplotlib as mpl

    ink: dict[Any, Any] = dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    )
    with mpl.rc_context({**ink, "svg.hashsalt": "emotion", "axes.facecolor": "none", "legend.labelcolor": INK}):
        written = io.StringIO()
        drawn = _figure(transfer)
        drawn.savefig(written, format="svg", metadata={"Date": None}, transparent=True)
    head, tag, rest = written.getvalue().partition("<defs>")
    return head + STYLE + (tag + rest).replace(INK, "var(--ink)")


def _figure(transfer: Transfer) -> Figure:
    from matplotlib.figure import Figure

    data, runs = transfer.data(), transfer.runs()
    columns = min(len(data), PANELS_A_ROW)
    rows = -(-len(data) // columns)
    height = 1.1 + 0.34 * sum(len(on_data(transfer, each)) + 1 for each in data)
    figure = Figure(figsize=(max(7.0, 3.4 * columns), height + 3.1 * rows), layout="constrained")
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(height, 3.1 * rows))[:, 0]
    figure.set_facecolor("none")
    upper.set_facecolor("none")
    lower.set_facecolor("none")
    _accuracies(upper.subplots(), transfer, runs)
    panels = lower.subplots(rows, columns, squeeze=False, sharey=True).flat
    for axes, each in zip(panels, data, strict=False):
        axes.set_title(label_text(data_title(each)), fontsize=9)
        axes.set(xlabel="share of the texts, surest first", xlim=(0, 1.02), ylim=(0, None))
        for worth in on_data(transfer, each):
            curve, look = worth.risk_coverage, _style(runs.index(worth.run))
            axes.plot(curve.coverage, curve.risk, color=look["color"], linewidth=1.4)
            axes.plot(curve.coverage[-1], curve.risk[-1], linestyle="none", clip_on=False, **look)
        axes.grid(alpha=0.25)
    for axes in list(panels):
        axes.remove()
    lower.supylabel("share of wrong predictions", fontsize=9)
    return figure


def _accuracies(axes: Axes, transfer: Transfer, runs: list[str]) -> None:
    """A line for each run on each data set, with its interval, and a bar where guessing would be."""
    place, ticks = 0.0, {}
    for data in transfer.data():
        found = on_data(transfer, data)
        ticks[place] = label_text(f"{data_title(data)} ({len(data.only or ()) or 6} emotions)")
        guess = found[0].most_frequent
        axes.plot([guess, guess], [place + 0.5, place + len(found) + 0.5], color=INK, linestyle=":", linewidth=1)
        for worth in found:
            place += 1
            look, score = _style(runs.index(worth.run)), worth.accuracy
            axes.plot([score.low, score.high], [place, place], color=look["color"], linewidth=1.4)
            axes.plot(score.value, place, linestyle="none", **look)
            seen = f" ({worth.data.trained_on} of its training texts)" if worth.data.trained_on else ""
            ticks[place] = label_text(f"{worth.run}{seen}")
        place += 1
    axes.set_yticks(list(ticks), list(ticks.values()), fontsize=8)
    axes.set(xlabel="accuracy with its 95 % interval; dotted: always guessing the most frequent emotion", xlim=(0, 1))
    axes.set_ylim(place, -0.8)  # from the top down
    axes.grid(axis="x", alpha=0.25)


def _style(number: int) -> dict[str, Any]:
    from emotion_core.reporting.report_figures import run_style

    look = run_style(number)
    return look | {"color": INK} if look["color"] == "#000000" else look
