"""Statements that run so often that they are compiled once and given to the driver itself.

SQLAlchemy spends several times as long on running a statement as a database on carrying it out.
What is written here is the same on every database: the statement and its types are SQLAlchemy's,
and so are the errors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

# Any: values and rows are what the statement's types say, which only the statement's writer knows.
Row: TypeAlias = tuple[Any, ...]
Change: TypeAlias = Callable[[Any], Any]
# What makes something else of the values at these places of a row.
Changes: TypeAlias = Sequence[tuple[int, Change]]
Executable: TypeAlias = Select[*tuple[Any, ...]] | Insert | Update | Delete

# The execution option that holds a connection's own driver: to find it takes as long as a row.
DRIVER = "driver"


class Statement:
    """One statement, and the names of its values in the order in which they are handed over.

    It is run in the transaction of its connection, and takes no lists.
    """

    def __init__(self, statement: Executable, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, *values: object) -> list[Row]:
        """Every row that it finds."""
        form = self._form(connection)
        try:
            found: list[Row] = form.run(connection, values).fetchall()
        except form.error as error:
            raise form.refused(error) from error
        return [_changed(row, form.columns) for row in found] if form.columns else found

    def row(self, connection: Connection, *values: object) -> Row | None:
        """The one row that it finds, if any."""
        form = self._form(connection)
        try:
            found: Row | None = form.run(connection, values).fetchone()
        except form.error as error:
            raise form.refused(error) from error
        return _changed(found, form.columns) if found and form.columns else found

    def run(self, connection: Connection, *values: object) -> int:
        """Change some rows; how many they were."""
        form = self._form(connection)
        try:
            count: int = form.run(connection, values).rowcount
        except form.error as error:
            raise form.refused(error) from error
        return count

    def run_each(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Change something with each of these rows of values."""
        form = self._form(connection)
        bound = [form.bind(values) for values in rows]
        try:
            _driver(connection).cursor().executemany(form.text, bound)
        except form.error as error:
            raise form.refused(error) from error

    def _form(self, connection: Connection) -> "_Form":
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _compile(self._statement, self._names, dialect)
        return form


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one driver takes it."""

    text: str
    # Where each parameter is found in the values and, behind them, what the statement itself
    # gives; None when the values are the parameters.
    places: Sequence[int] | None
    given: Row
    parameters: Changes
    # For a driver that takes parameters by name.
    names: Sequence[str] | None
    # Whether the values are taken as they are.
    takes_values: bool
    columns: Changes
    dialect: Dialect
    # What the driver raises.
    error: type[Exception]

    # Any: drivers have no type in common; both of ours run statements on a connection.
    def run(self, connection: Connection, values: Row) -> Any:  # noqa: ANN401 - as above
        if not self.takes_values:
            values = self.bind(values)
        driver = connection.get_execution_options().get(DRIVER) or _driver(connection)
        return driver.execute(self.text, values)

    def bind(self, values: Row) -> Any:  # noqa: ANN401 - the driver's
        if self.places is not None:
            values += self.given
            values = tuple([values[place] for place in self.places])
        if self.parameters:
            values = _changed(values, self.parameters)
        return values if self.names is None else dict(zip(self.names, values, strict=True))

    def refused(self, error: Exception) -> Exception:
        """The driver's error as SQLAlchemy tells it."""
        return DBAPIError.instance(
            self.text, None, error, self.error, hide_parameters=True, dialect=self.dialect
        )


def with_driver(connection: Connection) -> Connection:
    """The connection, with its driver at hand."""
    return connection.execution_options(**{DRIVER: _driver(connection)})


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - as above
    known = connection.get_execution_options().get(DRIVER)
    return connection.connection.driver_connection if known is None else known


def _changed(row: Row, changes: Changes) -> Row:
    values = list(row)
    for place, change in changes:
        values[place] = change(values[place])
    return tuple(values)


def _compile(statement: Executable, names: Sequence[str], dialect: Dialect) -> _Form:
    columns = names if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    wanted = compiled.positiontup or list(binds)
    given = {name: bind.value for name, bind in binds.items() if not bind.required}
    known = [*names, *given]
    places = [known.index(name) for name in wanted]
    in_order = places == list(range(len(names)))
    parameters = _changes(
        binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in wanted
    )
    return _Form(
        text=compiled.string,
        places=None if in_order else places,
        given=tuple(given.values()),
        parameters=parameters,
        names=None if compiled.positional else wanted,
        takes_values=in_order and compiled.positional and not parameters,
        columns=_changes(
            one.type.dialect_impl(dialect).result_processor(dialect, None)
            for one in statement.exported_columns
        ),
        dialect=dialect,
        error=dialect.loaded_dbapi.Error,
    )


def _changes(changes: Iterable[Change | None]) -> Changes:
    return [(place, change) for place, change in enumerate(changes) if change is not None]
