"""The SDK's table of the server's reasons has those that the server gives, and no others."""

import json
from collections.abc import Iterator

from support.packages import ROOT

from openrooms.calling import model
from openrooms.calling.errors import JoinRefused
from openrooms.calling.model import EndReason

TABLE = ROOT / "sdk/calling/test/ends/of-server.json"


def _refusals(of: type[JoinRefused]) -> Iterator[tuple[int, int]]:
    for one in of.__subclasses__():
        yield (one.code, one.sub_code)
        yield from _refusals(one)


def test_the_sdk_knows_each_reason_that_the_server_gives() -> None:
    table = json.loads(TABLE.read_text())
    known = {(code, sub_code) for rows in table.values() for code, sub_code, _ in rows}
    ends = {(one.code, one.sub_code) for one in vars(model).values() if isinstance(one, EndReason)}

    assert known == ends | set(_refusals(JoinRefused))
