"""The ``emotion-rnn`` command line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.cli_commands import evaluate_command, predict_command
from emotion_core.cli_options import chosen, prepare_training, program, setting_option, training_options
from emotion_rnn.architecture import UNKNOWN_WORDS
from emotion_rnn.registry import ARCHITECTURES

if TYPE_CHECKING:
    from emotion_rnn.architecture import Hyperparameters
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
@setting_option(ARCHITECTURES, "ema_momentum", click.FloatRange(0, 1, max_open=True), "Average the weights; 0 for no.")
@setting_option(ARCHITECTURES, "dense_units", click.IntRange(0), "A ReLU layer before the softmax; 0 for none.")
@click.option(
    "--glove",
    metavar="NAME|PATH",
    help="GloVe text file with the initial word vectors, or glove.twitter.27B.100d to fetch it.",
)
@click.option(
    "--unknown-words",
    type=click.Choice(UNKNOWN_WORDS),
    default=UNKNOWN_WORDS[0],
    show_default=True,
    help="What words without a GloVe vector start from.",
)
@click.option("--freeze-embedding", is_flag=True, default=None, help="Keep the GloVe vectors to the end.")
@setting_option(ARCHITECTURES, "frozen_epochs", click.IntRange(0), "First epochs that keep the GloVe vectors.")
@setting_option(
    ARCHITECTURES, "fine_tune_learning_rate", click.FloatRange(0, min_open=True), "Learning rate after those."
)
def train(architecture: str, glove: str | None, unknown_words: str, **options: Any) -> None:
    """Train a bidirectional LSTM or GRU and write a run folder.

    \b
    Example:
      emotion-rnn train gru --data sample --output runs/gru
      emotion-rnn train lstm --data my-data/ --glove glove.twitter.27B.100d.txt
    """
    entry = ARCHITECTURES[architecture.lower()]
    output, dataset, common = prepare_training(options, entry.name)
    settings = dataclasses.replace(entry.defaults, **chosen(options))
    check_freezing(settings, glove)

    from emotion_core.evaluate import summary_line
    from emotion_rnn.train import train as train_run

    metrics = train_run(entry, settings, dataset, output, glove=glove, unknown_words=unknown_words, **common)
    click.echo(f"{output}: {summary_line(metrics)}")


def check_freezing(settings: Hyperparameters, glove: str | None) -> None:
    """Raise a usage error when the options about frozen vectors contradict each other."""
    if (settings.freeze_embedding or settings.frozen_epochs) and glove is None:
        raise click.UsageError("--freeze-embedding and --frozen-epochs need --glove: random vectors would be kept.")
    if settings.freeze_embedding and settings.frozen_epochs:
        raise click.UsageError("--freeze-embedding keeps the vectors to the end; leave --frozen-epochs out.")
    if settings.frozen_epochs >= settings.epochs:
        raise click.UsageError("--frozen-epochs must be fewer than --epochs, so that something is left after the thaw.")


def load_classifier(run: Path, device: str) -> RNNClassifier:
    """Load the classifier of a run folder; TensorFlow is imported here, not with the command line."""
    from emotion_rnn.classifier import RNNClassifier

    return RNNClassifier.load(run, device)


main.add_command(evaluate_command(PROGRAM, load_classifier))
main.add_command(predict_command(PROGRAM, load_classifier))
