"""A hostile repository, a careless administrator, a hurried engineer: a clear sentence and 2, nothing run, nothing read
outside, never a fault of devsec's own, never clean by accident."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import packs
import pytest
from conftest import RULE, Repo

from tests.devsec_process import devsec

BAD = 'import legacy\nlegacy.old(password="canary")\n'
OUTSIDE = "canary-of-outside"
SIZE = 100 << 20


def refused(repo: Repo, *words: str, says: str = "", **environ: str) -> str:
    """That it ends with 2 and a sentence that says what is wrong; gives what was printed."""
    done = devsec(*(words or ("check",)), cwd=repo.root, env={**os.environ, **environ}, timeout=60)
    told = done.stdout + done.stderr
    assert done.returncode == 2, told
    assert says in told, told
    assert OUTSIDE not in told
    assert "\x1b" not in told
    assert "Traceback" not in told
    assert len(told) < 2000
    return told


@pytest.fixture
def hostile(repo: Repo) -> Repo:
    repo.stage("app.py", BAD)
    return repo


# --- files that are something else


def put(repo: Repo, path: str, kind: str) -> None:
    file = repo.root / path
    file.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "out":
        outside = repo.root.parent / "outside"
        outside.write_text(f"[levels]\n{OUTSIDE} = 'x'\n")
        file.symlink_to(outside)
    elif kind == "loop":
        file.symlink_to(file.name)
    elif kind == "nowhere":
        file.symlink_to("not-there")
    elif kind == "folder":
        file.mkdir()
    else:
        with open(file, "wb") as stream:
            stream.truncate(SIZE)


KINDS = ("pipe", "device", "out", "loop", "folder", "huge")


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links; runs on every other system")
@pytest.mark.parametrize("kind", [*KINDS, "nowhere"])
@pytest.mark.parametrize("name", ["devsec.toml", "pyproject.toml"])
def test_a_configuration_that_is_no_file(hostile: Repo, name: str, kind: str) -> None:
    (hostile.root / "devsec.toml").unlink()
    put(hostile, name, kind)
    refused(hostile, says=name)


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links; runs on every other system")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["rules/old.yaml", "rules/pack.yaml"])
def test_a_rule_or_pack_that_is_no_file(hostile: Repo, name: str, kind: str) -> None:
    if (name, kind) == ("rules/old.yaml", "folder"):
        pytest.skip("a folder of that name is a folder of rules; a file put there would unskip it")
    put(hostile, name, kind)
    refused(hostile, says=name)


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links; runs on every other system")
@pytest.mark.parametrize("kind", KINDS)
def test_owners_and_catalogues_that_are_no_files(hostile: Repo, kind: str) -> None:
    hostile.write("b.py", "import legacy\nlegacy.old(password='x')  # devsec: ignore[old] test\n")
    hostile.git("add", "b.py")
    for name in ("CODEOWNERS", "catalog-info.yaml", ".gitattributes"):
        if name != ".gitattributes" or kind not in ("pipe", "device"):  # git itself would wait for these
            put(hostile, name, kind)
    for words in (("ignores",), ("context", "suggest")):
        done = hostile.devsec(*words)
        assert done.returncode in (0, 1, 2), done.stderr
        assert OUTSIDE not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="makes a file name of bytes; runs on every other system")
def test_names_that_are_no_utf_8_meet_globs_and_owners(hostile: Repo) -> None:
    hostile.write("CODEOWNERS", "/src/* @team\n")
    hostile.write(
        "devsec.toml", 'rules = ["rules"]\nexclude = ["*x*y*z*"]\n[[context]]\npaths = ["*a*b*c*"]\ndata = "none"\n'
    )
    folder = os.fsencode(hostile.root / "src")
    os.mkdir(folder)
    with open(os.path.join(folder, b"\xff\xfe.py"), "wb") as file:
        file.write(BAD.replace("\n", "  # devsec: ignore[old] test\n").encode())
    hostile.git("add", ".")
    done = hostile.devsec("ignores")
    assert (done.returncode, "@team" in done.stdout) == (0, True), done.stderr + done.stdout
    assert hostile.devsec("check").returncode == 1  # app.py


# --- a configuration that says what cannot be


BIG = "0x" + "f" * 10_000
CONFIGS = [
    pytest.param(b"rules = ['../rules']", "does not stay inside", id="rules above"),
    pytest.param(b"rules = ['/etc']", "does not stay inside", id="rules absolute"),
    pytest.param(b"rules = ['.git']", "git's own", id="rules of git"),
    pytest.param(b"rules = ['" + b"a" * 5000 + b"']", "no folder 'aaa", id="rules of a long name"),
    pytest.param(b"exclude = ['../x']", "names nothing inside", id="exclude above"),
    pytest.param(b"exclude = ['./app.py']", "names nothing inside", id="exclude with a dot"),
    pytest.param(b"exclude = ['/']", "names nothing inside", id="exclude the root"),
    pytest.param(b"exclude = ['~/x']", "no path inside", id="exclude at home"),
    pytest.param(b"exclude = ['a\\b']", "no path inside", id="exclude of Windows"),
    pytest.param(b"exclude = ['C:/x']", "no path inside", id="exclude of a drive"),
    pytest.param(b"exclude = ['" + b"a*" * 5000 + b"']", "longer than any path", id="exclude without an end"),
    pytest.param(b"exclude = [2027-01-01]", "list of strings", id="exclude a date"),
    pytest.param(f"[levels]\nold = {BIG}".encode(), "too large to show", id="level of many digits"),
    pytest.param(b"[levels]\nold = 2027-01-01", "old = 2027-01-01: not a level", id="level a date"),
    pytest.param(b'[levels]\nold = "\\u001b[31m"', "not a level", id="level with an escape"),
    pytest.param(b'"\\u001b[31m" = 1', "unknown key", id="key with an escape"),
    pytest.param(b"packs = [1]", "list of strings", id="packs of numbers"),
    pytest.param(b'packs = ["\\u001b]0;x\\u0007"]', "is not installed", id="pack with an escape"),
    pytest.param(f"[[context]]\npaths = ['a']\ndata = {BIG}".encode(), "no such data", id="context of many digits"),
    pytest.param(b"[[context]]\npaths = ['" + b"**/" * 2000 + b"']\ndata = 'none'", "longer than", id="context long"),
    pytest.param(b"[[context]]\npaths = ['/etc']\ndata = 'none'", "absolute", id="context absolute"),
    pytest.param(b"[[ignore]]\npath = '../a'\nrules = ['old']\nreason = 'test'", "does not stay", id="ignore above"),
    pytest.param(b"[[ignore]]\npath = 'a'\nrules = ['old']\nreason = 'fix-later(2027-02-30)'", "'2027-02-30' for a day", id="no such day"),
    pytest.param(b"[[ignore]]\npath = 'a'\nrules = ['old']\nreason = 2027-01-01", "must be text", id="reason a date"),
    pytest.param(b"rules = ['rules', 'rules/deep']", "in two of the folders", id="folders in folders"),
    pytest.param(b"a = " + b"[" * 5000 + b"]" * 5000, "not TOML", id="deep"),
    pytest.param(b"rules = ['\xff']", "not TOML", id="no UTF-8"),
    pytest.param(b"rules = ['rules']\n\0", "not TOML", id="NUL"),
    pytest.param("rules = ['rules']".encode("utf-16"), "not TOML", id="UTF-16"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), CONFIGS)
def test_a_configuration_that_cannot_be_meant(hostile: Repo, text: bytes, says: str) -> None:
    hostile.write("rules/deep/other.yaml", RULE.format(name="other", level="warn", safety="safe"))
    hostile.write("devsec.toml", text)
    refused(hostile, says=says)


@pytest.mark.parametrize("text", ["[[tool]]\ndevsec = 1\n", "tool = 1  # devsec\n", "[[tool.devsec]]\nrules = []\n"])
def test_a_tool_that_is_no_table(hostile: Repo, text: str) -> None:
    (hostile.root / "devsec.toml").unlink()
    hostile.write("pyproject.toml", text)
    refused(hostile, says="must be a table")


def test_a_folder_named_twice_is_one_and_crlf_and_bom_are_fine(hostile: Repo) -> None:
    hostile.write("devsec.toml", '\ufeffrules = ["rules", "./rules"]\r\n')
    assert hostile.devsec("check").returncode == 1


def test_the_end_of_the_calendar(hostile: Repo) -> None:
    hostile.write(
        "devsec.toml",
        "rules = ['rules']\n[[ignore]]\npath = 'app.py'\nrules = ['old']\nreason = 'fix-later(9999-12-31)'\n",
    )
    for words in ("check", "ignores"):
        assert hostile.devsec(words, DEVSEC_TODAY="9999-12-31").returncode == 0
        refused(hostile, words, says="not a day", DEVSEC_TODAY="\x1b[31m")


# --- what would take for ever


@pytest.mark.parametrize(
    "glob", ["*a" * 40 + "b", "**/" * 40 + "b", "**/**/**/*a*a*a*b*a*ab", "**a" * 30 + "b", "*?" * 50]
)
def test_globs_made_to_backtrack(hostile: Repo, glob: str) -> None:
    deep = "/".join(["a" * 50] * 20) + "/" + "a" * 200 + ".py"
    hostile.stage(deep, BAD)
    hostile.write("CODEOWNERS", f"{glob} @team\n")
    for said in (
        f"exclude = ['{glob}']",
        f"[[context]]\npaths = ['{glob}']\ndata = 'none'",
        f"[[ignore]]\npath = '{glob}'\nrules = ['old']\nreason = 'test'",
    ):
        hostile.write("devsec.toml", f"rules = ['rules']\n{said}\n")
        assert hostile.devsec("check").returncode == 1
    assert hostile.devsec("ignores").returncode == 0


TEXT_RULE = "id: old\ntitle: T\ncwe: CWE-1\nseverity: high\nconfidence: high\nlevel: block\nwhy: W.\nfind:\n  text: {regex: '%s'}\nexamples:\n  - bad: 'aab'\n  - fine: 'y'\n"


@pytest.mark.parametrize(
    ("regex", "says"),
    [
        pytest.param("(a{1000}){1000}", "RE2 does not take", id="repeats in repeats"),
        pytest.param("(" * 5000 + "a" + ")" * 5000, "more than 100 groups", id="groups"),
        pytest.param("a|", "matches where nothing stands", id="nothing"),
        pytest.param("(.*)*", "matches where nothing stands", id="stars"),
        pytest.param("(a)\\1", "RE2 does not take", id="back"),
    ],
)
def test_regexes_that_would_take_for_ever(hostile: Repo, regex: str, says: str) -> None:
    hostile.write("rules/old.yaml", TEXT_RULE % regex)
    refused(hostile, says=says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: &a [x,x]\nb: [*a,*a]\n", "an anchor", id="a bomb"),
        pytest.param("a: !!python/object:os.system x\n", "means nothing here", id="a tag"),
        pytest.param("[" * 5000 + "]" * 5000, "nested too deeply", id="deep"),
        pytest.param("<<: {a: 1}\n", "a merge key", id="merge"),
        pytest.param('"\\e[31m": 1\n', "no key", id="escape"),
        pytest.param("id: a\0b\n", "U+0000", id="NUL"),
        pytest.param("x: " + "y" * (300 << 10), "larger than", id="long"),
    ],
)
def test_yaml_that_is_no_rule(hostile: Repo, text: str, says: str) -> None:
    hostile.write("rules/x.yaml", text)
    refused(hostile, says=says)


def test_a_rule_folder_of_ten_thousand_files(hostile: Repo) -> None:
    for number in range(5001):
        (hostile.root / f"rules/r{number}.yaml").touch()
    refused(hostile, says="more than 5000 rule files")


# --- what a terminal or a CI would obey


def test_nothing_raw_reaches_a_terminal_or_a_ci(hostile: Repo) -> None:
    text = RULE.format(name="old", level="block", safety="safe")
    hostile.write("rules/old.yaml", text.replace("title: The old old is called", 'title: "\\e[31mred\\n::error::x%0A"'))
    for words in (
        *(("check", "--format", form) for form in ("text", "lines", "github", "gitlab", "junit", "sarif", "json")),
        *(("rules", "list"), ("explain", "old"), ("explain", "app.py:2"), ("pack", "list")),
    ):
        done = hostile.devsec(*words)
        assert done.returncode in (0, 1), done.stderr
        assert "\x1b" not in done.stdout + done.stderr, words
        assert not any(line.startswith("::error::") for line in done.stdout.splitlines()), words
    told = hostile.devsec("check", "--format", "github").stdout
    assert "%0A" not in told.replace("%250A", "")


# --- code of the repository


def test_what_the_repository_calls_as_devsec_does_is_not_imported(hostile: Repo, tmp_path: Path) -> None:
    """As the installed command, and as `python -m devsec`, which takes the repository's own `devsec` and what Python itself
    imports before us: SECURITY.md says so."""
    mark = tmp_path / "imported"
    evil = f"open({str(mark)!r}, 'w').write(__file__)\n"
    names = ["sitecustomize", "re2", "yaml", "click/__init__", "libcst/__init__", "rich/__init__", "json", "subprocess"]
    for name in [*names, "tomllib", "tomli", "devsec/__init__", "importlib/__init__", "acme_devsec/__init__"]:
        hostile.stage(f"{name}.py", evil)
    hostile.write("acme.dist-info/entry_points.txt", "[devsec.packs]\nacme = acme_devsec\n")
    hostile.write("acme_devsec/pack.yaml", "pack: acme\ntitle: T\nrules: {ecb-mode: {level: off}}\n")
    script = tmp_path / "devsec"
    home = str(Path(__file__).parents[2])
    script.write_text(f"import sys\nsys.path.insert(1, {home!r})\nfrom devsec.cli import program\nprogram()\n")
    for words in (
        "check",
        "rules list",
        "explain old",
        "check --format sarif",
        "pack list",
        "context suggest",
        "doctor",
    ):
        done = subprocess.run(
            [sys.executable, str(script), *words.split()], cwd=hostile.root, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert not mark.exists(), mark.read_text()
    for name in ("devsec/__init__.py", "importlib/__init__.py"):
        (hostile.root / name).unlink()
    for words in ("check", "rules list", "explain old"):
        assert hostile.started(*words.split()).returncode in (0, 1)
        assert not mark.exists(), mark.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="makes shell scripts; runs on every other system")
def test_programs_in_the_settings_of_the_repository_are_not_run(hostile: Repo, tmp_path: Path) -> None:
    hostile.commit((".gitattributes", "*.py diff=x merge=x\n"), ("b.py", BAD + "# devsec: ignore[old] test\n"))
    hostile.stage("app.py", BAD + "x = 1\n")
    mark = tmp_path / "run"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> '{mark}'\ncat\n")
    program.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.command", "diff.x.textconv", "core.pager", "pager.blame", "gpg.program", "merge.x.driver", "core.editor"):  # fmt: skip
        hostile.git("config", key, str(program))
    hostile.git("config", "log.showSignature", "true")
    for words in (
        "check",
        "check --all",
        "check --since HEAD~1",
        "check --history",
        "ignores",
        "explain b.py:2",
        "fix",
    ):
        assert hostile.devsec(*words.split()).returncode in (0, 1)
        assert not mark.exists(), f"{words}: {mark.read_text()}"


# --- packs


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links; runs on every other system")
@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "folder"])
def test_what_a_package_says_of_itself_is_no_file(hostile: Repo, tmp_path: Path, kind: str) -> None:
    site = packs.site(tmp_path / "site")
    file = next(site.glob("*.dist-info/entry_points.txt"))
    put(Repo(file.parent), file.name, kind)
    home = os.pathsep.join([str(Path(__file__).parents[2]), str(site)])
    done = devsec("check", cwd=hostile.root, env={**os.environ, "PYTHONPATH": home}, timeout=60)
    assert done.returncode == 1, done.stderr  # such a package is none; the rest counts


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "[]", '{"url": 1, "dir_info": {"editable": true}}', "\0"])
def test_a_broken_direct_url(hostile: Repo, tmp_path: Path, text: str) -> None:
    site = packs.site(tmp_path / "site", value="nowhere")
    next(site.glob("*.dist-info")).joinpath("direct_url.json").write_text(text)
    home = os.pathsep.join([str(Path(__file__).parents[2]), str(site)])
    refused(hostile, says="no folder on the path is called that", PYTHONPATH=home)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("rules: {ecb-mode: {deprecated: ecb-mode}}", "in a circle", id="to itself"),
        pytest.param("rules: {ecb-mode: {deprecated: weak-hash}, weak-hash: {deprecated: ecb-mode}}", "in a circle", id="circle"),
        pytest.param("rules: {ecb-mode: {block_from: 2027-02-30}}", "is no date", id="no day"),
        pytest.param("rules: {ecb-mode: {block_from: 2027-01-01, warn_from: 2027-02-01}}", "would warn from", id="turned"),
        pytest.param("rules: {ecb-mode: {when: [{exposure: pubic, level: warn}]}}", "Did you mean 'public'?", id="word"),
        pytest.param("rules: {ecb-mode: {when: [{level: warn}]}}", "asks nothing", id="when nothing"),
        pytest.param("rules: {ecb-mode: {level: {a: b}}}", "is not one of", id="a mapping for a level"),
        pytest.param("rules: [ecb-mode]", "is a mapping", id="a list for rules"),
        pytest.param("roads: {nope: {final: true}}", "no road `nope`", id="road"),
    ],
)  # fmt: skip
def test_a_pack_that_cannot_be_meant(hostile: Repo, text: str, says: str) -> None:
    hostile.write("rules/pack.yaml", f"pack: team\ntitle: T\n{text}\n")
    refused(hostile, says=says)


def test_json_of_a_hostile_title_can_be_read(hostile: Repo) -> None:
    hostile.write("rules/pack.yaml", 'pack: team\ntitle: "\\e[31m"\n')
    assert json.loads(hostile.devsec("pack", "list", "--format", "json").stdout)["packs"][0]["title"] == "\x1b[31m"
