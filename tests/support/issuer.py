"""An issuer of tokens as a process of its own, on loopback: `python -m support.issuer`, in the folder `tests`.

It says its name, and goes when its input ends.
"""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.deadlines import TooLate
from support.issuing import issuing

TESTS = Path(__file__).parent.parent
STARTED_WITHIN = 20.0
ROLE = "rooms-manager"
ROLE_CLAIM = "realm_access.roles"


def _roles(*roles: str) -> dict[str, object]:
    return {"realm_access": {"roles": roles}}


# What is different in the tokens of each client. Only those of the first are good for our service.
MANAGER = "manager"
CLIENTS: dict[str, dict[str, object]] = {
    MANAGER: _roles(ROLE),
    "other role": _roles("other"),
    "other audience": _roles(ROLE) | {"aud": "https://other.example"},
    "other issuer": _roles(ROLE) | {"iss": "https://other.example"},
    "expired": _roles(ROLE) | {"exp": 1},
}


@contextmanager
def running_issuer() -> Iterator[str]:
    """Run it for as long as the context is open; gives its name."""
    command = (sys.executable, "-m", "support.issuer")
    with subprocess.Popen(
        command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            if not select.select([process.stdout], [], [], STARTED_WITHIN)[0]:
                raise TooLate(f"no issuer within {STARTED_WITHIN} s")
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    with issuing() as made:
        made.clients = CLIENTS
        print(made.name, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
