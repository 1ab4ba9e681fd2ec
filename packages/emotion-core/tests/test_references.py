"""Names of ours that docstrings and benchmarks mention, read from the source without importing anything."""

import ast
import re
import tokenize
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = sorted(ROOT.glob("packages/*/src/*"))
HELPERS = [ROOT / "tests" / "support", ROOT / "benchmarks"]
REFERENCE = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)")


def sources(*folders):
    """The modules below some folders."""
    return [file for folder in folders for file in sorted(folder.rglob("*.py"))]


@cache
def tree_of(file):
    """The syntax tree of a module."""
    return ast.parse(file.read_text(encoding="utf-8"))


def remarks_in(file):
    """The docstrings and the comments of a module."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    with tokenize.open(file) as lines:
        yield from (
            token.string for token in tokenize.generate_tokens(lines.readline) if token.type == tokenize.COMMENT
        )


def module_name(file):
    """What a module is called, a package by its folder."""
    return file.parent.name if file.stem == "__init__" else file.stem


def defined(tree):
    """The names that a module or a class defines, imports or assigns, each with the class or function around it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]


@cache
def names_within():
    """The names within each module and each class, by its name; all of them under the empty name."""
    found = defaultdict(set)
    for file in sources(*PACKAGES, *HELPERS):
        tree = tree_of(file)
        found[module_name(file)].update(defined(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].update(defined(node))
    found[""] = set().union(*found.values())
    return found


def is_known(reference):
    """Whether a name in backticks is a module, or something within the module or class that stands before it."""
    *around, name = reference.split(".")
    within = names_within()
    return name in within or name in within.get(around[-1] if around else "", set())


@pytest.mark.parametrize("folder", [*PACKAGES, *HELPERS], ids=lambda folder: folder.name)
def test_names_in_docstrings_and_comments_exist(folder):
    """What stands in single backticks is a name of ours, so it has moved along with what it names."""
    unknown = [
        f"{file.relative_to(ROOT)}: {reference}"
        for file in sources(folder)
        for remark in remarks_in(file)
        for reference in REFERENCE.findall(remark)
        if not is_known(reference)
    ]
    assert unknown == []


def test_what_benchmarks_import_exists():
    """The benchmarks are run by hand, so nothing else would find a module that has moved."""
    imports = [
        (file, node)
        for file in sources(ROOT / "benchmarks")
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("emotion_")
    ]
    assert imports
    for file, node in imports:
        package, *within = (node.module or "").split(".")
        path = ROOT.joinpath("packages", package.replace("_", "-"), "src", package, *within)
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert module.is_file(), f"{file.name}: {node.module}"
        missing = {alias.name for alias in node.names} - {*defined(tree_of(module))}
        assert missing <= {file.stem for file in path.glob("*.py")}, f"{file.name}: {node.module}"
