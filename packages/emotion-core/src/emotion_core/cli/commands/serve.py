"""The command ``serve``."""

from __future__ import annotations

import ipaddress
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import SEVERAL, count
from emotion_core.cli.groups import grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import tell_if_interrupted
from emotion_core.cli.loading import Run, answer_options, chosen_runs, model_option
from emotion_core.cli.numbers import number
from emotion_core.cli.options import device_option
from emotion_core.cli.serve_options import access_options, limit_options
from emotion_core.errors import DataError
from emotion_core.serving.settings import Limits, Settings

if TYPE_CHECKING:
    import socket

DEFAULT_HOST = "127.0.0.1"
LOOPBACK_NAMES = ("localhost", DEFAULT_HOST, "::1")


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """The options of ``serve``, as the command line gives them."""

    runs: tuple[Path, ...]
    model: Path | None
    host: str
    port: int
    workers: int
    device: str
    abstain_below: float | None
    neutral_threshold: float | None
    max_texts: int
    max_characters: int
    max_bytes: int
    batch: int
    queue: int
    api_key_file: Path | None
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    access_log: bool
    log_texts: bool

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() in LOOPBACK_NAMES

    def settings(self) -> Settings:
        """The settings of the service.

        Raises:
            DataError: the file of the keys cannot be read, or holds none.
        """
        named = tuple(name.lower() for name in self.hosts)
        return Settings(
            limits=Limits(self.max_texts, self.max_characters, self.max_bytes),
            batch=self.batch,
            queue=self.queue,
            abstain_below=self.abstain_below,
            neutral_threshold=self.neutral_threshold,
            hosts=(*LOOPBACK_NAMES, self.host.lower(), *named) if self.on_loopback or named else (),
            origins=self.origins,
            keys=() if self.api_key_file is None else read_keys(self.api_key_file),
            access_log=self.access_log,
            log_texts=self.log_texts,
        )


@click.command("serve", cls=HelpfulCommand)
@click.argument("runs", nargs=-1, type=Run(), metavar="[RUN]...")
@model_option
@option(
    "--host",
    section=Section.COMMON,
    default=DEFAULT_HOST,
    show_default=True,
    metavar="ADDRESS",
    help="Listen on this address; 0.0.0.0 stands for all.",
)
@option(
    "--port",
    section=Section.COMMON,
    type=number(count(0, 65_535)),
    default=8000,
    show_default=True,
    help="Listen on this port; 0 takes any free one.",
)
@option(
    "--workers",
    section=Section.MACHINE,
    type=number(SEVERAL),
    default=1,
    show_default=True,
    help="Answer with this many processes, each of which has the models.",
)
@answer_options
@limit_options
@access_options
@device_option
@grouped(asked=ServeOptions)
def serve(asked: ServeOptions) -> None:
    """Answer over HTTP with the RUNs, which are in ONNX, and show a page for trying them.

    Without RUN, the ready model answers, which emotion-core carries. A model is called like the folder of its RUN; the
    first is the default. Ctrl+C or SIGTERM ends the service when it has answered what it has taken.

    \b
    Example:
      emotion-core serve
      emotion-core serve runs/minilm-onnx
      emotion-core serve runs/gru-onnx runs/minilm-onnx --port 8080 --workers 2
    """
    from emotion_core.imports import needs

    settings, runs = asked.settings(), chosen_runs(asked.runs, asked.model)
    needs("serve", "fastapi", "prometheus_client", "uvicorn", who="serve")
    from emotion_core.serving.server import Served, listening_socket
    from emotion_core.serving.server import serve as serve_alone
    from emotion_core.serving.workers import serve_with

    tell_if_interrupted(lambda: "the service has ended.")
    with listening_socket(asked.host, asked.port) as opened:
        if not asked.on_loopback and not settings.keys:
            click.echo(f"Everybody who can reach {asked.host} can ask. --api-key-file FILE asks for a key.", err=True)
        served = Served(runs, asked.device, settings)
        if asked.workers == 1:
            ended_by = serve_alone(served, opened, lambda: _announce(runs, asked.host, opened))
            if ended_by == signal.SIGINT:
                raise KeyboardInterrupt
            raise SystemExit(0)
        try:
            serve_with(asked.workers, served, opened, lambda: _announce(runs, asked.host, opened))
        except SystemExit:  # by a signal, after which all was answered
            raise SystemExit(0) from None


def read_keys(path: Path) -> tuple[str, ...]:
    """The keys in a file, one on a line.

    Raises:
        DataError: it cannot be read, holds none, or one that cannot stand in a header.
    """
    try:
        keys = tuple(line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip())
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: the keys cannot be read ({error}).") from error
    if not keys:
        raise DataError(f"{path}: holds no key. Write one on each line.")
    if not all(key.isascii() and key.isprintable() and " " not in key for key in keys):
        raise DataError(f"{path}: has a key with a space, or with other characters than those of ASCII.")
    return keys


def _announce(runs: tuple[Path, ...], address: str, opened: socket.socket) -> None:
    from emotion_core.serving.models import model_names

    port = opened.getsockname()[1]
    host = f"[{address}]" if ":" in address else address
    click.echo(f"{', '.join(model_names(runs))} at http://{host}:{port}. Press Ctrl+C to end.")
