"""`devsec init` and `uninstall` on real repositories: what is written works, is written once, and goes again to the byte."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

from devsec.setup import native
from tests.devsec_process import devsec

from .conftest import BAD, Commit, everything

HOOK = ".git/hooks/pre-commit"
KEPT = ".git/hooks/pre-commit.before-devsec"


def init(repo: Repo, *words: str, cwd: Path | None = None, **environ: str) -> str:
    return _run(repo, "init", "--yes", *words, cwd=cwd, **environ)


def uninstall(repo: Repo, cwd: Path | None = None, **environ: str) -> str:
    return _run(repo, "uninstall", "--yes", cwd=cwd, **environ)


def _run(repo: Repo, *words: str, cwd: Path | None = None, **environ: str) -> str:
    done = devsec(*words, cwd=cwd or repo.root, env={**os.environ, **environ})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def script(repo: Repo, path: str, text: str) -> None:
    repo.write(path, text)
    (repo.root / path).chmod(0o755)


# --- git's own hook --------------------------------------------------------------------------------------------------------


def test_a_bad_commit_is_refused_and_a_clean_one_goes_through(repo: Repo, commit: Commit) -> None:
    before = everything(repo.root)
    init(repo)
    repo.stage("app.py", BAD)
    refused = commit()
    assert refused.returncode == 1
    assert "app.py:3:1  blocks  old" in refused.stdout + refused.stderr
    repo.stage("app.py", "x = 1\n")
    repo.write("app.py", BAD)  # not staged
    assert commit().returncode == 0
    assert commit("-a").returncode == 1
    repo.git("reset", "-q", "--hard", "HEAD~1")
    uninstall(repo)
    assert everything(repo.root) == before
    repo.stage("app.py", BAD)
    assert commit().returncode == 0


def test_again_writes_nothing(repo: Repo) -> None:
    init(repo, "--ci", "github")
    before = everything(repo.root)
    said = init(repo, "--ci", "github")
    assert "Everything is there already." in said
    assert f"there already: the hook, in {HOOK}" in said
    assert everything(repo.root) == before
    assert "Everything is there already." in init(repo)


@pytest.mark.parametrize("words", [("--dry-run",), ("--diff", "--yes"), ()])
def test_only_shown(repo: Repo, words: tuple[str, ...]) -> None:
    before = everything(repo.root)
    done = repo.devsec("init", *words)
    assert f"+++ {HOOK}\n" in done.stdout
    assert everything(repo.root) == before
    # Without a terminal nobody could have said yes.
    assert done.returncode == (0 if words else 2)
    assert ("Say --yes" in done.stderr) == (not words)


def test_the_hook_that_was_there_runs_first_and_its_word_counts(repo: Repo, commit: Commit) -> None:
    script(repo, HOOK, '#!/bin/sh\necho mine "$@"\n[ ! -e stop ] || exit 7\n')
    before = everything(repo.root)
    init(repo)
    repo.stage("app.py", "x = 1\n")
    fine = commit()
    assert fine.returncode == 0
    assert "mine" in fine.stderr
    repo.stage("app.py", BAD)
    both = commit()
    assert both.returncode == 1
    assert both.stderr.index("mine") < (both.stderr + both.stdout).index("blocks")
    repo.stage("app.py", "x = 2\n")
    repo.write("stop", "")
    assert commit().returncode == 1  # git's own code for a hook that failed
    (repo.root / "stop").unlink()
    repo.git("reset", "-q", "--hard", "HEAD~1")
    assert "moved" not in init(repo)
    uninstall(repo)
    assert everything(repo.root) == before


def test_a_hook_in_another_language_a_link_and_one_that_is_switched_off(repo: Repo, commit: Commit) -> None:
    script(repo, ".git/elsewhere/check", f"#!{sys.executable}\nprint('python says hello')\n")
    (repo.root / HOOK).symlink_to("../elsewhere/check")
    init(repo)
    repo.stage("app.py", "x = 1\n")
    assert "python says hello" in commit().stderr
    uninstall(repo)
    assert os.readlink(repo.root / HOOK) == "../elsewhere/check"
    (repo.root / HOOK).unlink()
    repo.write(HOOK, "#!/bin/sh\nexit 1\n")  # not executable: git passes over it, and so do we
    init(repo)
    repo.stage("app.py", "x = 2\n")
    assert commit().returncode == 0
    uninstall(repo)
    assert repo.read(HOOK) == "#!/bin/sh\nexit 1\n"
    assert not os.access(repo.root / HOOK, os.X_OK)


def test_a_hook_that_somebody_changed_is_left_and_named(repo: Repo) -> None:
    init(repo)
    repo.write(HOOK, repo.read(HOOK) + "# mine\n")
    said = uninstall(repo)
    assert f"left: {HOOK} names devsec" in said
    assert "left: devsec.toml has a configuration" in said
    assert repo.read(HOOK).endswith("# mine\n")


def test_a_kept_hook_in_the_way_is_not_overwritten(repo: Repo) -> None:
    script(repo, HOOK, "#!/bin/sh\necho new\n")
    script(repo, KEPT, "#!/bin/sh\necho kept\n")
    before = everything(repo.root)
    done = repo.devsec("init", "--yes")
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert everything(repo.root) == before


def test_folders_with_spaces_linked_work_trees_and_bare_parents(repo: Repo, commit: Commit, tmp_path: Path) -> None:
    bare = tmp_path / "bare parent.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repo.root), str(bare)], check=True)
    tree = tmp_path / "a tree's folder"
    subprocess.run(["git", "worktree", "add", "-q", str(tree), "-b", "work"], cwd=bare, check=True)
    init(repo, cwd=tree)
    assert (bare / "hooks/pre-commit").is_file()
    (tree / "app.py").write_text(BAD)
    subprocess.run(["git", "add", "."], cwd=tree, check=True)
    assert commit(cwd=tree).returncode == 1
    uninstall(repo, cwd=tree)
    assert commit(cwd=tree).returncode == 0
    refused = devsec("init", "--yes", cwd=bare)
    assert refused.returncode == 2
    assert "bare repository" in refused.stderr


def test_a_submodule_has_hooks_of_its_own(repo: Repo, commit: Commit, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(repo.root, other)
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    init(repo, cwd=repo.root / "sub")
    assert (repo.root / ".git/modules/sub/hooks/pre-commit").is_file()
    assert not (repo.root / HOOK).exists()
    (repo.root / "sub/app.py").write_text(BAD)
    subprocess.run(["git", "add", "."], cwd=repo.root / "sub", check=True)
    assert commit(cwd=repo.root / "sub").returncode == 1


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("there", [None, "#!/bin/sh\necho team\n", "#!/usr/bin/env bash\nset -e\necho team"])
def test_hooks_of_the_team_get_lines_at_their_end(repo: Repo, commit: Commit, there: str | None) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    if there is not None:
        script(repo, ".githooks/pre-commit", there)
    before = everything(repo.root)
    init(repo)
    text = repo.read(".githooks/pre-commit")
    assert sys.executable not in text
    assert os.path.dirname(sys.executable) not in text  # it is everybody's
    repo.stage("app.py", BAD)
    refused = commit()
    assert refused.returncode == 1
    assert "blocks" in refused.stdout + refused.stderr
    assert ("team" in refused.stderr) == (there is not None)
    repo.git("rm", "-q", "-f", "app.py")
    assert "Everything is there already." in init(repo)
    uninstall(repo)
    assert everything(repo.root) == before


@pytest.mark.usefixtures("on_path")
def test_the_word_of_the_teams_hook_counts(repo: Repo, commit: Commit) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    script(repo, ".githooks/pre-commit", "#!/bin/sh\nfalse\n")
    init(repo)
    repo.stage("app.py", "x = 1\n")
    assert commit().returncode == 1


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("#!/bin/sh\necho x\nexit 0\n", "ends with `exit 0`"),
        ("#!/bin/sh\nexec make check\n", "ends with `exec make check`"),
        ("#!/usr/bin/env python3\nprint()\n", "is no shell script"),
    ],
)
def test_hooks_of_the_team_that_nothing_can_be_added_to(repo: Repo, there: str, said: str) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    script(repo, ".githooks/pre-commit", there)
    before = everything(repo.root)
    done = repo.devsec("init", "--yes", "--ci", "github")
    assert done.returncode == 2
    assert said in done.stderr
    assert "devsec check" in done.stderr
    assert everything(repo.root) == before


@pytest.mark.usefixtures("on_path")
def test_husky_9_runs_the_file_beside_its_own(repo: Repo, commit: Commit) -> None:
    """As husky 9 lays it out: `_/pre-commit` runs `../pre-commit` with `sh -e`."""
    repo.git("config", "core.hooksPath", ".husky/_")
    repo.write(".husky/_/.gitignore", "*")
    script(repo, ".husky/_/pre-commit", '#!/usr/bin/env sh\nsh -e "$(dirname -- "$0")/../pre-commit" "$@"\n')
    repo.write(".husky/pre-commit", "echo linted\n")
    before = everything(repo.root)
    init(repo)
    repo.stage("app.py", BAD)
    refused = commit()
    assert refused.returncode == 1
    assert "linted" in refused.stderr
    repo.git("rm", "-q", "-f", "app.py")
    uninstall(repo)
    after = everything(repo.root)
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}


def test_hooks_of_all_repositories_are_left_alone(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = tmp_path / "everywhere"
    everywhere.mkdir()
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {everywhere}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    done = repo.devsec("init", "--yes", "--ci", "github")
    assert done.returncode == 2
    assert "other repositories" in done.stderr
    assert "core.hooksPath" in done.stderr
    assert not list(everywhere.iterdir())
    assert not (repo.root / ".github").exists()
    assert repo.devsec("init", "--yes", "--hook", "none", "--ci", "github").returncode == 0


# --- the script ------------------------------------------------------------------------------------------------------------


def shells() -> list[str]:
    return [name for name in ("sh", "dash", "bash") if shutil.which(name)]


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("strict", [(), ("-e",), ("-e", "-u")])
def test_the_script_finds_devsec_or_says_what_to_do(tmp_path: Path, shell: str, strict: tuple[str, ...]) -> None:
    tools = tmp_path / "some tools"
    tools.mkdir()
    for name in ("dirname", "sh", "bash"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    home = tmp_path / "it's here"
    home.mkdir()
    devsec = home / "devsec"
    hook = tmp_path / "hooks dir" / "pre-commit"
    hook.parent.mkdir()

    def run(at: str) -> subprocess.CompletedProcess[str]:
        hook.write_text(native.own(at))
        words = [str(shutil.which(shell)), *strict, str(hook)]
        return subprocess.run(words, capture_output=True, text=True, env={"PATH": str(tools)}, check=False)

    def fake(file: Path, text: str) -> None:
        file.write_text(text)
        file.chmod(0o755)

    missing = run(str(devsec))
    assert missing.returncode == 1
    assert "pip install devsec" in missing.stderr
    assert "git commit --no-verify" in missing.stderr
    for code in (0, 1, 2, 3):
        fake(devsec, f'#!/bin/sh\necho "here $*"\nexit {code}\n')
        done = run(str(devsec))
        assert (done.returncode, done.stdout) == (code, "here check\n")
    # The Python it was installed for has gone: the one on the PATH is taken.
    fake(devsec, "#!/no/such/python\n")
    fake(tools / "devsec", '#!/bin/sh\necho "path $*"\n')
    assert run(str(devsec)).stdout == "path check\n"
    assert run("").stdout == "path check\n"
    fake(hook.parent / native.KEPT, "#!/bin/sh\nexit 5\n")
    assert run(str(devsec)).returncode == 5


@pytest.mark.parametrize("devsec", ["", "/opt/devsec", "/a b/it's/devsec", 'C:/Program Files/x"y/devsec.exe'])
def test_a_script_is_known_again(devsec: str) -> None:
    for text in (native.own(devsec), native.in_settings(devsec)):
        assert native.is_own(text)
        assert native.devsec_in(text) == devsec
        assert native.runs_devsec(text)
        for changed in (
            text + "\n",
            text.replace("exit 1", "exit 0"),
            text.replace("for devsec in ", "for devsec in ' "),
        ):
            assert not native.is_own(changed)


# --- hooks in git's settings -----------------------------------------------------------------------------------------------


@pytest.fixture
def newer_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that answers `git hook list` as those from 2.54 on do. It does not run such hooks itself."""
    folder = tmp_path / "newer"
    folder.mkdir()
    real = shlex.quote(str(shutil.which("git")))
    git = folder / "git"
    git.write_text(f'#!/bin/sh\ncase " $* " in *" hook list "*) exit 1 ;; esac\nexec {real} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("newer_git")
def test_a_git_that_runs_hooks_from_its_settings_gets_one(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".husky/_")  # hides nothing from it
    before = everything(repo.root)
    init(repo)
    assert repo.git("config", "hook.devsec.event") == "pre-commit\n"
    command = repo.git("config", "hook.devsec.command").rstrip("\n")
    assert not (repo.root / ".husky").exists()
    repo.stage("app.py", BAD)
    # As git starts it: with a shell, at the root.
    refused = subprocess.run(["sh", "-c", command], cwd=repo.root, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "blocks" in refused.stdout
    repo.stage("app.py", "x = 1\n")
    assert subprocess.run(["sh", "-c", command], cwd=repo.root, capture_output=True).returncode == 0
    assert "Everything is there already." in init(repo)
    repo.git("rm", "-q", "-f", "app.py")
    uninstall(repo)
    assert everything(repo.root) == before


@pytest.mark.usefixtures("newer_git")
def test_a_hook_in_settings_that_somebody_changed_is_left(repo: Repo) -> None:
    init(repo)
    repo.git("config", "hook.devsec.command", "devsec check --quiet")
    assert "left: hook.devsec.command" in uninstall(repo)
    assert repo.git("config", "hook.devsec.command") == "devsec check --quiet\n"


# --- frameworks ------------------------------------------------------------------------------------------------------------


def test_the_framework_that_is_there_gets_the_entry(repo: Repo) -> None:
    repo.write("lefthook.yml", "pre-push:\n  commands: {}\n")
    assert "next: lefthook install" in init(repo)
    assert "devsec check" in repo.read("lefthook.yml")
    repo.write(".pre-commit-config.yaml", "repos:\n- repo: meta\n  hooks:\n  - id: identity\n")
    assert "there already: the hook, in lefthook.yml" in init(repo)
    said = init(repo, "--hook", "pre-commit")
    assert "next: pre-commit install" in said
    assert "lefthook.yml runs devsec as well" in said
    assert not (repo.root / HOOK).exists()
    uninstall(repo)
    assert repo.read("lefthook.yml") == "pre-push:\n  commands: {}\n"
    assert repo.read(".pre-commit-config.yaml") == "repos:\n- repo: meta\n  hooks:\n  - id: identity\n"


def test_a_framework_that_is_not_there_yet_gets_a_file(repo: Repo) -> None:
    before = everything(repo.root)
    for way, file in (("pre-commit", ".pre-commit-config.yaml"), ("lefthook", "lefthook.yml")):
        init(repo, "--hook", way)
        assert (repo.root / file).is_file()
        uninstall(repo)
        assert everything(repo.root) == before


def test_an_entry_of_somebody_elses_stays(repo: Repo) -> None:
    text = "repos:\n- repo: local\n  hooks:\n  - id: x\n    entry: devsec check\n    name: x\n    language: system\n"
    repo.write(".pre-commit-config.yaml", text)
    assert "there already" in init(repo)
    assert "left: .pre-commit-config.yaml" in uninstall(repo)
    assert repo.read(".pre-commit-config.yaml") == text


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (".pre-commit-config.yaml", "repos: []\n", "laid out in a way"),
        (".pre-commit-config.yaml", "repos: [\n", ".pre-commit-config.yaml:2:1: not YAML"),
        (".pre-commit-config.yaml", "- a\n", "not a table"),
        ("lefthook.toml", "[pre-commit]\n", "devsec only adds to YAML"),
        ("prek.toml", "repos = [\n", "prek.toml is not TOML"),
        (".pre-commit-config.yaml", b"\xff\xfe", "is not UTF-8"),
        ("devsec.toml", "rulse = 1\n", "unknown key 'rulse'"),
        (".gitlab-ci.yml", "devsec:\n  script: x\n", "there already"),
        (".gitlab-ci.yml", "a: [\n", "not YAML"),
    ],
)
def test_what_cannot_be_added_to_is_said_before_anything_is_written(
    repo: Repo, file: str, text: str | bytes, said: str
) -> None:
    repo.write(file, text)
    before = everything(repo.root)
    done = repo.devsec("init", "--yes")
    if said == "there already":
        assert said in done.stdout
        return
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert everything(repo.root) == before


