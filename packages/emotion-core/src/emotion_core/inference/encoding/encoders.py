"""What can feed a graph, by the names that ``inputs.json`` states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emotion_core.errors import RunError
from emotion_core.inference.encoding.encode import Encode
from emotion_core.inference.encoding.tokens import fast_encoder, slow_encoder
from emotion_core.inference.encoding.truncation_and_padding import Inputs
from emotion_core.inference.encoding.words import word_encoder

TOKENIZERS: dict[str, Callable[[Path, int, Inputs], Encode]] = {
    "tokenizers": fast_encoder,
    "transformers": slow_encoder,
}
"""What can tokenize, by the name of the package that does; the first that does it right is taken."""

ENCODERS: dict[str, Callable[[Path, int, Inputs], Encode]] = {**TOKENIZERS, "words": word_encoder}


def make_encoder(folder: Path, max_length: int, inputs: Inputs) -> Encode:
    """What feeds the graph in a model folder.

    Raises:
        RunError: it is none that is known, or cannot be loaded.
        MissingLibraryError: its package is not installed.
    """
    if inputs.tokenizer not in ENCODERS:
        known = ", ".join(ENCODERS)
        raise RunError(
            f"{folder}: is fed by the tokenizer {inputs.tokenizer!r}, expected one of {known}. Install a newer version."
        )
    return ENCODERS[inputs.tokenizer](folder, max_length, inputs)
