"""What went wrong is told in the words of each API, and nothing more is."""

import json
from types import SimpleNamespace

import pytest
import structlog

from openrooms.http.errors import Denied, Fault, MalformedBody, MethodNotAllowed
from openrooms.http.problems import IDENTITY, ROOMS, encode_problem, problem_of
from openrooms.storage.errors import DatabaseBusy


class Full(Exception):
    status = 400
    code = "BadRequest"
    message = "m"
    target = "t"
    details = (Fault("inner", "$.x"),)
    headers = {"Repeatability-Result": "rejected"}  # noqa: RUF012 - never changed


def test_an_error_is_told_with_all_it_says() -> None:
    problem = problem_of(Full(), ROOMS)

    assert problem.headers == {"Repeatability-Result": "rejected"}
    assert json.loads(encode_problem(problem)) == {
        "error": {
            "code": "BadRequest",
            "message": "m",
            "target": "t",
            "details": [{"code": "BadArgument", "message": "inner", "target": "$.x"}],
        }
    }


def test_what_was_found_while_reading_the_body_is_unbound() -> None:
    class Unbound(Denied):
        unbound = True

    assert problem_of(Full(), ROOMS).unbound
    assert problem_of(Unbound("reason"), ROOMS).unbound
    assert not problem_of(Denied("reason"), ROOMS).unbound


def test_what_an_error_does_not_say_is_left_out() -> None:
    problem = problem_of(Denied("secret reason"), ROOMS)

    assert json.loads(encode_problem(problem)) == {
        "error": {"code": "Denied", "message": "Denied by the resource provider."}
    }


def test_an_unforeseen_error_is_logged_and_tells_nothing() -> None:
    with structlog.testing.capture_logs() as logs:
        problem = problem_of(RuntimeError("SELECT secret"), ROOMS)

    assert problem.status == 500
    assert b"SELECT" not in encode_problem(problem)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("request_failed", "error")]


def test_an_error_whose_status_is_no_number_is_unforeseen() -> None:
    class Odd(Exception):
        status = "broken"

    with structlog.testing.capture_logs():
        assert problem_of(Odd(), ROOMS).status == 500


def test_a_busy_database_says_when_to_come_back() -> None:
    problem = problem_of(DatabaseBusy(), ROOMS)

    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})


def test_a_method_that_is_not_allowed_names_those_that_are() -> None:
    assert problem_of(MethodNotAllowed(["GET", "PATCH"]), ROOMS).headers == {"Allow": "GET, PATCH"}


def test_a_malformed_body_is_a_detail_for_rooms_and_a_target_for_identity() -> None:
    rooms = problem_of(MalformedBody("reason"), ROOMS)
    identity = problem_of(MalformedBody("reason"), IDENTITY)

    assert (rooms.code, rooms.details) == ("BadRequest", (Fault("reason", "$"),))
    assert rooms.unbound
    assert identity.unbound
    assert (identity.code, identity.message, identity.target, identity.details) == (
        "ValidationError",
        "reason",
        "$",
        (),
    )


@pytest.mark.parametrize("where", ["message", "detail"])
def test_echoed_input_is_cut(where: str) -> None:
    class Loud(Full):
        message = "x" * 10_000 if where == "message" else ""
        details = (Fault("x" * 10_000 if where == "detail" else "", "t"),)

    assert len(encode_problem(problem_of(Loud(), ROOMS))) < 1_000


def test_a_foreign_fault_needs_only_the_names() -> None:
    class Other(Full):
        details = (SimpleNamespace(code="c", message="m", target=None),)  # type: ignore[assignment]

    assert b'"details":[{"code":"c","message":"m"}]' in encode_problem(problem_of(Other(), ROOMS))
