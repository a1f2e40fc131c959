"""What can be wrong with a webhook, or with what is asked about events. Each message is for the operator.

OperatorRefused
    BadUrl, BadForm, BadTypes, AddressRefused, NotValidated, NoSuchWebhook, TooManyWebhooks, NoSuchEvent
"""

from openrooms.identity.errors import OperatorRefused


class BadUrl(OperatorRefused):
    def __init__(self) -> None:
        super().__init__(
            "Webhook URL: not possible. Give https://HOST/PATH, without a user and a fragment, in "
            "at most 2048 characters."
        )


class BadForm(OperatorRefused):
    def __init__(self, form: str) -> None:
        super().__init__(f"Form {form[:20]!r}: not known. Give eventgrid or cloudevents.")


class BadTypes(OperatorRefused):
    def __init__(self) -> None:
        super().__init__("Types: not possible. Give at most 50 event types, of 64 characters each.")


class NotValidated(OperatorRefused):
    """The receiver has not shown that it wants events."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Webhook: its receiver does not confirm that it wants events ({why}). "
            "See docs/events.md, and try again."
        )


class NoSuchWebhook(OperatorRefused):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"Webhook {name[:40]!r}: not there. `openrooms webhook list` names those that are."
        )


class TooManyWebhooks(OperatorRefused):
    def __init__(self, most: int) -> None:
        super().__init__(f"Webhooks: a resource has {most} at most. Remove one first.")


class NoSuchEvent(OperatorRefused):
    def __init__(self, sequence: int) -> None:
        super().__init__(f"Event {sequence}: not there, or kept long enough.")
