"""Whether what is there is what was asked for: what decides a result is recorded with it, and compared.

A definition holds the fingerprints of the data, the settings, the seed, and nothing that does not change the result,
such as threads. The version of the format is that of the record, which `runs.folder.read_run` checks.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.data.dataset import Dataset, fingerprint
from emotion_core.errors import RunError
from emotion_core.runs.folder import RUN_FILE, read_run

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Definition = Mapping[str, Any]
"""What decides a result, by name; may hold further mappings."""

TRAINING_SPLITS = ("train", "validation")
LATER_SETTINGS = {"typos": 0.0}
"""Settings that earlier versions did not know, with the values by which a training is the same as theirs."""

_SHOWN_DIGITS, _HASH_LENGTH = 12, 64


def data_definition(dataset: Dataset, *splits: str) -> dict[str, str]:
    """The fingerprint of each of some splits, and of the neutral texts, where there are any, with their threshold."""
    of_splits = {name: fingerprint(dataset.split(name)) for name in splits}
    if dataset.neutral is None:
        return of_splits
    threshold = "" if dataset.neutral.threshold is None else f" {dataset.neutral.threshold:g}"
    return of_splits | {"neutral": f"{dataset.neutral.fingerprint}{threshold}"}


def settings_definition(settings: DataclassInstance) -> dict[str, Any]:
    """The settings of a training by name, without those of `LATER_SETTINGS` that change nothing.

    So a training of an earlier version goes on, and is found to be what is asked for.
    """
    stated = dataclasses.asdict(settings)
    return {
        name: value for name, value in stated.items() if name not in LATER_SETTINGS or value != LATER_SETTINGS[name]
    }


def differing(recorded: Definition, wanted: Definition) -> list[str]:
    """How a definition that was read from a file differs from the wanted one: one line for each name, sorted."""
    as_read = json.loads(json.dumps(wanted))  # tuples become lists, as they did in the file
    return _lines("", recorded, as_read)


def require_same(found: str, recorded: Definition, wanted: Definition, advice: str) -> None:
    """Raise a RunError that names what differs, unless two definitions are the same.

    Args:
        found: what was found and where, for the message.
        recorded: its definition.
        wanted: what was asked for.
        advice: how to go on.
    """
    if lines := differing(recorded, wanted):
        raise RunError(f"{found} ({'; '.join(lines)}). {advice}")


def is_complete(run: Path, wanted: Definition, *, replace: bool = False) -> bool:
    """Whether a finished run is there and is what was asked for.

    Args:
        run: its folder.
        wanted: the definition of what was asked for.
        replace: another run than that may be replaced; it counts as missing.

    Raises:
        RunError: the run is another one and may not be replaced; the message names what differs.
    """
    if not (run / RUN_FILE).is_file():
        return False
    record = read_run(run)
    recorded = record.decided_by()
    if record.definition is None:
        recorded, wanted = _common(recorded, wanted), _common(wanted, recorded)
    if replace:
        return not differing(recorded, wanted)
    require_same(
        f"{run}: is another run than the one asked for",
        recorded,
        wanted,
        "Give the options that it was made with, choose another --output, or replace it with --force.",
    )
    return True


def _lines(name: str, recorded: Any, wanted: Any) -> list[str]:
    present = [value for value in (recorded, wanted) if value is not None]
    if present and all(isinstance(value, dict) for value in present):
        inside = f"{name}." if name else ""
        recorded, wanted = recorded or {}, wanted or {}
        names = sorted({*recorded, *wanted})
        return [line for part in names for line in _lines(inside + part, recorded.get(part), wanted.get(part))]
    return [] if recorded == wanted else [f"{name}: found {_shown(recorded)}, wanted {_shown(wanted)}"]


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str) and len(value) == _HASH_LENGTH:
        return f"{value[:_SHOWN_DIGITS]}..."
    return repr(value)


def _common(of: Definition, other: Definition) -> Definition:
    """The part of a definition that another one speaks of, too."""
    return {
        name: _common(value, other[name]) if isinstance(value, dict) and isinstance(other[name], dict) else value
        for name, value in of.items()
        if name in other
    }
