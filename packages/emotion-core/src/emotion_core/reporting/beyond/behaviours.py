"""How several runs behave on the same cases: what ``behave --output FILE`` wrote of each, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from emotion_core.errors import RunError
from emotion_core.evaluation.behaviour.record import Behaviour, CapabilityResult
from emotion_core.evaluation.behaviour.table import remarks, short
from emotion_core.runs.typed_json import from_json

ENDING = "behaviour.json"
"""With this end the names of files that a report takes for such."""

FIRST_COLUMNS = ("capability", "kind", "cases")
NOT_ASKED, OTHER_CASES = "not asked", "other cases"


class Example(NamedTuple):
    """A failure: the capability, the run, and what it said of which text."""

    capability: str
    run: str
    said: str


class BehaviourTable(NamedTuple):
    """The rate of failures of each run at each capability.

    Attributes:
        columns: `FIRST_COLUMNS` and the runs.
        rows: their cells, one a capability.
        remarks: on the table, a sentence each.
        examples: the first failures of each capability, one a run where there is one.
    """

    columns: list[str]
    rows: list[tuple[str, ...]]
    remarks: list[str]
    examples: list[Example]


def read_behaviour(path: Path) -> Behaviour:
    """What ``behave --output`` wrote into a file.

    Raises:
        RunError: it is no such file, or is damaged.
    """
    try:
        return from_json(Behaviour, json.loads(path.read_text(encoding="utf-8")), path)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{path}: cannot be read ({error}). Name a file that behave --output wrote.") from error


def behaviour_table(behaviours: Sequence[Behaviour]) -> BehaviourTable | None:
    """The behaviours of several runs side by side; None without any. Only rates of the same cases stand in a row."""
    if not behaviours:
        return None
    asked = {result.name: result for behaviour in reversed(behaviours) for result in behaviour.capabilities}
    order = dict.fromkeys(result.name for behaviour in behaviours for result in behaviour.capabilities)
    first = [asked[name] for name in order]
    return BehaviourTable(
        [*FIRST_COLUMNS, *map(_name, behaviours)],
        [
            (of.name, of.kind, str(of.cases), *(_rate(_result(each, of.name), of) for each in behaviours))
            for of in first
        ],
        [f"{_name(each)}, {remark}" for each in behaviours for remark in remarks(each)],
        [example for of in first for example in _examples(behaviours, of)],
    )


def _name(behaviour: Behaviour) -> str:
    return behaviour.run or behaviour.model or "a classifier without a run"


def _result(behaviour: Behaviour, capability: str) -> CapabilityResult | None:
    return next((result for result in behaviour.capabilities if result.name == capability), None)


def _rate(result: CapabilityResult | None, of: CapabilityResult) -> str:
    if result is None:
        return NOT_ASKED
    return str(result.failure_rate) if result.fingerprint == of.fingerprint else OTHER_CASES


def _examples(behaviours: Sequence[Behaviour], of: CapabilityResult) -> Iterator[Example]:
    for behaviour in behaviours:
        result = _result(behaviour, of.name)
        if result is not None and result.examples:
            yield Example(of.name, _name(behaviour), short(result.kind, result.examples[0]))
