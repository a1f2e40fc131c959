"""Moments as columns hold them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as whole microseconds since 1970 in UTC: exact, sortable, free of time zones."""

    impl = BigInteger
    cache_ok = True

    # The functions themselves: the usual way has another one around each.

    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _to_number

    def result_processor(
        self, _dialect: Dialect, _coltype: object
    ) -> Callable[[int | None], datetime | None]:
        return _to_moment


def _to_number(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def _to_moment(number: int | None) -> datetime | None:
    return None if number is None else EPOCH + number * MICROSECOND
