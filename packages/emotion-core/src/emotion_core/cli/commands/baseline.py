"""The command ``baseline``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.options import Folder, force_option, quiet_option, seed_option
from emotion_core.cli.training_data import DataOptions, NeutralOptions, data_options, neutral_options
from emotion_core.defaults import RUNS_FOLDER


@dataclass(frozen=True, kw_only=True)
class BaselineOptions(DataOptions):
    """The options of ``baseline``, as the command line gives them."""

    output: Path
    force: bool
    seed: int
    quiet: bool


@click.command(cls=HelpfulCommand)
@data_options
@neutral_options
@option(
    "--output",
    section=Section.COMMON,
    type=Folder(),
    metavar="FOLDER",
    default=RUNS_FOLDER,
    show_default=True,
    help="Write the run folders tfidf-svm and majority into this folder.",
)
@force_option
@seed_option
@quiet_option
@grouped(asked=BaselineOptions, neutral=NeutralOptions)
def baseline(asked: BaselineOptions, neutral: NeutralOptions) -> None:
    """Train what every model has to beat, in seconds: a linear SVM on TF-IDF, and the most frequent emotion.

    Both are run folders like any other: predict, evaluate, compare and report take them. Using them needs NumPy alone.

    \b
    Example:
      emotion-core baseline --data sample
      emotion-core compare runs/tfidf-svm runs/majority runs/gru
    """
    from emotion_core.imports import needs
    from emotion_core.system.overwriting import check_output

    needs("study", "sklearn", "matplotlib", who="emotion-core baseline")

    from emotion_core.training.baseline import BASELINES, CLEANING, train_baseline
    from emotion_core.training.options import RunOptions

    outputs = {entry.name: asked.output / entry.name for entry in BASELINES}
    for output in outputs.values():
        check_output(output, force=asked.force, inputs=[*asked.inputs(), *neutral.inputs()])
    tell_outputs(*outputs.values())
    dataset = neutral.added(asked.load(asked.seed, CLEANING, quiet=asked.quiet))
    options = RunOptions(force=asked.force, quiet=asked.quiet)
    for entry in BASELINES:
        metrics = train_baseline(entry, dataset, outputs[entry.name], asked.seed, options)
        click.echo(f"{outputs[entry.name]}: {metrics.summary()}")
