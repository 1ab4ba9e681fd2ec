"""The ``emotion-bert`` command line: fine-tune and use transformer classifiers of six emotions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from emotion_bert import load
from emotion_bert.cli.compress import compress
from emotion_bert.cli.doctor import doctor_command
from emotion_bert.cli.import_checkpoint import import_command
from emotion_bert.machine.computing import LORA_RANK, PRECISIONS, REPORTS, Computing, TrainingOptions
from emotion_bert.machine.own_process import set_up_process
from emotion_bert.models.registry import (
    ALL,
    CLEANING,
    MAX_LORA_RANK,
    MODELS,
    PACKAGE,
    RECIPES,
    SELECTIONS,
    WEIGHTINGS,
    find_models,
)
from emotion_core.bounds import count
from emotion_core.cli.commands.behave import behave_command
from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import KnownValues
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.numbers import number, shown
from emotion_core.cli.options import json_option, program
from emotion_core.cli.printing import print_comparison, print_table
from emotion_core.cli.several.transfer import transfer_command
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
from emotion_core.cli.training_data import DataOptions, NeutralOptions

RANKS = count(1, MAX_LORA_RANK)

main = program(
    PACKAGE,
    "train --model minilm --data sample --output runs/minilm",
    "Fine-tune and use transformer classifiers of six emotions in short texts.",
    set_up_process,
)


@main.command()
@option(
    "--model",
    "model_names",
    section=Section.COMMON,
    type=KnownValues(lambda: (*MODELS, ALL), path=True),
    multiple=True,
    required=True,
    metavar="NAME|PATH|HUB_ID|all",
    help=f"Fine-tune this model: {', '.join(MODELS)} (any case, hyphens allowed), a local folder, a hub id, or all "
    "that have a name; repeat the option for several.",
)
@training_options(MODELS)
@recipe_option(RECIPES)
@setting_option(MODELS, "warmup_ratio", "Let the learning rate rise over this share of the steps.")
@setting_option(MODELS, "weight_decay", "Decay the weights by this in AdamW.")
@setting_option(MODELS, "max_gradient_norm", "Shorten gradients that are longer than this.")
@setting_option(MODELS, "layer_decay", "Multiply the learning rate by this from each layer to the one below.")
@setting_option(MODELS, "label_smoothing", "Smooth the labels by this share; 0 leaves them as they are.")
@setting_option(MODELS, "ema_momentum", "Average the weights with this momentum; 0 keeps the last ones.")
@setting_option(
    MODELS,
    "class_weights",
    f"Weight the emotions in the loss: {', '.join(WEIGHTINGS)}, or by a JSON file with a weight for each emotion.",
    KnownValues(lambda: WEIGHTINGS, path=True),
)
@setting_option(
    MODELS, "select_by", "Keep the epoch that is best by this measure on validation.", click.Choice(list(SELECTIONS))
)
@setting_option(MODELS, "patience", "Stop after this many epochs without an improvement on validation.")
@option(
    "--precision",
    section=Section.MACHINE,
    type=click.Choice(PRECISIONS),
    default=PRECISIONS[0],
    show_default=True,
    help="Compute in this precision; auto takes bf16 where the device computes in it.",
)
@option(
    "--compile",
    "compiled",
    section=Section.MACHINE,
    is_flag=True,
    help="Compile the model first, which pays on long trainings.",
)
@option(
    "--lora",
    "lora_rank",
    section=Section.MODEL,
    type=number(RANKS),
    is_flag=False,
    flag_value=LORA_RANK,
    metavar=f"[{shown(RANKS)}]",
    help=f"Train low-rank adapters of this rank in place of all weights; without a number it is {LORA_RANK}.",
)
@option(
    "--lora-4bit",
    section=Section.MODEL,
    is_flag=True,
    default=None,
    help="Keep the weights beside the adapters of --lora in 4 bits (NF4), which takes still less memory.",
)
@option(
    "--report-to",
    section=Section.OUTPUT,
    type=click.Choice(REPORTS),
    default=REPORTS[0],
    show_default=True,
    help="Log each step for this program.",
)
@threads_option
@seeds_option
@workers_option
@resume_option
@grouped(data=DataOptions, neutral=NeutralOptions, new=NewRunOptions, computing=Computing)
def train(
    model_names: tuple[str, ...],
    recipe: str | None,
    seeds: int,
    workers: int,
    resume: bool,
    report_to: str,
    data: DataOptions,
    neutral: NeutralOptions,
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
    name = "" if several else entries[0].name
    inputs: list[str | Path] = [*(entry.source for entry in entries), *neutral.inputs()]
    several_runs = several or len(numbers) > 1
    checked = dataclasses.replace(new, force=new.force or resume)  # a run that is complete stays; see `train_models`
    output, dataset = prepare_training(data, checked, name, CLEANING, several=several_runs, inputs=inputs)
    dataset = neutral.added(dataset)
    how = TrainingOptions(**vars(new.told()), computing=computing, resume=resume, report_to=report_to)
    wanted = [dataclasses.replace(entry.settings(recipe), **chosen(settings)) for entry in entries]

    from emotion_bert.finetuning.train_models import PAGE, runs_of, train_models
    from emotion_bert.finetuning.unfinished import kept_epochs
    from emotion_bert.models.checkpoints import locate

    plans = [
        (
            locate(entry),
            setting,
            output / entry.name if several else output,
        )
        for entry, setting in zip(entries, wanted, strict=True)
    ]
    runs = [run for plan in plans for run in runs_of(plan, numbers)]
    tell_outputs(*runs, resume="--resume", keep=resume, begun=kept_epochs)
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
main.add_command(behave_command(PACKAGE, load))
main.add_command(transfer_command(PACKAGE, load))
main.add_command(compress)
main.add_command(import_command)
main.add_command(doctor_command)
