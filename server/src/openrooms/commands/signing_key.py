"""`openrooms signing-key`: the keys that user access tokens are signed with."""

import json

import click

from openrooms.commands.ground import as_json, by_file, carry_out, in_data, settings
from openrooms.control.messages import Facts


@click.group("signing-key")
def signing_key() -> None:
    """Manage the keys that user access tokens are signed with.

    A change is live at once on a running server.
    """


@signing_key.command("list")
@in_data
@by_file
@as_json
def list_command(*, as_json: bool, **flags: object) -> None:
    """List the signing keys."""
    _tell(carry_out(settings(**flags), "signing-key.list"), as_json=as_json)


@signing_key.command()
@in_data
@by_file
@as_json
def rotate(*, as_json: bool, **flags: object) -> None:
    """Sign new tokens with a new key.

    Nobody is logged out: the old key verifies what it has signed until the last of it has ended,
    and is dropped then.
    """
    _tell(carry_out(settings(**flags), "signing-key.rotate"), as_json=as_json)


@signing_key.command()
@click.argument("key_id", metavar="ID")
@click.option("--force", is_flag=True, help="Also while tokens are good that it has signed.")
@in_data
@by_file
@as_json
def retire(*, key_id: str, force: bool, as_json: bool, **flags: object) -> None:
    """Drop a key that signs no more, such as one that has become known.

    The tokens that it has signed are refused from then on.
    """
    _tell(
        carry_out(settings(**flags), "signing-key.retire", id=key_id, force=force), as_json=as_json
    )


def _tell(facts: Facts, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"{'ID':<40}  {'MADE':<25}  STATE")
    for key in facts["keys"]:
        state = "signs" if key["signs"] else f"verifies until {key['verifiesUntil']}"
        click.echo(f"{key['id']}  {key['createdAt']}  {state}")
