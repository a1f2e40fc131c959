"""X30: a second server on the same data is refused in one clear line, and the first notices nothing."""

import re
from pathlib import Path

from support.faults.asking import Asker
from support.server import Server, refuse

FIRST_LINE_WITHIN = 15.0


def test_a_second_server_on_the_same_data_is_refused_and_the_first_goes_on(
    spare: Server, tmp_path: Path
) -> None:
    spare.start()
    asker = Asker(spare)
    room = asker.room()
    second = Server(tmp_path / "second", *_database(spare))
    if "--database" not in spare.command():
        second.data = spare.data

    refused = refuse(second.command(), within=FIRST_LINE_WITHIN)

    told = [line for line in refused.text.splitlines() if line.strip()]
    assert refused.status == 1, refused.text
    assert "Traceback" not in refused.text
    assert len(told) == 1, refused.text
    assert re.search("another server", told[0], re.IGNORECASE), told
    assert asker.get(room).status == 200
    assert asker.change(room).status == 200


def _database(server: Server) -> list[str]:
    command = server.command()
    if "--database" not in command:
        return []
    at = command.index("--database")
    return command[at : at + 2]
