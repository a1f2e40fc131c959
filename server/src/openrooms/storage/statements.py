"""Statements that run so often that they are compiled once and given to the driver itself.

SQLAlchemy spends several times as long on running a statement as a database on carrying it out.
What is written here is the same on every database: the statement and its types are SQLAlchemy's,
and so are the errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

# Any: values and rows are what the statement's types say, which only the statement's writer knows.
Values: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]
Change: TypeAlias = Callable[[Any], Any]
Executable: TypeAlias = Select[*tuple[Any, ...]] | Insert | Update | Delete

_ALL, _ONE, _COUNT = methodcaller("fetchall"), methodcaller("fetchone"), attrgetter("rowcount")


class Statement:
    """One statement. `names` are the columns that an insert fills.

    It is run in the transaction of its connection, and takes no lists.
    """

    def __init__(self, statement: Executable, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Every row that it finds."""
        form = self._form(connection)
        return [form.read(row) for row in _run(connection, form, values, take=_ALL)]

    def row(self, connection: Connection, values: Values) -> Row | None:
        """The one row that it finds, if any."""
        form = self._form(connection)
        found = _run(connection, form, values, take=_ONE)
        return None if found is None else form.read(found)

    def run(self, connection: Connection, values: Values) -> int:
        """Change some rows; how many they were."""
        count: int = _run(connection, self._form(connection), values, take=_COUNT)
        return count

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
    # Each parameter by name, in order, with what makes the driver's value of ours.
    parameters: tuple[tuple[str, Change | None], ...]
    # Parameters that the statement itself gives.
    given: Values
    by_name: bool
    # For each column, what makes our value of the driver's.
    columns: tuple[Change | None, ...]

    def bind(self, values: Values) -> Any:  # noqa: ANN401 - the driver's
        if self.given:
            values = {**self.given, **values}
        if self.by_name:
            return {
                name: values[name] if change is None else change(values[name])
                for name, change in self.parameters
            }
        return [
            values[name] if change is None else change(values[name])
            for name, change in self.parameters
        ]

    def read(self, row: Row) -> Row:
        changed = [
            value if change is None else change(value)
            for value, change in zip(row, self.columns, strict=True)
        ]
        return tuple(changed)


# Any: drivers have no type in common; both of ours run statements on a connection.
def _run(connection: Connection, form: _Form, values: Values, *, take: Change) -> Any:  # noqa: ANN401 - as above
    driver: Any = connection.connection.driver_connection
    try:
        return take(driver.execute(form.text, form.bind(values)))
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            form.text,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error


def _compile(statement: Executable, names: Sequence[str] | None, dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    binds: Mapping[str, BindParameter[Any]] = {
        name: bind for bind, name in compiled.bind_names.items()
    }
    return _Form(
        text=compiled.string,
        parameters=tuple(
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or binds
        ),
        given={name: bind.value for name, bind in binds.items() if not bind.required},
        by_name=not compiled.positional,
        columns=tuple(
            one.type.dialect_impl(dialect).result_processor(dialect, None)
            for one in statement.exported_columns
        ),
    )
