"""The ``emotion-bert`` command line: fine-tune and use transformer classifiers of six emotions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_bert.registry import MODELS, find_model
from emotion_core.cli_commands import evaluate_command, predict_command
from emotion_core.cli_options import (
    chosen,
    json_option,
    prepare_training,
    print_table,
    program,
    setting_option,
    training_options,
)

if TYPE_CHECKING:
    from emotion_bert.classifier import TransformerClassifier

PROGRAM = "emotion-bert"


main = program(
    PROGRAM,
    "train --model minilm --data sample --output runs/minilm",
    "Fine-tune and use transformer classifiers of six emotions in short texts.",
)


@main.command()
@click.option(
    "--model",
    "model_name",
    required=True,
    metavar="NAME|PATH|HUB_ID",
    help=f"{', '.join(MODELS)} (any case, hyphens allowed), a local folder, or a hub id.",
)
@training_options(MODELS)
@setting_option(MODELS, "warmup_ratio", click.FloatRange(0, 1, max_open=True), "Share of the steps that warm up.")
@setting_option(MODELS, "weight_decay", click.FloatRange(0), "Of AdamW.")
def train(model_name: str, **options: Any) -> None:
    """Fine-tune a pre-trained model and write a run folder.

    \b
    Example:
      emotion-bert train --model minilm --data sample --output runs/minilm
      emotion-bert train --model modernbert --data my-data/ --epochs 3
    """
    entry = find_model(model_name)
    output, dataset, common = prepare_training(options, entry.name)

    from emotion_bert.checkpoints import locate
    from emotion_bert.train import train as train_run
    from emotion_core.evaluate import summary_line

    settings = dataclasses.replace(entry.defaults, **chosen(options))
    metrics = train_run(locate(entry), settings, dataset, output, **common)
    click.echo(f"{output}: {summary_line(metrics)}")


@main.command()
@json_option
def models(as_json: bool) -> None:
    """List the models that have a name, with their sources, sizes and default settings.

    \b
    Example:
      emotion-bert models
    """
    if as_json:
        click.echo(json.dumps({name: dataclasses.asdict(entry) for name, entry in MODELS.items()}, indent=2))
        return
    columns = ("name", "title", "source", "architecture", "parameters", "learning rate", "max length")
    rows = [
        (
            entry.name,
            entry.title,
            entry.source,
            entry.architecture,
            f"{entry.parameters} M",
            f"{entry.defaults.learning_rate:g}",
            str(entry.defaults.max_length),
        )
        for entry in MODELS.values()
    ]
    print_table(columns, rows)


def load_classifier(run: Path, device: str) -> TransformerClassifier:
    """Load the classifier of a run folder; torch is imported here, not with the command line."""
    from emotion_bert.classifier import TransformerClassifier

    return TransformerClassifier.load(run, device)


main.add_command(evaluate_command(PROGRAM, load_classifier))
main.add_command(predict_command(PROGRAM, load_classifier))
