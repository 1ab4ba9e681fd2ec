"""The options of several emotion-rnn commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, stack
from emotion_core.cli.training import threads_option
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import PRECISIONS, UNKNOWN_WORDS, VectorOptions

if TYPE_CHECKING:
    from emotion_core.runs.record_parts import Settings

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


@dataclass(frozen=True, kw_only=True)
class VectorChoice:
    """What `vector_options` say."""

    glove: str | None
    unknown_words: str
    embedding_dimension: int | None

    def vectors(self) -> VectorOptions | None:
        """The GloVe vectors; None for random ones."""
        if self.glove is None:
            return None
        return VectorOptions(self.glove, self.unknown_words, self.embedding_dimension)

    def settings(self) -> Settings:
        """The dimension of random vectors, which is a hyperparameter; that of GloVe vectors is the file's."""
        return {} if self.glove is not None else {"embedding_dimension": self.embedding_dimension}

    def inputs(self) -> list[Path]:
        """The file that is named."""
        return [] if self.glove is None else [Path(self.glove)]
