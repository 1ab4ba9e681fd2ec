"""The command ``predict``, written once for the three packages."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.cli.groups import ReadingOptions, grouped, only_option, reading_options, text_column_option
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import STREAM_OR_FILE
from emotion_core.cli.interruption import tell_if_interrupted, tell_outputs
from emotion_core.cli.loading import (
    Chosen,
    Loader,
    RunOrText,
    answer_options,
    load_classifier,
    model_option,
    package_of,
    report_never_predicted,
    run_and_texts,
)
from emotion_core.cli.options import Place, device_option, force_option, quiet_option, uncalibrated_option
from emotion_core.system.processes import is_first_process, process_count, process_index

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.data.formats.table import Table
    from emotion_core.inference.counts import Counts, PredictedRow
    from emotion_core.inference.predict import Asked

STANDARD_INPUT = "-"
NOT_ONE_SOURCE = "Give either TEXTs or --input FILE (or --input - for standard input)."


def predict_command(program: str, load: Loader) -> click.Command:
    """The command ``predict`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "predict",
        cls=HelpfulCommand,
        help=f"""Predict the emotion of TEXTs, of a file (csv, tsv, jsonl, json, parquet, txt), or of standard input.

        Adds predicted_label, predicted_emotion and six probabilities to the columns of the file. Rows keep their
        order; a row without text keeps its place and gets no prediction. A RUN with a neutral gate adds neutral, the
        probability that a text shows none of the emotions. Without RUN, the ready model predicts, which emotion-core
        carries.

        \b
        Example:
          {program} predict "i did not see that coming"
          {program} predict runs/my-model "i did not see that coming"
          {program} predict runs/my-model --input tweets.csv --output predicted.csv
          cat texts.txt | {program} predict runs/my-model --input - --json
        """,
    )
    @click.argument("words", nargs=-1, type=RunOrText(), metavar="[RUN] [TEXT]...")
    @model_option
    @option(
        "--input",
        "source",
        section=Section.COMMON,
        type=STREAM_OR_FILE,
        metavar="FILE|-",
        help="Read the texts from this file, or from standard input (-), one text a line.",
    )
    @option(
        "--output",
        section=Section.COMMON,
        type=Place(file=True),
        metavar="FILE",
        help="Write the predictions into this file (csv, tsv, jsonl or parquet).",
    )
    @text_column_option
    @reading_options
    @answer_options
    @only_option
    @uncalibrated_option
    @force_option
    @device_option
    @option(
        "--json",
        "as_json",
        section=Section.OUTPUT,
        is_flag=True,
        help="Print one JSON object a line and nothing else.",
    )
    @quiet_option
    @grouped(asked=PredictOptions)
    def command(asked: PredictOptions) -> None:
        _predict(program, load, asked)

    return command


@dataclass(frozen=True, kw_only=True)
class PredictOptions(ReadingOptions):
    """The options of ``predict``, as the command line gives them."""

    words: tuple[str, ...]
    model: Path | None
    source: str | None
    output: Path | None
    text_column: str
    abstain_below: float | None
    neutral_threshold: float | None
    only: tuple[str, ...] | None
    uncalibrated: bool
    force: bool
    device: str
    as_json: bool
    quiet: bool

    @cached_property
    def chosen(self) -> Chosen:
        """The run and the texts; raises as `run_and_texts`."""
        return run_and_texts(self.words, self.model, texts_elsewhere=self.source is not None)


def _predict(program: str, load: Loader, asked: PredictOptions) -> None:
    from emotion_core.inference.predict import Asked, check_output_file, explained_rows, table_cells
    from emotion_core.runs.folder import read_model_run
    from emotion_core.runs.predictions import NEUTRAL_COLUMN, PREDICTION_COLUMNS

    if not (asked.words or asked.source):
        raise click.UsageError(NOT_ONE_SOURCE)
    (run, texts), output = asked.chosen, asked.output
    if bool(texts) == bool(asked.source):
        raise click.UsageError(NOT_ONE_SOURCE)
    first = is_first_process()
    if output is None and not first:  # what is printed is printed once
        return
    plain = bool(texts) or (asked.source == STANDARD_INPUT and asked.reading.format in (None, "txt"))
    rows_asked = Asked("text" if plain else asked.text_column, asked.abstain_below, asked.only, asked.neutral_threshold)
    record = read_model_run(run, package_of(program, run))
    report_never_predicted(run, record, quiet=asked.quiet)
    if output is not None:
        tell_outputs(output)
    added = PREDICTION_COLUMNS if record.neutral is None else (*PREDICTION_COLUMNS, NEUTRAL_COLUMN)
    table = _input_table(asked, rows_asked.text_column, added)
    for note in () if asked.quiet else table.notes:
        click.echo(note, err=True)
    if output is not None and first:
        check_output_file(output, table.path, force=asked.force)
    classifier = load_classifier(load, run, asked.device, uncalibrated=asked.uncalibrated)
    if output is None:
        tell_if_interrupted(lambda: "not all predictions were printed.")
        rows = explained_rows(classifier, table_cells(table), rows_asked)
        if asked.as_json or not texts:
            counts = _print_table(rows, table, added, as_json=asked.as_json)
        else:
            counts = _print_list(rows, rows_asked.text_column)
        if counts.unread and not asked.quiet and (asked.as_json or not texts):  # else it stands beside each text
            click.echo(counts.words(), err=True)
        _tell_foreign(counts, quiet=asked.quiet)
        return
    _predict_file(classifier, table, output, asked, rows_asked)


def _predict_file(classifier: Classifier, table: Table, output: Path, asked: PredictOptions, rows_asked: Asked) -> None:
    from emotion_core.inference.predict import predict_rows, predict_table, table_cells
    from emotion_core.inference.shared_prediction import SharedClassifier
    from emotion_core.training.bar import progress_bar

    index, count = process_index(), process_count()
    with SharedClassifier(classifier, asked.chosen.run, output, index, count) as shared:
        if index > 0:
            for _ in predict_rows(shared, table_cells(table), rows_asked):
                pass
            return
        with progress_bar("Predicting", None, quiet=asked.quiet) as advance:
            counts = predict_table(shared, table, output, rows_asked, force=asked.force, progress=advance)
    if not asked.quiet:
        click.echo(f"{output}: {counts.words()}", err=True)
    _tell_foreign(counts, quiet=asked.quiet)


def _tell_foreign(counts: Counts, *, quiet: bool) -> None:
    if not quiet and (remark := counts.remark()):
        click.echo(remark, err=True)


def _input_table(asked: PredictOptions, text_column: str, added: Sequence[str]) -> Table:
    from emotion_core.data.readers import open_stream
    from emotion_core.inference.predict import check_columns, checked_table, text_table

    if asked.source is None:
        return text_table(asked.chosen.texts, "arguments")
    if asked.source != STANDARD_INPUT:
        return checked_table(asked.source, text_column, asked.reading, added)
    table = open_stream(sys.stdin.buffer, "standard input", asked.reading)
    check_columns(table, text_column, "--text-column", added)
    return table


def _print_table(rows: Iterator[PredictedRow], table: Table, added: Sequence[str], *, as_json: bool) -> Counts:
    from emotion_core.data.formats.writing import row_printer
    from emotion_core.inference.counts import Counts

    counts = Counts()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")
    beginning = list(islice(rows, 1))  # what is wrong with the first rows is told before a header is printed
    columns = (*table.columns, *added)
    print_row = row_printer(sys.stdout, ".jsonl" if as_json else ".csv", columns, marked=table.marked)
    for row in chain(beginning, rows):
        counts.add(row)
        print_row(row.cells)
    return counts


def _print_list(rows: Iterator[PredictedRow], text_column: str) -> Counts:
    from emotion_core.data.cleaning import replace_surrogates
    from emotion_core.inference.counts import Counts
    from emotion_core.inference.predict import highest_probability
    from emotion_core.labels import NEUTRAL_LABEL
    from emotion_core.runs.predictions import NEUTRAL_COLUMN

    counts = Counts()
    for row in rows:
        counts.add(row)
        cells = row.cells
        said = cells[NEUTRAL_COLUMN] if cells["predicted_label"] == NEUTRAL_LABEL else highest_probability(cells)
        probability = f"{said:.3f}" if said is not None else "     "
        emotion = cells["predicted_emotion"] or f"({row.problem})"
        click.echo(f"{emotion:<9} {probability}  {replace_surrogates(cells[text_column])}")
    return counts
