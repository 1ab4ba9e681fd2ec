"""What is said of a library that is missing or broken."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from emotion_core.cli.options import EmotionGroup
from emotion_core.errors import MissingLibraryError
from emotion_core.imports import import_message, is_import_fault, needs


def fail(module: str) -> BaseException:
    """What the import of a module raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any kind
        importlib.import_module(module)
    return caught.value


def fail_lazily(module: str) -> None:
    """Import a module as the lazy modules of transformers do, whose errors name neither module nor cause."""
    try:
        importlib.import_module(module)
    except (ImportError, RuntimeError) as error:
        raise ModuleNotFoundError("Could not import module 'Trainer'. Are its requirements defined?") from error


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that installs a package whose only module is the given code."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name: str, code: str, *requirements: str) -> None:
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{name}-0.20.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 0.20"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
        (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (info / "top_level.txt").write_text(name + "\n", encoding="utf-8")
        importlib.invalidate_caches()

    return make


def test_a_broken_library_behind_a_lazy_import_is_named_with_its_cause(install) -> None:
    """The command shows the error at the root, and advises neither what is installed already nor what is not known."""
    install("pictures", "raise RuntimeError('operator pictures::nms does not exist')", "click==1.0")
    group = EmotionGroup("emotion-core")

    @group.command()
    def work() -> None:
        """Use what is broken."""
        fail_lazily("pictures")

    result = CliRunner().invoke(group, ["work"])
    assert result.exit_code == 2
    assert re.fullmatch(
        r"Error: .*: pictures 0\.20 cannot be imported \(RuntimeError: operator pictures::nms does not exist\)\. "
        r"It does not fit click [\d.]+\. Do: pip install --upgrade pictures click, or pip uninstall pictures, "
        r"which emotion-core does not need\n",
        result.stderr,
    )


def test_a_library_that_the_program_needs_is_not_to_be_uninstalled(install) -> None:
    """What it needs, and what that needs in turn, is installed again."""
    install("deep", "raise OSError('libdeep.so: wrong ELF class')")
    install("middle", "", "deep>=0.1")
    install("top", "", "middle", "other; extra == 'more'")
    message = import_message(fail("deep"), "top work", "top")
    assert message.endswith("libdeep.so: wrong ELF class). Do: pip install --force-reinstall deep")


def test_a_name_that_another_library_lacks_is_a_conflict_of_the_two(install) -> None:
    """Both are named with their versions."""
    install("provider", "")
    install("consumer", "from provider import absent_name")
    message = import_message(fail("consumer"), "top work", "top")
    assert "consumer 0.20 cannot be imported (ImportError: cannot import name 'absent_name'" in message
    assert message.endswith("It does not fit provider 0.20. Do: pip install --upgrade consumer provider")


@pytest.mark.parametrize(
    ("module", "extra", "package"),
    [
        ("a_package_that_nobody_has.part", "", "a-package-that-nobody-has"),
        ("a_package_that_nobody_has", "more", "'top[more]'"),
    ],
)
def test_what_is_not_installed_is_named_as_pip_takes_it(module: str, extra: str, package: str) -> None:
    """The package itself, or the extra that brings it."""
    message = import_message(fail(module), "top work", "top", extra)
    assert message == f"top work: the module a_package_that_nobody_has is not installed. Do: pip install {package}"


def test_a_library_of_an_extra_is_there_or_the_extra_is_named(install) -> None:
    """What can be imported passes; what cannot is named with the extra that brings it and the cause."""
    install("whole", "")
    install("broken", "raise OSError('libbroken.so: wrong ELF class')")
    needs("study", "whole")
    with pytest.raises(MissingLibraryError) as caught:
        needs("study", "whole", "a_package_that_nobody_has", who="a figure")
    assert str(caught.value) == (
        "a figure: the module a_package_that_nobody_has is not installed. Do: pip install 'emotion-core[study]'"
    )
    with pytest.raises(MissingLibraryError, match=r"^a figure: broken 0\.20 cannot be imported .*wrong ELF class"):
        needs("study", "broken", who="a figure")


def test_a_missing_module_behind_a_lazy_import_is_named() -> None:
    """The name comes from the error at the root, since the last has none."""
    with pytest.raises(ModuleNotFoundError) as caught:
        fail_lazily("a_package_that_nobody_has")
    assert "the module a_package_that_nobody_has is not installed" in import_message(caught.value, "work", "top")


def test_a_fault_of_the_program_is_no_fault_of_a_library() -> None:
    """A module of these packages that is not there, and an error outside an import, keep their traceback."""
    assert not is_import_fault(fail("emotion_core.absent"))
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018
    assert not is_import_fault(caught.value)
