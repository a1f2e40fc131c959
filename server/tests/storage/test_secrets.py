"""Secrets at rest open under their own key and no other."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.storage.database import Database
from openrooms.storage.errors import DataDirectoryUnusable, WrongMasterKey
from openrooms.storage.secrets import KEY_FILE, Secrets, Vault, open_vault

KEY = bytes(range(32))
VAULT = Vault(KEY)


@given(st.binary(max_size=1000))
def test_what_was_encrypted_is_decrypted(secret: bytes) -> None:
    assert VAULT.decrypt(VAULT.encrypt(secret)) == secret


@given(st.binary(min_size=1, max_size=100), st.data())
def test_one_changed_byte_is_refused(secret: bytes, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.encrypt(secret))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(WrongMasterKey):
        VAULT.decrypt(bytes(sealed))


@given(st.binary(max_size=40))
def test_what_was_never_encrypted_is_refused(sealed: bytes) -> None:
    with pytest.raises(WrongMasterKey):
        VAULT.decrypt(sealed)


def test_the_same_secret_never_looks_the_same() -> None:
    assert VAULT.encrypt(b"secret") != VAULT.encrypt(b"secret")


def test_another_key_is_told_what_to_put_back() -> None:
    with pytest.raises(WrongMasterKey, match=r"master\.key.*OPENROOMS_MASTER_KEY"):
        Vault(bytes(32)).decrypt(VAULT.encrypt(b"secret"))


def test_the_first_start_makes_a_private_key_that_the_next_start_finds(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path).encrypt(b"secret")

    assert open_vault(tmp_path).decrypt(sealed) == b"secret"
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_a_given_key_is_used_and_not_stored(tmp_path: Path) -> None:
    given_key = base64.b64encode(KEY).decode()

    assert open_vault(tmp_path, given_key).decrypt(VAULT.encrypt(b"secret")) == b"secret"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "short", "c2hvcnQ=", "é", "!" * 44])
def test_a_key_that_is_none_says_how_to_make_one(tmp_path: Path, key: str) -> None:
    with pytest.raises(DataDirectoryUnusable, match=r"OPENROOMS_MASTER_KEY.*openssl rand"):
        open_vault(tmp_path, key)


@pytest.mark.parametrize("key", ["{} ", " {}", "{}\n", "{}\r\n", "\t{}", " "])
def test_a_key_with_space_around_is_refused_and_not_told(tmp_path: Path, key: str) -> None:
    good = base64.b64encode(b"k" * 32).decode()

    with pytest.raises(DataDirectoryUnusable, match="space or a line break") as refused:
        open_vault(tmp_path, key.format(good))

    assert good not in str(refused.value)


def test_a_key_file_may_end_with_one_line_break(tmp_path: Path) -> None:
    file, good = tmp_path / KEY_FILE, base64.b64encode(b"k" * 32).decode()
    file.write_text(good)
    sealed = open_vault(tmp_path).encrypt(b"x")

    file.write_text(f"{good}\n")
    assert open_vault(tmp_path).decrypt(sealed) == b"x"
    file.write_text(f"{good} \n")
    with pytest.raises(DataDirectoryUnusable, match=r"master\.key: there is a space"):
        open_vault(tmp_path)


def test_a_key_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()

    with pytest.raises(DataDirectoryUnusable, match="not readable"):
        open_vault(tmp_path)


@pytest.mark.anyio
async def test_a_secret_stays_what_it_was_the_first_time(database: Database) -> None:
    secrets = Secrets(database, VAULT)

    assert await secrets.keep("name", b"first") == b"first"
    assert await secrets.keep("name", b"second") == b"first"
    assert await secrets.get("name") == b"first"


@pytest.mark.anyio
async def test_a_secret_can_be_replaced(database: Database) -> None:
    secrets = Secrets(database, VAULT)
    assert await secrets.get("name") is None

    await secrets.put("name", b"one")
    await secrets.put("name", b"two")

    assert await secrets.get("name") == b"two"


@pytest.mark.anyio
async def test_a_secret_is_not_written_in_plain(database: Database, tmp_path: Path) -> None:
    await Secrets(database, VAULT).put("name", b"a secret to find")

    written = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert b"a secret to find" not in written
