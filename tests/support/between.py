"""What can stand between a browser and a service."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import NamedTuple

from loopback import answering
from services import PATIENCE_SECONDS


class Answer(NamedTuple):
    """What is answered in place of the service."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Between:
    """Passes requests on to a service.

    Attributes:
        instead: answers to the next predictions in place of those of the service.
        held: predictions of which bodies wait, until their event is set.
        bodies: of the predictions that were asked for.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.reset()

    def reset(self) -> None:
        """Pass on everything."""
        self.instead: list[Answer] = []
        self.held: dict[bytes, Event] = {}
        self.bodies: list[bytes] = []

    def answer(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """What is answered to one request."""
        if body is not None:
            self.bodies.append(body)
            if self.instead:
                return self.instead.pop(0)
            for part, event in self.held.items():
                if part in body:
                    event.wait(PATIENCE_SECONDS)
        kept = {name: headers[name] for name in ("Content-Type", "Authorization") if name in headers}
        request = urllib.request.Request(self.address + path.lstrip("/"), body, kept)
        try:
            with urllib.request.urlopen(request) as response:
                return Answer(response.status, response.read(), tuple(response.headers.items()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), tuple(error.headers.items()))


@contextmanager
def between(address: str) -> Iterator[tuple[Between, str]]:
    """A `Between`, and the address under which the service is reached through it."""
    passing = Between(address)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = self.headers.get("Content-Length")
            body = self.rfile.read(int(size)) if size else None
            status, content, headers = passing.answer(self.path, body, dict(self.headers))
            try:
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the browser has given the request up

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            pass

    with answering(Handler) as port:
        yield passing, f"http://127.0.0.1:{port}/"
