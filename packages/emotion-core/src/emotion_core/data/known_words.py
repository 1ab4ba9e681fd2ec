"""Whether a model knows the words of a text: it does not read one in another language, whatever it answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emotion_core.data.cleaning import APOSTROPHE, EMAIL, HASHTAG, MENTION, URL, latin_letters

KNOWN_SHARE = 0.5
"""A text of whose words fewer are known seems to be in another language; ``benchmarks/foreign_texts.py`` measures how
often that is right."""

FEWEST_OF_TRAINING, FEWEST_OF_TOKENIZER = 1_000, 5_000
"""A smaller vocabulary does not tell: many words of the language itself are missing, or spelt out by pieces."""

FEWEST_WORDS = 3
"""Of a text with fewer words nothing is said."""

TOLD_SHARE = 0.05
"""Of some texts it is told how many seem to be in another language if they are more than this share. To a model that
knows the words of 600 training texts alone, 3 % of the texts in its own language seem so, too."""

LOOKED_AT = 1000
"""So many characters of a text are looked at."""

WORD = re.compile(r"[^\W\d_]+")
WORD_BEGINS = ("\u0120", "\u2581")
"""What byte-level BPE and SentencePiece put in front of a token that begins a word."""
WORD_ENDS, PIECE_BEGINS, PIECE_ENDS = "</w>", "##", "@@"
"""What other vocabularies mark: the end of a word, a token that goes on with one, and one with which it goes on."""


@dataclass(frozen=True)
class KnownWords:
    """The words that a model has met.

    Attributes:
        words: in small letters without accents, as `words_of` gives them.
        shortest: so many letters a word must have to count. The vocabularies of tokenizers hold short words of many
            languages, such as "que" and "und"; those of training texts do not.
        joined: apostrophes close up ("dont") as in the cleaning of the training texts; else they part words.
    """

    words: frozenset[str]
    shortest: int
    joined: bool

    @classmethod
    def of_training(cls, words: Collection[str]) -> KnownWords | None:
        """Of a model whose vocabulary is made of the words of its training texts; None if these are too few."""
        return cls(frozenset(words), shortest=3, joined=True) if len(words) >= FEWEST_OF_TRAINING else None

    @classmethod
    def of_tokenizer(cls, vocabulary: Collection[str]) -> KnownWords | None:
        """Of a tokenizer: those of its tokens that are whole words; None if these are few, or nothing marks them."""
        words = frozenset(map(_plain, _whole_words(vocabulary)))
        return cls(words, shortest=4, joined=False) if len(words) >= FEWEST_OF_TOKENIZER else None

    def is_foreign(self, text: str) -> bool:
        """Whether a raw text has words enough to tell, and most of them are unknown."""
        words = [word for word in words_of(text[:LOOKED_AT], joined=self.joined) if len(word) >= self.shortest]
        return len(words) >= FEWEST_WORDS and sum(map(self.words.__contains__, words)) < KNOWN_SHARE * len(words)


def foreign_texts(known: KnownWords | None, texts: Sequence[str]) -> list[bool]:
    """Of each raw text whether it seems to be in another language than the model reads; of none if nothing is known."""
    return [known is not None and known.is_foreign(text) for text in texts]


def foreign_remark(foreign: int, texts: int, rows: Sequence[int] = ()) -> str | None:
    """How many texts seem to be in another language, in words; None if they are only a few.

    Args:
        foreign: so many do.
        texts: of how many.
        rows: the numbers of the first of them, for the message.
    """
    if foreign <= TOLD_SHARE * texts:
        return None
    if texts == 1:
        return "The text seems to be in a language that the model does not read: do not rely on its prediction."
    seem, their = ("seem", "their predictions") if foreign > 1 else ("seems", "its prediction")
    more = ", ..." if len(rows) < foreign else ""
    where = f" (row{'s' if foreign > 1 else ''} {', '.join(map(str, rows))}{more})" if rows else ""
    return (
        f"{foreign} of {texts} texts {seem} to be in a language that the model does not read{where}: do not rely on "
        f"{their}."
    )


def words_of(text: str, *, joined: bool) -> list[str]:
    """The words of a raw text in small letters without accents; links, mentions, hashtags and emoji are left out.

    Args:
        text: as it was written.
        joined: whether an apostrophe closes up or parts two words.
    """
    # What a text cannot hold is not looked for, as in the cleanings.
    if "." in text or "/" in text:
        text = URL.sub(" ", text)
    if "@" in text:
        text = MENTION.sub(" ", EMAIL.sub(" ", text))
    if "#" in text:
        text = HASHTAG.sub(" ", text)
    text = APOSTROPHE.sub("" if joined else " ", text)
    return latin_letters(text).split() if text.isascii() else WORD.findall(_plain(text))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def _whole_words(vocabulary: Collection[str]) -> list[str]:
    """The tokens that are whole words, as the marks of the vocabulary tell; none if it has no marks."""
    if begun := [token[1:] for token in vocabulary if token.startswith(WORD_BEGINS)]:
        return begun
    if ended := [token.removesuffix(WORD_ENDS) for token in vocabulary if token.endswith(WORD_ENDS)]:
        return ended
    whole = [token for token in vocabulary if not token.startswith(PIECE_BEGINS) and not token.endswith(PIECE_ENDS)]
    return whole if len(whole) < len(vocabulary) else []
