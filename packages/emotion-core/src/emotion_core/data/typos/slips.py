"""One typing error in a word: the one definition for the behavioural suite and for training."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

KEYS = ((0.0, "qwertyuiop"), (0.25, "asdfghjkl"), (0.75, "zxcvbnm"))
"""The rows of an English keyboard, and how far each is moved to the right, in widths of a key."""

FARTHEST = 1.26
"""Keys whose middles are at most so far apart are neighbours."""

_LETTERS = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_LEFT_ALONE = re.compile(r"[@#/]|\.\w|&#?\w+;")
"""What tells mentions, hashtags, links, addresses and entities of HTML."""


def _neighbours() -> dict[str, str]:
    places = {key: (moved + place, row) for row, (moved, keys) in enumerate(KEYS) for place, key in enumerate(keys)}

    def near(one: str, other: str) -> bool:
        (x, y), (u, v) = places[one], places[other]
        return one != other and (x - u) ** 2 + (y - v) ** 2 <= FARTHEST**2

    return {key: "".join(other for other in places if near(key, other)) for key in places}


NEIGHBOURS = _neighbours()


def can_be_mistyped(word: str) -> bool:
    """Whether a word has three letters in a row and is no mention, hashtag, link, address or entity."""
    return not _LEFT_ALONE.search(word) and _LETTERS.search(word) is not None


def mistyped(word: str, rng: np.random.Generator) -> str:
    """A word that can be mistyped, with one typing error in its longest run of letters.

    A letter becomes one that lies beside it on the keyboard, is left out, stands twice, or changes places with the
    next.
    """
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
