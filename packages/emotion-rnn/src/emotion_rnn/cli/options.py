"""The options of several emotion-rnn commands."""

from __future__ import annotations

import click

from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, Options, stack
from emotion_core.cli.training import threads_option
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.settings import PRECISIONS, UNKNOWN_WORDS, VectorOptions

vector_options: Decorator = stack(
    click.option(
        "--glove",
        metavar="NAME|PATH",
        help="GloVe text file with the initial word vectors, or glove.twitter.27B.100d to fetch it.",
    ),
    click.option(
        "--unknown-words",
        type=click.Choice(UNKNOWN_WORDS),
        default=UNKNOWN_WORDS[0],
        show_default=True,
        help="What words without a GloVe vector start from.",
    ),
    click.option(
        "--embedding-dimension",
        type=field_number(Hyperparameters, "embedding_dimension"),
        help="Size of the word vectors; with --glove, that of the file.",
    ),
)

computing_options: Decorator = stack(
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        default=PRECISIONS[0],
        show_default=True,
        help="What to compute in; the weights stay float32.",
    ),
    threads_option,
)


def take_vectors(options: Options) -> VectorOptions | None:
    """Take the vector options out of a command's options; without --glove the dimension stays a hyperparameter."""
    glove, unknown_words = options.pop("glove"), options.pop("unknown_words")
    if glove is None:
        return None
    return VectorOptions(glove, unknown_words, options.pop("embedding_dimension"))
