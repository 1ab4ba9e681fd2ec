"""What counts as the same text."""

from __future__ import annotations

from emotion_core.data.cleaning import letters_only


def normalized_key(text: str) -> str:
    """What two spellings of one text share: its letters-only form, or the folded text when it has no letters."""
    return letters_only(text) or " ".join(text.casefold().split())
