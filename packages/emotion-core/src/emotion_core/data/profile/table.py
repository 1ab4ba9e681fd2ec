"""A profile as tables for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap

from emotion_core.data.profile.corpus import OPENERS, Look, Phrase, Profile
from emotion_core.data.profile.signs import SIGNS
from emotion_core.printable import cell

WIDTH, NAME, COLUMN = 80, 26, 9
TOLD = 6
"""Phrases of each kind that are shown."""
LONGEST_WORDS = 40
NO_BREAK = "\u00a0"
"""A space at which no line is broken."""


def profile_lines(profile: Profile) -> list[str]:
    """A table of the splits, one of the emotions of each split where they were counted, and the commonest phrases."""
    lines = ["", "Profile: shares of the texts", *_tables(profile.splits)]
    for name, emotions in profile.emotions.items():
        if emotions:
            lines += ["", f"Profile of {name} by emotion", *_tables(emotions)]
    for name, look in profile.splits.items():
        lines += ["", f"Commonest words of {name}", *_phrases(look)]
    return lines


def _tables(looks: Mapping[str, Look]) -> Iterator[str]:
    names = list(looks)
    width = max(COLUMN, *(len(cell(name)) + 1 for name in names))
    at_once = max(1, (WIDTH - NAME) // width)
    for start in range(0, len(names), at_once):
        yield from _table({name: looks[name] for name in names[start : start + at_once]}, width)


def _table(looks: Mapping[str, Look], width: int) -> Iterator[str]:
    yield " " * NAME + "".join(cell(name).rjust(width) for name in looks)
    rows: list[tuple[str, Callable[[Look], str]]] = [
        ("texts", lambda look: str(look.texts)),
        ("words, median", lambda look: f"{look.words['p50']:.0f}"),
        ("words, 5 % to 95 %", lambda look: f"{look.words['p5']:.0f}-{look.words['p95']:.0f}"),
        ("characters, median", lambda look: f"{look.characters['p50']:.0f}"),
        ("characters, 5 % to 95 %", lambda look: f"{look.characters['p5']:.0f}-{look.characters['p95']:.0f}"),
    ]
    lengths = next(iter(looks.values())).lengths
    rows += [(f"{name} words", _share_of_length(name)) for name in lengths]
    rows += [(words, _share_with(sign)) for sign, (words, _) in SIGNS.items()]
    rows += [
        ("word of an emotion", lambda look: _percent(look.emotion_word)),
        ("word of its own emotion", lambda look: _percent(look.own_emotion_word)),
    ]
    for title, value in rows:
        yield f"  {title}".ljust(NAME) + "".join(value(look).rjust(width) for look in looks.values())


def _share_of_length(name: str) -> Callable[[Look], str]:
    return lambda look: _percent(look.lengths[name])


def _share_with(sign: str) -> Callable[[Look], str]:
    return lambda look: _percent(look.signs[sign])


def _phrases(look: Look) -> Iterator[str]:
    titles = ("first word", *(f"first {length} words" for length in range(2, OPENERS + 1)))
    for title, phrases in (*zip(titles, look.openers, strict=True), (f"{OPENERS} words anywhere", look.frames)):
        shown = ", ".join(map(_phrase, phrases[:TOLD])) or "none in two texts"
        head, *more = wrap(shown, WIDTH - 20, break_long_words=False, break_on_hyphens=False)
        yield f"  {title}".ljust(20) + head.replace(NO_BREAK, " ")
        yield from (" " * 20 + line.replace(NO_BREAK, " ") for line in more)


def _phrase(phrase: Phrase) -> str:
    words = phrase.words if len(phrase.words) <= LONGEST_WORDS else phrase.words[:LONGEST_WORDS] + "..."
    return f"{cell(words)} {_percent(phrase.share)}".replace(" ", NO_BREAK)


def _percent(share: float) -> str:
    return f"{share:.1%}"
