"""Predict files of any size in chunks, keeping the user's own columns and the order of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import NamedTuple

from emotion_core.classifier import Classifier
from emotion_core.data.formats.table import Cells, Reading, Row, Table
from emotion_core.data.labelled.rows import require_column, text_problem
from emotion_core.errors import DataError, ModelError, RunError
from emotion_core.inference.counts import NO_TEXT, Counts, PredictedRow
from emotion_core.inference.writers import CHUNK_ROWS, OUTPUT_FORMATS, RowWriter
from emotion_core.labels import NEUTRAL, NEUTRAL_LABEL, UNCERTAIN, UNCERTAIN_LABEL
from emotion_core.runs.predictions import NEUTRAL_COLUMN, PREDICTION_COLUMNS, PROBABILITY_COLUMNS, prediction_cells
from emotion_core.system.claim import claimed, put_in_place
from emotion_core.system.overwriting import check_file

Progress = Callable[[int], None] | None


class Asked(NamedTuple):
    """What is asked of the rows of a table.

    Attributes:
        text_column: with the texts.
        abstain_below: the highest probability below which a prediction abstains; None as the run says, else never.
        only: the emotions to decide among; None for all six.
        neutral_threshold: the probability above which a text is called neutral; None as the run says, else never.
    """

    text_column: str = "text"
    abstain_below: float | None = None
    only: tuple[str, ...] | None = None
    neutral_threshold: float | None = None

    def settled(self, classifier: Classifier) -> Asked:
        """The same, with what the run of a classifier says of what is not asked for.

        Raises:
            ModelError: neutral texts are asked for, and the run has no neutral gate.
        """
        gate = classifier.gate
        if gate is None and self.neutral_threshold is not None:
            raise ModelError(NO_GATE.format(run=classifier.origin or "The classifier"))
        return self._replace(
            abstain_below=classifier.abstain_below if self.abstain_below is None else self.abstain_below,
            neutral_threshold=gate.threshold if gate and self.neutral_threshold is None else self.neutral_threshold,
        )


NO_GATE = (
    "{run} has no neutral gate, so that no text can be called neutral. Train with --neutral FILE, or leave the "
    "threshold out."
)


def added_columns(classifier: Classifier) -> tuple[str, ...]:
    """The columns that the predictions of a classifier add to a table."""
    return PREDICTION_COLUMNS if classifier.gate is None else (*PREDICTION_COLUMNS, NEUTRAL_COLUMN)


def predict_rows(
    classifier: Classifier,
    rows: Iterable[Cells],
    asked: Asked | None = None,
    progress: Progress = None,
) -> Iterator[Cells]:
    """Add the prediction columns to each row, a chunk at a time.

    A row without a usable text (missing, empty, not a text) keeps its place, with its prediction columns ``None``, and
    so does one of whose text the classifier reads nothing: all such texts would get one and the same prediction. A text
    whose highest probability is below ``asked.abstain_below`` keeps its six probabilities and gets no emotion,
    but `UNCERTAIN` and `UNCERTAIN_LABEL`; one whose probability of being neutral is above ``asked.neutral_threshold``
    gets `NEUTRAL` and `NEUTRAL_LABEL`. Where it is decided among ``asked.only`` some emotions, their probabilities
    are those of `renormalize`, and the others ``None``.
    """
    return (row.cells for row in explained_rows(classifier, rows, asked, progress))


def explained_rows(
    classifier: Classifier, rows: Iterable[Cells], asked: Asked | None = None, progress: Progress = None
) -> Iterator[PredictedRow]:
    """As `predict_rows`, with the reason why a row has no prediction."""
    asked = (asked or Asked()).settled(classifier)
    rows = iter(rows)
    nothing = dict.fromkeys(added_columns(classifier))
    while chunk := list(islice(rows, CHUNK_ROWS)):
        usable = [text_problem_in_prediction(cells.get(asked.text_column)) is None for cells in chunk]
        texts = [cells[asked.text_column] for cells, is_text in zip(chunk, usable, strict=True) if is_text]
        predicted = _predicted(classifier, texts, asked.only, progress)
        for cells, is_text in zip(chunk, usable, strict=True):
            row = next(predicted) if is_text else PredictedRow(nothing, NO_TEXT)
            yield row._replace(cells=cells | _answered(row.cells, asked))


def _predicted(
    classifier: Classifier, texts: Sequence[str], only: tuple[str, ...] | None, progress: Progress
) -> Iterator[PredictedRow]:
    """The prediction columns of each text alone, and what is told of it."""
    if not texts:
        return
    told = classifier.predict_and_tell(texts, progress=progress)
    neutral = classifier.neutral_proba(texts)
    of_gate = repeat(()) if neutral is None else ((round(share, 6),) for share in neutral.tolist())
    columns = added_columns(classifier)
    predicted = zip(prediction_cells(told.probabilities, only), of_gate, strict=False)
    for (cells, share), reason, foreign in zip(predicted, told.unread, classifier.foreign(texts), strict=True):
        added = dict(zip(columns, (*cells, *share) if reason is None else repeat(None), strict=False))
        yield PredictedRow(added, reason, foreign and reason is None)


def _answered(cells: Cells, asked: Asked) -> Cells:
    """The cells of a prediction, which say that a text is neutral, or nothing certain, where that is asked for."""
    # The probabilities are compared as they are written, so that a reader of the file finds the same rows.
    highest, neutral = highest_probability(cells), cells.get(NEUTRAL_COLUMN)
    if neutral is not None and asked.neutral_threshold is not None and neutral > asked.neutral_threshold:
        return cells | {"predicted_label": NEUTRAL_LABEL, "predicted_emotion": NEUTRAL}
    if highest is not None and asked.abstain_below is not None and highest < asked.abstain_below:
        return cells | {"predicted_label": UNCERTAIN_LABEL, "predicted_emotion": UNCERTAIN}
    return cells


def highest_probability(cells: Cells) -> float | None:
    """The probability of the most probable emotion in a predicted row, None where there is no prediction."""
    return max((cells[name] for name in PROBABILITY_COLUMNS if cells[name] is not None), default=None)


def text_problem_in_prediction(value: object) -> str | None:
    """As `labelled.rows.text_problem`, but ``nan``, in any case, is a text: a grandmother is called that."""
    return None if isinstance(value, str) and value.strip().casefold() == "nan" else text_problem(value)


def predict_table(
    classifier: Classifier,
    table: Table,
    output: str | Path,
    asked: Asked | None = None,
    *,
    force: bool = False,
    progress: Progress = None,
) -> Counts:
    """Predict every row of a table into a file, which appears complete or not at all.

    Args:
        table: from `checked_table` or `text_table`.
        output: csv, tsv, jsonl or parquet, chosen by its ending.
        asked: as in `predict_rows`.
        force: replace an existing output.
        progress: called with the number of texts done since the last call.

    Raises:
        DataError: the table cannot be read to its end.
        RunError: the output exists, is the input, is being written by another process, or cannot be written.
    """
    output = Path(output)
    check_output_file(output, table.path, force=force)
    counts = Counts()
    asked = asked or Asked()
    own = table_cells(table, asked.text_column) if RowWriter.passes_on(output, table) else table_cells(table)
    rows = explained_rows(classifier, own, asked, progress)
    try:
        with claimed(output) as aside:
            with RowWriter(aside, table, added_columns(classifier)) as writer:
                for row in rows:
                    counts.add(row)
                    writer.write(row.cells)
            put_in_place(aside, output)
    except OSError as error:
        raise RunError(f"{output}: cannot be written ({error}).") from error
    return counts


def text_table(texts: Iterable[str], name: str) -> Table:
    """A table of one column ``text`` that is not a file, with ``name`` for messages; an iterator is read once."""
    return Table(Path(name), ("text",), lambda: (Row(line, {"text": text}) for line, text in enumerate(texts, start=1)))


def checked_table(
    source: str | Path, text_column: str, reading: Reading | None = None, added: Sequence[str] = PREDICTION_COLUMNS
) -> Table:
    """Open a file whose rows can be predicted, which adds some columns; each line of a txt file is a text.

    Raises:
        DataError: the file cannot be read, lacks the text column, or has a column named like one that is added.
    """
    from emotion_core.data.readers import open_table  # texts that come in no file need no readers

    table = open_table(source, reading)
    check_columns(table, text_column, "--text-column", added)
    return table


def check_columns(table: Table, text_column: str, option: str, added: Sequence[str]) -> None:
    """Raise a DataError unless a table has the text column, which ``option`` names, and none that prediction adds."""
    require_column(table, text_column, option)
    taken = [name for name in added if name in table.columns]
    if taken:
        raise DataError(f"{table.path}: has a column {taken[0]!r} already, which prediction adds. Rename or remove it.")


def check_output_file(output: Path, source: Path, *, force: bool) -> None:
    """Raise a RunError unless the predictions of ``source`` may be written to ``output``."""
    if output.suffix.lower() not in OUTPUT_FORMATS:
        raise RunError(f"{output}: found the ending {output.suffix!r}, expected one of {', '.join(OUTPUT_FORMATS)}.")
    check_file(output, force=force, inputs=[source])


def table_cells(table: Table, *columns: str) -> Iterator[Cells]:
    """The cells of each row of a table; where columns are named, no others need be read.

    Raises:
        DataError: a row does not fit the header, so that its text cannot be known.
    """
    for row in table.rows_with(*columns) if columns else table:
        if row.problem:
            raise DataError(f"{table.path}, {table.unit} {row.line}: {row.problem}")
        yield row.cells
