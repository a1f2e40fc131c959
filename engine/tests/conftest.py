"""What the tests of the engine's package may ask for."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from tests.clone import HERE, Clone, make_clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A copy of the sources, with a stand-in for Go."""
    return make_clone(tmp_path)


@pytest.fixture
def hook() -> ModuleType:
    """The hook as a module of its own."""
    spec = importlib.util.spec_from_file_location("build_hook_in_test", HERE / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
