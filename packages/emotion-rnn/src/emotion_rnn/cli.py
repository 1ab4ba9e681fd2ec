"""The ``emotion-rnn`` command line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.cli_commands import evaluate_command, predict_command
from emotion_core.cli_options import (
    RUNS_FOLDER,
    EmotionGroup,
    load_training_data,
    training_options,
    version_option,
)
from emotion_rnn.registry import ARCHITECTURES

if TYPE_CHECKING:
    from emotion_rnn.classifier import RNNClassifier

PROGRAM = "emotion-rnn"


@click.group(
    cls=EmotionGroup,
    epilog=f"Example: {PROGRAM} train gru --data sample --output runs/gru",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@version_option(PROGRAM)
def main() -> None:
    """Train and use bidirectional LSTM and GRU classifiers of six emotions in short texts."""


@main.command()
@click.argument("architecture", type=click.Choice(list(ARCHITECTURES), case_sensitive=False))
@training_options
@click.option("--units", type=click.IntRange(1), help="Units of each direction.  [default: the model's]")
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), help="SpatialDropout1D.  [default: the model's]")
@click.option(
    "--patience", type=click.IntRange(1), help="Epochs without a lower validation loss.  [default: the model's]"
)
@click.option("--glove", type=click.Path(path_type=Path), help="GloVe text file with the initial word vectors.")
@click.option("--freeze-embedding", is_flag=True, default=None, help="Keep the GloVe vectors as they are.")
def train(architecture: str, output: Path | None, seed: int, glove: Path | None, **options: Any) -> None:
    """Train a bidirectional LSTM or GRU and write a run folder.

    \b
    Example:
      emotion-rnn train gru --data sample --output runs/gru
      emotion-rnn train lstm --data my-data/ --glove glove.twitter.27B.100d.txt
    """
    from emotion_core.evaluate import summary_line
    from emotion_core.run_folder import check_output

    chosen = ARCHITECTURES[architecture.lower()]
    output = output or Path(RUNS_FOLDER) / chosen.name
    force, device, quiet = (options.pop(name) for name in ("force", "device", "quiet"))
    check_output(output, force=force)
    dataset = load_training_data(options, seed)
    if options["freeze_embedding"] and glove is None:
        raise click.UsageError("--freeze-embedding needs --glove: random vectors would never learn anything.")
    given = {name: value for name, value in options.items() if value is not None}
    settings = dataclasses.replace(chosen.defaults, **given)

    from emotion_rnn.train import train as train_run

    metrics = train_run(
        chosen, settings, dataset, output, seed=seed, glove=glove, device=device, force=force, quiet=quiet
    )
    click.echo(f"{output}: {summary_line(metrics)}")


def load_classifier(run: Path, device: str) -> RNNClassifier:
    """Load the classifier of a run folder; TensorFlow is imported here, not with the command line."""
    from emotion_rnn.classifier import RNNClassifier

    return RNNClassifier.load(run, device)


main.add_command(evaluate_command(PROGRAM, load_classifier))
main.add_command(predict_command(PROGRAM, load_classifier))
