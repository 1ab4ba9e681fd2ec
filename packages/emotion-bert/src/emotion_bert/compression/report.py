"""The trade-off of the variants: a table, a picture, and both as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_bert.compression.techniques import TECHNIQUES
from emotion_core.evaluation import figures
from emotion_core.runs.folder import write_aside
from emotion_core.runs.record import format_interval
from emotion_core.system.environment import host, installed_versions

if TYPE_CHECKING:
    from emotion_bert.compression.compress import Variant

TABLE_FILE, REPORT_FILE, FIGURE_FILE = "compression.csv", "compression.json", "trade_off.png"

ZEROS = "Single zeros make a file smaller only when it is compressed, and nothing faster."

COLUMNS = (
    "variant", "state", "macro-F1", "difference", "accuracy", "size", "gzip", "memory", "p50 / p95 ms", "texts/s"
)  # fmt: skip


def table_rows(variants: Sequence[Variant]) -> list[tuple[str, ...]]:
    """The cells of `COLUMNS` for each variant, as text."""
    return [_row(variant) for variant in variants]


def _row(variant: Variant) -> tuple[str, ...]:
    if not variant.result:
        return (variant.name, f"{variant.state}: {variant.reason}", *[""] * (len(COLUMNS) - 2))
    result, metrics = variant.result, variant.result["metrics"]
    versus, latency = result.get("versus_original"), metrics["speed"]["latency_ms"]
    return (
        variant.name,
        variant.state,
        format_interval(metrics["macro_f1"]),
        format_interval(versus["macro_f1_difference"]) if versus else "",
        format_interval(metrics["accuracy"]),
        *(_megabytes(result[name]) for name in ("size_bytes", "gzip_bytes", "memory_bytes")),
        f"{latency['p50']:.1f} / {latency['p95']:.1f}",
        f"{metrics['speed']['texts_per_second']['value']:.0f}",
    )


def remarks(variants: Sequence[Variant]) -> list[str]:
    """What a user must know of the variants that were made, one line each."""
    lines = []
    for variant in variants:
        if not variant.result or variant.name not in TECHNIQUES:
            continue
        details, told = variant.result["details"], []
        if "sparsity" in details:
            told = [f"{details['sparsity']:.1%} of the pruned layers' weights are zero.", ZEROS]
        if "parameters_removed" in details:
            told = [f"{details['parameters_removed'] / 1e6:.2f} M parameters are gone."]
        told += [TECHNIQUES[variant.name].remark] if TECHNIQUES[variant.name].remark else []
        if told:
            lines.append(f"{variant.name}: {' '.join(told)}")
    return lines


def write_report(output: Path, variants: Sequence[Variant], definition: dict[str, Any]) -> None:
    """Write table, picture and all figures into the folder of the variants."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(table_rows(variants))
    write_aside(output / TABLE_FILE, text.getvalue())
    report = definition | {
        "variants": [
            {"name": variant.name, "state": variant.state, "reason": variant.reason}
            | {name: value for name, value in (variant.result or {}).items() if name != "predicted"}
            for variant in variants
        ],
        "host": host(),
        "versions": installed_versions(),
    }
    write_aside(output / REPORT_FILE, json.dumps(report, indent=2) + "\n")
    points = {
        variant.name: (
            variant.result["size_bytes"] / 1e6,
            variant.result["metrics"]["macro_f1"],
            _speed(variant.result),
        )
        for variant in variants
        if variant.result
    }
    figures.save(figures.trade_off(points), output / FIGURE_FILE)


def _speed(result: dict[str, Any]) -> float:
    return float(result["metrics"]["speed"]["texts_per_second"]["value"])


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
