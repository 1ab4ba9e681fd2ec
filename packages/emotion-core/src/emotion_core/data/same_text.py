"""What counts as the same text, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from emotion_core.data.cleaning import NOT_ASCII, as_words, latin_letters

BRAILLE = range(0x2800, 0x2900)
"""Letters that Unicode counts among the symbols."""


def normalized_key(text: str) -> str:
    """What two spellings of one text share: its letters, of any script, as words in one case.

    Links, mentions, email addresses, punctuation and digits do not count, and neither do the accents of Latin letters;
    hashtags and emoji are words. In other scripts marks count, since they make other letters, as in Cyrillic or
    Devanagari. For a text in Latin letters alone the key is `cleaning.letters_only`. A text without letters is its own
    key, but for case and white space.
    """
    words = as_words(text)
    if words.isascii():
        return latin_letters(words) or _folded(text)
    decomposed = unicodedata.normalize("NFKD", words)
    letters = latin_letters(NOT_ASCII.sub(lambda run: "".join(_letters(run[0])), decomposed))
    return latin_letters(unicodedata.normalize("NFC", letters).casefold()) or _folded(text)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _letters(run: str) -> Iterator[str]:
    """The letters with their marks of decomposed characters that follow an ASCII one; a space for each other one."""
    latin = True
    for char in run:
        if unicodedata.category(char)[0] == "M":
            if not latin:
                yield char
        elif char.isalpha() or ord(char) in BRAILLE:
            latin = unicodedata.name(char, "").startswith("LATIN")
            yield char
        else:
            latin = True
            yield " "
