"""The rules about docs find a dead link, a setting and a dependency that nobody described."""

import json
from pathlib import Path

from tools.rules import documents
from tools.rules.source import Source


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    write(tmp_path, "docs/there.md", "# There\n\n## A heading, with `code`\n")
    text = (
        "[a](there.md) [b](there.md#a-heading-with-code) [c](https://example.org/x) [d](#mine)\n"
        "[gone](gone.md)\n[no heading](there.md#nope)\n```\n[in code](gone.md)\n```\n# Mine\n"
    )

    write(tmp_path, "docs/page.md", text)

    found = documents.links(tmp_path, Source("docs/page.md", text))

    assert [one.line for one in found] == [2, 3]


def test_a_setting_that_is_not_described_is_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        documents.CONFIG,
        '"""C."""\n\nclass Config:\n    data: int\n    https_port: int\n',
    )
    write(tmp_path, documents.SETTINGS, "# Settings\n\n`data` is the folder\n")

    assert [(one.line, "https_port" in one.what) for one in documents.settings(tmp_path)] == [
        (5, True)
    ]


def test_a_dependency_without_a_whole_row_is_found(tmp_path: Path) -> None:
    write(tmp_path, "server/pyproject.toml",
          '[project]\ndependencies = ["click>=8", "uvicorn", "starlette>=1; sys_platform", "openrooms-engine"]\n')  # fmt: skip
    write(
        tmp_path,
        "web/package.json",
        json.dumps({"dependencies": {"react": "18.0.0", "another": "file:../sdk"}}),
    )
    write(tmp_path, documents.DEPENDENCIES,
          "# D\n\n| part | saves | costs | keeper |\n|-|-|-|-|\n| `click` | a | b | c |\n| `Uvicorn` | a | | c |\n")  # fmt: skip

    found = [one.what for one in documents.dependencies(tmp_path)]

    assert found == [
        "docs/dependencies.md does not say for uvicorn: saves, costs, keeper",
        "the dependency starlette is not described in docs/dependencies.md",
        "the dependency react is not described in docs/dependencies.md",
    ]


def test_a_page_without_its_title_is_found() -> None:
    assert list(documents.titles(Source("docs/a.md", "Some text\n")))
    assert not list(documents.titles(Source("docs/a.md", "# A\n")))
