"""What `make fresh` understands of a terminal, and what it leaves behind of the outer world."""

from pathlib import Path

import pytest

from tools import fresh

KEY = "endpoint=https://localhost:8443/;accesskey=c2VjcmV0"
LINKS = [f"http://localhost:8080/call#room=99&token=t{number}&name=A" for number in range(3)]
TEXT = f"""
  connection string   {KEY}
  export REQUESTS_CA_BUNDLE=/some/where/ca.pem
  Doctor    {LINKS[0]}
  Patient   {LINKS[1]}
"""


def test_ready_is_when_the_third_link_is_printed() -> None:
    assert fresh.read(TEXT) is None
    assert fresh.read(f"{TEXT}  Stranger {LINKS[2]}\n") == fresh.Printed(
        KEY, Path("/some/where/ca.pem"), tuple(LINKS)
    )


def test_what_is_shown_holds_no_secret() -> None:
    shown = fresh.hide_secrets(f"{KEY} {LINKS[0]}")

    assert "c2VjcmV0" not in shown
    assert "token=t0" not in shown
    assert "name=A" in shown


def test_an_empty_home_keeps_the_way_to_a_registry_and_drops_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"PIP_INDEX_URL": "a", "GOPROXY": "b", "SSL_CERT_FILE": "c"}
    dropped = {"MAKEFLAGS": "x", "PYTHONPATH": "x", "UV_CACHE_DIR": "x", "OPENROOMS_DATA": "x"}
    for name, value in (kept | dropped | {"GOCACHE": "/elsewhere"}).items():
        monkeypatch.setenv(name, value)

    environment = fresh.empty_home(tmp_path)

    assert {name: environment.get(name) for name in kept} == kept
    assert not set(dropped) & set(environment)
    assert environment["GOCACHE"].startswith(str(tmp_path))
    assert list(Path(environment["HOME"]).rglob("*.*")) == []
