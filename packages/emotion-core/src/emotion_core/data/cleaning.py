"""The two text cleanings: one function each, the same at training and at prediction.

A run records the *name* of its cleaning, and a loaded classifier looks the function up by that name,
so that a model never sees text that was cleaned in another way than its training texts.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache

import emoji

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Possessive and bounded, so that a megabyte of ``a.a.a.`` is read once and not once for each of its words. RFC 5321
# allows 64 characters before the sign.
EMAIL = re.compile(r"\b[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]+)+\b")
MENTION = re.compile(r"(?<![\w@])@\w+")
HASHTAG = re.compile(r"(?<!#)#++(\w+)")
CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
APOSTROPHE = re.compile("['\u2019\u02bc`]")
NOT_A_LETTER = re.compile(r"[^a-z]+")
WHITE_SPACE = re.compile(r"\s+")
ESCAPED_AMPERSAND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

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
    text = _readable(text)
    text = MENTION.sub(" ", EMAIL.sub(" ", URL.sub(" ", text)))
    text = HASHTAG.sub(_hashtag_words, text)
    text = APOSTROPHE.sub("", _emoji_words(text))
    decomposed = unicodedata.normalize("NFKD", text)
    unaccented = "".join(char for char in decomposed if not unicodedata.combining(char))
    return NOT_A_LETTER.sub(" ", unaccented.lower()).strip()


def first_words(text: str, n_words: int) -> str:
    """The first ``n_words`` words of a text whose words are separated by single spaces, as in `letters_only`."""
    return " ".join(text.split(" ", n_words)[:n_words])


CLEANERS: dict[str, Callable[[str], str]] = {
    "letters_only": letters_only,
    "social_media": social_media,
}
"""Cleaning functions by the name that a run records."""


def replace_surrogates(text: str) -> str:
    """Put U+FFFD in the place of lone surrogates, which neither UTF-8 nor any tokenizer can hold."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def _readable(text: str) -> str:
    """Resolve entities and compatibility forms, and take out what no tokenizer accepts."""
    # An entity may name a surrogate or a control character, so entities are resolved first.
    text = replace_surrogates(_unescape(text))
    if text.isascii():
        return CONTROL.sub(" ", text)
    return CONTROL.sub(" ", unicodedata.normalize("NFKC", text))


def _unescape(text: str) -> str:
    try:
        return html.unescape(ESCAPED_AMPERSAND.sub("&", text)) if "&" in text else text
    except ValueError:  # an entity such as ``&#111...;`` with more digits than Python turns into a number
        return text


def _emoji_words(text: str) -> str:
    if text.isascii():
        return text
    return _emoji_runs().sub(_run_in_words, text)


@cache
def _emoji_runs() -> re.Pattern[str]:
    # The library looks at each character in Python, so it is given only runs of those that emoji are made of. Keycaps
    # begin with a digit, ``#`` or ``*``; beyond U+FFFF a range is far faster to search for than single characters.
    parts = {char for sequence in emoji.EMOJI_DATA for char in sequence if "\x7f" < char <= "\uffff"}
    return re.compile(f"(?:[0-9#*]?[{re.escape(''.join(sorted(parts)))}\U00010000-\U0010ffff])+")


def _run_in_words(run: re.Match[str]) -> str:
    return emoji.replace_emoji(run.group(), lambda _, data: f" {_emoji_name(data['en'])} ")


@cache
def _emoji_name(code: str) -> str:
    return code.strip(":").replace("_", " ").replace("-", " ")


def _hashtag_words(match: re.Match[str]) -> str:
    return CAMEL_CASE.sub(" ", match.group(1)).replace("_", " ")


def _fold(text: str) -> str:
    return WHITE_SPACE.sub(" ", text).strip()
