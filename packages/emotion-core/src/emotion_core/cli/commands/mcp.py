"""The command ``mcp``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.options import Folder, device_option
from emotion_core.cli.serve_options import abstain_option, text_limit_options
from emotion_core.serving.settings import Limits


@click.command("mcp", cls=HelpfulCommand)
@click.argument("run", type=Folder())
@abstain_option
@text_limit_options
@device_option
def mcp(run: Path, abstain_below: float, max_texts: int, max_characters: int, device: str) -> None:
    """Let a client of the Model Context Protocol classify texts with RUN, which is in ONNX.

    The client starts this program, and talks to it over standard input and output. It finds one tool, which takes a
    list of texts.

    \b
    Example:
      emotion-core mcp runs/minilm-onnx
    """
    from emotion_core.imports import needs

    needs("mcp", "mcp", who="mcp")
    from emotion_core.serving.models import load_models
    from emotion_core.serving.tool import answer, server_of

    limits = Limits(max_texts, max_characters)
    server = server_of(load_models([run], device)[0], limits, abstain_below)
    if sys.stdin.isatty():
        click.echo("Waiting for a client of the Model Context Protocol. Press Ctrl+C to end.", err=True)
    answer(server)
