"""Does every command in the documentation do what its page says? Each is run, or stands below with the reason why not.

A block of commands (`sh`, or `console` with what is printed) has a comment before it that GitHub does not show:

    <!-- test: in=shop, exits=1 -->

`in` names the repository it runs in, one of REPOSITORIES; the blocks of a page that name the same one run in it one after the
other. `exits` are the exit codes of the block's commands in their order, 0 where nothing is said (`exits=0 1`). `answers` are what
somebody at the keyboard says, with bars between. `file=devsec.toml` on a block of another kind puts it there first, for the
commands below it. In what is printed `…` stands for any text; a block of `sh` says nothing about what is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Repo
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md")))
COMMANDS = ("sh", "console", "bash", "shell")
KEYS = {"in", "exits", "answers", "file"}
DAY = "2027-01-11"
"""The day it is for devsec in every block; commits are a week older."""

NOT_RUN = {
    ("CONTRIBUTING.md", "$ devsec rules new"): "test_contributing.py plays the page, with the author's part in between",
    (
        "CONTRIBUTING.md",
        "$ devsec rules test",
    ): "test_contributing.py plays the page, with the author's part in between",
    ("README.md", "make demo"): "make asks the network; test_main.py plays the demo, `make test` runs this",
    ("docs/ci.md", 'eval "$(devsec completion'): "for a person's shell; test_outputs.py completes with them",
    ("docs/team.md", "pre-commit autoupdate"): "asks the network; test_pack_hook.py has the real pre-commit",
}
"""Page and the beginning of the block, and why nobody runs it here."""


class Block(NamedTuple):
    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str] | None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> bool:
        """Whether somebody would type it."""
        return self.language in COMMANDS or re.match(r"\s*(\$ |(devsec|git|pip|make) )", self.text) is not None

    @property
    def reason(self) -> str | None:
        """Why it is not run."""
        said = [why for (page, start), why in NOT_RUN.items() if page == self.page and self.text.startswith(start)]
        return said[0] if said else None


def blocks(page: str, text: str) -> Iterator[Block]:
    """All fenced blocks, each with the marks of the comment right before it. ValueError for a mark that is none."""
    marks: dict[str, str] | None = None
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "html_block" and (said := re.fullmatch(r"<!-- test: (.*) -->\n?", token.content)):
            marks = dict(pair.split("=", 1) for pair in said[1].split(", "))
            if not {"in"} <= set(marks) <= KEYS:
                raise ValueError(f"{page}: {said[0]}")
            continue
        if token.type == "fence":
            assert token.map is not None
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content, marks)
        marks = None


BLOCKS = [block for page in PAGES for block in blocks(page, (ROOT / page).read_text(encoding="utf-8"))]


# --- the repositories ------------------------------------------------------------------------------------------------------


def empty(repo: Repo) -> None:
    """A repository with one commit and nothing of devsec's."""
    repo.commit(("README.md", "# Shop\n"))


def acme(repo: Repo) -> None:
    """One with exactly the files of docs/example-pack."""
    shutil.copytree(ROOT / "docs/example-pack", repo.root, dirs_exist_ok=True)
    repo.commit()


def branch(repo: Repo) -> None:
    """A branch off `origin/main`, with a file that nobody objects to."""
    repo.commit(("README.md", "# Shop\n"))
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit(("prices.py", "import json\n"))


def checkout(repo: Repo) -> None:
    """A service that is about to speak TLS 1.1."""
    repo.commit(("README.md", "# Shop\n"))
    repo.stage(
        "services/checkout/tls.py",
        "import ssl\n\ncontext = ssl.create_default_context()\ncontext.minimum_version = ssl.TLSVersion.TLSv1_1\n",
    )


def digest(repo: Repo) -> None:
    """A finding in line 12 of app.py."""
    above = "import hashlib\n\n\ndef keep(cache, block):" + "\n" * 8
    repo.commit(("README.md", "# Shop\n"))
    repo.stage("app.py", above + "    cache[hashlib.md5(block).digest()] = block\n")


