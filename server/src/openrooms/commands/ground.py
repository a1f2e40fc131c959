"""What every command shares: its options, its settings, and how it ends."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import IO, Any, TypeVar

import click

from openrooms.administration.service import open_at_rest
from openrooms.config import BadSetting, Config, read_config
from openrooms.control.address import PathTooLong, socket_path
from openrooms.control.client import NobodyThere, ask
from openrooms.control.messages import Facts, Order, Refused
from openrooms.logs import set_up_logs
from openrooms.storage.errors import DatabaseAway, StorageError

FAILED, MISUSED = 1, 2

Function = TypeVar("Function", bound=Callable[..., Any])  # any command, whatever its options

in_data = click.option("--data", metavar="DIR", help="The data directory.")
by_file = click.option("--config", metavar="FILE", help="A settings file in TOML.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
by_resource = click.option(
    "--resource", metavar="NAME", help="Whose; may be left out while there is only one."
)
so_many = click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many at most."
)


def of_resource(command: Function) -> Function:
    """The options that each command about what a resource has takes."""
    return by_resource(in_data(by_file(as_json(command))))


class Stopped(click.ClickException):
    """The end of a command: one line on standard error, and an exit code."""

    exit_code = FAILED

    # Any: the base class says so.
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {self.message}", file=file, err=True)


class Misused(Stopped):
    """A setting that cannot be."""

    exit_code = MISUSED


def settings(**flags: object) -> Config:
    """The settings by these flags. Stops when they cannot be."""
    try:
        return read_config(flags)
    except BadSetting as bad:
        raise Misused(str(bad)) from bad


def carry_out(config: Config, command: str, **arguments: object) -> Facts:
    """Have a command carried out: by the running server, else on the database itself."""
    try:
        return asyncio.run(_carry_out(config, Order(command, arguments)))
    except DatabaseAway as error:
        raise Stopped(f"Database: {error.message}") from error
    except (Refused, StorageError, PathTooLong) as error:
        raise Stopped(str(error)) from error


async def _carry_out(config: Config, order: Order) -> Facts:
    if not config.data.is_dir():
        raise Refused(
            f"Data directory {config.data}: not there. "
            "Start the server once, or name its directory with --data."
        )
    try:
        return await ask(socket_path(config.data), order)
    except NobodyThere:
        # Nobody serves, so the directory can be held; a server that is just starting keeps it.
        set_up_logs("warning", as_json=False)
        async with open_at_rest(config) as commands:
            return await commands[order.command](order.arguments)


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def tell(facts: Facts, lines: Sequence[str], *, as_json: bool) -> None:
    """Print an answer, for people or for programs."""
    click.echo(json.dumps(facts) if as_json else "\n".join(lines))
