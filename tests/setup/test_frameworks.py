"""What init wrote, under the real pre-commit, prek and lefthook: a bad commit is refused, a clean one goes through."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Repo

from .conftest import BAD, Commit

pytestmark = pytest.mark.usefixtures("on_path")


@pytest.fixture(params=["pre-commit", "prek", "prek.toml", "lefthook", "lefthook jobs"])
def framework(request: pytest.FixtureRequest, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A repository that uses it, with devsec set up and its hook installed."""
    name = str(request.param)
    tool = name.partition(".")[0].partition(" ")[0]
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed here: pip install {tool}, or the extra `dev` of devsec")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    texts = {
        "pre-commit": (".pre-commit-config.yaml", "repos:\n-   repo: meta\n    hooks:\n    -   id: identity\n"),
        "prek": (".pre-commit-config.yaml", "# ours\nrepos:\n  - repo: meta\n    hooks:\n      - id: identity\n"),
        "prek.toml": ("prek.toml", '[[repos]]\nrepo = "meta"\nhooks = [{ id = "identity" }]\n'),
        "lefthook": ("lefthook.yml", "pre-commit:\n  commands:\n    other:\n      run: 'true'\n"),
        "lefthook jobs": (".lefthook.yaml", "pre-commit:\n  parallel: true\n  jobs:\n    - run: 'true'\n"),
    }
    repo.commit(texts[name])
    made = repo.devsec("init", "--yes", "--repo", "local")
    assert made.returncode == 0, made.stderr
    assert f"next: {'prek' if name == 'prek.toml' else 'pre-commit' if tool == 'prek' else tool} install" in made.stdout
    done = subprocess.run([found, "install"], cwd=repo.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "set up")
    return name


def test_bad_clean_partly_staged_and_all(framework: str, repo: Repo, commit: Commit) -> None:
    repo.stage("app.py", BAD)
    refused = commit()
    assert refused.returncode == 1
    assert "app.py:3:1  blocks  old" in refused.stdout + refused.stderr
    # What is staged counts, and what is not stays.
    repo.stage("app.py", "x = 1\n")
    repo.write("app.py", "x = 1\n" + BAD)
    clean = commit()
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert repo.git("show", "HEAD:app.py") == "x = 1\n"
    assert repo.read("app.py") == "x = 1\n" + BAD
    # The other way round: staged and bad, mended on disk only.
    repo.git("add", "app.py")
    repo.write("app.py", "x = 2\n")
    assert commit().returncode == 1
    assert repo.read("app.py") == "x = 2\n"
    # git makes an index of its own for these.
    assert commit("-a").returncode == 0
    repo.write("app.py", "x = 2\n" + BAD)
    assert commit("-a").returncode == 1
    assert commit("app.py").returncode == 1
    assert repo.git("show", "HEAD:app.py") == "x = 2\n"


def test_what_was_there_before_stops_nobody(framework: str, repo: Repo, commit: Commit) -> None:
    repo.commit(("app.py", BAD))
    repo.stage("app.py", BAD + "x = 1\n")
    done = commit()
    assert done.returncode == 0, done.stdout + done.stderr


def test_gone_again(framework: str, repo: Repo, commit: Commit) -> None:
    before = {file: repo.git("show", f"HEAD~1:{file}") for file in repo.git("ls-tree", "--name-only", "HEAD").split()
              if (repo.root / file).is_file()}  # fmt: skip
    assert "Everything is there already." in repo.devsec("init", "--yes", "--repo", "local").stdout
    assert repo.devsec("uninstall", "--yes").returncode == 0
    assert {file: repo.read(file) for file in before} == before
    repo.stage("app.py", BAD)
    assert commit("-a").returncode == 0


@pytest.mark.parametrize("tool", ["pre-commit", "prek", "lefthook"])
def test_a_framework_that_is_installed_over_our_hook(repo: Repo, commit: Commit, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """pre-commit and prek keep the hook they find and run it, so devsec runs on and can be taken back; lefthook does not."""
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed here: pip install {tool}, or the extra `dev` of devsec")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    hook = repo.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho first\n")
    hook.chmod(0o755)
    assert repo.devsec("init", "--yes").returncode == 0
    repo.commit(
        ("lefthook.yml", "pre-commit:\n  commands:\n    a:\n      run: 'true'\n")
        if tool == "lefthook"
        else (".pre-commit-config.yaml", "repos:\n- repo: meta\n  hooks:\n  - id: identity\n")
    )
    subprocess.run([found, "install"], cwd=repo.root, check=True, capture_output=True)
    repo.stage("app.py", BAD)
    assert commit().returncode == (0 if tool == "lefthook" else 1)
    if tool != "lefthook":
        assert "there already: the hook" in repo.devsec("init", "--yes").stdout
    done = repo.devsec("uninstall", "--yes")
    assert done.returncode == 0, done.stderr
    if tool != "lefthook":
        assert (repo.root / ".git/hooks/pre-commit.legacy").read_text() == "#!/bin/sh\necho first\n"
        repo.stage("app.py", BAD + "x = 1\n")
        assert commit().returncode == 0
