"""What can go wrong with the data directory and the database.

StorageError
    DataDirectoryUnusable      it cannot be made, read or written; the message says why
        DataDirectoryInUse     another server holds it
        NewerData              a newer version of the product has written it
        WrongMasterKey         its secrets were encrypted under another key
    DatabaseUnusable           it cannot be reached, or is not fit for us; the message says why
        DatabaseInUse          another server runs the calls of it
    CopyFailed                 a copy into another database cannot be made, or was undone
    DatabaseAway               503: try again
        DatabaseBusy           the change was not begun; nothing happened
            DatabaseLocked     somebody else holds what it needs; nothing happened
        DatabaseFull           no space left; nothing happened
        DatabaseClosed         the service is stopping; nothing happened
        OutcomeUnknown         the change was begun, and may have happened
"""


class StorageError(Exception):
    """Anything wrong with what is stored."""


class DataDirectoryUnusable(StorageError):
    """The data directory cannot be made, read or written."""


class DataDirectoryInUse(DataDirectoryUnusable):
    """Another server holds the data directory."""


class NewerData(DataDirectoryUnusable):
    """The database was written by a newer version of the product."""


class WrongMasterKey(DataDirectoryUnusable):
    """A secret was encrypted under another master key, or was changed."""


class DatabaseUnusable(StorageError):
    """The database cannot be reached, or cannot be what we need."""


class DatabaseInUse(DatabaseUnusable):
    """Another server runs the calls of this database."""


class CopyFailed(StorageError):
    """A copy into another database cannot be made, or was undone."""


class DatabaseAway(StorageError):
    """The database does not answer for the moment. The caller may try again."""

    status = 503
    code = "ServiceUnavailable"
    message = "The service is busy. Try again."
    retry_after = 1


class DatabaseBusy(DatabaseAway):
    """Too much work is waiting. The change was not begun."""


class DatabaseLocked(DatabaseBusy):
    """Another transaction holds what this one needs, and for long. Nothing was changed."""


class DatabaseFull(DatabaseAway):
    """There is no space left. Nothing was changed."""

    code = "InsufficientStorage"
    message = "The service has no space left to store the change."
    status = 507


class DatabaseClosed(DatabaseAway):
    """The service is stopping. Nothing was changed."""


class OutcomeUnknown(DatabaseAway):
    """The change was begun and not confirmed in time. It may have happened."""
