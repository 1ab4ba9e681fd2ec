"""A real PostgreSQL, which is started for the tests that share it and thrown away."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server of our own that listens on a Unix socket; yields the address of its first database."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (emotion-rnn[postgresql])")
    programs, user = find_programs(), server_user()
    with tempfile.TemporaryDirectory(prefix="emotion-") as name:
        if user:
            shutil.chown(name, user)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", f"{name}/data", *arguments]
            subprocess.run(command, check=True, user=user, cwd=name, stdout=subprocess.DEVNULL, timeout=120)

        run("initdb", "--auth=trust", "--username=emotion", "--encoding=UTF8", "--no-sync")
        options = f"-c unix_socket_directories={name} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "start", "--wait", "--log", f"{name}/log", "--options", options)
        try:
            yield f"postgresql://emotion@/postgres?host={name}"
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")


@pytest.fixture
def database(server: str) -> str:
    """The address of an empty database."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")
