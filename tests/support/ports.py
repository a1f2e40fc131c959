"""Ports that nobody uses at the moment."""

import socket
from contextlib import ExitStack


def free_ports(*kinds: socket.SocketKind) -> list[int]:
    """One free port of each kind, all different."""
    with ExitStack() as held:
        ports: list[int] = []
        for kind in kinds:
            probe = held.enter_context(socket.socket(socket.AF_INET, kind))
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
        return ports if len(set(ports)) == len(ports) else free_ports(*kinds)
