"""The command ``evaluate``, written once for the three packages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.cli.groups import ColumnOptions, column_options, grouped, only_option
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import DATASET, DATASETS, SPLIT, KnownValues
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.loading import Loader, Run, load_classifier, package_of, report_never_predicted
from emotion_core.cli.options import (
    Folder,
    data_inputs,
    device_option,
    force_option,
    json_option,
    quiet_option,
    uncalibrated_option,
)
from emotion_core.cli.printing import report_unused

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.data.dataset import Dataset, Split
    from emotion_core.evaluation.evaluate import Evaluation
    from emotion_core.runs.metrics import Metrics
    from emotion_core.runs.record import RunRecord

NEUTRAL_SCORES = "neutral"
"""The entry of ``metrics.json`` for what `NeutralScores` says."""


def evaluate_command(program: str, load: Loader) -> click.Command:
    """The command ``evaluate`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "evaluate",
        cls=HelpfulCommand,
        help=f"""Measure the model of RUN on labelled texts, with 95 % intervals.

        \b
        Example:
          {program} evaluate runs/my-model --data sample --split test
          {program} evaluate runs/my-model --data tweets.csv --json
          {program} evaluate runs/my-model --data sample --neutral neutral.csv
        """,
    )
    @click.argument("run", type=Run())
    @option(
        "--data",
        section=Section.COMMON,
        required=True,
        type=DATASET,
        help=f"Measure on this dataset: {DATASETS}.",
    )
    @option(
        "--split",
        section=Section.COMMON,
        type=SPLIT,
        show_default="test, or all rows of one file",
        help="Measure this split; of one file that RUN was trained from, train or validation as they were then.",
    )
    @option(
        "--output",
        section=Section.COMMON,
        type=Folder(),
        metavar="NEW_RUN",
        help="Keep the evaluation as this run folder.",
    )
    @option(
        "--neutral",
        section=Section.COMMON,
        type=KnownValues(lambda: ("sample",), path=True),
        metavar="FILE|sample",
        help="Measure with the texts without emotion in this file or its test rows if it has a column split, how well "
        "such texts are told from the others.",
    )
    @force_option
    @column_options
    @only_option
    @uncalibrated_option
    @device_option
    @json_option
    @quiet_option
    @grouped(asked=EvaluateOptions)
    def command(asked: EvaluateOptions) -> None:
        _evaluate(program, load, asked)

    return command


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(ColumnOptions):
    """The options of ``evaluate``, as the command line gives them."""

    run: Path
    data: str
    split: str | None
    output: Path | None
    neutral: str | None
    force: bool
    only: tuple[str, ...] | None
    uncalibrated: bool
    device: str
    as_json: bool
    quiet: bool


def _evaluate(program: str, load: Loader, asked: EvaluateOptions) -> None:
    from emotion_core.data.known_words import foreign_remark
    from emotion_core.data.load import load_dataset
    from emotion_core.evaluation.evaluate import evaluate, write_evaluation_run
    from emotion_core.evaluation.training_texts import trained_on, trained_on_line, with_trained_on
    from emotion_core.imports import needs
    from emotion_core.runs.folder import read_model_run
    from emotion_core.runs.typed_json import json_text
    from emotion_core.system.overwriting import check_output
    from emotion_core.training.bar import progress_bar

    record = read_model_run(asked.run, package_of(program, asked.run))
    report_never_predicted(asked.run, record, quiet=asked.quiet)
    if asked.output is not None:
        needs("study", "matplotlib", who="--output")
        check_output(asked.output, force=asked.force, inputs=[asked.run, *data_inputs(asked.data)], keep_model=True)
        tell_outputs(asked.output)
    dataset = load_dataset(asked.data, asked.columns())
    report_unused(dataset, quiet=asked.quiet)
    dataset, split = _asked_split(dataset, record, asked)
    dataset = _asked_emotions(dataset, split, asked)
    measured = dataset.split(split)
    classifier = load_classifier(load, asked.run, asked.device, uncalibrated=asked.uncalibrated)
    with progress_bar("Predicting", len(measured), quiet=asked.quiet) as advance:
        evaluation = evaluate(classifier, dataset, split, only=asked.only, progress=advance)
    for reason, count in () if asked.quiet else evaluation.unread.items():
        told = f"{count} of {len(measured)} texts have {reason}"
        click.echo(f"{told}: nothing of them is read, and all get the same prediction.", err=True)
    # Every text is cleaned once more for this remark.
    if not asked.quiet and (remark := foreign_remark(sum(classifier.foreign(measured.texts)), len(measured))):
        click.echo(remark, err=True)
    trained = trained_on(asked.run, record, measured)
    evaluation = evaluation._replace(metrics=with_trained_on(evaluation.metrics, trained))
    if not asked.quiet and (line := trained_on_line(asked.run, record, measured, trained)):
        click.echo(line, err=True)
    if asked.neutral is not None:
        evaluation = _with_neutral(classifier, evaluation, measured, asked.neutral)
    if asked.output is not None:
        write_evaluation_run(asked.output, asked.run, measured, evaluation, force=asked.force)
    metrics = evaluation.metrics
    if not asked.quiet and (warning := metrics.single_answer()):
        click.echo(warning, err=True)
    click.echo(json_text(metrics, indent=2) if asked.as_json else metrics.summary())
    if not asked.as_json:
        _print_scores(metrics)
        if NEUTRAL_SCORES in metrics.extra:
            click.echo(metrics.extra[NEUTRAL_SCORES])


def _with_neutral(classifier: Classifier, evaluation: Evaluation, measured: Split, named: str) -> Evaluation:
    """The evaluation, with how well neutral texts are told from those that were measured."""
    from emotion_core.data.neutral.texts import read_neutral
    from emotion_core.evaluation.neutral.auroc import measure_neutral

    scores = measure_neutral(classifier, read_neutral(named, "test"), measured, evaluation.probabilities)
    metrics = evaluation.metrics
    return evaluation._replace(metrics=replace(metrics, extra={**metrics.extra, NEUTRAL_SCORES: scores}))


def _asked_split(dataset: Dataset, record: RunRecord, asked: EvaluateOptions) -> tuple[Dataset, str]:
    """The dataset with the split that is asked for, and the name of the split.

    Raises:
        DataError: there is no such split, and it cannot be made again from the record of the run.
    """
    from emotion_core.data.dataset import WHOLE_FILE
    from emotion_core.errors import DataError
    from emotion_core.evaluation.training_texts import training_splits
    from emotion_core.runs.definition import TRAINING_SPLITS

    if asked.split in TRAINING_SPLITS and asked.split not in dataset.splits:
        if dataset.is_one_file or "train" in dataset.splits:
            dataset = training_splits(dataset, record, asked.run)
        return dataset, asked.split
    if dataset.is_one_file and asked.split not in (None, WHOLE_FILE):
        raise DataError(
            f"{dataset.name}: is one file, which has no {asked.split!r} split. Leave --split out to measure all rows."
        )
    return dataset, asked.split or (WHOLE_FILE if dataset.is_one_file else "test")


def _asked_emotions(dataset: Dataset, split: str, asked: EvaluateOptions) -> Dataset:
    """The dataset, whose split has the emotions of ``--only`` alone; what is left out or missing is told.

    Raises:
        DataError: no text has one of these emotions.
    """
    from emotion_core.evaluation.only import missing_remark, with_only

    left_out: dict[str, int] = {}
    if asked.only is not None:
        dataset, left_out = with_only(dataset, split, asked.only)
    if asked.quiet:
        return dataset
    if left_out:
        counts = ", ".join(f"{count} of {name}" for name, count in left_out.items())
        click.echo(f"Left out, since --only does not name their emotions: {counts}.", err=True)
    if remark := missing_remark(dataset.split(split), asked.only):
        click.echo(remark, err=True)
    return dataset


def _print_scores(metrics: Metrics) -> None:
    for name, scores in metrics.per_class.items():
        click.echo(f"  {name:<9} F1 {scores.f1}  ({scores.support} texts)")
