"""txt files: one text a line or, where labels are read, ``text;emotion``."""

from __future__ import annotations

from collections.abc import Iterator

from emotion_core.data.formats.source import Source
from emotion_core.data.formats.table import Row, Table

NO_LABEL = "found no ';emotion' at the end, expected a line of the form text;emotion"


def open_txt(source: Source, *, labelled: bool) -> Table:
    """A table with the columns ``text`` and, if ``labelled``, ``label``, which the last semicolon of a line separates.

    A line that breaks the form is a row with a problem; if most lines break it, there is no column ``label``. Blank
    lines of labelled texts are passed over, as in csv and jsonl; those of plain texts are rows.

    Raises:
        DataError: the file is no text.
    """
    source.check_text()
    lacks = _broken_form(source) if labelled else ""
    if labelled and not lacks:
        return Table(source.path, ("text", "label"), lambda: _labelled(source), format="txt")
    return Table(source.path, ("text",), lambda: _plain(source), format="txt", lacks=lacks)


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    yield from ((number, line.rstrip("\n")) for number, line in enumerate(source.lines(newline=None), start=1))


def _plain(source: Source) -> Iterator[Row]:
    return (Row(number, {"text": line}) for number, line in _lines(source))


def _labelled(source: Source) -> Iterator[Row]:
    for number, line in _lines(source):
        if not line.strip():
            continue
        text, separator, label = line.rpartition(";")
        if separator:
            yield Row(number, {"text": text, "label": label})
        else:
            yield Row(number, {"text": line, "label": None}, NO_LABEL)


def _broken_form(source: Source) -> str:
    """What is wrong with a file most of whose lines have no label; empty if they have."""
    lines, broken, first, tabs = 0, 0, 0, 0
    for number, line in _lines(source):
        tabs += "\t" in line
        lines += bool(line.strip())
        if line.strip() and ";" not in line:
            broken, first = broken + 1, first or number
    if lines and broken <= lines / 2:
        return ""
    advice = "If these texts have no labels, predict them with predict --input."
    if tabs > lines / 2:
        advice = f"Tabs divide {tabs} of them: if these are cells below a line of column names, add --format tsv."
    return f"{source.path}, line {first or 1}: {NO_LABEL}; {broken} of {lines} lines have none. {advice}"
