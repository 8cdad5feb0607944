"""`devsec fix --add-dependencies` as a process: the package that a new call needs, in the manifest."""

from __future__ import annotations

import os
import subprocess

import pytest
from conftest import Repo

from tests.devsec_process import devsec

ROAD = """\
road: acme.read
title: Read it from the vault
call: acme_vault.read
package: acme-vault>=3
"""
RULE = """\
id: vault
title: The vault is passed by
cwe: CWE-1
severity: high
confidence: high
level: block
why: The old call leaves the road. It always did.
find:
  call: legacy.read
fix:
  title: Read it from the vault
  safety: safe
  road: acme.read
examples:
  - bad: |
      import legacy
      legacy.read("x")
    good: |
      import acme_vault
      acme_vault.read("x")
  - fine: |
      import acme_vault
      acme_vault.read("x")
"""
BAD = 'import legacy\n\nlegacy.read("x")\n'
GOOD = 'import acme_vault\n\nacme_vault.read("x")\n'
LIST = '[project]\nname = "app"\ndependencies = [\n  "aaa",  # first\n  "zoo",\n]\n'
ADDED = LIST.replace('  "zoo"', '  "acme-vault>=3",\n  "zoo"')
SAID = "needs  acme-vault>=3, which pyproject.toml does not declare: --add-dependencies adds it\n"


@pytest.fixture
def acme(repo: Repo) -> Repo:
    """Its rules lead to a road that comes in a package."""
    repo.commit(("rules/vault.yaml", RULE), ("rules/roads.yaml", ROAD))
    return repo


def index(repo: Repo, path: str) -> str:
    return repo.git("show", f":{path}")


def test_says_what_is_not_declared_once_and_changes_nothing_more(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.stage("src/app/one.py", BAD)
    acme.stage("src/app/two.py", BAD)
    done = acme.devsec("fix")
    assert done.returncode == 0
    assert done.stdout.count("acme-vault") == 1
    assert SAID in done.stdout
    assert (acme.read("src/app/one.py"), acme.read("pyproject.toml")) == (GOOD, LIST)


def test_adds_it_once(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST.replace("\n", "\r\n")))
    acme.stage("src/app/one.py", BAD)
    acme.stage("src/app/two.py", BAD)
    acme.write("uv.lock", "")
    done = acme.devsec("fix", "--add-dependencies")
    assert done.returncode == 0
    assert "added  acme-vault>=3 to pyproject.toml; then uv lock\n" in done.stdout
    assert acme.read("pyproject.toml") == ADDED.replace("\n", "\r\n")
    assert (acme.read("src/app/one.py"), acme.read("uv.lock")) == (GOOD, "")
    assert acme.git("diff", "--name-only", "--cached", "--", "pyproject.toml") == "", "nothing is staged"
    acme.stage("src/app/three.py", BAD)
    again = acme.devsec("fix", "--add-dependencies")
    assert "acme-vault" not in again.stdout, "declared by now"
    assert acme.read("pyproject.toml") == ADDED.replace("\n", "\r\n")


def test_silent_when_it_is_declared_or_imported(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST.replace("zoo", "Acme_Vault")))
    acme.stage("app.py", BAD)
    acme.stage("other/app.py", "import acme_vault\n" + BAD)
    assert "acme-vault" not in acme.devsec("fix", "--add-dependencies").stdout
    assert acme.read("pyproject.toml") == LIST.replace("zoo", "Acme_Vault")


def test_the_nearest_manifest(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST), ("services/pay/requirements.txt", "zoo\n"), ("services/pay/x.txt", ""))
    acme.stage("services/pay/src/app.py", BAD)
    acme.stage("tools/app.py", BAD)
    done = acme.devsec("fix", "--add-dependencies")
    assert "acme-vault>=3 to pyproject.toml\n" in done.stdout
    assert "acme-vault>=3 to services/pay/requirements.txt\n" in done.stdout
    assert acme.read("services/pay/requirements.txt") == "zoo\nacme-vault>=3\n"
    assert acme.read("pyproject.toml") == ADDED