def prices(repo: Repo) -> None:
    """A shop with git's own hook, and a finding from long ago."""
    repo.commit(
        (
            "stock.py",
            "import requests\n\n\ndef stock(url):\n    return requests.get(url, timeout=5, verify=False).json()\n",
        )
    )
    assert repo.devsec("init", "--yes", "--hook", "native", "--ci", "none").returncode == 0


def afternoon(repo: Repo) -> None:
    """A folder to work in, with a shop in it that silences one finding, and two repositories on a server."""
    forge = repo.root / "forge"
    for name in ("shop", "stock", "acme-devsec"):
        repo.git("init", "-q", "--bare", "-b", "main", str(forge / name))
    repo.git("config", "--global", f"url.{forge.as_uri()}/.insteadOf", "https://git.acme.example/")
    repo.git("clone", "-q", "https://git.acme.example/shop", "shop")
    shop = Repo(repo.root / "shop")
    shop.commit(
        ("README.md", "# Shop\n"),
        (
            "rack.py",
            "import requests\n\n# devsec: ignore[requests-verify-off] accepted-risk(OPS-31): sensors of the rack\n"
            "requests.get(url, timeout=2, verify=False)\n",
        ),
    )
    for name in ("shop", "stock"):
        shop.git("push", "-q", f"https://git.acme.example/{name}", "main")


