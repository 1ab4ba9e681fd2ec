"""The figures of a run, drawn without a display and without global state."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Labels, Probabilities
from emotion_core.errors import EmotionError
from emotion_core.evaluation.colours import COLOURS
from emotion_core.evaluation.metrics import average_precision, calibration_bins, precision_recall_curve
from emotion_core.imports import needs
from emotion_core.labels import EMOTIONS, N_EMOTIONS
from emotion_core.printable import one_line
from emotion_core.runs.metrics import Score
from emotion_core.system.claim import claimed, put_in_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from emotion_core.data.audit import Audit

LONGEST_NAME = 60
"""Characters of a name in a figure."""


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure, there whole or not at all; the ending of the path chooses the format, PNG where there is none.

    Raises:
        EmotionError: the file cannot be written, or its ending names no format.
    """
    try:
        with claimed(Path(path), wait=True) as aside, warnings.catch_warnings():
            # A name in another script has boxes for letters there, and its letters in the text beside the figure.
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            figure.savefig(aside, dpi=120, format=Path(path).suffix[1:] or "png")
            put_in_place(aside, Path(path))
    except (OSError, ValueError) as error:
        raise EmotionError(f"{path}: the figure cannot be written ({error}).") from error


def label_text(name: str) -> str:
    """A name as a figure shows it: dollars are no formula, and an underscore in front does not hide it in a legend.

    A long one is cut in its middle, since its end is what tells runs apart; it would leave no room for the figure.
    """
    shown = one_line(name)
    if len(shown) > LONGEST_NAME:
        shown = f"{shown[: LONGEST_NAME // 2]}…{shown[-LONGEST_NAME // 2 :]}"
    return f"{' ' if name.startswith('_') else ''}{shown}".replace("$", r"\$")


def class_distribution(counts: dict[str, dict[str, int]]) -> Figure:
    """Bars of rows by emotion, grouped by split; ``counts`` is {split: {emotion: rows}}."""
    figure, axes = _axes(6.4, 3.6)
    width = 0.8 / len(counts)
    for number, (split, by_emotion) in enumerate(counts.items()):
        total = max(1, sum(by_emotion.values()))
        shares = [100 * by_emotion[name] / total for name in EMOTIONS]
        positions = np.arange(N_EMOTIONS) + (number - (len(counts) - 1) / 2) * width
        axes.bar(positions, shares, width, label=label_text(f"{split} ({total})"), color=f"C{number}")
    axes.set_xticks(range(N_EMOTIONS), EMOTIONS)
    axes.set(ylabel="share of rows (%)", title="Class distribution")
    axes.legend()
    return figure


def confusion_matrix(confusion: list[list[int]] | np.ndarray) -> Figure:
    """Counts and row shares by true (rows) and predicted (columns) emotion."""
    counts = np.asarray(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _axes(5.4, 4.8)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        color = "white" if shares[row, column] > 0.5 else "black"
        text = f"{counts[row, column]}\n{shares[row, column]:.0%}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    axes.set_xticks(range(N_EMOTIONS), EMOTIONS, rotation=30, ha="right")
    axes.set_yticks(range(N_EMOTIONS), EMOTIONS)
    axes.set(xlabel="predicted", ylabel="true", title="Confusion matrix (counts, share of the true class)")
    figure.colorbar(image, ax=axes, fraction=0.046)
    return figure


def precision_recall(labels: Labels, probabilities: Probabilities) -> Figure:
    """Precision against recall, one curve for each emotion that has texts with and without it."""
    figure, axes = _axes(5.4, 4.4)
    for label, name in enumerate(EMOTIONS):
        positive = np.asarray(labels) == label
        if not positive.any() or positive.all():
            continue
        precision, recall = precision_recall_curve(positive, probabilities[:, label])
        score = average_precision(positive, probabilities[:, label])
        axes.plot(recall, precision, color=COLOURS[label], label=f"{name} (average precision {score:.3f})")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01), title="Precision and recall")
    if axes.lines:
        axes.legend(fontsize=8, loc="lower left")
    return figure


