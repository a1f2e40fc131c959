"""The SQL of identity: resources, identities, signing keys, issuers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from openrooms.identity.model import FIRST_GENERATION, Identity, Resource
from openrooms.kernel.access_keys import WhichKey
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.storage.errors import DatabaseBusy
from openrooms.storage.instants import Instant
from openrooms.storage.once import insert_once
from openrooms.storage.schema import (
    CUSTOM_ID_IN_USE,
    deleted_resource,
    host_name,
    identity,
    issuer,
    resource,
    signing_key,
)
from openrooms.storage.statements import Statement

FORGET_AT_ONCE = 500
TRIES = 3

# Statements are built once: that costs several times as much as running them.
_RESOURCES = select(
    resource.c.id,
    resource.c.name,
    resource.c.primary_key,
    resource.c.secondary_key,
    resource.c.created_at,
).order_by(resource.c.created_at, resource.c.id)
_IS_DELETED = exists().where(deleted_resource.c.resource_id == resource.c.id)
_LIVING_RESOURCES = _RESOURCES.where(~_IS_DELETED)
_LOCK_RESOURCES = select(resource.c.id).where(~_IS_DELETED).with_for_update()
_ADD_RESOURCE = insert(resource)
_CHANGE_RESOURCE = update(resource).where(resource.c.id == bindparam("of_resource"))
_END_RESOURCE = insert(deleted_resource)
_ENDED_RESOURCES = select(deleted_resource.c.resource_id)
_HOST_NAMES = select(host_name.c.resource_id, host_name.c.name).order_by(host_name.c.name)
_ADD_HOST_NAMES = insert(host_name)
_DROP_HOST_NAMES = delete(host_name).where(host_name.c.resource_id == bindparam("of_resource"))
_ADD_IDENTITY = Statement(
    insert(identity),
    "resource_id",
    "user_id",
    "generation",
    "created_at",
    "last_token_issued_at",
)
_OF_LIVING_RESOURCE = ~exists().where(deleted_resource.c.resource_id == bindparam("of_resource"))
_LIVING = (
    identity.c.resource_id == bindparam("of_resource"),
    identity.c.user_id == bindparam("of_user"),
    identity.c.deleted_at.is_(None),
    _OF_LIVING_RESOURCE,
)
_MEET = Statement(
    update(identity)
    .where(
        identity.c.resource_id == bindparam("of_resource"),
        identity.c.custom_id == bindparam("of_custom_id"),
        identity.c.deleted_at.is_(None),
        _OF_LIVING_RESOURCE,
    )
    .values(
        last_token_issued_at=func.coalesce(
            bindparam("at", type_=Instant), identity.c.last_token_issued_at
        )
    )
    .returning(identity.c.user_id, identity.c.generation),
    "of_resource",
    "of_custom_id",
    "at",
)
_ADD_ONCE = Statement(
    insert_once(identity, "resource_id", "custom_id", where=CUSTOM_ID_IN_USE),
    "resource_id",
    "user_id",
    "custom_id",
    "generation",
    "created_at",
    "last_token_issued_at",
)
_IDENTITY = select(identity.c.custom_id, identity.c.last_token_issued_at).where(*_LIVING)
_GENERATION = Statement(select(identity.c.generation).where(*_LIVING), "of_resource", "of_user")
_GENERATIONS = select(identity.c.user_id, identity.c.generation).where(
    identity.c.resource_id == bindparam("of_resource"),
    identity.c.user_id.in_(bindparam("of_users", expanding=True)),
    identity.c.deleted_at.is_(None),
    _OF_LIVING_RESOURCE,
)
_NOTE_TOKEN = Statement(
    update(identity)
    .where(
        *_LIVING,
        or_(
            identity.c.last_token_issued_at.is_(None),
            identity.c.last_token_issued_at < bindparam("at", type_=Instant),
        ),
    )
    .values(last_token_issued_at=bindparam("at", type_=Instant)),
    "of_resource",
    "of_user",
    "at",
)
_REVOKE = update(identity).where(*_LIVING).values(generation=identity.c.generation + 1)
_DELETE = _REVOKE.values(deleted_at=bindparam("at", type_=Instant))
_FORGET_IDENTITIES = delete(identity).where(
    identity.c.resource_id == bindparam("of_resource"),
    identity.c.user_id.in_(
        select(identity.c.user_id)
        .where(identity.c.resource_id == bindparam("of_resource"))
        .limit(FORGET_AT_ONCE)
    ),
)
_KEYS = (
    select(signing_key.c.id, signing_key.c.private_key)
    # A retired key signs no more, but what it signed stays good.
    .order_by(signing_key.c.retired_at.is_not(None), signing_key.c.created_at.desc())
)
_ADD_KEY = insert(signing_key)
_LIST_KEYS = select(signing_key.c.id, signing_key.c.created_at, signing_key.c.retired_at).order_by(
    signing_key.c.retired_at.is_not(None), signing_key.c.created_at.desc()
)
_LOCK_KEYS = select(signing_key.c.id).with_for_update()
_RETIRE_KEYS = (
    update(signing_key)
    .where(signing_key.c.retired_at.is_(None))
    .values(retired_at=bindparam("at", type_=Instant))
)
_DROP_KEY = delete(signing_key).where(signing_key.c.id == bindparam("of_key"))
_DROP_KEYS = delete(signing_key).where(
    signing_key.c.retired_at <= bindparam("until", type_=Instant)
)
_ISSUERS = select(issuer.c.url).order_by(issuer.c.used_at.desc())
_ADD_ISSUER = insert(issuer)
_USE_ISSUER = (
    update(issuer)
    .where(issuer.c.url == bindparam("of_url"))
    .values(used_at=bindparam("at", type_=Instant))
)


def find_resources(connection: Connection) -> tuple[Resource, ...]:
    """Every resource, the first one first. Their keys are as stored: encrypted."""
    hosts: dict[str, list[str]] = {}
    for row in connection.execute(_HOST_NAMES):
        hosts.setdefault(row.resource_id, []).append(row.name)
    return tuple(
        Resource(
            row.id,
            row.name,
            row.primary_key,
            row.secondary_key,
            row.created_at,
            tuple(hosts.get(row.id, ())),
        )
        for row in connection.execute(_LIVING_RESOURCES)
    )


def lock_resources(connection: Connection) -> None:
    """Keep every other change of resources off until the end of the transaction."""
    connection.execute(_LOCK_RESOURCES)


def add_resource(connection: Connection, new: Resource) -> None:
    """Write a resource, whose keys must be encrypted already."""
    values = {
        "id": new.id,
        "name": new.name,
        "primary_key": new.primary_key,
        "secondary_key": new.secondary_key,
        "created_at": new.created_at,
    }
    connection.execute(_ADD_RESOURCE, values)
    if new.host_names:
        names = [{"name": name, "resource_id": new.id} for name in new.host_names]
        connection.execute(_ADD_HOST_NAMES, names)


def change_host_names(connection: Connection, resource_id: str, names: Sequence[str]) -> None:
    """Write where a resource is reached from now on."""
    connection.execute(_DROP_HOST_NAMES, {"of_resource": resource_id})
    if names:
        rows = [{"name": name, "resource_id": resource_id} for name in names]
        connection.execute(_ADD_HOST_NAMES, rows)


def change_key(connection: Connection, resource_id: str, which: WhichKey, *, sealed: bytes) -> None:
    """Write another access key, which must be encrypted already."""
    column = "primary_key" if which is WhichKey.PRIMARY else "secondary_key"
    connection.execute(_CHANGE_RESOURCE, {"of_resource": resource_id, column: sealed})


def end_resource(connection: Connection, resource_id: str, at: datetime) -> None:
    """Delete a resource: nothing opens it any more, and its names are free."""
    emptied = {"name": resource_id, "primary_key": b"", "secondary_key": b""}
    connection.execute(_CHANGE_RESOURCE, {"of_resource": resource_id, **emptied})
    connection.execute(_DROP_HOST_NAMES, {"of_resource": resource_id})
    connection.execute(_END_RESOURCE, {"resource_id": resource_id, "deleted_at": at})


def find_ended(connection: Connection) -> tuple[str, ...]:
    """The ids of all resources that were deleted."""
    return tuple(connection.execute(_ENDED_RESOURCES).scalars())


def forget_identities(connection: Connection, resource_id: str) -> int:
    """Drop some identities of a deleted resource; their number, 0 when none is left."""
    return connection.execute(_FORGET_IDENTITIES, {"of_resource": resource_id}).rowcount


def add_identity(
    connection: Connection, user: CommunicationUser, *, at: datetime, with_token: bool
) -> None:
    """Write a new identity, with the moment of its first token if it gets one at once."""
    issued_at = at if with_token else None
    _ADD_IDENTITY.run(connection, user.resource, user.user, FIRST_GENERATION, at, issued_at)


def meet_identity(
    connection: Connection,
    user: CommunicationUser,
    *,
    custom_id: str,
    at: datetime,
    with_token: bool,
) -> tuple[CommunicationUser, int]:
    """The identity with this custom id, and its generation; the first time it is `user`.

    Of two that come at once, one makes it, and the other waits for it and meets it.
    """
    issued_at = at if with_token else None
    new = (user.resource, user.user, custom_id, FIRST_GENERATION, at, issued_at)
    for _ in range(TRIES):
        row = _MEET.row(connection, user.resource, custom_id, issued_at)
        if row is not None:
            user_id, generation = row
            return CommunicationUser(user.resource, user_id), generation
        if _ADD_ONCE.run(connection, *new):
            return user, FIRST_GENERATION
    # It was made and deleted again between our statements, each time.
    raise DatabaseBusy


def find_identity(connection: Connection, user: CommunicationUser) -> Identity | None:
    """What is kept of the user; None when he is unknown or deleted."""
    row = connection.execute(_IDENTITY, _key(user)).one_or_none()
    return None if row is None else Identity(user, row.custom_id, row.last_token_issued_at)


def find_generation(connection: Connection, user: CommunicationUser) -> int | None:
    """The generation whose tokens are good; None when the identity is unknown or deleted."""
    row = _GENERATION.row(connection, user.resource, user.user)
    return None if row is None else row[0]


def find_generations(
    connection: Connection, resource_id: str, user_ids: Sequence[str]
) -> Mapping[str, int]:
    """The generation whose tokens are good, for each of the users that exists."""
    wanted = {"of_resource": resource_id, "of_users": list(user_ids)}
    rows = connection.execute(_GENERATIONS, wanted)
    return {row.user_id: row.generation for row in rows}


def note_tokens(
    connection: Connection, moments: Iterable[tuple[CommunicationUser, datetime]]
) -> None:
    """Write when tokens were issued, for users who still are, and where it is the latest.

    The rows are locked in one order, so that two processes that do it wait for each other at most.
    """
    _NOTE_TOKEN.run_each(connection, sorted((user.resource, user.user, at) for user, at in moments))


def revoke_tokens(connection: Connection, user: CommunicationUser) -> bool:
    """End every token issued so far; False when there is no such identity."""
    return connection.execute(_REVOKE, _key(user)).rowcount > 0


def delete_identity(connection: Connection, user: CommunicationUser, at: datetime) -> bool:
    """Delete the identity and end its tokens; False when there is no such identity."""
    return connection.execute(_DELETE, {**_key(user), "at": at}).rowcount > 0


def find_keys(connection: Connection) -> Mapping[str, bytes]:
    """The signing keys by id, encrypted; the one to sign with is the first."""
    return {row.id: row.private_key for row in connection.execute(_KEYS)}


def add_key(connection: Connection, key_id: str, *, sealed: bytes, at: datetime) -> None:
    """Write a signing key, which must be encrypted already."""
    values = {"id": key_id, "private_key": sealed, "created_at": at}
    connection.execute(_ADD_KEY, values)


def lock_keys(connection: Connection) -> None:
    """Keep every other change of keys off until the end of the transaction."""
    connection.execute(_LOCK_KEYS)


def list_keys(connection: Connection) -> list[tuple[str, datetime, datetime | None]]:
    """Id, beginning and retirement of every signing key, the one to sign with first."""
    return [(row.id, row.created_at, row.retired_at) for row in connection.execute(_LIST_KEYS)]


def retire_keys(connection: Connection, at: datetime) -> None:
    """Let no key sign any more."""
    connection.execute(_RETIRE_KEYS, {"at": at})


def drop_key(connection: Connection, key_id: str) -> None:
    """Forget a key, and with it all that it has signed."""
    connection.execute(_DROP_KEY, {"of_key": key_id})


def drop_keys(connection: Connection, until: datetime) -> int:
    """Forget the keys that were retired until then; their number."""
    return connection.execute(_DROP_KEYS, {"until": until}).rowcount


def find_issuers(connection: Connection) -> tuple[str, ...]:
    """Every URL that tokens were issued under, the one used last first."""
    return tuple(connection.execute(_ISSUERS).scalars())


def use_issuer(connection: Connection, url: str, at: datetime) -> None:
    """Write that tokens are issued under this URL from now on."""
    if connection.execute(_USE_ISSUER, {"of_url": url, "at": at}).rowcount == 0:
        connection.execute(_ADD_ISSUER, {"url": url, "used_at": at})


def _key(user: CommunicationUser) -> dict[str, object]:
    return {"of_resource": user.resource, "of_user": user.user}
