"""A private file is readable by its owner alone, and never half there."""

from pathlib import Path

from openrooms.kernel.files import write_private


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    (tmp_path / "key.new").write_bytes(b"left by a crash")

    write_private(path, b"new")

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
