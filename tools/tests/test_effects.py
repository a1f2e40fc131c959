"""The rules about effects find each forbidden reach, and only outside the file that may."""

import pytest

from tools.rules import effects
from tools.rules.source import Source

SERVICE = "server/src/openrooms/rooms/service.py"


@pytest.mark.parametrize(
    "text",
    [
        "import time\n",
        "from time import monotonic\n",
        "from datetime import datetime, UTC\nx = datetime.now(UTC)\n",
        "import datetime\nx = datetime.datetime.now()\n",
        "import asyncio\nx = asyncio.get_running_loop().time()\n",
    ],
)
def test_only_the_clock_reads_the_time(text: str) -> None:
    assert list(effects.reads_of_time(Source(SERVICE, text)))
    assert not list(effects.reads_of_time(Source("server/src/openrooms/kernel/clock.py", text)))
    assert not list(effects.reads_of_time(Source("tools/fresh.py", text)))


@pytest.mark.parametrize(
    "text",
    ["import secrets\n", "import uuid\nx = uuid.uuid4()\n", "import os\nx = os.urandom(12)\n"],
)
def test_only_ids_makes_ids(text: str) -> None:
    assert list(effects.makers_of_ids(Source(SERVICE, text)))
    assert not list(effects.makers_of_ids(Source("server/src/openrooms/kernel/ids.py", text)))


def test_reading_an_id_is_not_making_one() -> None:
    assert not list(effects.makers_of_ids(Source(SERVICE, "import uuid\nx = uuid.UUID('a')\n")))


@pytest.mark.parametrize(
    "text",
    [
        "import os\nx = os.environ['A']\n",
        "import os\nx = os.getenv('A')\n",
        "from os import environ\n",
    ],
)
def test_only_config_reads_the_environment(text: str) -> None:
    assert list(effects.reads_of_environment(Source(SERVICE, text)))
    assert not list(effects.reads_of_environment(Source("server/src/openrooms/config.py", text)))


@pytest.mark.parametrize(
    "call",
    ["asyncio.create_task(x())", "asyncio.ensure_future(x())", "create_task(x())",
     "asyncio.get_running_loop().create_task(x())", "self._loop.create_task(x())"],
)  # fmt: skip
def test_a_task_outside_a_group_is_found(call: str) -> None:
    assert list(effects.loose_tasks(Source(SERVICE, f"{call}\n")))


def test_a_task_of_a_group_is_not_found() -> None:
    assert not list(effects.loose_tasks(Source(SERVICE, "group.create_task(x())\n")))


def test_a_sleep_is_found_in_tests_alone() -> None:
    text = "import asyncio\nasyncio.sleep(0.1)\npage.wait_for_timeout(5)\n"

    found = effects.waits_in_tests(Source("server/tests/rooms/test_service.py", text))

    assert [one.line for one in found] == [2, 3]
    assert not list(effects.waits_in_tests(Source(SERVICE, text)))


def test_giving_others_their_turn_is_no_sleep() -> None:
    source = Source("server/tests/test_a.py", "asyncio.sleep(0)\n")

    assert not list(effects.waits_in_tests(source))


def test_a_conformance_test_that_imports_the_product_is_found() -> None:
    text = "from openrooms.rooms import model\n"

    assert list(effects.product_in_conformance(Source("tests/conformance/test_a.py", text)))
    assert not list(effects.product_in_conformance(Source("tests/e2e/test_a.py", text)))
