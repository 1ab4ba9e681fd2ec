"""What is asked of each text of a profile, yes or no."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

from emotion_core.data.cleaning import EMAIL, EMOJI_COMPONENTS, EMOJI_FILE, HASHTAG, JOINER, MENTION, URL
from emotion_core.data.known_words import words_of

END_MARKS = {".": "a full stop", "!": "an exclamation mark", "?": "a question mark", "\u2026": "an ellipsis"}
CLOSING = " \t\r\n\"'\u2019\u201d\u00bb)]}*_~"
"""What may follow the mark that ends a text."""

WITHOUT_APOSTROPHE = (
    "aint arent cant couldnt couldve didnt doesnt dont hadnt hasnt havent hes im isnt itll ive mustnt shes shouldnt "
    "shouldve thats theres theyd theyll theyre theyve wasnt werent whats wheres whos wont wouldnt wouldve yall youd "
    "youll youre youve"
)
"""Contractions that are no words of their own; "its", "well", "were", "ill" and the like are."""

_MISSING_APOSTROPHE = re.compile(rf"\b(?:{WITHOUT_APOSTROPHE.replace(' ', '|')})\b(?!['\u2019])", re.IGNORECASE)
# Letters that are no Roman number, as in "World War III".
_STRETCHED = re.compile(r"\b(?![ixv]+\b)[a-z]*([a-z])\1\1[a-z]*", re.IGNORECASE)
_MARKS = re.compile(r"[!?]{2,}")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_LETTER = re.compile(r"[^\W\d_]")
_EMOTICON = re.compile(
    r"(?<![\w:;=])(?:[:;=][-o'\u2019^]?(?:[()\[\]DPpOo|/\\3*]|[()]+)|[xX]D+|<3+|</3)(?!\w)"
    r"|(?<!\S)[(\[]['-]?[:;=](?!\S)|\^_*\^|\b[Tt]_[Tt]\b|-_+-|\b[oO]_[oO]\b"
)
_HAS_EMOTICON = re.compile(r"[:;=<^_]|[xX]D")
"""Without one of these a text has no emoticon."""


@dataclass(frozen=True)
class Post:
    """A text, and what the questions are about.

    Attributes:
        text: as it was written.
        bare: without links, email addresses and mentions.
        plain: without hashtags as well.
        words: the words of ``plain``, in small letters.
        hashtags, emoji: how many the text has.
        end: the last character of ``plain``, before emoticons and closing signs; several full stops are an ellipsis.
    """

    text: str
    bare: str
    plain: str
    words: list[str]
    hashtags: int
    emoji: int
    end: str

    @classmethod
    def of(cls, text: str) -> Post:
        """Take a text apart."""
        # What a text cannot hold is not looked for, as in the cleanings.
        bare = URL.sub(" ", text) if "." in text or "/" in text else text
        bare = MENTION.sub(" ", EMAIL.sub(" ", bare)) if "@" in bare else bare
        plain, hashtags = HASHTAG.subn(" ", bare) if "#" in bare else (bare, 0)
        emoji = 0
        if not plain.isascii():
            emoji = len(_emoji().findall(bare))
            plain = _emoji().sub(" ", plain) if emoji else plain
        said = (_EMOTICON.sub(" ", plain) if _HAS_EMOTICON.search(plain) else plain).rstrip(CLOSING)
        end = "\u2026" if said.endswith("..") else said[-1:]
        return cls(text, bare, plain, words_of(plain, joined=True), hashtags, emoji, end)


@cache
def _emoji() -> re.Pattern[str]:
    """One emoji, with its skin tone, its tags and what is joined to it; a flag is two letters."""
    emoji = (line.partition("\t")[0] for line in EMOJI_FILE.read_text(encoding="utf-8").splitlines())
    first = {sign[0] for sign in emoji if sign[0] > "\u00ff"}
    one = f"[{''.join(map(re.escape, sorted(first - EMOJI_COMPONENTS)))}]"
    changed = f"[\ufe0f\u20e3\U000e0020-\U000e007f{''.join(sorted(EMOJI_COMPONENTS))}]*"
    return re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|{one}{changed}(?:{JOINER}{one}{changed})*")


def _inside(post: Post) -> bool:
    """Whether words stand before a hashtag and after it."""
    if not post.hashtags or not post.words:
        return False
    between = HASHTAG.split(post.bare)[::2]  # the odd ones are the words of the hashtags
    return sum(_LETTER.search(part) is not None for part in between) > 1


def _small_start(post: Post) -> bool:
    letter = _LETTER.search(post.plain)
    return letter is not None and letter[0].islower()


def _emoticon(post: Post) -> bool:
    return _HAS_EMOTICON.search(post.bare) is not None and _EMOTICON.search(post.bare) is not None


def _all_capitals(post: Post) -> bool:
    return post.plain.isupper() and len(post.words) > 1


def _ends_with(mark: str) -> Callable[[Post], bool]:
    return lambda post: post.end == mark


SIGNS: dict[str, tuple[str, Callable[[Post], object]]] = {
    "small_start": ("small first letter", _small_start),
    "full_stop": ("ends with .", _ends_with(".")),
    "exclamation_mark": ("ends with !", _ends_with("!")),
    "question_mark": ("ends with ?", _ends_with("?")),
    "ellipsis": ("ends with \u2026", _ends_with("\u2026")),
    "no_end_mark": ("ends without a mark", lambda post: post.end not in END_MARKS),
    "missing_apostrophe": ("no apostrophe (dont)", lambda post: _MISSING_APOSTROPHE.search(post.plain)),
    "stretched_word": ("stretched word (sooo)", lambda post: _STRETCHED.search(post.plain)),
    "runs_of_marks": ("run of ! and ?", lambda post: _MARKS.search(post.plain)),
    "word_in_capitals": (
        "word in capitals (WHY)",
        lambda post: not post.plain.islower() and _CAPITALS.search(post.plain),
    ),
    "all_capitals": ("all in capitals", _all_capitals),
    "hashtag": ("hashtag", lambda post: post.hashtags),
    "several_hashtags": ("hashtags, several", lambda post: post.hashtags > 1),
    "hashtag_inside": ("hashtag between words", _inside),
    "mention": ("mention", lambda post: "@" in post.text and MENTION.search(EMAIL.sub(" ", post.text))),
    "link": ("link", lambda post: ("." in post.text or "/" in post.text) and URL.search(post.text)),
    "emoji": ("emoji", lambda post: post.emoji),
    "several_emoji": ("emoji, several", lambda post: post.emoji > 1),
    "emoticon": ("old emoticon :)", _emoticon),
}
"""The questions by their names in JSON, each with its words in the table."""


def emotions_named(post: Post, words: dict[str, int]) -> Collection[int]:
    """The emotions of which a word stands in a text or in its hashtags."""
    said = words_of(post.bare.replace("#", " "), joined=True) if post.hashtags else post.words
    return {words[word] for word in said if word in words}
