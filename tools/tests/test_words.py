"""The rules about words find what no file may hold."""

import pytest

from tools.rules import words
from tools.rules.source import Source


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "X" * 3])
def test_a_mark_of_unfinished_work_is_found(word: str) -> None:
    assert list(words.unfinished(Source("a.py", f"x = 1  # {word}: later\n")))


@pytest.mark.parametrize(
    "host", ["py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org"]
)
def test_the_host_of_a_registry_is_found(host: str) -> None:
    assert list(
        words.registry_hosts(Source("locks/run.txt", f"--index-url https://{host}/simple\n"))
    )


@pytest.mark.parametrize("path", ["/ho" + "me/ada/clone", "/ro" + "ot/.cache", "/wo" + "rk/main"])
def test_a_folder_of_one_machine_is_found(path: str) -> None:
    assert list(words.machine_paths(Source("README.md", f"see {path} for it\n")))


@pytest.mark.parametrize("text", ["~/root/x", "a/home/page", "$HOME/work/x", "docs/home/x"])
def test_a_path_inside_the_clone_is_not_found(text: str) -> None:
    assert not list(words.machine_paths(Source("README.md", text)))


def test_praise_is_found_in_documents_alone() -> None:
    line = "A blaz" + "ing fast server"

    assert list(words.praise(Source("README.md", line)))
    assert not list(words.praise(Source("a.py", line)))


@pytest.mark.parametrize(
    "line",
    ["// const x = 1;", "  // return this._media.leave();", "// if (x) {", "// call.stop();"],
)
def test_commented_out_script_is_found(line: str) -> None:
    assert list(words.dead_script(Source("sdk/calling/src/a.ts", line)))


@pytest.mark.parametrize(
    "line", ["// Tracks of others come later.", "// See hangUp() for why.", "const x = 1;"]
)
def test_a_comment_in_words_is_not_found(line: str) -> None:
    assert not list(words.dead_script(Source("sdk/calling/src/a.ts", line)))


@pytest.mark.parametrize(
    "line", ["  #state = 1;", "return this.#state;", "  async #leave() {", "  static #one = 1;"]
)
def test_a_private_name_with_a_hash_is_found(line: str) -> None:
    assert list(words.private_marks(Source("sdk/calling/src/a.ts", line)))


@pytest.mark.parametrize(
    "line", ['const colour = "#fff";', "  private _state = 1;", "`#${anchor}`"]
)
def test_other_hashes_are_not_found(line: str) -> None:
    assert not list(words.private_marks(Source("web/src/a.ts", line)))


def test_a_script_without_an_opening_comment_is_found() -> None:
    assert list(words.script_opening(Source("web/src/a.ts", "export const x = 1;\n")))
    assert not list(
        words.script_opening(Source("web/src/a.ts", "/** One. */\nexport const x = 1;\n"))
    )


def test_an_exemption_gives_its_reason_behind_it_or_above_it() -> None:
    def bare(text: str) -> bool:
        return bool(list(words.bare_exemptions(Source("a.py", text))))

    mark = "# no" + "qa"
    assert bare(f"x = 1  {mark}\n")
    assert bare(f"x = 1  {mark}: S101, F401\n")
    assert not bare(f"x = 1  {mark}: S101 - a test of asserts\n")
    assert not bare(f"# Heavy, so late.\nimport a  {mark}: PLC0415\nimport b  {mark}: PLC0415\n")


def test_the_licence_is_not_ours_to_word() -> None:
    assert not list(words.registry_hosts(Source("NOTICE", "npm" + "js.com\n")))
