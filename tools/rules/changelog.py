"""The changelog: what users should know of a change stands in a fragment until the next release."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.rules.finding import Finding

FOLDER = "changelog.d"
KINDS = ("added", "changed", "fixed", "removed", "security")
NAME = re.compile(rf"[a-z0-9-]+\.({'|'.join(KINDS)})\.md")
PRODUCT = ("server/src", "engine", "sdk/calling/src", "web/src", "deploy")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def fragments(root: Path) -> Iterator[Finding]:
    """Fragments are named NAME.KIND.md and say something; product changes since a release have one."""
    found = 0
    for path in sorted((root / FOLDER).glob("*")):
        name = f"{FOLDER}/{path.name}"
        if path.name == "README.md":
            continue
        found += 1
        if NAME.fullmatch(path.name) is None:
            what = f"the name is not NAME.KIND.md with a kind of {', '.join(KINDS)}"
            yield Finding(name, 1, "changelog", what)
        elif not path.read_text().strip():
            yield Finding(name, 1, "changelog", "the fragment is empty")
    if not found and product_changed(root):
        what = "the product changed since the last release, and no fragment says so"
        yield Finding(FOLDER, 1, "changelog", what)


def product_changed(root: Path) -> bool:
    """Whether anything users get is not what it was at the last release."""
    last = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v*") or EMPTY_TREE
    return bool(_git(root, "diff", "--name-only", last, "HEAD", "--", *PRODUCT))


def _git(root: Path, *arguments: str) -> str:
    result = subprocess.run(
        ("git", *arguments), cwd=root, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() if result.returncode == 0 else ""
