"""What errors carry to whom: to the caller what helps him, to the log alone what helps a stranger."""

from openrooms.http.errors import Denied, MalformedBody, MethodNotAllowed, VersionUnsupported


def test_why_a_signature_was_denied_is_not_told() -> None:
    denied = Denied("no such key")

    assert denied.reason == "no such key"
    assert "key" not in denied.message


def test_which_methods_a_path_knows_is_told_in_a_header() -> None:
    assert MethodNotAllowed(["GET", "PATCH"]).headers == {"Allow": "GET, PATCH"}


def test_an_unknown_version_is_named_with_its_address() -> None:
    message = VersionUnsupported("https://here/rooms", "1999-01-01").message

    assert message == (
        "The HTTP resource that matches the request URI 'https://here/rooms' "
        "does not support the API version '1999-01-01'."
    )


def test_what_an_error_repeats_is_short() -> None:
    assert len(VersionUnsupported("https://here/" * 200, "1999" * 200).message) < 650


def test_a_malformed_body_says_where_it_is_wrong() -> None:
    (fault,) = MalformedBody("Expected a string", "$.validFrom").details

    assert (fault.message, fault.target) == ("Expected a string", "$.validFrom")
