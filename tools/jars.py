"""Holds the Java packages of a folder against a lock: each file's hash, and no file more or less.

Maven has exact versions and no hashes of ours; this adds them. `python -m tools.jars FOLDER LOCK` checks,
with `--write` it makes the lock.
"""

import hashlib
import sys
from pathlib import Path

from tools.terminal import Stuck, give_up


def read(lock: Path) -> dict[str, str]:
    """The files that a lock names, with their hashes."""
    lines = [line.split() for line in lock.read_text().splitlines() if not line.startswith("#")]
    return {name: digest for digest, name in lines}


def look(folder: Path) -> dict[str, str]:
    """The files that are there, with their hashes."""
    files = sorted(folder.glob("*.jar"))
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def check(folder: Path, lock: Path) -> None:
    """Raises `Stuck`, which names the first file that is not as the lock says."""
    wanted, found = read(lock), look(folder)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            what = "has another hash" if name in wanted and name in found else "is not in both"
            raise Stuck(f"{lock}: {name} {what}. After a change of versions: make lock.")


def write(folder: Path, lock: Path) -> None:
    lines = [f"{digest}  {name}\n" for name, digest in look(folder).items()]
    lock.write_text("# Made by `make lock`.\n" + "".join(lines))


def main(arguments: list[str]) -> None:
    asked = [one for one in arguments if one != "--write"]
    if len(asked) != 2:
        print("usage: python -m tools.jars [--write] FOLDER LOCK", file=sys.stderr)
        raise SystemExit(2)
    try:
        (write if "--write" in arguments else check)(Path(asked[0]), Path(asked[1]))
    except Stuck as reason:
        give_up(reason)


if __name__ == "__main__":
    main(sys.argv[1:])
