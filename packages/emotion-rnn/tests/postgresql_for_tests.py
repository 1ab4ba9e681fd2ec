"""A real PostgreSQL, which is started for the tests that share it and thrown away."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

SERVER_USER = "postgres"
"""PostgreSQL refuses to run as root; its packages bring this user along."""


def find_programs() -> Path:
    """The folder with PostgreSQL's own programs, which Debian keeps away from the search path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = [file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        pytest.skip("PostgreSQL is not installed (no initdb)")
    return max(folders, key=lambda folder: int(folder.parent.name))


def server_user() -> str | None:
    """The user that the server must run as, or None for the present one."""
    if os.geteuid() != 0:
        return None
    if SERVER_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip(f"PostgreSQL does not run as root, and there is no user {SERVER_USER}")
    return SERVER_USER


class Server:
    """A PostgreSQL server that listens on a Unix socket in a folder of its own.

    Args:
        folder: for its data, its socket and its log.

    Attributes:
        address: of its first database.
    """

    def __init__(self, folder: str) -> None:
        self._programs, self._user, self._folder = find_programs(), server_user(), folder
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "--auth=trust", "--username=emotion", "--encoding=UTF8", "--no-sync")
        self.address = f"postgresql://emotion@/postgres?host={folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", f"{self._folder}/data", *arguments]
        subprocess.run(command, check=True, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, timeout=120)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c unix_socket_directories={self._folder} -c listen_addresses= -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--log", f"{self._folder}/log", "--options", options)

    def stop(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")


@contextmanager
def started_server() -> Iterator[Server]:
    """A server that is stopped and thrown away at the end."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (emotion-rnn[postgresql])")
    with tempfile.TemporaryDirectory(prefix="emotion-") as name:
        server = Server(name)
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the first database of a server that many tests share."""
    with started_server() as shared:
        yield shared.address


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    with started_server() as own:
        yield own


@pytest.fixture
def database(server: str) -> str:
    """The address of an empty database."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")
