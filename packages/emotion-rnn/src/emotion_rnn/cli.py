"""The ``emotion-rnn`` command line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.cli_commands import evaluate_command, predict_command
from emotion_core.cli_options import chosen, prepare_training, program, setting_option, training_options
from emotion_rnn.registry import ARCHITECTURES

if TYPE_CHECKING:
    from emotion_rnn.classifier import RNNClassifier

PROGRAM = "emotion-rnn"


main = program(
    PROGRAM,
    "train gru --data sample --output runs/gru",
    "Train and use bidirectional LSTM and GRU classifiers of six emotions in short texts.",
)


@main.command()
@click.argument("architecture", type=click.Choice(list(ARCHITECTURES), case_sensitive=False))
@training_options(ARCHITECTURES)
@setting_option(ARCHITECTURES, "units", click.IntRange(1), "Units in each direction.")
@setting_option(ARCHITECTURES, "dropout", click.FloatRange(0, 1, max_open=True), "Share that SpatialDropout1D drops.")
@setting_option(ARCHITECTURES, "patience", click.IntRange(1), "Epochs to wait for a lower validation loss.")
@click.option("--glove", type=click.Path(path_type=Path), help="GloVe text file with the initial word vectors.")
@click.option("--freeze-embedding", is_flag=True, default=None, help="Keep the GloVe vectors as they are.")
def train(architecture: str, glove: Path | None, **options: Any) -> None:
    """Train a bidirectional LSTM or GRU and write a run folder.

    \b
    Example:
      emotion-rnn train gru --data sample --output runs/gru
      emotion-rnn train lstm --data my-data/ --glove glove.twitter.27B.100d.txt
    """
    if options["freeze_embedding"] and glove is None:
        raise click.UsageError("--freeze-embedding needs --glove: random vectors would never learn anything.")
    entry = ARCHITECTURES[architecture.lower()]
    output, dataset, common = prepare_training(options, entry.name)

    from emotion_core.evaluate import summary_line
    from emotion_rnn.train import train as train_run

    settings = dataclasses.replace(entry.defaults, **chosen(options))
    metrics = train_run(entry, settings, dataset, output, glove=glove, **common)
    click.echo(f"{output}: {summary_line(metrics)}")


def load_classifier(run: Path, device: str) -> RNNClassifier:
    """Load the classifier of a run folder; TensorFlow is imported here, not with the command line."""
    from emotion_rnn.classifier import RNNClassifier

    return RNNClassifier.load(run, device)


main.add_command(evaluate_command(PROGRAM, load_classifier))
main.add_command(predict_command(PROGRAM, load_classifier))
