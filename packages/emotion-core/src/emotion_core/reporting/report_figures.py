"""The figures of a report on many runs. Each run has a colour and a marker, so that no reader needs the colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from emotion_core.evaluation.figures import label_text
from emotion_core.runs.metrics import Score

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Okabe and Ito's palette, which people with any kind of colour vision can tell apart, without its yellow."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

LARGEST_BUBBLE = 900
"""Area of the bubble of the largest model, in points squared."""
ORIGINAL = "uncompressed"
LOG_FROM = 8
"""A latency axis is logarithmic when the slowest run takes so many times as long as the fastest."""

CURVES = {
    "val_macro_f1": "macro-F1 on validation",
    "val_accuracy": "accuracy on validation",
    "val_loss": "loss on validation",
}
"""Columns of a history that are drawn, with what they are."""


@dataclass(frozen=True)
class Point:
    """A run in the picture of the trade-off: its group's name, p50 of one text, macro-F1, and the size of the model."""

    name: str
    milliseconds: float
    macro_f1: Score
    megabytes: float


def trade_off(points: Sequence[Point], measured_on: str) -> Figure:
    """Macro-F1 against latency; the area of a bubble is the size of the model. Points of one name look alike."""
    figure, axes = _axes(7.6, len({point.name for point in points}))
    largest = max(point.megabytes for point in points) or 1.0
    labels = {point.name: label_text(f"{point.name}, {point.megabytes:.1f} MB") for point in reversed(points)}
    names = list(dict.fromkeys(point.name for point in points))
    for point in points:
        style = run_style(names.index(point.name))
        x, y = point.milliseconds, point.macro_f1.value
        bubble = LARGEST_BUBBLE * point.megabytes / largest
        axes.scatter(x, y, bubble, color=style["color"], alpha=0.25, linewidths=0)
        _interval(axes, x, point.macro_f1, style)
        axes.plot(x, y, linestyle="none", label=labels[point.name], **style)
    times = [point.milliseconds for point in points]
    axes.set(xlabel="median latency of one text (ms)", ylabel=label_text(f"macro-F1 on {measured_on}"))
    axes.margins(0.12)
    if min(times) > 0 and max(times) / min(times) >= LOG_FROM:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("median latency of one text (ms, logarithmic)")
    else:
        axes.set_xlim(left=0)
    axes.set_title("The area of a bubble is the size of the model on disk", fontsize=9)
    _legend(figure, axes)
    return figure


def learning_curves(histories: Sequence[tuple[str, pd.DataFrame]]) -> Figure | None:
    """A panel for each of `CURVES` that some run has kept, a line for each run; None when no run has kept one.

    Args:
        histories: the name of a run's group and its epochs; runs of one name look alike.
    """
    kept = [column for column in CURVES if any(_has(history, column) for _, history in histories)]
    if not kept:
        return None
    names = list(dict.fromkeys(name for name, _ in histories))
    figure = Figure(figsize=(3.6 * len(kept) + 2.4, _height(len(names))), layout="constrained")
    panels = figure.subplots(1, len(kept), squeeze=False, sharex=True)[0]
    for axes, column in zip(panels, kept, strict=True):
        for name, history in histories:
            if _has(history, column):
                style = run_style(names.index(name)) | {"markersize": 4}
                axes.plot(history["epoch"], history[column], label=label_text(name), linewidth=1.2, **style)
        axes.set(xlabel="epoch", ylabel=CURVES[column])
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.25)
    _legend(figure, *panels)
    return figure


@dataclass(frozen=True)
class Variant:
    """A compressed run or its original: the curve that it belongs to, its technique, its share of zeros, and size."""

    curve: str
    technique: str
    sparsity: float | None
    megabytes: float
    macro_f1: Score


def compression_curve(variants: Sequence[Variant], measured_on: str) -> Figure:
    """Macro-F1 against the size on disk, and against the share of weights that pruning set to zero where one did."""
    pruned = [variant for variant in variants if variant.sparsity is not None]
    techniques = list(dict.fromkeys(f"{variant.curve}: {variant.technique}" for variant in variants))
    width, panels = (9.6, 2) if any(variant.sparsity for variant in pruned) else (6.4, 1)
    figure = Figure(figsize=(width, _height(len(techniques))), layout="constrained")
    by_size, *by_sparsity = figure.subplots(1, panels, squeeze=False, sharey=True)[0]
    for variant in variants:
        label = f"{variant.curve}: {variant.technique}"
        style = run_style(techniques.index(label))
        places = [(by_size, variant.megabytes)]
        if variant.sparsity is not None:
            places += [(axes, 100 * variant.sparsity) for axes in by_sparsity]
        for axes, x in places:
            _interval(axes, x, variant.macro_f1, style)
            axes.plot(x, variant.macro_f1.value, linestyle="none", label=label_text(label), **style)
    by_size.set(xlabel="size on disk (MB)", ylabel=label_text(f"macro-F1 on {measured_on}"))
    by_size.margins(0.08)
    by_size.set_xlim(left=0)
    for axes in by_sparsity:
        _join(axes, pruned)
        axes.set_xlabel("share of the pruned layers' weights that are zero (%)")
    _legend(figure, by_size)
    return figure


def _join(axes: Axes, pruned: Sequence[Variant]) -> None:
    """A grey line from each original through the variants of a technique, in the order of their zeros."""
    for curve, technique in dict.fromkeys((v.curve, v.technique) for v in pruned if v.technique != ORIGINAL):
        line = [v for v in pruned if v.curve == curve and v.technique in (ORIGINAL, technique)]
        line.sort(key=lambda variant: variant.sparsity or 0.0)
        shares = [100 * (variant.sparsity or 0.0) for variant in line]
        axes.plot(shares, [variant.macro_f1.value for variant in line], color="grey", linewidth=1, zorder=0)


def _interval(axes: Axes, x: float, score: Score, style: Mapping[str, Any]) -> None:
    below, above = score.value - score.low, score.high - score.value
    axes.errorbar(x, score.value, [[below], [above]], color=style["color"], alpha=0.5, linewidth=1, capsize=2)


def run_style(number: int) -> dict[str, Any]:
    """The colour and marker of a name; 49 names look different."""
    turn = number // len(COLORS)
    return {"color": COLORS[number % len(COLORS)], "marker": MARKERS[(number + turn) % len(MARKERS)], "markersize": 6}


def _has(history: pd.DataFrame, column: str) -> bool:
    if column not in history or not pd.api.types.is_numeric_dtype(history[column]):
        return False
    return bool(np.isfinite(history[column]).any())


def _height(names: int) -> float:
    return max(4.0, 0.22 * names + 0.8)


def _axes(width: float, names: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, _height(names)), layout="constrained")
    return figure, figure.subplots()


def _legend(figure: Figure, *panels: Axes) -> None:
    """One entry a label, beside the panels, where it hides nothing."""
    handles: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(handles.values(), handles.keys(), loc="outside right upper", fontsize=8)
