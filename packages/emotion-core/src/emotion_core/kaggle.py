"""Fetch what a manifest names from Kaggle; kagglehub keeps it in its cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emotion_core.errors import DataError, short_reason


def fetch_from_kaggle(name: str, entry: dict[str, Any], way_round: str) -> Path:
    """The folder with the files of a manifest entry, downloaded on first use.

    Args:
        name: of the entry, for messages.
        entry: has ``kaggle_handle`` and ``source``.
        way_round: what a user can do without the network, for messages.

    Raises:
        DataError: it cannot be fetched.
    """
    import kagglehub

    try:
        return Path(kagglehub.dataset_download(entry["kaggle_handle"]))
    except Exception as error:  # kagglehub passes on whatever its HTTP client raises
        reason = f"{type(error).__name__}: {short_reason(error)}"
        raise DataError(
            f"{name!r} could not be fetched from Kaggle as {entry['kaggle_handle']} ({reason}). "
            f"Without the network: {way_round}."
        ) from error
