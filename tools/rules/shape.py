"""Rules about the shape of Python: sizes, positional arguments, the sentence at a module's top."""

import ast
from collections.abc import Iterator
from typing import TypeAlias

from tools.rules.finding import Finding
from tools.rules.source import Source

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
MOST_POSITIONAL = 3

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def file_length(source: Source) -> Iterator[Finding]:
    """A file has at most 400 lines, in every language we write."""
    count = len(source.lines)
    if count > LONGEST_FILE:
        what = f"the file has {count} lines; at most {LONGEST_FILE}"
        yield Finding(source.path, count, "file-length", what)


def function_length(source: Source) -> Iterator[Finding]:
    """A function has at most 40 lines, its docstring and decorators not counted."""
    for function in functions(source.tree):
        count = length(function)
        if count > LONGEST_FUNCTION:
            what = f"`{function.name}` has {count} lines; at most {LONGEST_FUNCTION}"
            yield Finding(source.path, function.lineno, "function-length", what)


def positional_arguments(source: Source) -> Iterator[Finding]:
    """A function takes at most three arguments by position, `self` not counted.

    pytest hands tests and fixtures their arguments by name, so those are left out.
    """
    for function in functions(source.tree):
        if source.is_test and (function.name.startswith("test_") or is_fixture(function)):
            continue
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > MOST_POSITIONAL:
            what = f"`{function.name}` takes {count} arguments by position; at most 3, then `*`"
            yield Finding(source.path, function.lineno, "positional-arguments", what)


def opening_sentence(source: Source) -> Iterator[Finding]:
    """A module starts with a sentence that says what it is for; an empty package needs none."""
    if not source.text.strip():
        return
    first = (ast.get_docstring(source.tree) or "").partition("\n\n")[0].strip()
    if not first:
        what = "the module does not say in its first sentence what it is for"
        yield Finding(source.path, 1, "opening-sentence", what)
    elif not first[0].isupper() and not first[0].isdigit() and first[0] not in "`'\"":
        yield Finding(source.path, 1, "opening-sentence", "the first sentence starts in lower case")
    elif not first.endswith((".", ":", "?", "!")):
        yield Finding(source.path, 1, "opening-sentence", "the first sentence does not end")


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def is_fixture(function: Function) -> bool:
    """Whether pytest makes what the function gives."""
    return any("fixture" in ast.unparse(one) for one in function.decorator_list)
