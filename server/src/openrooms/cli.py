"""The command line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import structlog
import uvloop

from openrooms import __version__
from openrooms.app import Site, serve
from openrooms.commands.call import call
from openrooms.commands.database import database
from openrooms.commands.event import event
from openrooms.commands.explain import explain
from openrooms.commands.ground import FAILED, Misused, Stopped, by_file, in_data, settings
from openrooms.commands.resource import resource
from openrooms.commands.signing_key import signing_key
from openrooms.commands.webhook import webhook
from openrooms.config import BadSetting, Config
from openrooms.doctor import examine
from openrooms.engine_part import Unit, serve_engine
from openrooms.findings import State
from openrooms.http.certificates import Certificates, CertificatesUnusable
from openrooms.http.issuers import IssuerUnusable
from openrooms.http.listening import PortUnusable
from openrooms.kernel.clock import system_clock
from openrooms.logs import Logs, set_up_logs
from openrooms.media.errors import EngineFailed
from openrooms.ready import as_json as ready_json
from openrooms.ready import as_text as ready_text
from openrooms.ready import unit_json, unit_text
from openrooms.storage.errors import DatabaseUnusable, DataDirectoryUnusable
from openrooms.tracing import TracingUnusable
from openrooms.trust import NotInstalled, advise, install

# What keeps the service from starting, each with a message for the operator.
REFUSALS = (
    DataDirectoryUnusable,
    DatabaseUnusable,
    PortUnusable,
    CertificatesUnusable,
    IssuerUnusable,
    EngineFailed,
    TracingUnusable,
)

by_http_port = click.option(
    "--http-port", metavar="N", help="Port for browsers, loopback only (8080; 0: any)."
)
by_media_port = click.option(
    "--media-port", metavar="N", help="UDP port for media (7882; 0: any free)."
)
by_public_host = click.option(
    "--public-host", metavar="NAME_OR_IP", help="Where other machines reach this one."
)
by_engine_url = click.option(
    "--engine-url", metavar="URL", help="The engine that runs apart: http://127.0.0.1:7880."
)
by_database = click.option(
    "--database", metavar="URL", help="PostgreSQL instead of a file: postgresql://..."
)

log = structlog.get_logger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="openrooms")
def main() -> None:
    """Self-hosted, invite-only rooms for voice and video calls."""


@main.command("serve")
@in_data
@by_file
@click.option("--https-port", metavar="N", help="Port for servers, in TLS (8443; 0: any free).")
@by_http_port
@by_media_port
@by_public_host
@by_engine_url
@by_database
@click.option("--api-only", is_flag=True, default=None, help="REST alone; calls run elsewhere.")
@click.option("--demo", is_flag=True, default=None, help="Keep a ready-made room, print links.")
@click.option("--clock-offset", metavar="FILE", help="Shift the clock by the seconds in a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the ready line as JSON.")
def serve_command(*, as_json: bool, **flags: object) -> None:
    """Run the service until it is told to stop."""
    config = settings(**flags)
    tell: Callable[[Site], str] = ready_json if as_json else ready_text
    with _running(config, as_json=as_json) as logs:
        uvloop.run(serve(config, lambda site: click.echo(tell(site)), logs.json_lines))


@main.command("engine")
@in_data
@by_file
@by_http_port
@by_media_port
@by_public_host
@by_engine_url
@by_database
@click.option("--json", "as_json", is_flag=True, help="Print the ready line as JSON.")
def engine_command(*, as_json: bool, **flags: object) -> None:
    """Run the media engine apart from the service, which may then be restarted during calls."""
    config = settings(**flags)
    tell: Callable[[Unit], str] = unit_json if as_json else unit_text
    with _running(config, as_json=as_json):
        uvloop.run(serve_engine(config, lambda unit: click.echo(tell(unit))))


@contextmanager
def _running(config: Config, *, as_json: bool) -> Iterator[Logs]:
    """Logs for as long as something runs; what keeps it from starting becomes one line."""
    logs = set_up_logs(config.log_level, as_json=_logs_json(config, as_json=as_json))
    try:
        yield logs
    except BadSetting as bad:
        raise Misused(str(bad)) from bad
    except Exception as error:
        # Background work is done in groups, and its errors come in groups.
        reason = _first(error)
        if isinstance(reason, REFUSALS):
            raise Stopped(str(reason)) from error
        log.exception("service_failed")
        raise Stopped("The service failed; the log says where.") from error
    finally:
        logs.close()


@main.command()
@in_data
@by_file
@by_public_host
def doctor(**flags: object) -> None:
    """Look whether the service can run here, and say what is in its way."""
    findings = examine(settings(**flags), system_clock)
    for finding in findings:
        click.echo(str(finding))
    if any(finding.state is State.FAIL for finding in findings):
        sys.exit(FAILED)


@main.command()
@in_data
@by_file
@click.option("--install", "installs", is_flag=True, help="Put it into Debian's store, as root.")
def trust(*, installs: bool, **flags: object) -> None:
    """Say how clients are made to trust the certificate of this server."""
    authority = Certificates(settings(**flags).data).authority
    if not authority.is_file():
        raise Stopped(
            f"Certificate {authority}: not there. Start the server once, or give its --data."
        )
    if not installs:
        for one in advise(authority):
            click.echo(f"{one.client}:\n  {one.line}")
        return
    try:
        click.echo(f"Installed as {install(authority)}.")
    except NotInstalled as error:
        raise Stopped(str(error)) from error


main.add_command(resource)
main.add_command(call)
main.add_command(explain)
main.add_command(event)
main.add_command(webhook)
main.add_command(signing_key)
main.add_command(database)


def _logs_json(config: Config, *, as_json: bool) -> bool:
    if config.log_format == "auto":
        return as_json or not sys.stderr.isatty()
    return config.log_format == "json"


def _first(error: Exception) -> Exception:
    """The error itself; of a group, which may hold groups, its first."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
