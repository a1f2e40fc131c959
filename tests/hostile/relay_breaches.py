"""What the relay is without each of its guards, which are written in Go: it is built anew without them."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.generator import engine_hook

ENGINE = Path(__file__).parents[2] / "engine"
LISTENS = """one, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	return one, one.Addr(), nil"""
# A guard is `file:name`; what stands in the file, and what stands there in its place.
RELAY_BREACHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "relay/way.go:admits": (
        ("return ok && address.Unmap() == w.peer.Addr()", "return ok || address.IsValid()"),
    ),
    "relay/way.go:hasRoom": (("return w.all < mostOfAll && ", "return true || "),),
    "relay/way.go:AllocatePacketConn": (
        ('asked.UserID == "" || asked.RequestedPort != 0 || ', 'asked.UserID != "" && '),
    ),
    "relay/way.go:AllocateListener": (("return nil, nil, errNoConnections", LISTENS),),
    "relay/way.go:ReadFrom": (
        (
            "if netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) == t.way.engine {",
            "if from.IsValid() {",
        ),
    ),
    "relay/way.go:WriteTo": (
        ("address.Port()) == t.way.peer {", "address.Port()).IsValid() {"),
        ("t.WriteToUDPAddrPort(data, t.way.engine)", "t.WriteToUDPAddrPort(data, address)"),
    ),
    "relay/credentials.go:expiry": (
        ("time.Now().Unix() >= seconds", "seconds < 0 && time.Now().IsZero()"),
    ),
    "relay/credentials.go:secret": (("[]byte(secret)", 'append([]byte(secret)[:0], "known"...)'),),
    "relay/listening.go:magnifies": (("return isRequest && ", "return false && isRequest && "),),
}


def build_relay(guard: str, folder: Path) -> Path:
    """The relay without a guard."""
    file = ENGINE / guard.partition(":")[0]
    text = file.read_text()
    for old, new in RELAY_BREACHES[guard]:
        assert text.count(old) == 1, f"{guard}: {old!r} is not there once"
        text = text.replace(old, new)
    changed, overlay, made = folder / file.name, folder / "overlay.json", folder / "relay"
    changed.write_text(text)
    overlay.write_text(json.dumps({"Replace": {str(file): str(changed)}}))
    hook = engine_hook()
    go = hook.find_toolchain().go or hook.fetch_go(hook.cache_folder())
    command = (go, "build", "-overlay", overlay, "-o", made, "./relay")
    subprocess.run(command, cwd=ENGINE, env=hook.environment(go), check=True)
    return made
