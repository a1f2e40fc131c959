"""The clock is compared with those of other machines, or it is said that it was not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.issuing import Issuing, issuing
from support.postgres import Postgres

from openrooms.config import Config
from openrooms.doctor_clock import check_clock
from openrooms.findings import Finding, State
from openrooms.http.certificates import ensure_certificates
from openrooms.kernel.clock import Clock, system_clock


def off(**by: float) -> Clock:
    """A clock that is wrong by so much."""
    return lambda: system_clock() + timedelta(**by)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path / "data")


@pytest.fixture
def issuer() -> Iterator[Issuing]:
    with issuing() as running:
        yield running


def found(config: Config, clock: Clock = system_clock) -> Finding:
    (finding,) = check_clock(config, clock)
    return finding


def test_with_nobody_to_ask_it_says_that_it_was_compared_with_nobody(config: Config) -> None:
    finding = found(config)

    assert finding.state is State.OK
    assert "compared with no other" in finding.said
    assert f"{system_clock():%Y-%m-%d}" in finding.said


def test_a_clock_that_is_shifted_on_purpose_is_a_warning(config: Config, tmp_path: Path) -> None:
    assert found(replace(config, clock_offset=tmp_path / "offset")).state is State.WARN


@pytest.mark.parametrize(
    ("minutes", "state", "said"),
    [
        (0, State.OK, "agrees with that of the database server"),
        (5, State.FAIL, "300 s ahead of that of the database server"),
        (-5, State.FAIL, "300 s behind that of the database server"),
    ],
)
def test_the_database_servers_clock_tells_whether_ours_is_wrong(
    config: Config, postgres: Postgres, *, minutes: int, state: State, said: str
) -> None:
    with postgres.empty() as url:
        finding = found(replace(config, database=url), off(minutes=minutes))

    assert (finding.state, finding.said) == (state, said)


def test_a_database_server_that_does_not_let_us_in_is_no_comparison(
    config: Config, postgres: Postgres
) -> None:
    finding = found(replace(config, database=postgres.url("nowhere")))

    assert finding.state is State.WARN
    assert "not compared with that of the database server" in finding.said


def test_the_issuers_clock_tells_whether_ours_is_wrong(config: Config, issuer: Issuing) -> None:
    asking = replace(config, oidc_issuer=issuer.name)

    assert found(asking).said == f"agrees with that of {issuer.name}"
    assert found(asking, off(hours=1)).state is State.FAIL
    assert "ahead of" in found(asking, off(hours=1)).said


def test_the_time_for_which_an_answer_was_kept_on_its_way_counts(
    config: Config, issuer: Issuing
) -> None:
    issuer.headers["Age"] = "3600"

    assert found(replace(config, oidc_issuer=issuer.name), off(hours=1)).state is State.OK


def test_an_issuer_of_a_private_authority_is_trusted_where_it_is_named(
    config: Config, tmp_path: Path
) -> None:
    certificates = ensure_certificates(tmp_path, None, system_clock())
    with issuing(certificates.context) as issuer:
        doubting = replace(config, oidc_issuer=issuer.name)
        trusting = replace(doubting, oidc_ca=certificates.authority)

        assert found(trusting).state is State.OK
        assert "it does not answer (ConnectError)" in found(doubting).said


def test_an_answer_without_a_date_is_no_comparison(config: Config, issuer: Issuing) -> None:
    issuer.headers["Date"] = "yesterday"

    finding = found(replace(config, oidc_issuer=issuer.name))

    assert finding.state is State.WARN
    assert "no usable date" in finding.said
    assert finding.advice


def test_each_other_clock_is_told_of(config: Config, issuer: Issuing, postgres: Postgres) -> None:
    with postgres.empty() as url:
        both = replace(config, database=url, oidc_issuer=issuer.name)

        assert [one.state for one in check_clock(both, system_clock)] == [State.OK, State.OK]
