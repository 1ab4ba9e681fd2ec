"""What the tests of every package check of its public names."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

USERS_CODE = Path("tests", "typing", "api.py")
REFERENCE = Path("docs", "reference")


def check_public_names(package: ModuleType, names: list[str], root: Path) -> None:
    """Check that all who ask for the public names of a package get the same ones.

    Args:
        package: whose names load on first use.
        names: that are public, sorted.
        root: of the repository, whose `USERS_CODE` uses every name and whose `REFERENCE` describes it.
    """
    assert package.__all__ == names
    assert sorted(dir(package)) == sorted([*names, "__version__"])
    assert package.__version__ == (root / "VERSION").read_text(encoding="utf-8").strip()
    assert [name for name in (*names, "nonsense") if not hasattr(package, name)] == ["nonsense"]
    assert _seen_by_type_checkers(package) == package._MODULES
    used = (root / USERS_CODE).read_text(encoding="utf-8")
    assert [name for name in names if not re.search(rf"\b{name}\b", used)] == []
    page = (root / REFERENCE / f"{package.__name__.removeprefix('emotion_')}.md").read_text(encoding="utf-8")
    described = re.findall(rf"^::: {package.__name__}\.(\w+)$", page, re.MULTILINE)
    modules = {name for name in described if (Path(package.__path__[0]) / f"{name}.py").is_file()}
    assert sorted({*described} - modules) == names


def _seen_by_type_checkers(package: ModuleType) -> dict[str, str]:
    imports = rf"^ +from {package.__name__}\.([\w.]+) import (\w+) as \2$"
    return {name: module for module, name in re.findall(imports, inspect.getsource(package), re.MULTILINE)}