@pytest.mark.parametrize("words", [(), ("--add-dependencies",)], ids=["told", "asked for"])
def test_declared_for_development_only(acme: Repo, words: tuple[str, ...]) -> None:
    text = LIST + '\n[dependency-groups]\ndev = ["acme-vault"]\n'
    acme.commit(("pyproject.toml", text))
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", *words)
    assert done.returncode == 0
    assert "needs  acme-vault>=3: pyproject.toml declares it for development only, in its group dev: " in done.stdout
    assert acme.read("pyproject.toml") == text


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("requirements.txt", "zoo==1 --hash=sha256:00\n", "requirements.txt pins hashes, which devsec does not know: add it"),
        ("setup.py", "import setuptools\nsetuptools.setup(install_requires=[])\n", "setup.py is a program, which devsec does not change"),
        ("pyproject.toml", '[project]\nname = "a"\ndynamic = ["dependencies"]\n', "pyproject.toml says that its dependencies are dynamic: add it where they are made"),
        ("README", "", "no manifest of the project was found, add it to your dependencies"),
    ],
    ids=["hashes", "setup.py", "dynamic", "none"],
)  # fmt: skip
def test_what_cannot_be_changed_is_told_and_the_code_is_cured(acme: Repo, path: str, text: str, words: str) -> None:
    acme.commit((path, text))
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--add-dependencies")
    assert done.returncode == 0, "the exit code speaks of findings"
    assert f"needs  acme-vault>=3: {words}" in done.stdout
    assert (acme.read(path), acme.read("app.py")) == (text, GOOD)