REPOSITORIES: dict[str, Callable[[Repo], None]] = {
    one.__name__: one for one in (empty, acme, branch, checkout, digest, prices, afternoon)
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules are read once for all pages."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def made(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """An empty repository, `devsec` and a stand-in for `pip` on the PATH, and a day that stays."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("devsec", "-m devsec"), ("pip", f"'{__file__}' '{tmp_path / 'site'}'")):
        (programs / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' {words} \"$@\"\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{ROOT}")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(cache / "compiled"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("DEVSEC_TODAY", DAY)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2027-01-04T09:00:00Z")
    repo = Repo(tmp_path / "shop")
    repo.root.mkdir()
    repo.git("init", "-q", "-b", "main")
    return repo


# --- running them ----------------------------------------------------------------------------------------------------------


def commands(block: Block) -> list[tuple[str, str | None]]:
    """The commands of a block, each with what it prints, or None where the page does not show it."""
    if block.language == "console":
        return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    lines = block.text.replace("\\\n", " ").splitlines()
    return [(line, None) for line in lines if line and not line.startswith("#")]


def same(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed. `…` is any text; spaces at the end of a line count for nothing."""
    pattern = ".*?".join(re.escape(part) for part in _trimmed(shown).split("…"))
    return re.fullmatch(pattern, _trimmed(printed), re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def run(block: Block, folder: Path) -> None:
    """Runs the commands of a block in a shell, and holds the block to what they do. It begins in the folder."""
    assert block.marks is not None
    wanted = commands(block)
    codes = [int(code) for code in block.marks.get("exits", "").split()] or [0] * len(wanted)
    assert len(codes) == len(wanted), f"{block.place}: {len(wanted)} commands, {len(codes)} exit codes"
    answers = [answer for answer in block.marks.get("answers", "").split("|") if answer]
    for (command, shown), code in zip(wanted, codes, strict=True):
        if command.startswith("cd "):
            folder = (folder / command[3:]).resolve(strict=True)
            continue
        printed, ended = typed(command, folder, answers)
        assert ended == code, f"{block.place}: {command}\nended with {ended}\n{printed}"
        if shown is None:
            continue
        for answer in answers:
            shown = shown.replace(f"? {answer}\n", "? ", 1)  # the keyboard's echo, which a pipe does not have
        assert same(shown, printed), f"{block.place}: {command}\n--- the page\n{shown}--- devsec\n{printed}"


def typed(command: str, folder: Path, answers: list[str]) -> tuple[str, int]:
    """What a command prints, on both streams, and how it ends. With answers it is asked from a terminal."""
    ours, theirs = os.openpty() if answers else (-1, os.open(os.devnull, os.O_RDONLY))
    try:
        if answers:
            os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    finally:
        for stream in (ours, theirs):
            if stream >= 0:
                os.close(stream)
    return done.stdout.decode(), done.returncode


STORIES = sorted({(block.page, block.marks["in"]) for block in BLOCKS if block.marks})


@pytest.mark.parametrize(("page", "name"), STORIES)
def test_a_page_says_what_happens(page: str, name: str, made: Repo) -> None:
    REPOSITORIES[name](made)
    for block in BLOCKS:
        if block.page != page or block.marks is None or block.marks["in"] != name:
            continue
        if "file" in block.marks:
            made.write(block.marks["file"], block.text)
        else:
            run(block, made.root)


def test_every_block_is_run_or_has_a_reason() -> None:
    assert len(STORIES) > 5
    for block in BLOCKS:
        if block.commands and block.language not in COMMANDS:
            pytest.fail(f"{block.place} is a block of commands; call it sh, or console with what is printed")
        if block.commands and block.marks is None and block.reason is None:
            pytest.fail(f"{block.place} is run by no test; mark it, or say in NOT_RUN why not\n{block.text}")
        assert not (block.marks and block.reason), f"{block.place} is run; take it out of NOT_RUN"


def test_no_reason_is_left_over() -> None:
    for page, start in NOT_RUN:
        assert [block for block in BLOCKS if block.page == page and block.text.startswith(start)], (page, start)


# --- and can these tests fail? ---------------------------------------------------------------------------------------------


def test_what_a_page_shows_is_compared() -> None:
    assert same("a\nb …\n…\nd\n", "a  \nb 1\nx\ny\nd\n")
    assert not same("a\n", "a\nb\n")
    assert not same("a …\n", "b 1\n")
    assert not same("a.c\n", "abc\n")


def test_marks_belong_to_the_block_that_follows() -> None:
    text = "<!-- test: in=empty, exits=1 -->\n\n```sh\na\n```\n\n```sh\nb\n```\n\n<!-- test: in=empty -->\n\nWords.\n\n```sh\nc\n```\n"
    assert [(block.text, block.marks) for block in blocks("page", text)] == [
        ("a\n", {"in": "empty", "exits": "1"}),
        ("b\n", None),
        ("c\n", None),
    ]
    with pytest.raises(ValueError, match="exists"):
        list(blocks("page", "<!-- test: in=empty, exists=1 -->\n"))


@pytest.mark.parametrize(
    ("shown", "exits", "complaint"),
    [
        ("$ echo a\nb\n", "", "--- the page"),
        ("$ false\n", "", "ended with 1"),
        ("$ true\n", "1", "ended with 0"),
        ("$ true\n$ true\n", "0", "2 commands, 1 exit codes"),
    ],
)
def test_a_page_that_is_wrong_fails(shown: str, exits: str, complaint: str, made: Repo) -> None:
    marks = {"in": "empty", **({"exits": exits} if exits else {})}
    with pytest.raises(AssertionError, match=re.escape(complaint)):
        run(Block("page", 1, "console", shown, marks), made.root)


@pytest.mark.parametrize(("language", "text"), [("text", "$ devsec check\n"), ("", "devsec check\n"), ("sh", "x\n")])
def test_commands_are_recognised_whatever_the_block_is_called(language: str, text: str) -> None:
    assert Block("page", 1, language, text, None).commands
    assert not Block("page", 1, "python", "import devsec\n", None).commands


# --- the stand-in for pip --------------------------------------------------------------------------------------------------


def install(site: Path, words: list[str]) -> None:
    """`pip install devsec` has nothing to do. Of a folder (`-e .`), which has to be a pack, the package and what it says of itself
    go where Python looks: as an installer would leave it, without the network that a build needs."""
    assert words[0] == "install"
    where = Path(words[-1])
    if words[-1] == "devsec":
        return
    (package,) = [file.parent for file in where.glob("*/pack.yaml")]
    name, value = re.findall(
        r'^(\S+) = "(\S+)"$', (where / "pyproject.toml").read_text().split("devsec.packs")[1], re.MULTILINE
    )[0]
    shutil.copytree(package, site / package.name, dirs_exist_ok=True)
    info = site / f"{package.name}-0.1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "entry_points.txt").write_text(f"[devsec.packs]\n{name} = {value}\n")


if __name__ == "__main__":
    install(Path(sys.argv[1]), sys.argv[2:])
