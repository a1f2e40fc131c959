"""What errors of identity say: status, code, text and target."""

import pytest

from openrooms.identity import errors
from openrooms.identity.errors import IdentityError

EXPECTED = [
    (errors.Denied(), 401, "Denied", "Denied by the resource provider.", None),
    (errors.IdentityNotFound(), 404, "NotFound", "The identity does not exist.", None),
    (
        errors.ScopesRequired(),
        400,
        "ValidationError",
        "Scopes: The Scopes field is required.",
        "Scopes",
    ),
    (
        errors.InvalidExpiry(1441, 60, 1440),
        400,
        "ValidationError",
        "ExpiresInMinutes value 1441 is invalid. Value must be within the [60, 1440] interval.",
        "ExpiresInMinutes",
    ),
    (
        errors.AppIdRequired(),
        400,
        "ValidationError",
        "AppId: The AppId field is required.",
        "AppId",
    ),
    (
        errors.InvalidAccessToken(),
        401,
        "InvalidAccessToken",
        "Provided access token is not valid.",
        None,
    ),
    (
        errors.Unreadable("Body: unreadable.", "Body"),
        400,
        "ValidationError",
        "Body: unreadable.",
        "Body",
    ),
]


@pytest.mark.parametrize(("error", "status", "code", "message", "target"), EXPECTED)
def test_an_error_has_its_status_code_text_and_target(
    error: IdentityError, status: int, code: str, message: str, target: str | None
) -> None:
    assert (error.status, error.code, error.message, error.target) == (
        status,
        code,
        message,
        target,
    )


@pytest.mark.parametrize("error", [errors.InvalidScopes(), errors.InvalidIdentity()])
def test_a_wrong_value_is_named(error: IdentityError) -> None:
    assert (error.status, error.code) == (400, "ValidationError")
    assert error.message
    assert error.target


def test_why_a_token_was_refused_is_not_told_to_its_holder() -> None:
    error = errors.TokenRefused("revoked")

    assert error.status == 401
    assert error.reason == "revoked"
    assert "revoked" not in error.message