def test_a_manifest_that_cannot_be_written(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    (acme.root / "pyproject.toml").chmod(0o444)
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--add-dependencies")
    assert done.returncode == 0
    assert "needs  acme-vault>=3: pyproject.toml could not be changed (" in done.stdout
    assert "read-only" in done.stdout
    assert (acme.read("pyproject.toml"), acme.read("app.py")) == (LIST, GOOD)


def test_code_that_cannot_be_written_needs_nothing(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.stage("app.py", BAD)
    (acme.root / "app.py").chmod(0o444)
    done = acme.devsec("fix", "--add-dependencies")
    assert "acme-vault" not in done.stdout
    assert acme.read("pyproject.toml") == LIST


def test_diff_has_the_manifest_too(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.stage("app.py", BAD)
    plain = acme.devsec("fix", "--diff")
    assert "pyproject.toml" not in plain.stdout
    assert SAID in plain.stderr
    done = acme.devsec("fix", "--diff", "--add-dependencies")
    assert "would add  acme-vault>=3 to pyproject.toml\n" in done.stderr
    assert (acme.read("pyproject.toml"), acme.read("app.py")) == (LIST, BAD)
    subprocess.run(["git", "apply", "-"], cwd=acme.root, input=done.stdout.encode(), check=True)
    assert (acme.read("pyproject.toml"), acme.read("app.py")) == (ADDED, GOOD)


@pytest.mark.parametrize("user", ["me:canary-canary-canary", "canary-canary-canary"], ids=["password", "token"])
def test_diff_hides_the_passwords_of_a_manifest(acme: Repo, user: str) -> None:
    acme.commit(("requirements.txt", f"--index-url https://{user}@pypi.example/simple\nzoo\n"))
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--diff", "--add-dependencies")
    assert "+acme-vault>=3" in done.stdout
    assert "canary-canary" not in done.stdout + done.stderr
    assert "requirements.txt: this patch is for reading only" in done.stderr
    assert acme.devsec("fix", "--add-dependencies").returncode == 0
    assert "canary-canary-canary@" in acme.read("requirements.txt")


def test_diff_of_a_manifest_without_a_password_can_be_applied(acme: Repo) -> None:
    text = "-i https://me:$PASSWORD@pypi.example/simple\nzoo @ git+ssh://git@example.org/zoo\n"
    acme.commit(("requirements.txt", text))
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--diff", "--add-dependencies")
    subprocess.run(["git", "apply", "-"], cwd=acme.root, input=done.stdout.encode(), check=True)
    assert acme.read("requirements.txt") == text + "acme-vault>=3\n"


# --- the index ------------------------------------------------------------------------------------------------------------


def test_staged_in_the_index_and_on_disk(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--staged", "--add-dependencies")
    assert done.returncode == 0, done.stdout
    assert "added  acme-vault>=3 to pyproject.toml\n" in done.stdout
    assert index(acme, "pyproject.toml") == acme.read("pyproject.toml") == ADDED
    assert index(acme, "app.py") == acme.read("app.py") == GOOD


def test_staged_beside_work_that_is_not(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.write("pyproject.toml", LIST.replace('  "zoo",\n', '  "bbb",\n  "zoo",\n') + "# mine\n")
    acme.stage("app.py", BAD)
    assert acme.devsec("fix", "--staged", "--add-dependencies").returncode == 0
    assert index(acme, "pyproject.toml") == ADDED
    assert acme.read("pyproject.toml") == ADDED.replace('  "zoo",\n', '  "bbb",\n  "zoo",\n') + "# mine\n"


def test_staged_where_the_disk_has_it_already(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    mine = LIST.replace('  "zoo",\n', '  "zoo",\n  "acme_vault",\n')
    acme.write("pyproject.toml", mine)
    acme.stage("app.py", BAD)
    assert acme.devsec("fix", "--staged", "--add-dependencies").returncode == 0
    assert (index(acme, "pyproject.toml"), acme.read("pyproject.toml")) == (ADDED, mine)


def test_staged_where_the_disk_cannot_follow(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.write("pyproject.toml", "[project\n")
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--staged", "--add-dependencies")
    assert done.returncode == 0
    assert "pyproject.toml could not be changed (on disk it is not TOML" in done.stdout
    assert (index(acme, "pyproject.toml"), acme.read("pyproject.toml")) == (LIST, "[project\n")
    assert index(acme, "app.py") == GOOD


def test_staged_line_endings_that_git_converts(acme: Repo) -> None:
    acme.git("config", "core.autocrlf", "true")
    acme.commit(("pyproject.toml", LIST.replace("\n", "\r\n")))
    assert index(acme, "pyproject.toml") == LIST
    acme.stage("app.py", BAD.replace("\n", "\r\n"))
    assert acme.devsec("fix", "--staged", "--add-dependencies").returncode == 0
    assert index(acme, "pyproject.toml") == ADDED
    assert acme.read("pyproject.toml") == ADDED.replace("\n", "\r\n")
    assert acme.git("diff", "--name-only") == ""


def test_a_manifest_that_git_does_not_track_is_not_staged(acme: Repo) -> None:
    acme.write("requirements.txt", "zoo\n")
    acme.stage("app.py", BAD)
    done = acme.devsec("fix", "--staged", "--add-dependencies")
    assert "added  acme-vault>=3 to requirements.txt, on disk only: git does not track it\n" in done.stdout
    assert acme.read("requirements.txt") == "zoo\nacme-vault>=3\n"
    assert "requirements.txt" not in acme.git("ls-files")


def test_a_locked_index_changes_no_manifest(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.write("other/requirements.txt", "zoo\n")
    acme.stage("app.py", BAD)
    acme.stage("other/app.py", BAD)
    (acme.root / ".git/index.lock").touch()
    done = acme.devsec("fix", "--staged", "--add-dependencies")
    (acme.root / ".git/index.lock").unlink()
    assert done.returncode == 1
    assert "added" not in done.stdout
    assert (acme.read("pyproject.toml"), index(acme, "pyproject.toml")) == (LIST, LIST)
    assert acme.read("other/requirements.txt") == "zoo\n"


def test_staged_and_deleted_on_disk(acme: Repo) -> None:
    acme.commit(("requirements.txt", "zoo\n"))
    os.unlink(acme.root / "requirements.txt")
    acme.stage("app.py", BAD)
    assert acme.devsec("fix", "--staged", "--add-dependencies").returncode == 0
    assert index(acme, "requirements.txt") == "zoo\nacme-vault>=3\n"
    assert not (acme.root / "requirements.txt").exists()


def test_interactive(acme: Repo) -> None:
    acme.commit(("pyproject.toml", LIST))
    acme.stage("app.py", BAD)
    done = devsec("fix", "-i", "--add-dependencies", cwd=acme.root, input="y\n")
    assert "added  acme-vault>=3 to pyproject.toml\n" in done.stdout
    assert acme.read("pyproject.toml") == ADDED


def test_outside_a_repository(acme: Repo) -> None:
    away = Repo(acme.root.parent / "away")
    away.write("devsec.toml", 'rules = ["rules"]\n')
    away.write("rules/vault.yaml", RULE)
    away.write("rules/roads.yaml", ROAD)
    away.write("src/app.py", BAD)
    away.write("requirements.txt", "zoo\n")
    done = away.devsec("fix", "--add-dependencies", "src/app.py")
    assert done.returncode == 0, done.stderr
    assert away.read("requirements.txt") == "zoo\nacme-vault>=3\n"
