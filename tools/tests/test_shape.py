"""The rules about shape find what is too long, and leave alone what is not."""

from tools.rules import shape
from tools.rules.source import Source


def python(text: str, path: str = "server/src/openrooms/rooms/model.py") -> Source:
    return Source(path, text)


def function(lines: int, docstring: str = "") -> str:
    body = "".join(f"    x{number} = {number}\n" for number in range(lines - 1))
    return f"def long():\n{docstring}{body}"


def test_a_file_of_401_lines_is_found_and_one_of_400_is_not() -> None:
    found = list(shape.file_length(python("x = 1\n" * 401)))

    assert [str(one) for one in found] == [
        "server/src/openrooms/rooms/model.py:401: the file has 401 lines; at most 400 [file-length]"
    ]
    assert not list(shape.file_length(python("x = 1\n" * 400)))


def test_a_function_of_41_lines_is_found_at_its_first_line() -> None:
    found = list(shape.function_length(python("\n\n" + function(41))))

    assert [(one.line, one.rule) for one in found] == [(3, "function-length")]


def test_a_docstring_does_not_count_as_lines_of_its_function() -> None:
    told = '    """One.\n\n    Two.\n    """\n'

    assert not list(shape.function_length(python(function(40, told))))


def test_a_method_inside_a_class_is_measured_too() -> None:
    method = "".join(f"    {line}\n" for line in function(41).splitlines())

    assert list(shape.function_length(python(f"class A:\n{method}")))


def test_four_arguments_by_position_are_found_and_self_does_not_count() -> None:
    text = "class A:\n    def ok(self, a, b, c, *, d): ...\n    def bad(self, a, b, c, d): ...\n"

    assert [one.line for one in shape.positional_arguments(python(text))] == [3]


def test_a_test_takes_as_many_fixtures_as_it_needs() -> None:
    text = "def test_it(a, b, c, d): ...\n@pytest.fixture\ndef made(a, b, c, d): ...\n"

    assert not list(shape.positional_arguments(python(text, "server/tests/rooms/test_model.py")))
    assert list(shape.positional_arguments(python(text)))


def test_a_module_must_open_with_a_sentence() -> None:
    def broken(text: str) -> bool:
        return bool(list(shape.opening_sentence(python(text))))

    assert broken("x = 1\n")
    assert broken('"""what it is."""\n')
    assert broken('"""What it is"""\n')
    assert not broken('"""What it is."""\n')
    assert not broken('"""What it is.\n\nMore of it\n"""\n')
    assert not broken("")
