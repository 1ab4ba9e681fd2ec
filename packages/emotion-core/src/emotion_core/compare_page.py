"""The comparison as one HTML file that needs no network and no other file."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from emotion_core import figures
from emotion_core.compare import COLUMNS, table_rows
from emotion_core.errors import RunError
from emotion_core.labels import EMOTIONS
from emotion_core.metrics import format_interval
from emotion_core.run_folder import read_run, write_aside


def write_page(entries: list[dict[str, Any]], path: str | Path) -> None:
    """Write the page for the result of `compare.compare_runs`, replacing an older one.

    Raises:
        RunError: the file cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("emotion_core"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    runs = [
        {
            "entry": entry,
            "record": read_run(entry["path"]),
            "confusion": _image(figures.confusion_matrix(entry["metrics"]["confusion_matrix"])),
            "f1": [format_interval(entry["metrics"]["per_class"][name]["f1"], 3) for name in EMOTIONS],
        }
        for entry in entries
    ]
    page = environment.get_template("compare.html").render(
        columns=COLUMNS, rows=table_rows(entries), runs=runs, emotions=EMOTIONS, data=entries[0]["metrics"]["data"]
    )
    path = Path(path)
    try:
        write_aside(path, page)
    except OSError as error:
        raise RunError(f"{path}: the page cannot be written ({error}).") from error


def _image(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
