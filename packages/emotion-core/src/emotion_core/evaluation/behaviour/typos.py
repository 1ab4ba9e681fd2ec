"""Typing errors as fingers make them: one letter in one word of five, always the same ones for a text and a seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from zlib import crc32

import numpy as np

ONE_WORD_OF = 5
KEYS = ((0.0, "qwertyuiop"), (0.25, "asdfghjkl"), (0.75, "zxcvbnm"))
"""The rows of an English keyboard, and how far each is moved to the right, in widths of a key."""

FARTHEST = 1.26
"""Keys whose middles are at most so far apart are neighbours."""

_LETTERS = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_LEFT_ALONE = re.compile(r"[@#/]|\.\w")
"""What tells mentions, hashtags, links and addresses."""


def _neighbours() -> dict[str, str]:
    places = {key: (moved + place, row) for row, (moved, keys) in enumerate(KEYS) for place, key in enumerate(keys)}

    def near(one: str, other: str) -> bool:
        (x, y), (u, v) = places[one], places[other]
        return one != other and (x - u) ** 2 + (y - v) ** 2 <= FARTHEST**2

    return {key: "".join(other for other in places if near(key, other)) for key in places}


NEIGHBOURS = _neighbours()


def with_typos(text: str, seed: int) -> str:
    """A text with a typing error in one word of five, in one at least; as it is if it has no word of three letters.

    A letter becomes one that lies beside it on the keyboard, is left out, stands twice, or changes places with the
    next. The draws depend on the text and the seed alone.
    """
    rng = np.random.default_rng([seed, crc32(text.encode())])
    pieces = re.split(r"(\s+)", text)
    words = pieces[::2]
    places = [place for place, word in enumerate(words) if not _LEFT_ALONE.search(word) and _LETTERS.search(word)]
    wanted = max(1, round(len(text.split()) / ONE_WORD_OF))
    for place in rng.permutation(places)[:wanted].tolist():
        pieces[2 * place] = _mistyped(words[place], rng)
    return "".join(pieces)


def _mistyped(word: str, rng: np.random.Generator) -> str:
    """The word with one typing error in its longest run of letters."""
    run = max(_LETTERS.finditer(word), key=lambda found: len(found.group()))
    letters = run.group()
    slip = _SLIPS[int(rng.integers(len(_SLIPS)))]
    slipped = slip(letters, int(rng.integers(len(letters))), rng)
    if slipped == letters:  # two equal letters have changed places
        slipped = _doubled(letters, 0, rng)
    return word[: run.start()] + slipped + word[run.end() :]


def _beside(letters: str, place: int, rng: np.random.Generator) -> str:
    letter = letters[place]
    near = NEIGHBOURS[letter.lower()]
    hit = near[int(rng.integers(len(near)))]
    return letters[:place] + (hit.upper() if letter.isupper() else hit) + letters[place + 1 :]


def _dropped(letters: str, place: int, rng: np.random.Generator) -> str:
    return letters[:place] + letters[place + 1 :]


def _doubled(letters: str, place: int, rng: np.random.Generator) -> str:
    return letters[: place + 1] + letters[place:]


def _swapped(letters: str, place: int, rng: np.random.Generator) -> str:
    place = min(place, len(letters) - 2)
    return letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]


_SLIPS: tuple[Callable[[str, int, np.random.Generator], str], ...] = (_beside, _dropped, _doubled, _swapped)
