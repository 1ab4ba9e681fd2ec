"""The commands ``evaluate`` and ``predict``, written once for both model packages."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.cli.options import (
    column_options,
    data_inputs,
    device_option,
    force_option,
    json_option,
    make_columns,
    quiet_option,
    report_dropped,
    uncalibrated_option,
)
from emotion_core.labels import UNCERTAIN
from emotion_core.system.processes import is_first_process, process_count, process_index

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.data.labelled.columns import Columns
    from emotion_core.data.readers import Cells, Table
    from emotion_core.inference.predict import Asked
    from emotion_core.runs.metrics import Metrics

Loader = Callable[[Path, str], "Classifier"]
"""Loads the classifier of a run folder on a device."""

STANDARD_INPUT = "-"


def evaluate_command(program: str, load: Loader) -> click.Command:
    """The command ``evaluate`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "evaluate",
        help=f"""Measure the model of RUN on labelled texts, with 95 % bootstrap intervals.

        \b
        Example:
          {program} evaluate runs/my-model --data sample --split test
          {program} evaluate runs/my-model --data tweets.csv --json
        """,
    )
    @click.argument("run", type=click.Path(path_type=Path))
    @click.option("--data", required=True, metavar="NAME|FOLDER|FILE", help="sample, emotion, a folder, or one file.")
    @click.option("--split", default="test", show_default=True, help="The split to measure; a single file is one.")
    @click.option(
        "--output", type=click.Path(path_type=Path), metavar="NEW_RUN", help="Keep the evaluation as a run folder."
    )
    @force_option
    @column_options
    @uncalibrated_option
    @device_option
    @json_option
    @quiet_option
    def command(run: Path, **options: Any) -> None:
        _evaluate(program, load, EvaluateOptions(run=run, columns=make_columns(options), **options))

    return command


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """The options of ``evaluate``, as the command line gives them."""

    run: Path
    data: str
    split: str
    output: Path | None
    force: bool
    columns: Columns
    uncalibrated: bool
    device: str
    as_json: bool
    quiet: bool


def _evaluate(program: str, load: Loader, asked: EvaluateOptions) -> None:
    from emotion_core.data.load import load_dataset
    from emotion_core.evaluation.evaluate import evaluate, write_evaluation_run
    from emotion_core.imports import needs
    from emotion_core.runs.folder import read_model_run
    from emotion_core.runs.typed_json import to_json
    from emotion_core.system.overwriting import check_output
    from emotion_core.training.progress import progress_bar

    read_model_run(asked.run, _package(program))
    if asked.output is not None:
        needs("study", "matplotlib", who="--output")
        check_output(asked.output, force=asked.force, inputs=[asked.run, *data_inputs(asked.data)], keep_model=True)
    dataset = load_dataset(asked.data, asked.columns)
    report_dropped(dataset, quiet=asked.quiet)
    measured = dataset.split(asked.split)
    classifier = _load(load, asked)
    with progress_bar("Predicting", len(measured), quiet=asked.quiet) as advance:
        evaluation = evaluate(classifier, dataset, asked.split, progress=advance)
    if asked.output is not None:
        write_evaluation_run(asked.output, asked.run, measured, evaluation, force=asked.force)
    metrics = evaluation.metrics
    click.echo(json.dumps(to_json(metrics), indent=2) if asked.as_json else metrics.summary())
    if not asked.as_json:
        _print_scores(metrics)


def _package(program: str) -> str | None:
    """Whose runs a program takes: emotion-core those of any package, if they are in a format that it loads."""
    from emotion_core.imports import PROGRAM

    return None if program == PROGRAM else program


def _load(load: Loader, asked: EvaluateOptions | PredictOptions) -> Classifier:
    classifier = load(asked.run, asked.device)
    if asked.uncalibrated:
        classifier.temperature = 1.0
    return classifier


def _print_scores(metrics: Metrics) -> None:
    for name, scores in metrics.per_class.items():
        click.echo(f"  {name:<9} F1 {scores.f1}  ({scores.support} texts)")


def predict_command(program: str, load: Loader) -> click.Command:
    """The command ``predict`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "predict",
        help=f"""Predict the emotion of TEXTs, of a file (csv, tsv, jsonl, parquet, txt), or of standard input.

        Adds predicted_label, predicted_emotion and six probabilities to the columns of the file. Rows keep their
        order; a row without text keeps its place and gets no prediction.

        \b
        Example:
          {program} predict runs/my-model "i did not see that coming"
          {program} predict runs/my-model --input tweets.csv --output predicted.csv
          cat texts.txt | {program} predict runs/my-model --input - --json
        """,
    )
    @click.argument("run", type=click.Path(path_type=Path))
    @click.argument("texts", nargs=-1, metavar="[TEXT]...")
    @click.option("--input", "source", metavar="FILE|-", help="A file, or - for standard input, one text a line.")
    @click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="csv, tsv, jsonl or parquet.")
    @click.option("--text-column", default="text", show_default=True, help="Name of the column with the texts.")
    @click.option(
        "--abstain-below",
        type=click.FloatRange(0, 1),
        default=0.0,
        show_default="never",
        metavar="P",
        help=f"Say {UNCERTAIN} where the highest probability is below P.",
    )
    @uncalibrated_option
    @force_option
    @device_option
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line and nothing else.")
    @quiet_option
    def command(run: Path, **options: Any) -> None:
        _predict(program, load, PredictOptions(run=run, **options))

    return command


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """The options of ``predict``, as the command line gives them."""

    run: Path
    texts: tuple[str, ...]
    source: str | None
    output: Path | None
    text_column: str
    abstain_below: float
    uncalibrated: bool
    force: bool
    device: str
    as_json: bool
    quiet: bool


