"""Every rule for alerts that we give away asks for what a server counts whose settings nobody has touched."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from openrooms.app import open_site
from openrooms.config import Config, read_config
from openrooms.http.certificates import ensure_certificates
from openrooms.kernel.clock import system_clock
from openrooms.media.address import free_tcp_port

DOCS = Path(__file__).parents[3] / "docs"
COLLECTOR: dict[str, Any] = yaml.safe_load((DOCS / "prometheus.yml").read_text())
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
# Another address of this machine alone stands for one that others reach.
PUBLIC = "127.0.0.2"
PATIENCE = 45
# What stands in an expression beside the names of series and of functions.
WORDS = {"and", "or", "unless"}
# The collector itself makes it of each of its jobs.
UP = "up"


@dataclass(frozen=True, slots=True)
class Selector:
    """What a rule asks for: a series' name, and what its labels are compared with, and how."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]

    def fits(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a sample is of this series. What is not asked for by its very value may still come."""
        return name == self.name and all(
            labels.get(label) == value if how == "=" else label in labels
            for label, how, value in self.matchers
        )


def selectors(expression: str) -> set[Selector]:
    """All series that an expression names."""
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)|\[\w+\]", " ", expression)
    found = re.findall(r"\b([a-zA-Z_]\w*)\b(?!\s*\()(?:\{([^}]*)\})?(?![^{]*\})", bare)
    return {
        Selector(name, tuple(re.findall(r'(\w+)(=~|!=|!~|=)"([^"]*)"', matchers)))
        for name, matchers in found
        if name not in WORDS
    }


ASKED = {one for rule in RULES for one in selectors(rule["expr"])}


def as_shipped(folder: Path) -> Config:
    """A server for strangers, all of whose settings are as they come, but for ports and folders."""
    (folder / "own").mkdir()
    own = ensure_certificates(folder / "own", PUBLIC, system_clock()).files
    flags = {
        "data": folder / "data",
        "profile": "production",
        "public_host": PUBLIC,
        "certificate": own.chain,
        "certificate_key": own.key,
        **dict.fromkeys(("https_port", "media_port"), 0),
        "http_port": free_tcp_port(),
    }
    return read_config({name: str(value) for name, value in flags.items()}, {})


def missing(page: str) -> set[Selector]:
    """What is asked for and not told."""
    told = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return {
        one
        for one in ASKED
        if one.name != UP and not any(one.fits(sample.name, sample.labels) for sample in told)
    }


async def page(client: AsyncClient, until: Callable[[str], bool]) -> str:
    """The page of metrics once it is so, or as it is when nobody can wait any longer."""
    text = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while not until(text):
                text = (await client.get("/metrics")).text
    except TimeoutError:
        pass
    return text


@pytest.mark.anyio
@pytest.mark.slow
async def test_each_series_that_a_rule_asks_for_is_told_by_a_server_as_it_comes(
    tmp_path: Path,
) -> None:
    config = as_shipped(tmp_path)
    here = f"http://127.0.0.1:{config.http_port}"
    async with open_site(config), AsyncClient(base_url=here, timeout=PATIENCE) as client:
        # Series of requests and of calls come with the first of them: the server calls itself.
        await client.get("/rooms")
        told = await page(client, lambda text: not missing(text))

    assert len(ASKED) > len(RULES) / 2
    assert missing(told) == set()


def test_a_server_that_is_dead_is_missed_under_the_name_it_is_asked_by() -> None:
    (job,) = COLLECTOR["scrape_configs"]

    assert {one for one in ASKED if one.name == UP} == {
        Selector(UP, (("job", "=", job["job_name"]),))
    }
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{Config(data=DOCS).http_port}"]}]
    assert COLLECTOR["rule_files"] == ["alerts.yml"]


def test_each_rule_has_a_name_of_its_own_and_says_whom_it_wakes_and_why() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in RULES)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("time() - (a_b > 0) > 120", {"a_b"}),
        ('sum by (x, y) (rate(a{b=~"c..",d="e"}[5m])) > 0.01 * rate(f[5m])', {"a", "f"}),
        ('up{job="j"} == 0 or absent(up{job="j"})', {"up"}),
        ("min_over_time(a[5m]) > 2 * 86400", {"a"}),
    ],
)
def test_the_series_of_an_expression_are_found(expression: str, names: set[str]) -> None:
    assert {one.name for one in selectors(expression)} == names
