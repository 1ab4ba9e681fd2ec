"""The ``emotion-rnn`` command line."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import click

from emotion_core.cli.commands.behave import behave_command
from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.options import program
from emotion_core.cli.several.transfer import transfer_command
from emotion_core.cli.training import (
    NewRunOptions,
    chosen,
    prepare_training,
    recipe_option,
    seed_range,
    seeds_option,
    setting_option,
    training_options,
    workers_option,
)
from emotion_core.cli.training_data import DataOptions, NeutralOptions
from emotion_rnn import load
from emotion_rnn.architectures import ARCHITECTURES, RECIPES
from emotion_rnn.cli.compress import compress
from emotion_rnn.cli.options import VectorChoice, computing_options, vector_options
from emotion_rnn.cli.search import search
from emotion_rnn.hyperparameters import SCHEDULES, SELECTIONS
from emotion_rnn.network.options import CLEANING, Computing, TrainingOptions, check_freezing
from emotion_rnn.network.own_process import quiet_tensorflow

PROGRAM = "emotion-rnn"


main = program(
    PROGRAM,
    "train gru --recipe small --glove sample --data sample",
    "Train and use bidirectional LSTM and GRU classifiers of six emotions in short texts.",
    quiet_tensorflow,
)


@main.command()
@click.argument("architecture", type=click.Choice(list(ARCHITECTURES), case_sensitive=False))
@training_options(ARCHITECTURES)
@setting_option(ARCHITECTURES, "units", "Use this many units in each direction.", section=Section.MODEL)
@setting_option(ARCHITECTURES, "dropout", "Drop this share of the embedding's dimensions.", section=Section.MODEL)
@setting_option(ARCHITECTURES, "patience", "Stop after this many epochs without an improvement on validation.")
@setting_option(
    ARCHITECTURES,
    "select_by",
    "Keep the epoch that is best by this measure on validation.",
    click.Choice(list(SELECTIONS)),
)
@setting_option(
    ARCHITECTURES,
    "schedule",
    "Halve the learning rate on plateaus of the validation loss, or let it fall along a cosine.",
    click.Choice(SCHEDULES),
)
@setting_option(ARCHITECTURES, "clip_norm", "Shorten gradients that are longer than this; 0 shortens none.")
@setting_option(ARCHITECTURES, "label_smoothing", "Smooth the labels by this share; 0 leaves them as they are.")
@setting_option(ARCHITECTURES, "ema_momentum", "Average the weights with this momentum; 0 keeps the last ones.")
@setting_option(
    ARCHITECTURES,
    "dense_units",
    "Add a ReLU layer of this size before the softmax; 0 adds none.",
    section=Section.MODEL,
)
@recipe_option(RECIPES)
@vector_options
@setting_option(
    ARCHITECTURES,
    "random_dimensions",
    "Add this many random dimensions to the GloVe vectors.",
    section=Section.MODEL,
)
@option(
    "--freeze-embedding",
    section=Section.OPTIMIZATION,
    is_flag=True,
    default=None,
    help="Keep the GloVe vectors as they are to the end.",
)
@setting_option(ARCHITECTURES, "frozen_epochs", "Keep the GloVe vectors as they are in this many first epochs.")
@setting_option(ARCHITECTURES, "fine_tune_learning_rate", "Set the learning rate after the frozen epochs.")
@computing_options
@seeds_option
@workers_option
@grouped(data=DataOptions, neutral=NeutralOptions, new=NewRunOptions, vectors=VectorChoice, computing=Computing)
def train(
    architecture: str,
    recipe: str | None,
    seeds: int,
    workers: int,
    data: DataOptions,
    neutral: NeutralOptions,
    new: NewRunOptions,
    vectors: VectorChoice,
    computing: Computing,
    **settings: Any,
) -> None:
    """Train a bidirectional LSTM or GRU and write a run folder.

    With --seeds, the output holds a run folder for each seed and their mean and spread. The same command goes on after
    an interruption: it keeps the runs that are complete, and refuses those of other data or settings. --force trains
    all of them anew.

    \b
    Example:
      emotion-rnn train gru --recipe small --glove sample --data sample
      emotion-rnn train lstm --data my-data/ --glove glove.twitter.27B.100d.txt
    """
    entry = ARCHITECTURES[architecture.lower()]
    numbers = seed_range(new.seed, seeds)
    inputs = [*vectors.inputs(), *neutral.inputs()]
    output, dataset = prepare_training(data, new, entry.name, CLEANING, several=seeds > 1, inputs=inputs)
    dataset = neutral.added(dataset)
    wanted = dataclasses.replace(entry.settings(recipe), **chosen({**settings, **vectors.settings()}))
    glove = vectors.vectors()
    check_freezing(wanted, glove)

    from emotion_core.training.seeds import SeedRuns, seed_folder, train_seeds

    runs = [output] if seeds == 1 else [seed_folder(output, seed) for seed in numbers]
    tell_outputs(*runs, resume="", keep=seeds > 1 and not new.force)

    from emotion_rnn.training.definition import glove_definition, training_definition
    from emotion_rnn.training.train import train as train_run

    told = new.told()
    how = TrainingOptions(**vars(told), vectors=glove, computing=computing)
    train_one = partial(train_run, entry, wanted, dataset, options=how)
    if seeds == 1:
        click.echo(f"{output}: {train_one(output, new.seed).summary()}")
        return
    summary = train_seeds(
        train_one,
        output,
        numbers,
        definition=training_definition(
            entry, wanted, dataset, glove_definition(glove), computing, calibrate=told.calibrate
        ),
        how=SeedRuns(workers=workers, keep=not told.force, quiet=told.quiet),
    )
    click.echo(f"{output}: {summary}")


main.add_command(search)
main.add_command(evaluate_command(PROGRAM, load))
main.add_command(predict_command(PROGRAM, load))
main.add_command(behave_command(PROGRAM, load))
main.add_command(transfer_command(PROGRAM, load))
main.add_command(compress)
