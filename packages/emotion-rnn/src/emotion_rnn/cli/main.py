"""The ``emotion-rnn`` command line."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import click

from emotion_core.cli.commands.evaluate import evaluate_command
from emotion_core.cli.commands.predict import predict_command
from emotion_core.cli.groups import grouped
from emotion_core.cli.options import program
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
from emotion_core.cli.training_data import DataOptions
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
    "train gru --data sample --output runs/gru",
    "Train and use bidirectional LSTM and GRU classifiers of six emotions in short texts.",
    quiet_tensorflow,
)


@main.command()
@click.argument("architecture", type=click.Choice(list(ARCHITECTURES), case_sensitive=False))
@training_options(ARCHITECTURES)
@setting_option(ARCHITECTURES, "units", "Units in each direction.")
@setting_option(ARCHITECTURES, "dropout", "Share that SpatialDropout1D drops.")
@setting_option(ARCHITECTURES, "patience", "Epochs to wait for an improvement on validation.")
@setting_option(ARCHITECTURES, "select_by", "What chooses the epoch that is kept.", click.Choice(list(SELECTIONS)))
@setting_option(ARCHITECTURES, "schedule", "How the learning rate falls.", click.Choice(SCHEDULES))
@setting_option(ARCHITECTURES, "clip_norm", "Shorten longer gradients; 0 for no.")
@setting_option(ARCHITECTURES, "label_smoothing", "Smooth the labels; 0 for no.")
@setting_option(ARCHITECTURES, "ema_momentum", "Average the weights; 0 for no.")
@setting_option(ARCHITECTURES, "dense_units", "A ReLU layer before the softmax; 0 for none.")
@recipe_option(RECIPES)
@vector_options
@setting_option(ARCHITECTURES, "random_dimensions", "Dimensions added to the GloVe vectors.")
@click.option("--freeze-embedding", is_flag=True, default=None, help="Keep the GloVe vectors to the end.")
@setting_option(ARCHITECTURES, "frozen_epochs", "First epochs that keep the GloVe vectors.")
@setting_option(ARCHITECTURES, "fine_tune_learning_rate", "Learning rate after those.")
@computing_options
@seeds_option
@workers_option
@grouped(data=DataOptions, new=NewRunOptions, vectors=VectorChoice, computing=Computing)
def train(
    architecture: str,
    recipe: str | None,
    seeds: int,
    workers: int,
    data: DataOptions,
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
      emotion-rnn train gru --data sample --output runs/gru
      emotion-rnn train lstm --data my-data/ --glove glove.twitter.27B.100d.txt
    """
    entry = ARCHITECTURES[architecture.lower()]
    numbers = seed_range(new.seed, seeds)
    output, dataset = prepare_training(data, new, entry.name, CLEANING, several=seeds > 1, inputs=vectors.inputs())
    wanted = dataclasses.replace(entry.settings(recipe), **chosen({**settings, **vectors.settings()}))
    glove = vectors.vectors()
    check_freezing(wanted, glove)

    from emotion_core.training.seeds import SeedRuns, train_seeds
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
main.add_command(compress)
