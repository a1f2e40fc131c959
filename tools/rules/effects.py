"""Rules about who may reach outside: the clock, ids, the environment; tasks and waits."""

import ast
from collections.abc import Iterator

from tools.rules.finding import Finding
from tools.rules.source import Source

SERVICE = "server/src/openrooms/"

# Calls that read the time. `loop.time()` is caught by its receiver's name.
CLOCKS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    | {f"datetime.{one}" for one in ("datetime.now", "datetime.utcnow", "date.today")}
)
# Makers of ids and secrets; parsing (`uuid.UUID`) and comparing are not making.
ID_MODULES = frozenset({"secrets", "random"})
ID_CALLS = frozenset(
    {f"uuid.uuid{number}" for number in (1, 3, 4, 5, 6, 7, 8)}
    | {"os.urandom", "AESGCM.generate_key", "Fernet.generate_key"}
)
ENVIRONMENT = frozenset({"os.environ", "os.environb", "os.getenv", "os.putenv"})
WAITS = frozenset({"sleep", "sleep_forever", "wait_for_timeout"})


def reads_of_time(source: Source) -> Iterator[Finding]:
    """Only kernel/clock.py reads the time; all others are handed a clock."""
    if not _in_service(source, "kernel/clock.py"):
        return
    for node in ast.walk(source.tree):
        if "time" in imported(node):
            yield _at(source, node, ("time", "imports `time`; take a clock of kernel/clock.py"))
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in CLOCKS or (name.endswith(".time") and "loop" in name):
                yield _at(source, node, ("time", f"`{name}` reads the time; take a clock"))


def makers_of_ids(source: Source) -> Iterator[Finding]:
    """Only kernel/ids.py makes ids and secrets."""
    if not _in_service(source, "kernel/ids.py"):
        return
    for node in ast.walk(source.tree):
        for module in imported(node) & ID_MODULES:
            yield _at(source, node, ("ids", f"imports `{module}`; ask kernel/ids.py"))
        if isinstance(node, ast.Call | ast.Attribute) and dotted(node) in ID_CALLS:
            yield _at(source, node, ("ids", f"`{dotted(node)}` makes an id; ask kernel/ids.py"))


def reads_of_environment(source: Source) -> Iterator[Finding]:
    """Only config.py reads the environment."""
    if not _in_service(source, "config.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in ENVIRONMENT:
            what = f"`{dotted(node)}` reads the environment; config.py does"
            yield _at(source, node, ("environment", what))
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            names = {f"os.{one.name}" for one in node.names} & ENVIRONMENT
            for name in sorted(names):
                yield _at(source, node, ("environment", f"imports `{name}`; config.py reads it"))


def loose_tasks(source: Source) -> Iterator[Finding]:
    """Tasks are born in a TaskGroup."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        receiver, _, name = dotted(node.func).rpartition(".")
        loose = receiver in {"", "asyncio"} or "loop" in receiver
        if name in {"create_task", "ensure_future"} and loose:
            yield _at(source, node, ("task-group", f"`{dotted(node.func)}` outside a TaskGroup"))


def waits_in_tests(source: Source) -> Iterator[Finding]:
    """A test never sleeps: it waits for something, with a deadline, or moves its clock."""
    if not source.is_test:
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in WAITS:
            continue
        # `sleep(0)` waits for nothing: it lets the others of a loop have their turn.
        turn = [ast.unparse(one) for one in node.args] == ["0"]
        if not turn:
            yield _at(source, node, ("sleep", f"`{dotted(node.func)}` in a test"))


def product_in_conformance(source: Source) -> Iterator[Finding]:
    """A conformance test knows us from outside only."""
    if "conformance" not in source.parts:
        return
    for node in ast.walk(source.tree):
        if {"openrooms", "openrooms_engine"} & imported(node):
            yield _at(source, node, ("conformance", "a conformance test imports the product"))


def imported(node: ast.AST) -> set[str]:
    """The top names of the modules that an import statement brings in."""
    if isinstance(node, ast.Import):
        return {one.name.partition(".")[0] for one in node.names}
    if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
        return {node.module.partition(".")[0]}
    return set()


def dotted(node: ast.expr) -> str:
    """`a.b.c` as written; a call inside counts as its function; other things as nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return "?"


def _in_service(source: Source, exempt: str) -> bool:
    return source.path.startswith(SERVICE) and source.path != SERVICE + exempt


def _at(source: Source, node: ast.AST, told: tuple[str, str]) -> Finding:
    return Finding(source.path, getattr(node, "lineno", 1), *told)
