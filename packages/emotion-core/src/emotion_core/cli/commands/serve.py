"""The command ``serve``."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.bounds import count
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Place


@click.command("serve")
@click.argument("runs", nargs=-1, required=True, type=Place(), metavar="RUN...")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=number(count(0, 65_535)), default=8000, show_default=True, help="0 for any free one.")
def serve(runs: tuple[Path, ...], host: str, port: int) -> None:
    """Answer over HTTP with the RUNs, and show a page for trying them.

    \b
    Example:
      emotion-core serve runs/minilm-onnx
    """
    from emotion_core.imports import needs

    needs("serve", "fastapi", "uvicorn", who="serve")
    import uvicorn

    from emotion_core.serving.application import application
    from emotion_core.serving.models import load_models

    uvicorn.run(application(load_models(runs)), host=host, port=port)
