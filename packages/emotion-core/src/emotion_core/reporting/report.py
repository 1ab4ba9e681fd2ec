"""A report on all runs below a folder: tables, pictures, and what they were measured on, as Markdown and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from emotion_core.errors import RunError
from emotion_core.evaluation import figures
from emotion_core.reporting import search_table
from emotion_core.reporting.compare import COLUMNS
from emotion_core.reporting.report_runs import Found, Run, Search, by_texts, find_runs
from emotion_core.reporting.report_section import texts_section
from emotion_core.runs.folder import FIGURES_DIR, check_output, claimed_folder
from emotion_core.system.claim import put_in_place

PAGE_FILE, REPORT_FILE = "index.md", "report.json"
WHAT = "report"

_MARKDOWN = re.compile(r"[\\`*_|#]|\](?=[(\[:])")


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
        content = _content(found, aside)
        (aside / PAGE_FILE).write_text(_page(content), encoding="utf-8")
        kept = {name: value for name, value in content.items() if name != "runs"}
        (aside / REPORT_FILE).write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        try:
            put_in_place(aside, output)
        except OSError as error:
            raise RunError(f"{output}: cannot be made ({error}). Choose another --output.") from error
    return found


def _check(output: Path, folder: str | Path, *, force: bool) -> None:
    check_output(output, force=force, mark=REPORT_FILE, what=WHAT, inputs=[folder], keep_model=True)


def _content(found: Found, output: Path) -> dict[str, Any]:
    environments, number_of = _environments(found.runs)
    groups = enumerate(by_texts(found.runs), start=1)
    return {
        "environments": environments,
        "sections": [texts_section(group, found.runs, number_of, output, f"{number}") for number, group in groups],
        "searches": [_search(search, output, number) for number, search in enumerate(found.searches, start=1)],
        "left_out": found.left_out,
        "runs": found.runs,
    }


def _environments(runs: Sequence[Run]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The machines and versions, numbered, and the number of each run by its name."""
    environments: dict[str, dict[str, Any]] = {}
    number_of = {}
    for run in runs:
        host, versions = run.record.get("host", {}), run.record.get("versions", {})
        told = {name: host.get(name) or "not recorded" for name in ("cpu", "cores", "platform")}
        words = ", ".join(f"{name} {version}" for name, version in versions.items())
        new = {"number": len(environments) + 1, "host": told, "versions": words, "runs": 0}
        entry = environments.setdefault(json.dumps([told, words]), new)
        entry["runs"] += 1
        number_of[run.name] = entry["number"]
    return list(environments.values()), number_of


def _search(search: Search, output: Path, number: int) -> dict[str, Any]:
    path = f"{FIGURES_DIR}/search-{number}.png"
    figures.save(search_table.heat_map(search.rows, search.settings), output / path)
    best = next(row for row in search.rows if row["macro_f1"] is not None)
    return {
        "name": search.name,
        "points": len(search.rows),
        "finished": sum(row["macro_f1"] is not None for row in search.rows),
        "best": best,
        "best_settings": ", ".join(f"{name} {best[name]}" for name in search.settings),
        "path": path,
    }


def _page(content: dict[str, Any]) -> str:
    environment = Environment(  # noqa: S701 - Markdown; the filters escape names  # nosec B701
        loader=PackageLoader("emotion_core.reporting"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"md": _escaped, "code": _as_code}
    page = environment.get_template("report.md").render(columns=COLUMNS, **content)
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


def _escaped(text: object) -> str:
    """A text on one line that Markdown shows as it is."""
    plain = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\g<0>", plain)


def _as_code(text: str) -> str:
    line = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"
