"""Fetch what a manifest names from Kaggle; kagglehub keeps it in its cache."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path

from emotion_core.data.published.manifests import ManifestEntry
from emotion_core.errors import DataError, connection_fault, short_reason
from emotion_core.imports import needs


def fetch_from_kaggle(name: str, entry: ManifestEntry, ways: str) -> Path:
    """The folder with the files of a manifest entry, downloaded on first use.

    Args:
        name: of the entry, for messages.
        entry: has ``kaggle_handle`` and ``source``.
        ways: what a user can do without it, for messages.

    Raises:
        DataError: it cannot be fetched.
    """
    needs("study", "kagglehub", who=f"the dataset {name!r}")
    import kagglehub

    try:
        with _nothing_on_standard_output():
            return Path(kagglehub.dataset_download(entry["kaggle_handle"]))
    except Exception as error:  # kagglehub passes on whatever its HTTP client raises
        if not isinstance(error, OSError):  # so it was not the connection, and what was downloaded is of no use
            _forget_archives(entry["kaggle_handle"])
        reason = connection_fault(error) or _answer(error) or f"{type(error).__name__}: {short_reason(error)}"
        raise DataError(
            f"{name!r} could not be fetched from Kaggle as {entry['kaggle_handle']} ({reason}). {ways}."
        ) from error


def _answer(error: Exception) -> str | None:
    """The status of an answer that is an error; None if there was no answer."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return None if status is None else f"Kaggle answered {status}"


@contextmanager
def _nothing_on_standard_output() -> Iterator[None]:
    """Let kagglehub speak to standard error, since standard output holds the results of a command.

    It prints that it is outdated, and its log goes to what standard output was when it was imported.
    """
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(sys.stderr))
        for handler in logging.getLogger("kagglehub").handlers:
            if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
                stack.callback(setattr, handler, "stream", handler.stream)
                handler.stream = sys.stderr
        yield


def fetch_again(folder: Path) -> str:
    """What a user must do, for messages, when ``folder`` of kagglehub's cache does not hold what it should."""
    return f"Delete the folder {folder} and run the command again, which then downloads it anew"


def _forget_archives(handle: str) -> None:
    """Remove the archives that kagglehub would take for complete the next time, since they have their full size."""
    from kagglehub.config import get_cache_folder

    for archive in Path(get_cache_folder(), "datasets", handle).glob("*.archive"):
        archive.unlink()
