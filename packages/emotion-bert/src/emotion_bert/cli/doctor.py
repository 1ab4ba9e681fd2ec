"""The command ``doctor``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.options import json_option
from emotion_core.errors import ModelError, short_reason

if TYPE_CHECKING:
    from emotion_bert.doctor.examine import PackageReport, Report, VerdictReport
    from emotion_bert.doctor.local_files import FoundModel


@click.command("doctor", cls=HelpfulCommand)
@json_option
def doctor_command(as_json: bool) -> None:
    """Say what this machine can do, which models are at hand, and what to mend.

    \b
    Example:
      emotion-bert doctor
      emotion-bert doctor --json
    """
    try:
        import torch  # noqa: F401 - the rest needs it
    except (ImportError, OSError) as error:
        raise ModelError(
            f"torch cannot be imported ({short_reason(error)}). Install it again: pip install --force-reinstall torch"
        ) from error

    from emotion_bert.doctor.examine import examine

    report = examine()
    click.echo(json.dumps(report, indent=2) if as_json else "\n".join(text_lines(report)))


def text_lines(report: Report) -> Iterator[str]:
    """The report for people: a heading and its lines, aligned."""
    sections = {
        "Versions": [(name, version or "not known") for name, version in report["versions"].items()],
        "Machine": list(_machine(report)),
        "Packages": [(name, _package(package)) for name, package in report["packages"].items()],
        "Compression": [(name, _verdict(verdict)) for name, verdict in report["techniques"].items()],
        "Models": [(name, _model(model)) for name, model in report["models"].items()],
        "Files": list(_files(report)),
    }
    width = max(len(name) for rows in sections.values() for name, _ in rows)
    for heading, rows in sections.items():
        yield heading
        yield from (f"  {name.ljust(width)}  {value}" for name, value in rows)
    problems = report["problems"]
    yield "Problems" if problems else "No problems"
    yield from (f"  ! {entry['problem']}. To do: {entry['fix']}." for entry in problems)


def _machine(report: Report) -> Iterator[tuple[str, str]]:
    from emotion_bert.doctor.examine import gigabytes

    cpu, memory, precision = report["cpu"], report["memory"], report["precision"]
    yield "CPU", f"{cpu['name']}, {cpu['cores']} cores"
    yield "torch computes", f"with {cpu['threads']} threads, {cpu['torch_kernels']} kernels"
    yield "instructions", ", ".join(name if has else f"no {name}" for name, has in cpu["flags"].items())
    yield "memory", f"{gigabytes(memory['total_bytes'])}, {gigabytes(memory['free_bytes'])} free"
    for gpu in report["gpus"]:
        capability = f", compute capability {gpu['compute_capability']}" if gpu["compute_capability"] else ""
        bf16 = "bf16" if gpu["bf16"] else "no bf16"
        yield "GPU", f"{gpu['name']}, {gigabytes(gpu['memory_bytes'])}{capability}, {bf16}"
    if not report["gpus"]:
        yield "GPU", "none that torch sees"
    why = f" ({precision['why_not_bf16']})" if precision["why_not_bf16"] else ""
    yield "precision", f"auto is {precision['auto']} on the {precision['device']}{why}"
    if report["onnxruntime_providers"]:
        yield "ONNX Runtime", ", ".join(report["onnxruntime_providers"])


def _package(package: PackageReport) -> str:
    if package["version"] is None:
        return "not installed"
    problem = f", cannot be imported ({package['problem']})" if package["problem"] else ""
    return f"{package['version']}{problem}"


def _verdict(verdict: VerdictReport) -> str:
    return "yes" if verdict["runs"] else f"no: {verdict['reason']}. To do: {verdict['fix']}"


def _model(model: FoundModel) -> str:
    where = {"package": "at hand, in its Python package", "cache": "at hand, in the cache"}
    return where.get(model["found"] or "", f"would be downloaded ({model['source']})")


def _files(report: Report) -> Iterator[tuple[str, str]]:
    from emotion_bert.doctor.examine import gigabytes

    cache, data_dir = report["cache"], report["data_dir"]
    yield "cache", f"{cache['path']}, {gigabytes(cache['size_bytes'])}, {gigabytes(cache['free_bytes'])} free there"
    yield "hub", "not asked, HF_HUB_OFFLINE is set" if cache["offline"] else "asked for what is not in the cache"
    exists = "" if data_dir is None or data_dir["exists"] else ", which is no folder"
    yield "EMOTION_DATA_DIR", "not set" if data_dir is None else f"{data_dir['path']}{exists}"
    yield "current folder", f"{gigabytes(report['disk']['free_bytes'])} free"
