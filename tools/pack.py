"""Packs an npm workspace into the tarball that the server hands out; older tarballs go."""

import shutil
import subprocess
import sys
from pathlib import Path


def pack(workspace: str, folder: Path) -> None:
    """Put the workspace's tarball, and only it, into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ("npm", "pack", "--silent", "--ignore-scripts", "--workspace", workspace)
    subprocess.run((*command, "--pack-destination", str(folder)), check=True)


if __name__ == "__main__":
    pack(sys.argv[1], Path(sys.argv[2]))
