"""`openrooms resource`: the tenants of a server, and their access keys."""

from collections.abc import Sequence

import click

from openrooms.commands.ground import Misused, as_json, by_file, carry_out, in_data, settings, tell
from openrooms.control.messages import Facts

KEYS = ("primary", "secondary")
WIDTH = 11
UNCERTIFIED = "the server's own certificate cannot name"


@click.group()
def resource() -> None:
    """Manage the resources (tenants) of a server, and their access keys.

    A change is live at once on a running server.
    """


@resource.command()
@click.argument("name")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="A host name of its own.")
@in_data
@by_file
@as_json
def create(*, name: str, hosts: Sequence[str], as_json: bool, **flags: object) -> None:
    """Create a resource, and print its connection strings."""
    made = carry_out(settings(**flags), "resource.create", name=name, hosts=[*hosts])
    tell(
        made, [f"Created resource {made['name']}.", *_facts(made), *_strings(made)], as_json=as_json
    )


@resource.command("list")
@in_data
@by_file
@as_json
def list_command(*, as_json: bool, **flags: object) -> None:
    """List the resources. No keys are shown."""
    found = carry_out(settings(**flags), "resource.list")
    rows = [("NAME", "ID", "HOSTS")]
    rows += [(one["name"], one["id"], ", ".join(one["hosts"]) or "-") for one in found["resources"]]
    widest = max(len(name) for name, _, _ in rows)
    lines = [f"{name:<{widest}}  {guid:<36}  {hosts}" for name, guid, hosts in rows]
    tell(found, lines, as_json=as_json)


@resource.command()
@click.argument("name", required=False)
@click.option("--keys", is_flag=True, help="Show the connection strings, too.")
@in_data
@by_file
@as_json
def show(*, name: str | None, keys: bool, as_json: bool, **flags: object) -> None:
    """Show a resource. NAME may be left out while there is only one."""
    found = carry_out(settings(**flags), "resource.show", name=name, keys=keys)
    tell(found, [f"Resource {found['name']}", *_facts(found), *_strings(found)], as_json=as_json)


@resource.command("set-hosts")
@click.argument("name")
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@in_data
@by_file
@as_json
def set_hosts(*, name: str, hosts: Sequence[str], as_json: bool, **flags: object) -> None:
    """Change the host names of a resource; without any, it has none of its own."""
    changed = carry_out(settings(**flags), "resource.set-hosts", name=name, hosts=[*hosts])
    tell(changed, [f"Changed resource {changed['name']}.", *_facts(changed)], as_json=as_json)


@resource.command("rotate-key")
@click.argument("words", nargs=-1, required=True, metavar="[NAME] primary|secondary")
@in_data
@by_file
@as_json
def rotate_key(*, words: Sequence[str], as_json: bool, **flags: object) -> None:
    """Put a new access key in the place of one, and print its connection string.

    The old key is refused from then on; the other key goes on working.
    NAME may be left out while there is only one resource.
    """
    name, key = _name_and_key(words)
    changed = carry_out(settings(**flags), "resource.rotate-key", name=name, key=key)
    said = f"Rotated the {key} key of resource {changed['name']}. The old one is refused now."
    tell(changed, [said, *_strings(changed)], as_json=as_json)


@resource.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Also when it has rooms, which go with it.")
@in_data
@by_file
@as_json
def delete(*, name: str, force: bool, as_json: bool, **flags: object) -> None:
    """Delete a resource. Its keys and tokens are refused from then on, its calls end."""
    gone = carry_out(settings(**flags), "resource.delete", name=name, force=force)
    tell(gone, [f"Deleted resource {gone['name']} ({gone['id']})."], as_json=as_json)


def _name_and_key(words: Sequence[str]) -> tuple[str | None, str]:
    *names, key = words
    if len(names) > 1 or key not in KEYS:
        raise Misused("Say which key: openrooms resource rotate-key [NAME] primary|secondary")
    return names[0] if names else None, key


def _facts(of: Facts) -> list[str]:
    return [
        _line("id", of["id"]),
        _line("endpoint", of["endpoint"]),
        _line("hosts", ", ".join(of["hosts"]) or "none of its own"),
        *[_line("note", f"{UNCERTIFIED} {host}.") for host in of["uncertified"]],
    ]


def _strings(of: Facts) -> list[str]:
    names = {"connectionString": "connection", "secondaryConnectionString": "secondary"}
    return [_line(name, of[member]) for member, name in names.items() if member in of]


def _line(name: str, value: str) -> str:
    return f"  {name:<{WIDTH}} {value}"
