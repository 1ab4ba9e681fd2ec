"""A Hugging Face hub on loopback that speaks as much of the protocol as a download of models needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from loopback import answering

LARGE = (".bin", ".safetensors")
"""Endings of the files that the hub stores elsewhere, under their sha256, and redirects to."""


@dataclass
class Repo:
    """A model on the hub.

    Attributes:
        folder: its files.
        commit: the only one, which is also ``main``.
        gated: whether its files need a permission that nobody has here.
    """

    folder: Path
    commit: str
    gated: bool = False


@dataclass
class Hub:
    """What the hub has and does.

    Attributes:
        endpoint: for ``HF_ENDPOINT``.
        store: where large files are, which must be another host, as for the real hub.
        repos: by id, OWNER/NAME.
        cutting: end each connection in the middle of a large file.
        flipping: send large files with one bit turned over.
        asked: method and path of each request.
    """

    endpoint: str
    store: str
    repos: dict[str, Repo] = field(default_factory=dict)
    cutting: bool = False
    flipping: bool = False
    asked: list[str] = field(default_factory=list)


@contextmanager
def hub_on_loopback() -> Iterator[Hub]:
    """An empty hub; it is gone after the block."""

    class HubHandler(_Handler):
        """Of this hub."""

    with answering(HubHandler) as port:
        HubHandler.hub = Hub(f"http://127.0.0.1:{port}", f"http://localhost:{port}/large")
        yield HubHandler.hub


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer what the hub would."""
        self.hub.asked.append(f"{self.command} {self.path}")
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[0] == "large":
            self._send_large(self.hub.repos["/".join(parts[1:3])].folder / parts[3])
        elif parts[:2] == ["api", "models"] and len(parts) >= 4:
            self._send_about("/".join(parts[2:4]), parts[4:])
        elif len(parts) >= 5 and parts[2] == "resolve":
            self._send_file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        else:
            self._refuse(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send_about(self, name: str, what: list[str]) -> None:
        repo = self.hub.repos.get(name)
        if repo is None:
            self._refuse(401, "RepoNotFound")  # what the hub says of any model that a stranger may not see
        elif not what or what[0] == "revision":
            self._send(json.dumps({"id": name, "sha": repo.commit, "private": False, "siblings": []}).encode())
        else:  # no folder within the model
            self._refuse(404, "EntryNotFound")

    def _send_file(self, name: str, revision: str, file: str) -> None:
        repo = self.hub.repos.get(name)
        if repo is None:
            self._refuse(401, "RepoNotFound")
        elif repo.gated:
            self._refuse(401, "GatedRepo")
        elif revision not in ("main", repo.commit):
            self._refuse(404, "RevisionNotFound")
        elif not (repo.folder / file).is_file():
            self._refuse(404, "EntryNotFound", {"X-Repo-Commit": repo.commit})
        else:
            data = (repo.folder / file).read_bytes()
            headers = {"X-Repo-Commit": repo.commit, "ETag": f'"{_git_hash(data)}"', "Accept-Ranges": "bytes"}
            if file.endswith(LARGE):
                headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
                headers |= {"X-Linked-Size": str(len(data)), "Location": f"{self.hub.store}/{name}/{file}"}
                self._send(b"", 302, headers)
            else:
                self._send(data, 200, headers)

    def _send_large(self, path: Path) -> None:
        data = bytearray(path.read_bytes())
        if self.hub.flipping:
            data[len(data) // 2] ^= 4
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        status = 206 if start else 200
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self._send(bytes(data[start:]), status, headers, cut=self.hub.cutting)

    def _refuse(self, status: int, code: str = "", headers: dict[str, str] | None = None) -> None:
        self._send(b"", status, (headers or {}) | {"X-Error-Code": code, "X-Error-Message": code})

    def _send(
        self, data: bytes, status: int = 200, headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut


def _git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
