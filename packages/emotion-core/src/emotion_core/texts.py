"""Whether something holds texts: the one check of whatever a user gives a classifier or an estimator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from emotion_core.errors import TextsError

SHOWN = 40
"""Characters of a value that a message shows."""

NO_LISTS = (bytes, bytearray, memoryview, Mapping, AbstractSet)
"""What can be iterated over and holds no texts, or none in an order that answers could have."""


def checked_texts(texts: object, name: str = "texts") -> list[str]:
    """Several texts as a list: a list, a tuple, an array, a column of a DataFrame, a generator, or the like.

    Args:
        texts: what was given.
        name: of the parameter.

    Raises:
        TextsError: it is one text, a table, a dict, a set or nothing that holds texts, or one of its elements is none.
    """
    listed = as_list(texts, name)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            kind = "" if text is None else f"{type(text).__name__} "
            raise TextsError(f"{name}, row {row}: found {kind}{_shown(text)}, expected a text. Leave such rows out.")
    # a str of NumPy becomes one of Python, which every tokenizer takes
    return [text if type(text) is str else str(text) for text in listed]


def as_list(texts: object, name: str = "texts") -> list[Any]:
    """As `checked_texts`, whatever the elements are."""
    if isinstance(texts, str):
        written = json.dumps(texts if len(texts) <= SHOWN else texts[:SHOWN] + "...", ensure_ascii=False)
        raise TextsError(f"{name}: found one text, expected several. Put it into a list: [{written}].")
    n_dimensions = getattr(texts, "ndim", 1)
    if not isinstance(texts, Iterable) or isinstance(texts, NO_LISTS) or n_dimensions != 1:
        found = "None" if texts is None else type(texts).__name__
        shape = f" of shape {getattr(texts, 'shape', ())}" if n_dimensions != 1 else ""
        raise TextsError(
            f"{name}: found {found}{shape}, expected texts, shape (n,). Give a list, or one column: frame['text']."
        )
    for convert in ("tolist", "to_pylist"):  # NumPy and pandas, Arrow
        if hasattr(texts, convert):
            return list(getattr(texts, convert)())
    return list(texts)


def one_text(text: object) -> str:
    """A single text.

    Raises:
        TextsError: it is none.
    """
    if not isinstance(text, str):
        raise TextsError(
            f"text: found {_shown(text)} of type {type(text).__name__}, expected one text. For several there are "
            "predict and predict_proba."
        )
    return str(text)


def _shown(value: object) -> str:
    written = repr(value)
    return written if len(written) <= SHOWN else written[:SHOWN] + "..."
