"""What is printed once the service is ready: for a person, or for a program."""

import json

from openrooms import __version__
from openrooms.app import Site
from openrooms.demo import Demo
from openrooms.engine_part import Unit
from openrooms.trust import advise

# The clients that take their trust from a shell; the others are told by `openrooms trust`.
IN_A_SHELL = 3
WIDTH = 20


def as_json(site: Site) -> str:
    """The ready line for programs."""
    return json.dumps(
        {
            "event": "ready",
            "connectionString": site.connection_string,
            "endpoint": site.endpoint,
            "browserUrl": site.browser_url,
            "ca": str(site.authority),
            "sdk": {"calling": site.sdk.calling, "effects": site.sdk.effects},
            "demo": None if site.demo is None else _demo(site.demo),
            "version": __version__,
        }
    )


def as_text(site: Site) -> str:
    """What a person needs next."""
    lines = [
        f"OpenRooms {__version__} is ready. Ctrl-C stops it.",
        "",
        _line("Connection string", site.connection_string or "openrooms resource show"),
        _line("Pages", site.browser_url),
        _line("Calls", f"{site.browser_url}call"),
    ]
    if site.sdk.calling is not None:
        install = f"npm install @azure/communication-calling@{site.sdk.calling}"
        lines.append(_line("Calling SDK", install))
    if site.sdk.effects is not None:
        install = f"npm install @azure/communication-calling-effects@{site.sdk.effects}"
        lines.append(_line("For UI libraries", install))
    if site.asks_trust:
        lines += ["", "Servers have to trust its certificate first:"]
        lines += [_line(one.client, one.line) for one in advise(site.authority)[:IN_A_SHELL]]
        lines.append(_line("Others", "openrooms trust"))
    if site.demo is not None:
        lines += ["", f"Demo room {site.demo.room_id}. Open each link in a browser window:"]
        lines += [
            _line(_who(link.person.name, link.person.role), link.url) for link in site.demo.links
        ]
    return "\n".join(["", *lines, ""])


def unit_json(unit: Unit) -> str:
    """The ready line of an engine that runs apart, for programs."""
    facts = {"engineUrl": unit.engine_url, "mediaPort": unit.media_port, "version": __version__}
    return json.dumps({"event": "ready", **facts})


def unit_text(unit: Unit) -> str:
    """The same for a person."""
    lines = [
        f"The media engine of OpenRooms {__version__} is ready. Ctrl-C stops it.",
        "",
        _line("Its own port", f"{unit.engine_url} (this machine alone)"),
        _line("Media", f"UDP port {unit.media_port}"),
        _line("Next", f"openrooms serve --engine-url {unit.engine_url}"),
    ]
    return "\n".join(["", *lines, ""])


def _line(name: str, value: str) -> str:
    return f"  {name:<{WIDTH}} {value}"


def _who(name: str, role: str | None) -> str:
    return f"{name} ({role})" if role is not None else f"{name} (refused)"


def _demo(demo: Demo) -> dict[str, object]:
    links = [
        {"name": link.person.name, "role": link.person.role, "url": link.url} for link in demo.links
    ]
    return {"roomId": demo.room_id, "links": links}
