"""The table of runs on data sets, and what a reader has to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from emotion_core.evaluation.transfer.record import Transfer, Worth, texts_of
from emotion_core.runs.metrics import DataRef

COLUMNS = (
    "data", "run", "accuracy", "macro-F1", "calibration error", "abstains", "accuracy on the rest", "AURC"
)  # fmt: skip

SEEN = "*"
"""The sign after an accuracy on texts of which the run was trained on some."""

EXPLAINED = (
    "AURC is the area under the risk-coverage curve: the share of wrong predictions among the texts that a run is "
    "surest of, averaged over all numbers of these. 0 is best."
)


def table_rows(transfer: Transfer) -> list[tuple[str, ...]]:
    """The cells of `COLUMNS`: of each data set the runs, the best accuracy first."""
    return [_row(worth) for data in transfer.data() for worth in on_data(transfer, data)]


def on_data(transfer: Transfer, data: DataRef) -> list[Worth]:
    """What was measured on some texts, the best accuracy first."""
    found = [worth for worth in transfer.worths if texts_of(worth.data) == texts_of(data)]
    return sorted(found, key=lambda worth: -worth.accuracy.value)


def data_title(data: DataRef) -> str:
    """What a data set is called."""
    return f"{data.split} of {data.name}"


def _row(worth: Worth) -> tuple[str, ...]:
    rest = worth.abstained.accuracy
    return (
        data_title(worth.data),
        worth.run,
        f"{worth.accuracy}{f' {SEEN}' if worth.data.trained_on else ''}",
        str(worth.macro_f1),
        f"{worth.expected_calibration_error:.4f}",
        f"{100 * worth.abstained.share:.1f} %",
        "on no text sure" if rest is None else str(rest),
        f"{worth.risk_coverage.area:.4f}",
    )


def remarks(transfer: Transfer) -> list[str]:
    """What a reader of the table has to know of it, a sentence or two each."""
    lines = [_about(data, on_data(transfer, data)) for data in transfer.data()]
    lines += [_seen(worth) for worth in transfer.worths if worth.data.trained_on]
    unknown = list(dict.fromkeys(worth.run for worth in transfer.worths if worth.data.trained_on is None))
    if unknown:
        lines.append(
            f"Nobody knows which texts these were trained on, so that they may have seen some: {_list(unknown)}."
        )
    thresholds = sorted({worth.abstained.below for worth in transfer.worths})
    if thresholds:
        lines.append(f"A run abstains if its highest probability is below {_list([f'{p:g}' for p in thresholds])}.")
    return [*lines, EXPLAINED]


def _about(data: DataRef, worths: Sequence[Worth]) -> str:
    guessing = f"always guessing its most frequent emotion would be right for {worths[0].most_frequent:.4f}"
    return f"{data_title(data)} has {data.rows} texts{data.among()}; {guessing}."


def _seen(worth: Worth) -> str:
    rest = f"; on the other {worth.data.rows - (worth.data.trained_on or 0)} its accuracy is {worth.unseen}"
    return (
        f"{SEEN} {worth.run} was trained on {worth.data.trained_on} of the {worth.data.rows} texts of "
        f"{data_title(worth.data)}, so that its figures there are too good{rest if worth.unseen else ''}."
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
