"""The two text cleanings: one function each, the same at training and at prediction.

A run records the *name* of its cleaning, and a loaded classifier looks the function up by that name,
so that a model never sees text that was cleaned in another way than its training texts.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Possessive and bounded, so that a megabyte of ``a.a.a.`` is read once and not once for each of its words. RFC 5321
# allows 64 characters before the sign.
EMAIL = re.compile(r"\b[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]+)+\b")
MENTION = re.compile(r"(?<![\w@])@\w+")
HASHTAG = re.compile(r"(?<!#)#++(\w+)")
CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
APOSTROPHE = re.compile("['\u2019\u02bc`]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LOWER_LETTERS = {code: chr(code).lower() if chr(code).isalpha() else " " for code in range(128)}
WHITE_SPACE = re.compile(r"\s+")
ESCAPED_AMPERSAND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
ENDLESS_ENTITY = re.compile("(&#[0-9]{640,};?)")
LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

EMOJI_FILE = Path(__file__).parent / "emoji_names.tsv"
EMOJI_COMPONENTS = frozenset(map(chr, (*range(0x1F3FB, 0x1F400), *range(0x1F9B0, 0x1F9B4))))
"""Skin tones and hair."""
JOINER, VARIATION_SELECTORS = "\u200d", "\ufe0e\ufe0f"

MAX_PASSES = 8

URL_TOKEN = "http"  # noqa: S105 - the placeholder of the Twitter corpora, not a secret
MENTION_TOKEN = "@user"  # noqa: S105
EMAIL_TOKEN = "email"  # noqa: S105


def social_media(text: str) -> str:
    """Normalize a post for a transformer that was pre-trained on tweets or on plain English.

    HTML entities are resolved, URLs become ``http`` and mentions ``@user`` (the placeholders of the Twitter
    corpora, which BERTweet's own normalization maps on to ``HTTPURL`` and ``@USER``), email addresses
    ``email``; hashtags lose their sign and are split at capitals; emoji become their names; control
    characters go and white space is folded. Case and punctuation stay. A cleaned text stays as it is when it is
    cleaned again.
    """
    # One step can uncover work for another, as in ``ann@#example.com``; who nests deeper does it on purpose.
    for _ in range(MAX_PASSES):
        before, text = text, _social_media_pass(text)
        if text == before:
            break
    return text


def _social_media_pass(text: str) -> str:
    text = _readable(text)
    text = EMAIL.sub(EMAIL_TOKEN, URL.sub(URL_TOKEN, text))
    text = MENTION.sub(MENTION_TOKEN, text)
    text = HASHTAG.sub(_hashtag_words, text)
    return _fold(_emoji_words(text))


def letters_only(text: str) -> str:
    """Reduce a post to lower-case words of the letters a to z, for the recurrent networks.

    URLs, mentions and email addresses go; hashtags and emoji become words; apostrophes close up
    (``don't`` becomes ``dont``, as in the public emotion tweets); accents are taken off; whatever else is
    not a letter becomes a space. A text without any Latin letter becomes the empty string.
    """
    words = as_words(text)
    if words.isascii():
        return latin_letters(words)
    decomposed = unicodedata.normalize("NFKD", words)
    unaccented = NOT_ASCII.sub(lambda run: "".join(c for c in run[0] if not unicodedata.combining(c)), decomposed)
    return latin_letters(NOT_ASCII.sub(" ", unaccented.lower()))


def latin_letters(words: str) -> str:
    """The ASCII letters of a text in lower case, as words; of other characters, all stay as they are."""
    letters = words.translate(_LOWER_LETTERS)
    while "  " in letters:  # a list of the words of a megabyte would take ten times its memory
        letters = letters.replace("  ", " ")
    return letters.strip()


def as_words(text: str) -> str:
    """A post whose hashtags and emoji are words, without links, mentions, email addresses and apostrophes."""
    text = _readable(text)
    # What a text cannot hold is not looked for: most of a million tweets hold none of these signs.
    if "." in text or "/" in text:
        text = URL.sub(" ", text)
    if "@" in text:
        text = MENTION.sub(" ", EMAIL.sub(" ", text))
    if "#" in text:
        text = HASHTAG.sub(_hashtag_words, text)
    text = _emoji_words(text)
    if text.isascii() and "'" not in text and "`" not in text:
        return text
    return APOSTROPHE.sub("", text)


def first_words(text: str, n_words: int) -> str:
    """The first ``n_words`` words of a text whose words are separated by single spaces, as in `letters_only`."""
    return " ".join(text.split(" ", n_words)[:n_words])


CLEANERS: dict[str, Callable[[str], str]] = {
    "letters_only": letters_only,
    "social_media": social_media,
}
"""Cleaning functions by the name that a run records."""

NOTHING_LEFT = {
    "letters_only": "no Latin letters outside links and mentions",
    "social_media": "no character that can be seen",
}
"""What a text has of which a cleaning leaves nothing."""

BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and a symbol without ink: the fillers of Hangul and the empty pattern of Braille."""


def is_blank(text: str) -> bool:
    """Whether a text has nothing that can be seen: white space, entities for it, control and zero-width characters."""
    return not any(_is_seen(char) for char in _unescape(text))


def _is_seen(char: str) -> bool:
    # letters, numbers, punctuation, symbols, and what a font defines for itself
    kind = unicodedata.category(char)
    return (kind[0] in "LNPS" or kind in ("Co", "Cs")) and char not in BLANK_LETTERS


def replace_surrogates(text: str) -> str:
    """Put U+FFFD in place of lone surrogates, which neither UTF-8 nor any tokenizer can hold."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def _readable(text: str) -> str:
    """Resolve entities and compatibility forms, and take out what no tokenizer accepts."""
    # An entity may name a surrogate or a control character, so entities are resolved first.
    text = replace_surrogates(_unescape(text))
    if text.isascii():
        return text if text.isprintable() else CONTROL.sub(" ", text)
    return CONTROL.sub(" ", unicodedata.normalize("NFKC", text))


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    text = ESCAPED_AMPERSAND.sub("&", text)
    try:
        return html.unescape(text)
    except ValueError:  # an entity such as ``&#111...;`` with more digits than Python turns into a number
        return "".join(
            part if ENDLESS_ENTITY.fullmatch(part) else html.unescape(part) for part in ENDLESS_ENTITY.split(text)
        )


def _emoji_words(text: str) -> str:
    if text.isascii():
        return text
    return _emoji_runs().sub(_run_in_words, text)


@cache
def _emoji_names() -> tuple[dict[str, str], frozenset[str]]:
    """The name of each emoji, and all that an emoji begins with.

    The names are those of the package ``emoji`` (BSD licence) for Unicode's emoji; make_emoji_names.py writes the file.
    """
    names: dict[str, str] = {}
    for line in EMOJI_FILE.read_text(encoding="utf-8").splitlines():
        emoji, name = line.split("\t")
        names |= dict.fromkeys(_without_selectors(emoji), name)
    return names, frozenset(emoji[:end] for emoji in names for end in range(1, len(emoji) + 1))


def _without_selectors(emoji: str) -> Iterator[str]:
    """The forms of an emoji: variation selectors, which ask for a picture, may be left out."""
    places = [place for place, char in enumerate(emoji) if char == "\ufe0f"]
    for count in range(len(places) + 1):
        for left_out in combinations(places, count):
            yield "".join(char for place, char in enumerate(emoji) if place not in left_out)


@cache
def _emoji_runs() -> re.Pattern[str]:
    # Each character of a run is looked at in Python, so a run has only what emoji are made of. Keycaps begin with a
    # digit, ``#`` or ``*``; beyond U+FFFF a range is far faster to search for than single characters.
    parts = {char for emoji in _emoji_names()[0] for char in emoji if "\x7f" < char <= "\uffff"}
    return re.compile(f"(?:[0-9#*]?[{re.escape(''.join(sorted(parts)))}\U00010000-\U0010ffff])+")


def _run_in_words(match: re.Match[str]) -> str:
    """A run of emoji as their names, each the longest that stands there; a joiner between two of them goes.

    Text and emoji come out as the package ``emoji`` would replace them.
    """
    names, beginnings = _emoji_names()
    run, place = match.group(), 0
    parts: list[tuple[str, str]] = []  # what was found, and what is written for it
    done: list[tuple[str, str]] = []
    joiners: set[int] = set()  # which join emoji to what is no emoji of its own; no emoji reaches across them
    while place < len(run):
        char = run[place]
        if place in joiners:
            place += 1
            continue
        if char in beginnings:
            end = place + 1
            while end < len(run) and end not in joiners and run[place : end + 1] in beginnings:
                end += 1
            if (emoji := run[place:end]) in names:
                parts.append((emoji, f" {names[emoji]} "))
                place = end
                continue
        elif char == JOINER and parts and parts[-1][0] in names and run[place - 1] in beginnings:
            joiners.add(place)  # look again at what stands before, a skin tone or hair with what it belongs to
            again = parts[-2:] if parts[-1][0] in EMOJI_COMPONENTS else parts[-1:]
            place -= sum(len(found) for found, _ in again)
            if len(again) > 1 and run[place] == JOINER:
                place, again = place + 1, again[1:]
            del parts[-len(again) :]
            continue
        else:
            done += parts
            parts = []
        if char not in VARIATION_SELECTORS:
            parts.append((char, char))
        place += 1
    return "".join(written for _, written in done + parts)


def _hashtag_words(match: re.Match[str]) -> str:
    return CAMEL_CASE.sub(" ", match.group(1)).replace("_", " ")


def _fold(text: str) -> str:
    return WHITE_SPACE.sub(" ", text).strip()
