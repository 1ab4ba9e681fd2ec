"""What is printed of a classifier's behaviour."""

from __future__ import annotations

from collections.abc import Iterator

from emotion_core.evaluation.behaviour.cases import DIRECTION, FUNCTIONALITY
from emotion_core.evaluation.behaviour.record import Behaviour, CapabilityResult, Failure

COLUMNS = ("capability", "kind", "cases", "failure rate", "a failure")


def table_rows(behaviour: Behaviour) -> list[tuple[str, ...]]:
    """The cells of each capability, for `COLUMNS`."""
    return [
        (
            result.name,
            result.kind,
            str(result.cases),
            str(result.failure_rate),
            short(result.kind, result.examples[0]) if result.examples else "",
        )
        for result in behaviour.capabilities
    ]


def remarks(behaviour: Behaviour) -> Iterator[str]:
    """What is said below the table: how far the accuracy falls where words are masked."""
    for result in behaviour.capabilities:
        if (found := result.masking) is not None:
            yield (
                f"{result.name}: the accuracy is {found.accuracy} on the texts as they were written and "
                f"{found.masked_accuracy} on the same texts with gaps: it falls by {found.fall:.4f}."
            )


def example_lines(result: CapabilityResult) -> Iterator[str]:
    """The failures of a capability that are shown, each with its texts."""
    shown = "all of them" if len(result.examples) == result.failures else f"{len(result.examples)} of them"
    yield f"{result.name}: {result.description} {result.failures} of {result.cases} cases fail, {shown}:"
    for failure in result.examples:
        yield f"  {_said(result.kind, failure)}"
        yield f"    {failure.text}"
        if failure.changed is not None:
            yield f"    {failure.changed}"


def short(kind: str, failure: Failure) -> str:
    """What a classifier said of a case that it fails, and the text, on one line."""
    changed = failure.text if failure.changed is None else failure.changed
    return f"{_said(kind, failure)}: {changed}"


def _said(kind: str, failure: Failure) -> str:
    if kind == FUNCTIONALITY:
        return f"{failure.emotion}, not {failure.expected}"
    if kind == DIRECTION:
        return f"{failure.emotion} {failure.probability:.2f}, then {failure.changed_probability:.2f}"
    return f"{failure.emotion}, then {failure.changed_emotion}"
