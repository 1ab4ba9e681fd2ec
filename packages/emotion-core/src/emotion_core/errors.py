"""Errors that a user can mend; the command lines show them as one message with exit code 2."""

from __future__ import annotations


class EmotionError(Exception):
    """A mistake in what was asked or given; the message says what, where, and the fix."""


class DataError(EmotionError, ValueError):
    """A data file or data set is not as it must be."""


class RunError(EmotionError, ValueError):
    """A run folder is missing, incomplete, altered, or in the way."""


class ModelError(EmotionError, ValueError):
    """A model is unknown, cannot be loaded, or does not fit the task."""


def short_reason(error: Exception) -> str:
    """What a library said, on one line and not longer than a message can bear."""
    return " ".join(str(error).split())[:300]
