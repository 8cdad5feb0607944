"""What is put into the files of others: laid out as they are, every other byte kept, and gone again without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from devsec.errors import UsageError
from devsec.setup import ci, lefthook, native, precommit, yamltext

DOCS = Path(__file__).parents[2] / "docs"

PRE_COMMIT = {
    "as pre-commit samples it": (
        "# See https://pre-commit.com\nrepos:\n-   repo: https://x.example/a\n    rev: v3.2.0\n    hooks:\n"
        "    -   id: a\n    -   id: b\n",
        "-   repo: https://github.com/devsec/devsec  # by devsec init\n    rev: v0.1.0\n    hooks:\n    -   id: devsec-check\n",
    ),
    "further in, and not the last key": (
        "repos:\n  - repo: x\n    rev: 'v1'\n    hooks:\n      - id: a\n        args: [--b, c]\n      # - id: c\n\n"
        "# about CI\nci:\n  skip: [a]\n",
        "  - repo: https://github.com/devsec/devsec  # by devsec init\n    rev: v0.1.0\n    hooks:\n      - id: devsec-check\n\n# about CI\n",
    ),
    "hooks not further in": (
        "repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: a\n",
        "- repo: https://github.com/devsec/devsec  # by devsec init\n  rev: v0.1.0\n  hooks:\n  - id: devsec-check\n",
    ),
    "in brackets inside": ("repos:\n- {repo: meta, hooks: [{id: identity}]}\n", "\n  hooks:\n    - id: devsec-check\n"),
    "no line end": ("repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: a", "\n  hooks:\n  - id: devsec-check"),
    "only a comment": ("# nothing yet\n", "\nrepos:  # by devsec init\n  - repo: "),
    "no repos": ("ci: {}\n", "ci: {}\n\nrepos:  # by devsec init\n  - repo: "),
    "a block of text last": ("repos:\n- repo: local\n  hooks:\n  - id: a\n    entry: |\n      b\n\n      c\n\n\n", "c\n- repo: https"),
    "an alias last": ("x: &h {id: a}\nrepos:\n- repo: local\n  hooks:\n  - *h\nci: {}\n", "  - *h\n- repo: https"),
    "two empty lines and a document's end": ("repos:\n- repo: x\n  hooks:\n  - id: a\n\n\n...\n", "  - id: a\n- repo: https"),
}  # fmt: skip
LEFTHOOK = {
    "nothing": ("", "pre-commit:  # by devsec init\n  commands:\n    devsec:\n      run: devsec check\n"),
    "another hook": ("pre-push:\n  jobs:\n    - run: x\n", "\npre-commit:  # by devsec init\n"),
    "commands": (
        "pre-commit:\n    parallel: true\n    commands:\n        a:\n            run: x\npre-push:\n    jobs: []\n",
        "        devsec:  # by devsec init\n            run: devsec check\npre-push:",
    ),
    "jobs": (
        "pre-commit:\n  jobs:\n  -   run: |\n        x\n\n  # more\n",
        "  -   name: devsec  # by devsec init\n      run: devsec check\n",
    ),
    "neither": ("pre-commit:\n  parallel: true", "\n  commands:  # by devsec init\n    devsec:\n      run: devsec check"),
}  # fmt: skip
GITLAB = {
    "nothing": ("", "devsec:  # by devsec init\n  image: python:3.12\n"),
    "jobs": ("a:\n  script: [x]\n", "\ndevsec:  # by devsec init\n  image"),
    "stages without test": ("stages: [lint, build]\na:\n  stage: build\n  script: x", "\n  stage: lint\n  image"),
    "stages with test": ("stages: [lint, test]\n", "init\n  image"),
    "tags of GitLab's own": (".s: {script: [x]}\na:\n  script:\n    - !reference [.s, script]\n", "by devsec init"),
}  # fmt: skip


def cases(table: dict[str, tuple[str, str]]) -> pytest.MarkDecorator:
    every = [pytest.param(*case, id=name) for name, case in table.items()]
    windows = [
        pytest.param(*(t.replace("\n", "\r\n") for t in case), id=f"{name}, CRLF")
        for name, case in table.items()
        if "\n" in case[0]
    ]
    marked = [pytest.param("\ufeff" + case[0], case[1], id=f"{name}, BOM") for name, case in table.items() if case[0]]
    return pytest.mark.parametrize(("text", "piece"), [*every, *windows, *marked])  # fmt: skip


def holds(text: str, piece: str, add: Callable[[str], str], taken: Callable[[str], str | None]) -> None:
    new = add(text)
    assert piece in new
    assert taken(new) == text
    assert taken(text) is None
    # All there was is there, in its order.
    left = iter(new)
    assert all(character in left for character in text)


@cases(PRE_COMMIT)
def test_pre_commit(text: str, piece: str) -> None:
    file = ".pre-commit-config.yaml"
    assert not precommit.there(text, file)
    holds(text, piece, lambda t: precommit.add(t, file, precommit.Source(rev="v0.1.0")), precommit.taken)
    new = precommit.add(text, file, precommit.Source(rev="v0.1.0"))
    assert precommit.there(new, file)
    before = (yaml.safe_load(text) or {}).get("repos", [])
    assert yaml.safe_load(new)["repos"] == [
        *before,
        {"repo": precommit.HOME, "rev": "v0.1.0", "hooks": [{"id": "devsec-check"}]},
    ]


@cases(PRE_COMMIT)
def test_pre_commit_with_what_is_installed(text: str, piece: str) -> None:
    file = ".pre-commit-config.yaml"
    holds(text, "repo: local", lambda t: precommit.add(t, file, precommit.Source("local")), precommit.taken)


@pytest.mark.parametrize("text", ["", "a = 1\n", "[[repos]]\nrepo = 'meta'\nhooks = []", "\ufeffa = 1\r\n"])
@pytest.mark.parametrize("source", [precommit.Source(), precommit.Source("local")])
def test_prek(text: str, source: precommit.Source) -> None:
    holds(text, "[[repos]]", lambda t: precommit.add(t, "prek.toml", source), precommit.taken)
    assert precommit.there(precommit.add(text, "prek.toml", source), "prek.toml")


def test_an_entry_goes_also_after_an_autoupdate_and_from_between_others() -> None:
    file = ".pre-commit-config.yaml"
    text = "repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: a\n"
    new = precommit.add(text, file, precommit.Source("https://git.acme.example/mirror", "v0.1.0"))
    more = "- repo: y\n  rev: v1\n  hooks:\n  - id: b\n"
    moved = new.replace("rev: v0.1.0", "rev: 1f2e3d  # frozen: v0.2.0") + more
    assert precommit.taken(moved) == text + more
    assert precommit.taken(new.replace("  # by devsec init", "")) is None


def test_an_entry_with_arguments_of_somebodys_stays() -> None:
    new = precommit.add("repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: a\n", "f", precommit.Source())
    more = "  - repo: meta\n    hooks:\n      - id: identity\n"
    assert precommit.taken(new + "    args: [--quiet]\n") is None
    assert precommit.taken(new + "  - id: devsec-fix\n") is None
    assert precommit.taken(new + "\n# by hand\n") is not None
    alone = precommit.add("", "f", precommit.Source())
    assert precommit.taken(alone + more) == "repos:  # by devsec init\n" + more


@cases(LEFTHOOK)
def test_lefthook(text: str, piece: str) -> None:
    assert not lefthook.there(text, "lefthook.yml")
    holds(text, piece, lambda t: lefthook.add(t, "lefthook.yml"), lefthook.taken)
    assert lefthook.there(lefthook.add(text, "lefthook.yml"), "lefthook.yml")


def test_a_command_of_lefthook_that_somebody_changed_stays() -> None:
    new = lefthook.add("pre-commit:\n  commands:\n    a:\n      run: x\n", "lefthook.yml")
    assert lefthook.taken(new + "      skip: merge\n") is None


@pytest.mark.parametrize("text", ["pre-commit: {}\n", "pre-commit:\n", "pre-commit:\n  commands: {a: {run: x}}\n"])
def test_lefthook_in_brackets_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="laid out in a way"):
        lefthook.add(text, "lefthook.yml")


@cases(GITLAB)
def test_gitlab(text: str, piece: str) -> None:
    holds(text, piece, ci.add, ci.taken)


def test_the_jobs_are_those_of_the_docs() -> None:
    page = (DOCS / "ci.md").read_text(encoding="utf-8")
    assert ci.WORKFLOW in page
    assert ci.JOB in page
    assert yaml.safe_load(ci.workflow())["jobs"]


@given(st.text(alphabet="ab:-# \n'|[]{}&*!,\t", max_size=60))
def test_any_text_is_kept_or_refused(text: str) -> None:
    for add, taken in (
        (lambda t: precommit.add(t, "f.yaml", precommit.Source()), precommit.taken),
        (lambda t: lefthook.add(t, "f.yml"), lefthook.taken),
        (ci.add, ci.taken),
    ):
        try:
            new = add(text)
        except UsageError:
            continue
        assert taken(new) == text
        assert yamltext.still_says(text, new)


@pytest.mark.parametrize("text", ["x\n", "#!/bin/sh\nx", "#!/bin/sh\r\nx\r\n", "set -e\n\n\n"])
def test_a_hook_of_the_team(text: str) -> None:
    holds(text, "devsec check || exit $?", lambda t: native.add(t, "f"), native.taken)
    assert native.taken(native.add(text, "f").replace("exit 1", "exit 0")) is None


def test_comments_call_nothing() -> None:
    assert not native.runs_devsec("#!/bin/sh\n# devsec would be nice\n")
    assert not ci.there("# devsec\njobs: {}\n")
    assert native.runs_devsec("make && devsec check")
