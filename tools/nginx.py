"""Has nginx for the tests behind a proxy: found, else Debian's package unpacked here, else said to be missing."""

import shutil
from pathlib import Path

from tools.chromium import run_logged
from tools.terminal import Stuck, say

FOLDER = ".build/nginx"
UNPACK = (
    f"mkdir -p {FOLDER} && cd {FOLDER} && apt-get download -q nginx && dpkg-deb -x nginx_*.deb ."
)


def find_nginx(root: Path) -> str | None:
    """The system's, else the one that was unpacked here."""
    here = root / FOLDER / "usr" / "sbin" / "nginx"
    return shutil.which("nginx") or (str(here) if here.exists() else None)


def ensure_nginx(root: Path) -> None:
    """Have it. The package is unpacked and not installed, which would start a service."""
    if find_nginx(root) is None and shutil.which("apt-get"):
        say("Fetching nginx (apt-get download nginx)")
        run_logged(root, ("sh", "-c", UNPACK))
        if find_nginx(root) is None:
            run_logged(root, ("apt-get", "update", "-q"))
            run_logged(root, ("sh", "-c", UNPACK))
    if find_nginx(root) is None:
        raise Stuck(
            "The tests behind a proxy need nginx, and it could not be fetched."
            " Install the package nginx (Debian, Ubuntu: apt-get install nginx)."
        )
