"""The notebooks of the site, executed in a kernel of their own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "notebooks"
NOTEBOOKS = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
nbformat = pytest.importorskip("nbformat", reason="the notebooks need nbclient and ipykernel: pip install both")


@NOTEBOOKS
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    """Outputs and counts are not stored: they would be of one machine, and change with every run."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in cells] == [[]] * len(cells)
    assert {cell.execution_count for cell in cells} == {None}


@pytest.mark.acceptance
@NOTEBOOKS
def test_a_notebook_shows_what_it_says(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, without a warning, and each that ends with an expression shows its value."""
    nbclient = pytest.importorskip("nbclient", reason="the notebooks need nbclient: pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="the notebooks need a kernel: pip install ipykernel")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    printed = [output.text for cell in code for output in cell.outputs if output.output_type == "stream"]
    assert printed == []
    shown = [output.data["text/plain"] for cell in code for output in cell.outputs]
    expressions = [cell for cell in code if isinstance(ast.parse(cell.source).body[-1], ast.Expr)]
    assert len(shown) == len(expressions)
