"""Kaggle on loopback, as much of it as kagglehub asks for a dataset."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from filelock import FileLock

from loopback import answering

PORT = 7777
"""Where kagglehub asks when ``KAGGLE_API_ENVIRONMENT`` is ``TEST``."""


@dataclass
class Kaggle:
    """What Kaggle has and does.

    Attributes:
        cache: where kagglehub keeps what it downloads.
        archives: by handle, OWNER/NAME.
        cutting: end each connection in the middle of an archive.
        asked: paths of the requests.
    """

    cache: Path
    archives: dict[str, bytes] = field(default_factory=dict)
    cutting: bool = False
    asked: list[str] = field(default_factory=list)


def archive_of(files: dict[str, bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@contextmanager
def kaggle_on_loopback(folder: Path) -> Iterator[Kaggle]:
    """A Kaggle without datasets, which kagglehub asks within the block, with the empty ``folder`` as cache and home."""

    class KaggleHandler(_Handler):
        """Of this Kaggle."""

        kaggle = Kaggle(folder / "cache")

    with (
        FileLock(Path(tempfile.gettempdir()) / f"kaggle-on-loopback-{PORT}.lock"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
        patch.setenv("KAGGLEHUB_CACHE", str(folder / "cache"))
        patch.setenv("KAGGLE_CONFIG_DIR", str(folder))
        patch.setenv("HOME", str(folder))  # where kagglehub looks for what its user signs in with
        patch.setenv("NO_PROXY", "localhost")
        with answering(KaggleHandler, PORT):
            yield KaggleHandler.kaggle


class _Handler(BaseHTTPRequestHandler):
    kaggle: Kaggle
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a question about a dataset, or say where it lies."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.kaggle.asked.append(self.path)
        handle = f"{asked.get('ownerSlug')}/{asked.get('datasetSlug')}"
        if handle not in self.kaggle.archives:
            self._send_json({"code": 404, "message": "Not found"}, 404)
        elif self.path.endswith("/GetDataset"):
            self._send_json({"currentVersionNumber": 1})
        else:
            self._send(b"", 302, {"Location": f"http://localhost:{PORT}/archives/{handle}"})

    def do_GET(self) -> None:
        """Send an archive."""
        self.kaggle.asked.append(self.path)
        data = self.kaggle.archives[self.path.removeprefix("/archives/")]
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        # a charset, since kagglehub prints what it receives from this Kaggle, and else would guess one
        headers = {"Content-Type": "application/zip; charset=latin-1", "Accept-Ranges": "bytes"}
        headers["x-goog-hash"] = f"md5={base64.b64encode(hashlib.md5(data).digest()).decode()}"
        self._send(data[start:], 206 if start else 200, headers, cut=self.kaggle.cutting)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send_json(self, answer: object, status: int = 200) -> None:
        self._send(json.dumps(answer).encode(), status, {"Content-Type": "application/json"})

    def _send(self, data: bytes, status: int, headers: dict[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut
