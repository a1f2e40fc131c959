"""The tables, the same for every database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from openrooms.storage.columns import SEALED, index_of_some, numbered, only_one
from openrooms.storage.instants import Instant

# A custom id belongs to one identity at a time; deleting that lets it go.
CUSTOM_ID_IN_USE = "deleted_at IS NULL AND custom_id IS NOT NULL"

metadata = MetaData()

# A tenant. Its keys are encrypted under the master key.
resource = Table(
    "resource",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("primary_key", LargeBinary, nullable=False, info=SEALED),
    Column("secondary_key", LargeBinary, nullable=False, info=SEALED),
    Column("created_at", Instant, nullable=False),
)

# Where a resource is reached. One without a name is reached under every name that is nobody's.
host_name = Table(
    "host_name",
    metadata,
    Column("name", String(253), primary_key=True),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Index("host_name_by_resource", "resource_id"),
)

# A deleted resource has given its name and its keys away; its row stays for what refers to it.
deleted_resource = Table(
    "deleted_resource",
    metadata,
    Column("resource_id", ForeignKey("resource.id"), primary_key=True),
    Column("deleted_at", Instant, nullable=False),
)

# A number that is raised with each change of what every process holds in memory.
revision = Table(
    "revision",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# In SQLite, a table without row ids is its primary key's own index: one page to write, not two.

# Raising `generation` ends every access token issued before.
identity = Table(
    "identity",
    metadata,
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("user_id", String(36), nullable=False),
    Column("custom_id", String(256)),
    Column("generation", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_token_issued_at", Instant),
    Column("deleted_at", Instant),
    PrimaryKeyConstraint("resource_id", "user_id"),
    only_one("identity_by_custom_id", "resource_id", "custom_id", where=CUSTOM_ID_IN_USE),
    sqlite_with_rowid=False,
)

# A deleted room stays, without its roster, so that its id is never used again. The indexes have
# the others alone: a list never walks over what is gone. Only its roster knows its number.
room = Table(
    "room",
    metadata,
    numbered(),
    Column("id", BigInteger, nullable=False, unique=True),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("pstn_dial_out_enabled", Boolean, nullable=False),
    Column("deleted_at", Instant),
    # What an operator may set for one room; null: as the server is set.
    Column("at_expiry", String(4)),
    Column("grace_minutes", Integer),
    Column("participant_limit", Integer),
    index_of_some(
        "room_newest_first", "resource_id", "created_at", "id", where="deleted_at IS NULL"
    ),
    index_of_some("room_by_end", "valid_until", where="deleted_at IS NULL"),
)

invitation = Table(
    "invitation",
    metadata,
    Column("room_number", ForeignKey("room.number"), nullable=False),
    Column("raw_id", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    # What this participant may do beyond his role, or less than it: JSON of capability names.
    Column("permissions", Text),
    PrimaryKeyConstraint("room_number", "raw_id"),
    sqlite_with_rowid=False,
)

# The answer to a repeatable request, written in the transaction of its effect. The first in the
# order of numbers are the oldest.
repeat = Table(
    "repeat",
    metadata,
    numbered(),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("location", String(64)),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("resource_id", "request_id"),
)

call = Table(
    "call",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("room_id", ForeignKey("room.id")),
    Column("group_id", String(36)),
    Column("server_call_id", String(128), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_code", Integer),
    Column("end_sub_code", Integer),
    Column("two_party", Boolean, nullable=False, server_default=false()),
    # Whether attendees may speak and show themselves; a member's own row goes before it.
    Column("attendees_audio", Boolean, nullable=False, server_default=true()),
    Column("attendees_video", Boolean, nullable=False, server_default=true()),
    Column("end_message", Text),
    # Who was the first in it, and in which role: events say so.
    Column("started_by", String(128)),
    Column("started_role", String(16)),
    # What the caller's app gave along, as JSON, until the call ends.
    Column("custom_context", Text),
    only_one("one_live_call_a_room", "room_id", where="ended_at IS NULL AND room_id IS NOT NULL"),
    only_one(
        "one_live_call_a_group",
        "resource_id",
        "group_id",
        where="ended_at IS NULL AND group_id IS NOT NULL",
    ),
    Index("call_newest_first", "resource_id", "started_at", "id"),
    index_of_some("call_by_room", "room_id", "started_at", "id", where="room_id IS NOT NULL"),
    index_of_some("call_by_end", "ended_at", where="ended_at IS NOT NULL"),
)

# One endpoint of one user in one call. `id` is its participant id on the wire. One that rings has no
# agent yet. `capabilities`: a letter for each, as the user was last allowed. `position`: its place in
# the order in which the call's legs joined; clocks jump, and processes have clocks of their own.
leg = Table(
    "leg",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("call_id", ForeignKey("call.id"), nullable=False),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("raw_id", String(128), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("agent_id", String(36), nullable=False),
    Column("join_id", String(36), nullable=False),
    Column("ticket_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_code", Integer),
    Column("end_sub_code", Integer),
    Column("end_message", Text),
    Column("state", String(8), nullable=False, server_default="joined"),
    Column("capabilities", String(32), nullable=False, server_default=""),
    Column("on_hold", Boolean, nullable=False, server_default=false()),
    Column("invited_by", String(128)),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("user_agent", Text, nullable=False, server_default=""),
    Index("leg_by_call", "call_id", "ended_at"),
    Index("leg_by_ticket", "ticket_hash", unique=True),
    Index("leg_by_agent", "agent_id", "ended_at"),
    Index("leg_by_user", "raw_id", "ended_at"),
    Index("leg_by_join", "raw_id", "agent_id", "join_id", unique=True),
)

# A join that was refused. `place`: the room's id or the group's, as it was asked for. `more`: how
# many more of the user's were refused soon after, and are not kept one by one.
refusal = Table(
    "refusal",
    metadata,
    numbered(),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("raw_id", String(128), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("place", String(36), nullable=False),
    Column("refused_at", Instant, nullable=False),
    Column("code", Integer, nullable=False),
    Column("sub_code", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("more", Integer, nullable=False),
    Index("refusal_newest_first", "resource_id", "number"),
    Index("refusal_by_user", "raw_id", "number"),
)

# What a user thinks of a call that he was in, or (null) never got into. `id`: his client's. `ratings`:
# JSON. It stays when the call is no longer on record.
survey = Table(
    "survey",
    metadata,
    numbered(),
    Column("id", String(36), nullable=False),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("raw_id", String(128), nullable=False),
    Column("call_id", String(36)),
    Column("participant_id", String(36)),
    Column("submitted_at", Instant, nullable=False),
    Column("ratings", Text, nullable=False),
    UniqueConstraint("raw_id", "id"),
    Index("survey_newest_first", "resource_id", "number"),
    Index("survey_by_user", "raw_id", "number"),
    index_of_some("survey_by_call", "call_id", "number", where="call_id IS NOT NULL"),
)

# What has happened, written in the transaction of what it tells of. Those of one `ordering_key` (a
# call, a room) are written while that is held, so the order of their numbers is that of commits.
# `sequence` counts the events of a resource without gaps; it is given after the commit.
event = Table(
    "event",
    metadata,
    numbered(),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("id", String(36), nullable=False),
    Column("sequence", BigInteger),
    Column("ordering_key", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", String(320), nullable=False),
    Column("data", Text, nullable=False),
    Column("happened_at", Instant, nullable=False),
    only_one("event_by_sequence", "resource_id", "sequence", where="sequence IS NOT NULL"),
    index_of_some("event_to_count", "resource_id", "number", where="sequence IS NULL"),
)

# The last sequence that a resource's events were given. Whoever gives one, or changes deliveries of
# the resource, holds this row.
event_count = Table(
    "event_count",
    metadata,
    Column("resource_id", ForeignKey("resource.id"), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# Where events of a resource are sent. An address may hold a secret of the receiver's. `types`: JSON
# of the types that are sent; null: all.
webhook = Table(
    "webhook",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("url", LargeBinary, nullable=False, info=SEALED),
    Column("secret", LargeBinary, nullable=False, info=SEALED),
    Column("form", String(16), nullable=False),
    Column("types", Text),
    Column("created_at", Instant, nullable=False),
    # The secret before this one, which signs beside it until then.
    Column("former_secret", LargeBinary, info=SEALED),
    Column("former_until", Instant),
    Index("webhook_by_resource", "resource_id"),
)

# An event that a webhook has not taken yet. `due_at`: null for one that waits for another of its
# ordering key, and for one that was given up (`dead_at`).
delivery = Table(
    "delivery",
    metadata,
    Column("event_number", ForeignKey("event.number"), nullable=False),
    # Of a webhook that was removed it goes with its event.
    Column("webhook_id", String(36), nullable=False),
    Column("ordering_key", String(64), nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("unreached", Boolean, nullable=False),
    Column("failure", String(200)),
    Column("dead_at", Instant),
    PrimaryKeyConstraint("event_number", "webhook_id"),
    index_of_some("delivery_by_due", "webhook_id", "due_at", where="due_at IS NOT NULL"),
    index_of_some(
        "delivery_in_line", "webhook_id", "ordering_key", "event_number", where="dead_at IS NULL"
    ),
    index_of_some("delivery_dead", "webhook_id", "event_number", where="dead_at IS NOT NULL"),
    sqlite_with_rowid=False,
)

# An agent of the callee at which a leg rings.
ring = Table(
    "ring",
    metadata,
    Column("leg_id", ForeignKey("leg.id"), nullable=False),
    Column("agent_id", String(36), nullable=False),
    Column("declined", Boolean, nullable=False),
    PrimaryKeyConstraint("leg_id", "agent_id"),
    sqlite_with_rowid=False,
)

# What a user has done or was allowed in a live call, from whichever endpoint. Goes with the call.
# `hand` and `spotlight` are places in a line; `audio` and `video` null: as the call has it.
member = Table(
    "member",
    metadata,
    Column("call_id", ForeignKey("call.id"), nullable=False),
    Column("raw_id", String(128), nullable=False),
    Column("hand", BigInteger),
    Column("spotlight", BigInteger),
    Column("audio", Boolean),
    Column("video", Boolean),
    PrimaryKeyConstraint("call_id", "raw_id"),
    sqlite_with_rowid=False,
)

# What has to happen at a moment, re-armed at every start.
timer = Table(
    "timer",
    metadata,
    Column("what", String(32), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("due_at", Instant, nullable=False),
    PrimaryKeyConstraint("what", "subject"),
    Index("timer_by_due", "due_at"),
)

# Token signing keys, encrypted under the master key; a retired one still verifies.
signing_key = Table(
    "signing_key",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("private_key", LargeBinary, nullable=False, info=SEALED),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

# Single secrets by name (the engine's key pair), encrypted under the master key.
secret = Table(
    "secret",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False, info=SEALED),
)

# Every URL that tokens were ever issued under: a token of a former URL stays good. The one that
# was used last is where browsers find their calls.
issuer = Table(
    "issuer",
    metadata,
    Column("url", String(512), primary_key=True),
    Column("used_at", Instant, nullable=False),
)
