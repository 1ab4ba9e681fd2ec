"""The command ``transfer``, written once for the three packages."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import SHARE
from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import DATASET, DATASETS, SPLIT
from emotion_core.cli.interruption import command_line, tell_if_interrupted
from emotion_core.cli.loading import Loader, Run, load_classifier, package_of, report_never_predicted
from emotion_core.cli.numbers import number
from emotion_core.cli.options import (
    Folder,
    data_inputs,
    device_option,
    force_option,
    json_option,
    quiet_option,
    uncalibrated_option,
)
from emotion_core.cli.printing import print_table, report_unused
from emotion_core.data.published.ready import READY, is_ready
from emotion_core.printable import printable

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier
    from emotion_core.data.dataset import Dataset
    from emotion_core.evaluation.transfer.record import Transfer
    from emotion_core.reporting.beyond.transfer_folder import TransferFolder


def transfer_command(program: str, load: Loader) -> click.Command:
    """The command ``transfer`` of ``program``, whose classifiers ``load`` loads."""

    @click.command(
        "transfer",
        cls=HelpfulCommand,
        help=f"""Measure every RUN on every data set: what is a model worth on texts that are not its own?

        The table has accuracy, macro-F1, calibration error, the share of texts on which a run abstains, its accuracy on
        the rest, and the area under its risk-coverage curve. Data with some of the six emotions are decided among
        these. Texts that stood in a run's own training data are counted and told.

        \b
        Example:
          {program} transfer runs/my-model --data sample
          {program} transfer runs/a runs/b --data sample --data tweets.csv
        """,
    )
    @click.argument("runs", nargs=-1, required=True, type=Run(), metavar="RUN...")
    @option(
        "--data",
        section=Section.COMMON,
        required=True,
        multiple=True,
        type=DATASET,
        help=f"Measure on this data set, and repeat the option for others: {DATASETS}.",
    )
    @option(
        "--split",
        "splits",
        section=Section.COMMON,
        multiple=True,
        type=SPLIT,
        show_default="test, or all rows of one file",
        help="Measure this split of every data set; repeat the option to name one for each --data, in their order.",
    )
    @option(
        "--abstain-below",
        section=Section.COMMON,
        type=number(SHARE),
        default=0.5,
        show_default=True,
        help="Let a run abstain if its highest probability is below this.",
    )
    @option(
        "--output",
        section=Section.COMMON,
        type=Folder(),
        metavar="FOLDER",
        help="Write transfer.json, transfer.md and transfer.svg into this folder.",
    )
    @option(
        "--resume",
        section=Section.COMMON,
        is_flag=True,
        help="Keep what the folder holds, and measure what is missing, also of other runs and data.",
    )
    @force_option
    @column_options
    @uncalibrated_option
    @device_option
    @json_option
    @quiet_option
    @grouped(asked=TransferOptions)
    def command(asked: TransferOptions) -> None:
        _transfer(program, load, asked)

    return command


@dataclass(frozen=True, kw_only=True)
class TransferOptions(ColumnOptions):
    """The options of ``transfer``, as the command line gives them."""

    runs: tuple[Path, ...]
    data: tuple[str, ...]
    splits: tuple[str, ...]
    abstain_below: float
    output: Path | None
    resume: bool
    force: bool
    uncalibrated: bool
    device: str
    as_json: bool
    quiet: bool

    def split_of(self, number: int) -> str | None:
        """The split that is named for a data set."""
        return self.splits[number if len(self.splits) > 1 else 0] if self.splits else None


def _transfer(program: str, load: Loader, asked: TransferOptions) -> None:
    from emotion_core.evaluation.transfer.record import Transfer
    from emotion_core.imports import needs
    from emotion_core.reporting.beyond.transfer_folder import TransferFolder, check_transfer
    from emotion_core.runs.folder import read_model_run
    from emotion_core.runs.typed_json import json_text
    from emotion_core.runs.writer import claimed_folder

    _check(asked)
    for run in asked.runs:
        report_never_predicted(run, read_model_run(run, package_of(program, run)), quiet=asked.quiet)
    output = asked.output
    if output is not None:
        needs("study", "matplotlib", who="--output")
        inputs = [*asked.runs, *(path for data in asked.data for path in data_inputs(data))]
        check_transfer(output, force=asked.force, resume=asked.resume, inputs=inputs)
        tell_if_interrupted(lambda: f"what was measured is kept; go on with: {command_line('--resume')}")
    data = _datasets(asked)
    with nullcontext() if output is None else claimed_folder(output):
        folder = None if output is None else TransferFolder(output, resume=asked.resume)
        found = folder.transfer if folder else Transfer([])
        for run in asked.runs:
            found = _measured(run, data, found, folder, load, asked)
        if folder is not None:
            folder.finish()
    if asked.as_json:
        click.echo(json_text(found, indent=2, ensure_ascii=False))
    else:
        _print(found)


def _check(asked: TransferOptions) -> None:
    if len(asked.splits) > 1 and len(asked.splits) != len(asked.data):
        raise click.UsageError(
            f"Found {len(asked.splits)} --split and {len(asked.data)} --data. Name one split for all, or one for each."
        )
    if asked.resume and asked.output is None:
        raise click.UsageError("--resume goes on in a folder. Name it with --output.")
    for kind, named in (("RUN", list(map(str, asked.runs))), ("--data", list(asked.data))):
        if twice := [name for name in named if named.count(name) > 1]:
            raise click.UsageError(f"{kind} {twice[0]} is named twice. Name it once.")


def _datasets(asked: TransferOptions) -> list[tuple[Dataset, str]]:
    """The data sets with the split that is measured; a data set that has a name has its own columns and labels."""
    from emotion_core.data.load import load_dataset
    from emotion_core.data.published.manifests import named_datasets
    from emotion_core.evaluation.transfer.measure import measured_split

    columns, found = asked.columns(), []
    for place, name in enumerate(asked.data):
        dataset = load_dataset(name, replace(columns, label_map=None) if name in named_datasets() else columns)
        report_unused(dataset, quiet=asked.quiet)
        found.append((dataset, measured_split(dataset, asked.split_of(place))))
    return found


def _measured(
    run: Path,
    data: list[tuple[Dataset, str]],
    found: Transfer,
    folder: TransferFolder | None,
    load: Loader,
    asked: TransferOptions,
) -> Transfer:
    """What was found, and what the run is worth on each of the data; what is known already is kept."""
    from emotion_core.evaluation.transfer.measure import wanted, worth
    from emotion_core.runs.folder import read_run
    from emotion_core.training.bar import progress_bar

    name, classifier = READY if is_ready(run) else run.as_posix(), None
    temperature = 1.0 if asked.uncalibrated else read_run(run).temperature
    for dataset, split in data:
        want = wanted(run, temperature, dataset, split, asked.abstain_below)
        if want.is_met_by(found.of(name, want.data)):
            continue
        if classifier is None:
            classifier = _loaded(run, load, asked)
        told = f"{run.name} on {dataset.name}"
        with progress_bar(told, len(dataset.split(split)), quiet=asked.quiet) as advance:
            new = worth(name, classifier, dataset, split, abstain_below=asked.abstain_below, progress=advance)
        found = found.with_worth(new)
        if folder is not None:
            folder.add(new)
    return found


def _loaded(run: Path, load: Loader, asked: TransferOptions) -> Classifier:
    return load_classifier(load, run, asked.device, uncalibrated=asked.uncalibrated)


def _print(found: Transfer) -> None:
    from emotion_core.reporting.beyond.transfer_table import COLUMNS, remarks, table_rows

    print_table(COLUMNS, table_rows(found))
    for remark in remarks(found):
        click.echo(printable(remark))
