"""The ``emotion-bert`` command line: fine-tune and use transformer classifiers of six emotions."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click

from emotion_bert import load
from emotion_bert.cli.compress import compress
from emotion_bert.cli.doctor import doctor_command
from emotion_bert.cli.import_checkpoint import import_command
from emotion_bert.machine.computing import LORA_RANK, PRECISIONS, REPORTS, Computing, TrainingOptions
from emotion_bert.machine.own_process import set_up_process
from emotion_bert.models.registry import (
    CLEANING,
    MAX_LORA_RANK,
    MODELS,
    PACKAGE,
    RECIPES,
    SELECTIONS,
    find_models,
)
from emotion_core.bounds import count
from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.groups import grouped
from emotion_core.cli.numbers import number
from emotion_core.cli.options import json_option, program
from emotion_core.cli.printing import print_comparison, print_table
from emotion_core.cli.training import (
    NewRunOptions,
    chosen,
    prepare_training,
    recipe_option,
    resume_option,
    seed_range,
    seeds_option,
    setting_option,
    threads_option,
    training_options,
    workers_option,
)
from emotion_core.cli.training_data import DataOptions

main = program(
    PACKAGE,
    "train --model minilm --data sample --output runs/minilm",
    "Fine-tune and use transformer classifiers of six emotions in short texts.",
    set_up_process,
)


@main.command()
@click.option(
    "--model",
    "model_names",
    multiple=True,
    required=True,
    metavar="NAME|PATH|HUB_ID|all",
    help=f"{', '.join(MODELS)} (any case, hyphens allowed), a local folder, a hub id, or all that have a name. May be "
    "given several times.",
)
@training_options(MODELS)
@recipe_option(RECIPES)
@setting_option(MODELS, "warmup_ratio", "Share of the steps that warm up.")
@setting_option(MODELS, "weight_decay", "Of AdamW.")
@setting_option(MODELS, "max_gradient_norm", "Shorten longer gradients.")
@setting_option(MODELS, "layer_decay", "Learning rate, a layer to that above.")
@setting_option(MODELS, "label_smoothing", "Smooth the labels; 0 for no.")
@setting_option(MODELS, "ema_momentum", "Average the weights; 0 for no.")
@setting_option(MODELS, "class_weights", "none, balanced, or a JSON file with a weight for each emotion.", click.STRING)
@setting_option(MODELS, "select_by", "What chooses the epoch that is kept.", click.Choice(list(SELECTIONS)))
@setting_option(MODELS, "patience", "Epochs to wait for an improvement in that.")
@click.option(
    "--precision", type=click.Choice(PRECISIONS), default=PRECISIONS[0], show_default=True, help="Of the computing."
)
@click.option("--compile", "compiled", is_flag=True, help="Compile the model first; pays on long trainings.")
@click.option(
    "--lora",
    "lora_rank",
    type=number(count(1, MAX_LORA_RANK)),
    is_flag=False,
    flag_value=LORA_RANK,
    metavar="[RANK]",
    help=f"Train low-rank adapters in place of all weights.  [rank without a number: {LORA_RANK}]",
)
@click.option(
    "--lora-4bit",
    is_flag=True,
    default=None,
    help="With --lora: keep the weights beside the adapters in 4 bits (NF4), which takes still less memory.",
)
@click.option("--report-to", type=click.Choice(REPORTS), default=REPORTS[0], show_default=True, help="Log each step.")
@threads_option
@seeds_option
@workers_option
@resume_option
@grouped(data=DataOptions, new=NewRunOptions, computing=Computing)
def train(
    model_names: tuple[str, ...],
    recipe: str | None,
    seeds: int,
    workers: int,
    resume: bool,
    report_to: str,
    data: DataOptions,
    new: NewRunOptions,
    computing: Computing,
    **settings: Any,
) -> None:
    """Fine-tune one or more pre-trained models, write a run folder for each, and rank them.

    With several models the output holds a folder for each, and with --seeds a folder for each seed and one for their
    ensemble. A training that was interrupted goes on with --resume.

    \b
    Example:
      emotion-bert train --model minilm --data sample --output runs/minilm
      emotion-bert train --model modernbert --data my-data/ --epochs 3 --seeds 5
      emotion-bert train --model all --data emotion --output runs/all
    """
    numbers = seed_range(new.seed, seeds)
    entries = find_models(model_names)
    several = len(entries) > 1
    name, inputs = "" if several else entries[0].name, [entry.source for entry in entries]
    several_runs = several or len(numbers) > 1
    checked = dataclasses.replace(new, force=new.force or resume)  # a run that is complete stays; see `train_models`
    output, dataset = prepare_training(data, checked, name, CLEANING, several=several_runs, inputs=inputs)
    how = TrainingOptions(**vars(new.told()), computing=computing, resume=resume, report_to=report_to)
    wanted = [dataclasses.replace(entry.settings(recipe), **chosen(settings)) for entry in entries]

    from emotion_bert.finetuning.train_models import PAGE, train_models
    from emotion_bert.models.checkpoints import locate

    plans = [
        (
            locate(entry),
            setting,
            output / entry.name if several else output,
        )
        for entry, setting in zip(entries, wanted, strict=True)
    ]
    ranked = train_models(plans, dataset, output, numbers, options=how, workers=workers)
    if len(ranked) > 1:
        print_comparison(ranked)
        click.echo(f"{output}: the comparison is {output / PAGE}")


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


main.add_command(evaluate_command(PACKAGE, load))
main.add_command(predict_command(PACKAGE, load))
main.add_command(compress)
main.add_command(import_command)
main.add_command(doctor_command)
