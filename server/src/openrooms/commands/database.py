"""`openrooms database`: bring a database up to date, look whether it is well, move to PostgreSQL."""

import sys

import click

from openrooms.commands.ground import FAILED, Misused, Stopped, by_file, in_data, settings
from openrooms.findings import Finding, State
from openrooms.logs import set_up_logs
from openrooms.storage.errors import StorageError
from openrooms.storage.inspection import inspect_database
from openrooms.storage.upgrading import bring_up

# How many rows are copied between two lines of a log that nobody watches.
LINE_ROWS = 100_000

_by_url = click.option("--database", metavar="URL", help="PostgreSQL: postgresql://...")


@click.group()
def database() -> None:
    """Look after the database: the SQLite file, or PostgreSQL."""


@database.command()
@in_data
@by_file
@_by_url
def migrate(**flags: object) -> None:
    """Bring the schema up to date. A server does the same at its start."""
    config = settings(**flags)
    set_up_logs("warning", as_json=False)
    try:
        done = bring_up(config.data, config.database)
    except StorageError as error:
        raise Stopped(str(error)) from error
    if done.found == done.now:
        click.echo(f"Database {done.name}: revision {done.now}, up to date already.")
    else:
        click.echo(f"Database {done.name}: revision {done.found or 'none'} -> {done.now}.")


@database.command()
@in_data
@by_file
@_by_url
def check(**flags: object) -> None:
    """Look whether it is reached, whole, durable, and opened by the master key. Changes nothing.

    A server may work on it meanwhile.
    """
    config = settings(**flags)
    set_up_logs("warning", as_json=False)
    wrong = 0
    for seen in inspect_database(config.data, config.database, config.master_key):
        state = State.OK if seen.is_well else State.FAIL
        wrong += not seen.is_well
        click.echo(str(Finding(state, seen.thing, seen.said, seen.advice)))
    if wrong:
        sys.exit(FAILED)


@database.command()
@in_data
@by_file
@_by_url
def copy(**flags: object) -> None:
    """Copy the SQLite file of a data directory into an empty PostgreSQL database.

    No server may work on the directory meanwhile. All is copied and verified, or nothing.
    """
    config = settings(**flags)
    if config.database is None:
        raise Misused(
            "Setting database: it is not set. Name the PostgreSQL database to copy into: "
            "--database, or OPENROOMS_DATABASE."
        )
    set_up_logs("warning", as_json=False)
    # Loaded only where it is used: it costs memory.
    from openrooms.storage.copying import copy as copy_all  # noqa: PLC0415

    try:
        copied = copy_all(config.data, config.database, _Progress())
    except StorageError as error:
        raise Stopped(str(error)) from error
    click.echo(
        f"Copied {sum(copied.values())} rows in {len(copied)} tables, and verified them. "
        "Next: start the server with OPENROOMS_DATABASE, and with the master key of "
        f"{config.data} in OPENROOMS_MASTER_KEY."
    )


class _Progress:
    """Says on standard error how far the copy is: in one line to eyes, in few lines to a log."""

    def __init__(self) -> None:
        self._eyes = sys.stderr.isatty()
        self._told = 0

    def __call__(self, table: str, done: int, total: int) -> None:
        if self._eyes:
            click.echo(f"\r\033[K{table}: {done} of {total} rows", nl=done == total, err=True)
        elif done == total or done - self._told >= LINE_ROWS:
            click.echo(f"{table}: {done} of {total} rows", err=True)
            self._told = 0 if done == total else done
