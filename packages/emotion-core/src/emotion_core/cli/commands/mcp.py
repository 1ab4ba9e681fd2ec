"""The command ``mcp``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.loading import Run, answer_options, chosen_runs, model_option
from emotion_core.cli.options import device_option
from emotion_core.cli.serve_options import text_limit_options
from emotion_core.serving.settings import Limits


@dataclass(frozen=True, kw_only=True)
class McpOptions:
    """The options of ``mcp``, as the command line gives them."""

    run: Path | None
    model: Path | None
    abstain_below: float | None
    neutral_threshold: float | None
    max_texts: int
    max_characters: int
    device: str


@click.command("mcp", cls=HelpfulCommand)
@click.argument("run", required=False, type=Run())
@model_option
@answer_options
@text_limit_options
@device_option
@grouped(asked=McpOptions)
def mcp(asked: McpOptions) -> None:
    """Let a client of the Model Context Protocol classify texts with RUN, which is in ONNX.

    Without RUN, the ready model classifies them, which emotion-core carries.

    The client starts this program, and talks to it over standard input and output. It finds one tool, which takes a
    list of texts.

    \b
    Example:
      emotion-core mcp
      emotion-core mcp runs/minilm-onnx
    """
    from emotion_core.imports import needs

    needs("mcp", "mcp", who="mcp")
    from emotion_core.serving.models import load_models
    from emotion_core.serving.tool import answer, server_of

    limits = Limits(asked.max_texts, asked.max_characters)
    runs = chosen_runs([asked.run] if asked.run else [], asked.model)
    server = server_of(load_models(runs, asked.device)[0], limits, asked.abstain_below, asked.neutral_threshold)
    if sys.stdin.isatty():
        click.echo("Waiting for a client of the Model Context Protocol. Press Ctrl+C to end.", err=True)
    answer(server)
