"""The trade-off of the variants: a table, a picture, and both as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.evaluation import figures
from emotion_core.reporting.compare_table import DISTURBED, speed_cells, speed_remarks
from emotion_core.runs.typed_json import json_text
from emotion_core.system.claim import write_aside
from emotion_core.system.environment import host, installed_versions

if TYPE_CHECKING:
    from emotion_core.compression.measure import Variant
    from emotion_core.compression.options import GateOptions
    from emotion_core.compression.source import Source
    from emotion_core.compression.technique import Technique

TABLE_FILE, REPORT_FILE, FIGURE_FILE = "compression.csv", "compression.json", "trade_off.png"

COLUMNS = (
    "variant", "state", "macro-F1", "difference", "accuracy", "size", "gzip", "memory", "p50 / p95 ms", "texts/s"
)  # fmt: skip

OTHER_PROGRAMS = "other programs"


def table_rows(variants: Sequence[Variant]) -> list[tuple[str, ...]]:
    """The cells of `COLUMNS` for each variant, as text."""
    return [_row(variant) for variant in variants]


def _file_row(variant: Variant) -> tuple[str, ...]:
    """The same for the file, where a figure has no sign; what other programs used has a column of its own."""
    speed = None if variant.result is None else variant.result.metrics.speed
    used = "" if speed is None or speed.other_programs is None else str(speed.other_programs)
    return (*(cell.removesuffix(f" {DISTURBED}") for cell in _row(variant)), used)


def _row(variant: Variant) -> tuple[str, ...]:
    if variant.result is None:
        return (variant.name, f"{variant.state}: {variant.reason}", *[""] * (len(COLUMNS) - 2))
    metrics, sizes, against = variant.result.metrics, variant.result.sizes, variant.result.versus_original
    return (
        variant.name,
        variant.state,
        str(metrics.macro_f1),
        str(against.macro_f1_difference) if against else "",
        str(metrics.accuracy),
        *(_megabytes(size) for size in (sizes.size_bytes, sizes.gzip_bytes, sizes.memory_bytes)),
        *speed_cells(metrics.speed),
    )


def remarks(variants: Sequence[Variant], techniques: Mapping[str, Technique[Any, Any]]) -> list[str]:
    """What a user must know of the variants that were made, one line each."""
    lines = []
    for variant in variants:
        if variant.result is None or variant.name not in techniques:
            continue
        technique = techniques[variant.name]
        told = [*technique.told(variant.result.details or {})]
        told += [technique.remark] if technique.remark else []
        if told:
            lines.append(f"{variant.name}: {' '.join(told)}")
    return lines


def shared_remarks(variants: Sequence[Variant]) -> list[str]:
    """What explains the signs in the cells of the table."""
    return speed_remarks(variant.result.metrics.speed for variant in variants if variant.result is not None)


def chain_remark(source: Source) -> str | None:
    """What the compressions before have cost, since the gate compares with the run that is compressed; None if none."""
    steps = source.before
    if steps is None:
        return None
    costs = [
        f"{step.technique}{'' if step.macro_f1_difference is None else f' ({step.macro_f1_difference:+.4f})'}"
        for step in steps
    ]
    return (
        f"{source.run_dir} was itself made from {steps[0].of} by {', then '.join(costs)}; the differences above are "
        "against it, and what it lost before comes on top."
    )


def write_report(output: Path, variants: Sequence[Variant], source: str, options: GateOptions) -> None:
    """Write table, picture and all figures into the folder of the variants."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*COLUMNS, OTHER_PROGRAMS))
    writer.writerows(_file_row(variant) for variant in variants)
    write_aside(output / TABLE_FILE, text.getvalue())
    write_aside(output / REPORT_FILE, report_json(variants, source, options) + "\n")
    points = {
        variant.name: (
            variant.result.sizes.size_bytes / 1e6,
            variant.result.metrics.macro_f1,
            variant.result.metrics.speed.texts_per_second.value,
        )
        for variant in variants
        if variant.result is not None and variant.result.metrics.speed is not None
    }
    figures.save(figures.trade_off(points), output / FIGURE_FILE)


def report_json(variants: Sequence[Variant], source: str, options: GateOptions) -> str:
    """All figures, of what, with which options and where they were measured, as ``compression.json`` holds them."""
    report = {
        "of": source,
        "options": {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()},
        "variants": [variant.to_json() for variant in variants],
        "host": host(),
        "versions": installed_versions(),
    }
    return json_text(report, indent=2)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
