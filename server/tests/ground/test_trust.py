"""Every kind of client is told how to trust us; Debian's store is filled where that is allowed."""

import os
from pathlib import Path

import pytest

from openrooms import trust
from openrooms.trust import NotInstalled, advise, install


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text("certificate")
    return path


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the path, for programs that stand for the system's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    return folder


def program(folder: Path, text: str) -> None:
    path = folder / trust.UPDATE
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_python_node_and_java_are_told_a_line_of_shell(authority: Path) -> None:
    lines = {one.client: one.line for one in advise(authority)}

    assert lines["Python"] == f"export REQUESTS_CA_BUNDLE={authority} SSL_CERT_FILE={authority}"
    assert lines["Node"] == f"export NODE_EXTRA_CA_CERTS={authority}"
    assert lines["Java"].startswith(
        f"keytool -importcert -noprompt -alias openrooms -file {authority}"
    )


def test_the_certificate_is_put_into_the_store(authority: Path, system: Path) -> None:
    program(system, "exit 0")
    store = system.parent / "store"

    place = install(authority, store)

    assert place.parent == store
    assert place.read_text() == "certificate"


def test_another_system_is_told_to_use_its_own_tool(authority: Path, system: Path) -> None:
    with pytest.raises(NotInstalled, match=f"{trust.UPDATE} is not here.*{authority}"):
        install(authority, system / "store")


def test_who_may_not_is_told_to_be_root(authority: Path, system: Path) -> None:
    program(system, "exit 1")

    with pytest.raises(NotInstalled, match="sudo openrooms trust --install"):
        install(authority, system.parent / "store")


def test_a_store_that_cannot_be_written_is_named(authority: Path, system: Path) -> None:
    program(system, "exit 0")
    store = system.parent / "store"
    store.write_text("a file")

    with pytest.raises(NotInstalled, match=str(store)):
        install(authority, store)