def reliability(labels: Labels, probabilities: Probabilities) -> Figure:
    """Accuracy against confidence over 15 bins: a calibrated classifier follows the diagonal."""
    bins = calibration_bins(labels, probabilities)
    figure, axes = _axes(4.8, 4.4)
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="perfect calibration")
    confidence = [b["confidence"] for b in bins]
    axes.plot(confidence, [b["accuracy"] for b in bins], marker="o", label="this model")
    largest = max(b["count"] for b in bins)
    axes.bar(confidence, [0.2 * b["count"] / largest for b in bins], 0.03, color="lightgrey", label="texts (relative)")
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.01), ylim=(0, 1.01), title="Reliability diagram")
    axes.legend(loc="upper left")
    return figure


def training_curves(history: Sequence[Mapping[str, float]]) -> Figure:
    """Loss and accuracy by epoch; ``history`` is one dictionary an epoch, with ``epoch`` and any of the curves."""
    figure = _figure(8, 3.4)
    losses, scores = figure.subplots(1, 2)
    epochs = [entry["epoch"] for entry in history]
    for axes, title, names in (
        (losses, "Loss", ("loss", "val_loss")),
        (scores, "Validation", ("val_accuracy", "val_macro_f1")),
    ):
        for name in names:
            values = [entry.get(name, np.nan) for entry in history]
            if not np.isnan(np.asarray(values, dtype=float)).all():
                axes.plot(epochs, values, marker="o", label=name)
        axes.set(xlabel="epoch", title=title)
        if axes.lines:
            axes.legend()
    return figure


def heat_map(
    values: NDArray[np.float64], names: tuple[str, str], ticks: tuple[list[str], list[str]], title: str
) -> Figure:
    """Values over two settings as colours and numbers; NaN stays empty.

    Args:
        values: shape (values of the first setting, values of the second).
        names: of the two settings, the vertical one first.
        ticks: their values, as text.
        title: of the figure.
    """
    figure, axes = _axes(2 + 0.62 * values.shape[1], 1.4 + 0.5 * values.shape[0])
    image = axes.imshow(values, cmap="viridis", aspect="auto")
    middle = np.nanmean([np.nanmin(values), np.nanmax(values)])
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            color = "black" if value > middle else "white"
            axes.text(column, row, f"{value:.3f}", ha="center", va="center", color=color, fontsize=8)
    axes.set_yticks(range(values.shape[0]), list(map(label_text, ticks[0])))
    axes.set_xticks(range(values.shape[1]), list(map(label_text, ticks[1])))
    axes.set(ylabel=label_text(names[0]), xlabel=label_text(names[1]), title=label_text(title))
    figure.colorbar(image, ax=axes, fraction=0.046)
    return figure


def trade_off(points: Mapping[str, tuple[float, Score, float]]) -> Figure:
    """Macro-F1 against the size of several models; the area of a point is its speed.

    Args:
        points: by name, megabytes, macro-F1, and texts a second.
    """
    figure, axes = _axes(6.4, 4.2)
    fastest = max(speed for *_, speed in points.values())
    for number, (name, (size, score, speed)) in enumerate(points.items()):
        value, color = score.value, f"C{number}"
        axes.errorbar(size, value, [[value - score.low], [score.high - value]], color=color, alpha=0.5)
        axes.scatter(
            size,
            value,
            400 * speed / fastest,
            color=color,
            alpha=0.8,
            label=label_text(f"{name} ({speed:.0f} texts/s)"),
        )
    axes.set(xlabel="size (MB)", ylabel="macro-F1 on validation", xlim=(0, None), title="What compression costs")
    axes.legend(fontsize=8, markerscale=0.5)
    return figure


def _figure(width: float, height: float) -> Figure:
    needs("study", "matplotlib", who="a figure")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = _figure(width, height)
    return figure, figure.subplots()


def audit_figure(audit: Audit) -> Figure:
    """Rows by emotion, one group of bars for each split."""
    return class_distribution({name: split.classes for name, split in audit.splits.items()})