def test_a_link_out_of_the_repository_is_not_written_through(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("repos:\n- repo: meta\n  hooks:\n  - id: identity\n")
    (repo.root / ".pre-commit-config.yaml").symlink_to(outside)
    done = repo.devsec("init", "--yes")
    assert done.returncode == 2
    assert "a link out of the repository" in done.stderr
    assert "devsec" not in outside.read_text()


@pytest.mark.parametrize("file", ["lefthook.yml", ".gitlab-ci.yml", "pyproject.toml", ".github/workflows/devsec.yml"])
def test_nothing_is_read_through_a_link_out_of_the_repository(repo: Repo, file: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret: [\n")
    (repo.root / file).parent.mkdir(parents=True, exist_ok=True)
    (repo.root / file).symlink_to(outside)
    for words in (("init", "--dry-run"), ("uninstall", "--dry-run")):
        done = repo.devsec(*words)
        assert done.returncode == 2, done.stdout
        assert "a link out of the repository" in done.stderr
        assert "secret" not in done.stdout + done.stderr


def test_a_pipe_is_not_waited_for(repo: Repo) -> None:
    for file in (".pre-commit-config.yaml", ".gitlab-ci.yml", HOOK):
        os.mkfifo(repo.root / file)
    assert repo.devsec("init", "--yes").returncode == 0
    assert repo.devsec("doctor").returncode in (0, 1)
    assert repo.devsec("uninstall", "--yes").returncode == 0


def test_it_goes_also_when_git_looks_for_hooks_elsewhere_by_now(repo: Repo) -> None:
    script(repo, HOOK, "#!/bin/sh\necho mine\n")
    before = everything(repo.root)
    init(repo)
    repo.git("config", "core.hooksPath", ".githooks")
    uninstall(repo)
    repo.git("config", "--unset", "core.hooksPath")
    repo.git("config", "--remove-section", "core", check=False)  # the same settings, without an empty section
    after = everything(repo.root)
    assert {name for name in after if "hooks" in name} == {name for name in before if "hooks" in name}
    assert repo.read(HOOK) == "#!/bin/sh\necho mine\n"


def test_a_mirror_or_a_pack_needs_a_tag(repo: Repo) -> None:
    done = repo.devsec("init", "--yes", "--hook", "pre-commit", "--repo", "https://git.acme.example/acme-devsec")
    assert done.returncode == 2
    assert "which tag" in done.stderr
    words = ("--repo", "https://git.acme.example/acme-devsec", "--rev", "v2", "--install", "acme-devsec>=2")
    before = everything(repo.root)
    for service, file in (("github", ".github/workflows/devsec.yml"), ("gitlab", ".gitlab-ci.yml")):
        init(repo, "--hook", "pre-commit", "--ci", service, *words)
        assert "  - repo: https://git.acme.example/acme-devsec  # by" in repo.read(".pre-commit-config.yaml")
        assert "    rev: v2\n" in repo.read(".pre-commit-config.yaml")
        assert "pip install 'acme-devsec>=2'\n" in repo.read(file)
        uninstall(repo)
        assert everything(repo.root) == before
    done = repo.devsec("init", "--yes", "--ci", "github", "--install", "x; rm -rf /")
    assert done.returncode == 2
    assert "cannot be written into a job" in done.stderr


def test_outside_of_a_repository(tmp_path: Path) -> None:
    for name in ("init", "uninstall"):
        done = devsec(name, "--yes", cwd=tmp_path)
        assert done.returncode == 2
        assert "not a git repository" in done.stderr


# --- CI and configuration --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setup", "file"),
    [
        ("mkdir .github", ".github/workflows/devsec.yml"),
        ("touch .gitlab-ci.yml", ".gitlab-ci.yml"),
        ("git remote add origin git@github.com:acme/shop.git", ".github/workflows/devsec.yml"),
        ("git remote add origin https://me@gitlab.acme.example:8443/shop.git", ".gitlab-ci.yml"),
        ("git remote add origin https://notgithub.example/github", ""),
        ("true", ""),
    ],
)
def test_whose_ci(repo: Repo, setup: str, file: str) -> None:
    subprocess.run(setup, shell=True, cwd=repo.root, check=True)
    before = everything(repo.root)
    said = init(repo)
    changed = {name for name, data in everything(repo.root).items() if before.get(name) != data}
    assert changed == {HOOK, *([file] if file else [])}
    assert ("no CI is known here" in said) == (not file)
    uninstall(repo)
    after = everything(repo.root)
    assert after == {name: data for name, data in before.items() if name in after}
    assert set(before) - set(after) <= {".gitlab-ci.yml"}  # it was empty


def test_a_workflow_that_somebody_changed_is_left(repo: Repo) -> None:
    init(repo, "--ci", "github")
    file = ".github/workflows/devsec.yml"
    repo.write(file, repo.read(file).replace("3.12", "3.13"))
    assert f"left: {file}" in uninstall(repo)
    assert "3.13" in repo.read(file)


def test_a_configuration_only_where_there_is_something_to_say(repo: Repo) -> None:
    done = repo.devsec("init", "--yes", "--exclude", "gen/")
    assert done.returncode == 2
    assert 'exclude = ["vendor/", "gen/"]' in done.stderr
    assert "Everything is there already." in init(repo, "--exclude", "vendor/", "--hook", "none")
    (repo.root / "devsec.toml").unlink()
    before = everything(repo.root)
    init(repo, "--exclude", "gen/", "--exclude", 'a "b"')
    assert repo.devsec("check", "--all").returncode == 0
    assert 'exclude = ["gen/", "a \\"b\\""]' in repo.read("devsec.toml")
    assert "Everything is there already." in init(repo, "--exclude", "gen/")
    uninstall(repo)
    assert everything(repo.root) == before


@pytest.mark.parametrize(
    "text", ["[project]\nname = 'x'\n\n[tool.ruff]\nline-length = 99\n", "[tool.ruff]\n[tool.x]\r\ny=1"]
)
def test_where_the_other_tools_are_configured(repo: Repo, text: str) -> None:
    (repo.root / "devsec.toml").unlink()
    repo.write("pyproject.toml", text)
    init(repo, "--exclude", "gen/", "--hook", "none")
    assert "[tool.devsec]" in repo.read("pyproject.toml")
    assert not (repo.root / "devsec.toml").exists()
    uninstall(repo)
    assert repo.read("pyproject.toml") == text


@pytest.mark.skipif(
    sys.platform == "win32", reason="a terminal is made with pty, which Windows has not; a POSIX system has it"
)
@pytest.mark.parametrize(("answer", "written"), [("n\n", False), ("\n", True), ("y\n", True)])
def test_asked_once_on_a_terminal(repo: Repo, answer: str, written: bool) -> None:
    import pty

    shutil.rmtree(repo.root / ".git/hooks")  # as after `git init --template=`
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "devsec", "init"], cwd=repo.root, stdin=theirs, stdout=subprocess.PIPE, text=True
    ) as process:
        os.write(ours, answer.encode())
        said = process.communicate(timeout=60)[0]
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert said.count("Write this? [Y/n]") == 1
    assert (repo.root / HOOK).exists() == written
    assert ("Nothing was written." in said) == (not written)


def test_what_is_broken_does_not_keep_the_rest_from_going(repo: Repo) -> None:
    init(repo)
    repo.write("lefthook.yml", "a: [\n")
    assert "left: lefthook.yml:2:1: not YAML" in uninstall(repo)
    assert not (repo.root / HOOK).exists()
