"""A report on all runs below a folder: tables, pictures, and what they were measured on, as Markdown and JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from emotion_core.errors import RunError
from emotion_core.evaluation import figures
from emotion_core.evaluation.behaviour.record import Behaviour
from emotion_core.printable import code, markdown
from emotion_core.reporting import search_table
from emotion_core.reporting.beyond.behaviours import behaviour_table
from emotion_core.reporting.beyond.transfer_figure import write_figure
from emotion_core.reporting.beyond.transfer_folder import markdown_table
from emotion_core.reporting.beyond.transfer_table import remarks
from emotion_core.reporting.compare_table import COLUMNS
from emotion_core.reporting.report_runs import Found, NamedTransfer, Run, Search, by_texts, find_runs
from emotion_core.reporting.report_section import Section, texts_section
from emotion_core.runs.folder import FIGURES_DIR
from emotion_core.runs.typed_json import json_text
from emotion_core.runs.writer import claimed_folder
from emotion_core.system.claim import put_in_place
from emotion_core.system.overwriting import check_output

PAGE_FILE, REPORT_FILE = "index.md", "report.json"
WHAT = "report"


@dataclass(frozen=True)
class ShownHost:
    """A machine, as far as it is recorded."""

    cpu: str
    cores: int | str
    platform: str


@dataclass(frozen=True)
class Environment:
    """A machine with the versions of the packages, and how many runs were made there."""

    number: int
    host: ShownHost
    versions: str
    runs: int


@dataclass(frozen=True)
class SearchSummary:
    """A search: how many points it has and how many have a result, the best of these, and its heat map."""

    name: str
    points: int
    finished: int
    best: search_table.SearchRow
    best_settings: str
    path: str


@dataclass(frozen=True)
class ShownTransfer(NamedTransfer):
    """What runs are worth on other data, with the path of the picture."""

    path: str


@dataclass(frozen=True)
class Report:
    """The content of ``report.json``."""

    environments: list[Environment]
    sections: list[Section]
    searches: list[SearchSummary]
    transfers: list[ShownTransfer]
    behaviours: list[Behaviour]
    left_out: list[str]


def write_report(folder: str | Path, output: str | Path, *, force: bool = False) -> Found:
    """Write a report on the runs below ``folder``: ``index.md``, ``report.json``, and the figures.

    Args:
        folder: that holds run folders, at any depth; hidden folders are passed over.
        output: the folder to make, which appears whole or not at all.
        force: replace an older report.

    Returns:
        The runs and searches, and what had to be left out, which the report names, too.

    Raises:
        RunError: no such folder, no complete run below it, or the output is in the way, holds the runs, or cannot be
            written.
    """
    output = Path(output)
    _check(output, folder, force=force)
    found = find_runs(Path(folder))
    with claimed_folder(output) as aside:
        _check(output, folder, force=force)  # another process may have been faster
        (aside / FIGURES_DIR).mkdir(parents=True)
        report = _report(found, aside)
        (aside / PAGE_FILE).write_text(_page(report, found.runs), encoding="utf-8")
        written = json_text(report, indent=2, ensure_ascii=False)
        (aside / REPORT_FILE).write_text(written + "\n", encoding="utf-8")
        try:
            put_in_place(aside, output)
        except OSError as error:
            raise RunError(f"{output}: cannot be made ({error}). Choose another --output.") from error
    return found


def _check(output: Path, folder: str | Path, *, force: bool) -> None:
    check_output(output, force=force, mark=REPORT_FILE, what=WHAT, inputs=[folder], keep_model=True, own=_is_own)


def _is_own(name: str) -> bool:
    return name in (PAGE_FILE, REPORT_FILE) or name.startswith(f"{FIGURES_DIR}/")


def _report(found: Found, output: Path) -> Report:
    environments, number_of = _environments(found.runs)
    groups = enumerate(by_texts(found.runs), start=1)
    return Report(
        environments,
        [texts_section(group, found.runs, number_of, output, f"{number}") for number, group in groups],
        [_search(search, output, number) for number, search in enumerate(found.searches, start=1)],
        [_transfer(transfer, output, number) for number, transfer in enumerate(found.transfers, start=1)],
        found.behaviours,
        found.left_out,
    )


def _environments(runs: Sequence[Run]) -> tuple[list[Environment], dict[str, int]]:
    """The machines and versions, numbered, and the number of each run by its name."""
    places = {run.name: _place(run) for run in runs}
    counts = Counter(places.values())
    numbers = {place: number for number, place in enumerate(counts, start=1)}
    environments = [Environment(numbers[place], *place, runs=count) for place, count in counts.items()]
    return environments, {name: numbers[place] for name, place in places.items()}


def _place(run: Run) -> tuple[ShownHost, str]:
    host, unknown = run.record.host, "not recorded"
    shown = ShownHost(host.cpu or unknown, host.cores or unknown, host.platform or unknown)
    return shown, ", ".join(f"{name} {version}" for name, version in run.record.versions.items())


def _search(search: Search, output: Path, number: int) -> SearchSummary:
    path = f"{FIGURES_DIR}/search-{number}.png"
    figures.save(search_table.heat_map(search.rows, search.settings), output / path)
    best = next(row for row in search.rows if row.macro_f1 is not None)
    return SearchSummary(
        name=search.name,
        points=len(search.rows),
        finished=sum(row.macro_f1 is not None for row in search.rows),
        best=best,
        best_settings=", ".join(f"{name} {best.settings[name]}" for name in search.settings),
        path=path,
    )


def _transfer(found: NamedTransfer, output: Path, number: int) -> ShownTransfer:
    path = f"{FIGURES_DIR}/transfer-{number}.svg"
    write_figure(found.transfer, output / path)
    return ShownTransfer(found.name, found.transfer, path)


def _page(report: Report, runs: Sequence[Run]) -> str:
    environment = jinja2.Environment(  # noqa: S701 - Markdown; the filters escape names  # nosec B701
        loader=jinja2.PackageLoader("emotion_core.reporting"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"md": markdown, "code": code, "transfer_table": markdown_table, "transfer_remarks": remarks}
    behaviour = behaviour_table(report.behaviours)
    page = environment.get_template("report.md").render(columns=COLUMNS, runs=runs, behaviour=behaviour, **vars(report))
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"