def _predict(program: str, load: Loader, asked: PredictOptions) -> None:
    from emotion_core.inference.predict import Asked, check_output_file, predict_rows, table_cells
    from emotion_core.runs.folder import read_model_run

    texts, output = asked.texts, asked.output
    if bool(texts) == bool(asked.source):
        raise click.UsageError("Give either TEXTs or --input FILE (or --input - for standard input).")
    first = is_first_process()
    if output is None and not first:  # what is printed is printed once
        return
    rows_asked = Asked("text" if texts or asked.source == STANDARD_INPUT else asked.text_column, asked.abstain_below)
    read_model_run(asked.run, _package(program))
    table = _input_table(texts, asked.source, rows_asked.text_column)
    if output is not None and first:
        check_output_file(output, table.path, force=asked.force)
    classifier = _load(load, asked)
    if output is None:
        rows = predict_rows(classifier, table_cells(table), rows_asked)
        _print_predictions(rows, table, rows_asked.text_column, as_json=asked.as_json, as_list=bool(texts))
        return
    _predict_file(classifier, table, output, asked, rows_asked)


def _predict_file(classifier: Classifier, table: Table, output: Path, asked: PredictOptions, rows_asked: Asked) -> None:
    from emotion_core.inference.predict import predict_rows, predict_table, table_cells
    from emotion_core.inference.shared_prediction import SharedClassifier
    from emotion_core.training.progress import progress_bar

    index, count = process_index(), process_count()
    with SharedClassifier(classifier, asked.run, output, index, count) as shared:
        if index > 0:
            for _ in predict_rows(shared, table_cells(table), rows_asked):
                pass
            return
        with progress_bar("Predicting", None, quiet=asked.quiet) as advance:
            counts = predict_table(shared, table, output, rows_asked, force=asked.force, progress=advance)
    if not asked.quiet:
        click.echo(f"{output}: {counts.words()}", err=True)


def _input_table(texts: tuple[str, ...], source: str | None, text_column: str) -> Table:
    from emotion_core.inference.predict import checked_table, text_table

    if source is None:
        return text_table(texts, "arguments")
    if source == STANDARD_INPUT:
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape")
        return text_table((line.rstrip("\r\n") for line in stream), "standard input")
    return checked_table(source, text_column)


def _print_predictions(rows: Iterator[Cells], table: Table, text_column: str, *, as_json: bool, as_list: bool) -> None:
    from emotion_core.data.cleaning import replace_surrogates
    from emotion_core.inference.predict import highest_probability
    from emotion_core.inference.writers import row_printer
    from emotion_core.runs.predictions import PREDICTION_COLUMNS

    if as_json or not as_list:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        print_row = row_printer(sys.stdout, ".jsonl" if as_json else ".csv", (*table.columns, *PREDICTION_COLUMNS))
        for cells in rows:
            print_row(cells)
        return
    for cells in rows:
        highest = highest_probability(cells)
        probability = f"{highest:.3f}" if highest is not None else "     "
        emotion = cells["predicted_emotion"] or "(no text)"
        click.echo(f"{emotion:<9} {probability}  {replace_surrogates(cells[text_column])}")
