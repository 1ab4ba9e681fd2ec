"""Draw docs/house.svg: the rooms of the three packages, from the contracts in pyproject.toml and the real imports.

Run it with `python -m nox -s house`; with `--check` it only says whether the picture is up to date.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
import tomllib
from collections import Counter
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "house.svg"
WIDTH, GAP, MARGIN, LINE, CHARACTERS = 360, 56, 16, 16, 50
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2937 }
  .package { font-size: 17px; font-weight: 700 } .room { font-size: 14px; font-weight: 700 } .modules { fill: #4b5563 }
  rect { fill: #f8fafc; stroke: #94a3b8; rx: 8px }
  path { fill: none; stroke: #4f46e5; stroke-opacity: .35 }
"""
Box = tuple[float, float]
"""The upper and the lower edge of a room."""


def main() -> None:
    """Write the picture, or compare it with the one that is there."""
    drawn = picture()
    if "--check" not in sys.argv:
        PICTURE.write_text(drawn, encoding="utf-8")
    elif PICTURE.read_text(encoding="utf-8") != drawn:
        sys.exit("docs/house.svg is not what the code looks like. Draw it anew: python -m nox -s house")


def picture() -> str:
    """The picture as SVG."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    houses = {
        contract["containers"][0]: [re.split(" [:|] ", layer) for layer in contract["layers"] if layer != "__main__"]
        for contract in settings["contracts"]
        if "containers" in contract
    }
    graph = grimp.build_graph(*houses, cache_dir=None)
    parts, height = [], 0.0
    for column, (package, layers) in enumerate(houses.items()):
        left = MARGIN + column * (WIDTH + GAP)
        parts.append(f'<text class="package" x="{left}" y="{MARGIN + 14}">{package}</text>')
        top, boxes = MARGIN + 30.0, {}
        for layer in layers:
            lines = [line for room in layer for line in room_lines(graph, package, room)]
            box = (top, top + LINE * len(lines) + 12)
            boxes |= dict.fromkeys(layer, box)
            parts.append(f'<rect x="{left}" y="{box[0]}" width="{WIDTH}" height="{box[1] - box[0]}"/>')
            parts += [
                f'<text class="{kind}" x="{left + 10}" y="{top + LINE * (number + 1)}">{escape(text)}</text>'
                for number, (kind, text) in enumerate(lines)
            ]
            top = box[1] + 14
        parts += arrows(room_imports(graph, package), boxes, left + WIDTH)
        height = max(height, top)
    width = 2 * MARGIN + len(houses) * (WIDTH + GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + MARGIN:g}" role="img">'
    title = "<title>The rooms of the three packages; each imports only from rooms below it</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def room_lines(graph: grimp.ImportGraph, package: str, room: str) -> list[tuple[str, str]]:
    """The class and the text of each line in the box of a room: its name, its purpose and its modules."""
    name = f"{package}.{room}"
    modules = sorted(child.rpartition(".")[2] for child in graph.find_children(name))
    lines = [("room", f"{room}/" if modules else f"{room}.py")]
    lines += [("purpose", line) for line in textwrap.wrap(purpose(name, is_room=bool(modules)), CHARACTERS)]
    return lines + [("modules", line) for line in textwrap.wrap(", ".join(modules), CHARACTERS)]


def purpose(name: str, *, is_room: bool) -> str:
    """The first sentence of a module's docstring."""
    package, *inside = name.split(".")
    path = ROOT / "packages" / package.replace("_", "-") / "src" / Path(package, *inside)
    file = path / "__init__.py" if is_room else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("`", "")


def room_imports(graph: grimp.ImportGraph, package: str) -> Counter[tuple[str, str]]:
    """How many imports lead from one room of a package to another."""

    def room(module: str) -> str:
        return module.split(".")[1]

    inside = [module for module in graph.modules if module.startswith(f"{package}.")]
    pairs = (
        (room(module), room(found))
        for module in inside
        for found in graph.find_modules_directly_imported_by(module)
        if found in inside
    )
    return Counter(pair for pair in pairs if pair[0] != pair[1])


def arrows(imports: Counter[tuple[str, str]], boxes: dict[str, Box], right: float) -> list[str]:
    """A curve at the right for each pair of rooms of which the upper imports the lower, wider for more imports."""
    curves = []
    for (above, below), count in sorted(imports.items()):
        if above not in boxes or below not in boxes or boxes[above][0] >= boxes[below][0]:
            continue
        start, end = (sum(boxes[room]) / 2 for room in (above, below))
        out = right + 12 + 40 * (end - start) / (abs(end - start) + 400)
        curves.append(
            f'<path stroke-width="{min(1 + count / 6, 5):.1f}" '
            f'd="M{right:g} {start:g}C{out:.0f} {start:g} {out:.0f} {end:g} {right:g} {end:g}"/>'
        )
    return curves


if __name__ == "__main__":
    main()
