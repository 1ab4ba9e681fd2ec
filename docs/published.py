"""Write what follows from published.toml and VERSION: the lines that install the packages, their links, the citation.

Run it with `python -m nox -s published`; with `--check` it only says which files are out of date.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITTEN = ("*.md", "docs/*.md", "docs/guides/*.md", "packages/*/README.md")
WRITTEN += ("packages/*/pyproject.toml", "CITATION.cff")

FOLDER = "./packages/"
PACKAGE = rf"\"?(?:{re.escape(FOLDER)})?(emotion-(?:core|rnn|bert))(\[[\w,]+\])?\"?"
INSTALL = re.compile(rf"pip install ({PACKAGE}(?: {PACKAGE})*)")
BLOCK = re.compile(
    r"(?P<begin>^(?:<!--|#) published: (?P<name>\w+).*\n)(?P<text>(?:.*\n)*?)(?P<end>.* end of published)", re.M
)


@dataclass(frozen=True)
class Published:
    """What is known of the project.

    Attributes:
        released: whether the packages are on PyPI.
        repository: its address; empty while it has none.
        version: of the packages.
    """

    released: bool
    repository: str
    version: str

    @classmethod
    def read(cls, root: Path = ROOT) -> Published:
        """What the files at the root say."""
        stated = tomllib.loads((root / "published.toml").read_text(encoding="utf-8"))
        return cls(version=(root / "VERSION").read_text(encoding="utf-8").strip(), **stated)


def main() -> None:
    """Write the files, or say which are not as they should be."""
    published = Published.read()
    files = [path for pattern in WRITTEN for path in sorted(ROOT.glob(pattern))]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    changed = {path: new for path, old in texts.items() if (new := rewritten(old, published)) != old}
    if "--check" not in sys.argv:
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8", newline="\n")
    elif changed:
        names = ", ".join(path.relative_to(ROOT).as_posix() for path in changed)
        sys.exit(f"{names}: not as published.toml and VERSION say. Write them anew: python -m nox -s published")


def rewritten(text: str, published: Published) -> str:
    """The text of a file, with the lines and blocks that follow from what is known."""
    text = INSTALL.sub(partial(_install, released=published.released), text)
    return BLOCK.sub(lambda found: found["begin"] + BLOCKS[found["name"]](published) + found["end"], text)


def _install(found: re.Match[str], *, released: bool) -> str:
    """A line that installs our packages; from a clone it names emotion-core, which no index has, beside those."""
    named = [(match[1], match[2] or "") for match in re.finditer(PACKAGE, found[1])]
    wanted = [package for package in named if package != ("emotion-core", "")]
    if not wanted or not (released or "emotion-core" in dict(wanted)):
        wanted = [("emotion-core", ""), *wanted]
    words = [f"{'' if released else FOLDER}{name}{extras}" for name, extras in wanted]
    return "pip install " + " ".join(f'"{word}"' if "[" in word else word for word in words)


def _where(published: Published) -> str:
    if published.released:
        return "The packages are on PyPI, so these lines work in any folder.\n"
    clone = f" (`git clone {published.repository}`)" if published.repository else ""
    return f"""The packages are not on PyPI yet. Run these lines, and those on other pages that begin with
`pip install ./packages`, in the folder of a clone of the repository{clone}.
"""


def _urls(published: Published) -> str:
    if not (address := published.repository):
        return ""
    links = {"Repository": address, "Issues": f"{address}/issues", "Changelog": f"{address}/blob/main/CHANGELOG.md"}
    return "\n[project.urls]\n" + "".join(f'{name} = "{link}"\n' for name, link in links.items())


def _citation(published: Published) -> str:
    code = f"repository-code: {published.repository}\n" if published.repository else ""
    return f"version: {published.version}\n{code}"


BLOCKS: dict[str, Callable[[Published], str]] = {"where": _where, "urls": _urls, "citation": _citation}
"""What stands in a file between the lines `published: NAME` and `end of published`."""


if __name__ == "__main__":
    main()
