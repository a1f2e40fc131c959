"""The files that rules look at: everything git knows or would add, generated code left out."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Source:
    """One text file; `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix

    @property
    def is_test(self) -> bool:
        return bool({"tests", "test", "test-types"} & set(self.parts[:-1]))

    @cached_property
    def tree(self) -> ast.Module:
        """The Python syntax; only for Python files."""
        return ast.parse(self.text, self.path)


def sources(root: Path) -> Iterator[Source]:
    """Every text file that is tracked, or new and not ignored."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        path = root / name
        if not path.is_file() or "generated" in path.parts:
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield Source(name, content.decode())
