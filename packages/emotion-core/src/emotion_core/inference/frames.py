"""What a notebook asks of a classifier: the emotions of texts, and the predictions and metrics of a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.classifier import Classifier, Probabilities
from emotion_core.data.dataset import WHOLE_FILE, Dataset
from emotion_core.data.formats.table import Row, Table
from emotion_core.data.labelled.columns import Columns, Words
from emotion_core.data.labelled.rows import labelled_rows
from emotion_core.errors import DataError
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.evaluation.only import with_only
from emotion_core.inference.predict import Asked, added_columns, check_columns, predict_rows
from emotion_core.labels import parse_emotions
from emotion_core.runs.predictions import LABEL_COLUMNS
from emotion_core.runs.typed_json import to_json
from emotion_core.texts import as_list

if TYPE_CHECKING:
    import pandas as pd

FRAME = "DataFrame"


def predict_emotions(
    classifier: Classifier,
    texts: Iterable[str],
    *,
    abstain_below: float | None = None,
    only: Iterable[str] | None = None,
    neutral_threshold: float | None = None,
) -> list[str | None]:
    """The name of the most probable emotion of each text.

    Args:
        classifier: from ``emotion_rnn.load`` or ``emotion_bert.load``.
        texts: a list, a column of a DataFrame, or the like.
        abstain_below: the probability below which it is ``uncertain`` instead; None for that of the classifier.
        only: the emotions to decide among, as `renormalize` does; None for all six.
        neutral_threshold: the probability of showing no emotion above which it is ``neutral`` instead, for runs with a
            neutral gate; None as the run says, else never.

    Returns:
        One name a text, in their order; None for what is no text (missing, empty, a number).

    Raises:
        TypeError: ``texts`` is one text, a table, a dict, or nothing that holds texts.
        ValueError: ``only`` names something else, an emotion twice, or fewer than two.
        ModelError: there is a ``neutral_threshold``, and the run has no neutral gate.
    """
    asked = Asked(abstain_below=abstain_below, only=_only(only), neutral_threshold=neutral_threshold)
    rows = predict_rows(classifier, ({"text": text} for text in as_list(texts)), asked)
    return [row["predicted_emotion"] for row in rows]


def check_frame(frame: object) -> None:
    """Raise a DataError unless something is a DataFrame, as far as it is used here."""
    if not (hasattr(frame, "columns") and hasattr(frame, "index") and hasattr(frame, "itertuples")):
        raise DataError(
            f"frame: found a {type(frame).__name__}, expected a DataFrame of pandas. For a list of texts there is "
            "predict_emotions; a dict becomes one by pandas.DataFrame(...)."
        )


def _only(emotions: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if emotions is None else parse_emotions(emotions)


def predict_frame(
    classifier: Classifier,
    frame: pd.DataFrame,
    text_column: str = "text",
    *,
    abstain_below: float | None = None,
    only: Iterable[str] | None = None,
    neutral_threshold: float | None = None,
) -> pd.DataFrame:
    """A copy of a DataFrame with the columns that `predict_rows` adds, its own columns, index and order kept.

    Args:
        classifier: from ``emotion_rnn.load`` or ``emotion_bert.load``.
        frame: with a column of texts; a row without a usable text gets no prediction.
        text_column: the name of that column.
        abstain_below: the probability below which an emotion is ``uncertain`` instead, with the label -1; None for that
            of the classifier.
        only: the emotions to decide among, as `renormalize` does; the others get no probability. None for all six.
        neutral_threshold: the value of the column ``neutral``, which runs with a neutral gate add, above which an
            emotion is ``neutral`` instead, with the label -2; None as the run says, else never.

    Raises:
        DataError: the column is missing, or one of those that are added is there already.
        ValueError: ``only`` names something else, an emotion twice, or fewer than two.
        ModelError: there is a ``neutral_threshold``, and the run has no neutral gate.
    """
    import pandas as pd

    columns = added_columns(classifier)
    check_columns(_table(frame, FRAME), text_column, "text_column", columns)
    asked = Asked(abstain_below=abstain_below, only=_only(only), neutral_threshold=neutral_threshold)
    rows = predict_rows(classifier, ({"text": text} for text in frame[text_column]), asked)
    added = pd.DataFrame(list(rows), columns=list(columns), index=frame.index)
    types = {"predicted_label": "Int64", **dict.fromkeys(columns[len(LABEL_COLUMNS) :], "float64")}
    return pd.concat([frame, added.astype(types)], axis=1)


def evaluate_frame(
    classifier: Classifier,
    frame: pd.DataFrame,
    text_column: str = "text",
    label_column: str = "label",
    *,
    speed: bool = False,
    only: Iterable[str] | None = None,
) -> tuple[dict[str, Any], Probabilities]:
    """Predict the labelled texts of a DataFrame and compute their metrics, as `evaluate` does for a split.

    Args:
        classifier: from ``emotion_rnn.load`` or ``emotion_bert.load``.
        frame: with a column of texts and one of labels, which are ids or names of emotions.
        text_column: the name of the former.
        label_column: the name of the latter.
        speed: measure latency and throughput, too.
        only: the emotions to decide among, as `renormalize` does; rows of others are left out. None for all six.

    Returns:
        The metrics, as in ``metrics.json``, and the probabilities, shape (n, 6), in the order of the rows.

    Raises:
        DataError: a column is missing, or a row cannot be used; the message names rows, the first being row 0. Or no
            row has an emotion of ``only``.
        ValueError: ``only`` names something else, an emotion twice, or fewer than two.
    """
    dataset, among = frame_dataset(frame, Columns(text_column, label_column)), _only(only)
    if among is not None:
        dataset, _ = with_only(dataset, WHOLE_FILE, among)
    metrics, probabilities, _ = evaluate(classifier, dataset, WHOLE_FILE, only=among, speed=speed)
    return to_json(metrics), probabilities


def frame_dataset(frame: pd.DataFrame, columns: Columns, name: str = FRAME) -> Dataset:
    """A dataset of one split, with the checked texts and label ids of a DataFrame.

    Args:
        frame: with a column of texts and one of labels, which are ids or names of emotions.
        columns: their names.
        name: of the data, for messages.

    Raises:
        DataError: a column is missing, or a row cannot be used; the message names rows, the first being row 0.
    """
    mend = "Mend these rows, or leave them out; the first row is row 0."
    words = Words("text_column", "label_column", unknown=mend, mend=mend)
    checked, dropped, *_ = labelled_rows(_table(frame, name), columns, words)
    return Dataset(name, {WHOLE_FILE: checked}, {WHOLE_FILE: name}, {WHOLE_FILE: dropped})


def _table(frame: pd.DataFrame, name: str) -> Table:
    check_frame(frame)
    columns = tuple(frame.columns)
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError(f"{name}: the column name {twice!r} stands twice. Rename one of them.")

    def rows() -> Iterator[Row]:
        # tolist() gives the values of Python, so that a message shows 7 and not np.int64(7)
        cells = zip(*(frame[column].tolist() for column in columns), strict=True)
        for number, values in enumerate(cells):
            yield Row(number, dict(zip(columns, values, strict=True)))

    return Table(Path(name), columns, rows, unit="row")
