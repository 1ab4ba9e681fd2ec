"""The folder of a transfer: the figures as JSON, the table as Markdown, and the picture."""

from __future__ import annotations

import json
from pathlib import Path

from emotion_core.errors import RunError
from emotion_core.evaluation.transfer.record import Transfer, Worth
from emotion_core.printable import markdown
from emotion_core.reporting.beyond.transfer_figure import write_figure
from emotion_core.reporting.beyond.transfer_table import COLUMNS, remarks, table_rows
from emotion_core.runs.typed_json import from_json, json_text
from emotion_core.system.claim import write_aside
from emotion_core.system.overwriting import Inputs, check_output

TRANSFER_FILE, PAGE_FILE, FIGURE_FILE = FILES = ("transfer.json", "transfer.md", "transfer.svg")


def check_transfer(output: Path, *, force: bool, resume: bool, inputs: Inputs) -> None:
    """Raise a RunError unless a transfer may be written into a folder; with ``resume`` one may be there."""
    if output.exists() and not (force or resume):
        raise RunError(f"{output}: exists already. Add to it with --resume, or replace it with --force.")
    check_output(output, force=True, mark=TRANSFER_FILE, what="transfer", inputs=inputs, own=FILES.__contains__)


def read_transfer(folder: Path) -> Transfer:
    """What a folder holds.

    Raises:
        RunError: it holds none, or a damaged one.
    """
    path = folder / TRANSFER_FILE
    try:
        found = from_json(Transfer, json.loads(path.read_text(encoding="utf-8")), path)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{path}: cannot be read ({error}). Name a folder that emotion-core transfer made.") from error
    if not found.worths:
        raise RunError(f"{path}: holds no measurement. Name a folder that emotion-core transfer made.")
    return found


class TransferFolder:
    """Takes up one measurement after the other; what it has is on the disk at once.

    Args:
        output: the folder, which is made.
        resume: begin with what it holds.
    """

    def __init__(self, output: Path, *, resume: bool) -> None:
        self.output = output
        self.transfer = read_transfer(output) if resume and (output / TRANSFER_FILE).is_file() else Transfer([])
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{output}: the folder cannot be made ({error}). Choose another --output.") from error

    def add(self, worth: Worth) -> None:
        """Keep one more."""
        self.transfer = self.transfer.with_worth(worth)
        text = json_text(self.transfer, indent=2, ensure_ascii=False)
        write_aside(self.output / TRANSFER_FILE, text + "\n")

    def finish(self) -> None:
        """Write the page and the picture of all that it holds."""
        write_figure(self.transfer, self.output / FIGURE_FILE)
        write_aside(self.output / PAGE_FILE, page(self.transfer))


def page(transfer: Transfer) -> str:
    """The table as Markdown, with the picture and the remarks."""
    lines = [
        "# What the runs are worth on each data set",
        "",
        *markdown_table(transfer),
        "",
        f"![Accuracies and risk-coverage curves]({FIGURE_FILE})",
    ]
    return "\n".join([*lines, *(f"\n{markdown(remark)}" for remark in remarks(transfer)), ""])


def markdown_table(transfer: Transfer) -> list[str]:
    """The lines of the table."""
    rows = (COLUMNS, ("---",) * len(COLUMNS), *(tuple(map(markdown, row)) for row in table_rows(transfer)))
    return [f"| {' | '.join(row)} |" for row in rows]
