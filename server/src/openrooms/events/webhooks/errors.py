"""What can be wrong with a webhook, or with what is asked about events. Each message is for the operator.

OperatorRefused
    WebhookError      400, unless another is named: over HTTP it is told as what it is
        BadUrl, BadForm, BadTypes, BadOverlap, NotValidated, TooManyWebhooks
        NoSuchWebhook      404
        TriedAlready       429
    NoSuchEvent
"""

from openrooms.identity.errors import OperatorRefused


class WebhookError(OperatorRefused):
    """What was asked for of a webhook cannot be done."""

    status = 400
    code = "BadRequest"

    @property
    def message(self) -> str:
        return str(self)


class BadUrl(WebhookError):
    def __init__(self) -> None:
        super().__init__(
            "Webhook URL: not possible. Give https://HOST/PATH, without a user and a fragment, in "
            "at most 2048 characters."
        )


class BadForm(WebhookError):
    def __init__(self, form: str) -> None:
        super().__init__(f"Form {form[:20]!r}: not known. Give eventgrid or cloudevents.")


class BadTypes(WebhookError):
    def __init__(self) -> None:
        super().__init__("Types: not possible. Give at most 50 event types, of 64 characters each.")


class BadOverlap(WebhookError):
    def __init__(self) -> None:
        super().__init__("Hours to keep the former secret: not possible. Give 0 to 168.")


class NotValidated(WebhookError):
    """The receiver has not shown that it wants events."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Webhook: its receiver does not confirm that it wants events ({why}). "
            "See docs/events.md, and try again."
        )


class NoSuchWebhook(WebhookError):
    status = 404
    code = "NotFound"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Webhook {name[:40]!r}: not there. The list of webhooks names those that are."
        )


class TriedAlready(WebhookError):
    """A receiver may take its time to answer: others' events must not wait for places meanwhile."""

    status = 429
    code = "TooManyRequests"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Webhooks: a receiver of this resource is being asked. Try again then.")


class TooManyWebhooks(WebhookError):
    def __init__(self, most: int) -> None:
        super().__init__(f"Webhooks: a resource has {most} at most. Remove one first.")


class NoSuchEvent(OperatorRefused):
    def __init__(self, sequence: int) -> None:
        super().__init__(f"Event {sequence}: not there, or kept long enough.")
