"""Biome finds each thing that our TypeScript may not hold; the settings are the real ones."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BIOME = ROOT / "node_modules" / ".bin" / "biome"

OTHER = "/** A. */\nexport class Box {\n  async run(): Promise<number> {\n    return 1;\n  }\n}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    settings = json.loads((ROOT / "biome.json").read_text())
    del settings["vcs"], settings["$schema"]
    (tmp_path / "biome.json").write_text(json.dumps(settings))
    (tmp_path / "web/src").mkdir(parents=True)
    (tmp_path / "web/src/box.ts").write_text(OTHER)
    return tmp_path


def rules_broken(project: Path, text: str) -> str:
    (project / "web/src/page.ts").write_text(f"/** B. */\n{text}\n")
    result = subprocess.run(
        (BIOME, "lint", "--colors=off", "."),
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("export const x: any = 1;", "noExplicitAny"),
        ("export const x = (a?: string): string => a!;", "noNonNullAssertion"),
        ("export enum Kind {\n  A,\n}", "noEnum"),
        ("export default 1;", "noDefaultExport"),
        ('import { Box } from "./box.js";\nnew Box().run();', "noFloatingPromises"),
        (
            "export function f(a: 1, b: 1, c: 1, d: 1): number {\n  return a + b + c + d;\n}",
            "useMaxParams",
        ),
        ("export function f(): void {\n" + "  f();\n" * 41 + "}", "noExcessiveLinesPerFunction"),
    ],
)
def test_what_our_typescript_may_not_hold_is_found(project: Path, text: str, rule: str) -> None:
    assert rule in rules_broken(project, text)


def test_plain_code_passes(project: Path) -> None:
    assert "Found" not in rules_broken(project, "export const x = 1;")
