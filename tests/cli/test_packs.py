"""Packs as people meet them: in a commit, in comments and settings, in every form of report; made, proved and listed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from conftest import Repo

from devsec.pack_start import files
from tests.devsec_process import devsec
from tests.packs import PACK, rule, site

BAD = "import requests\n\npage = requests.get(url)\n"
OLD = "import legacy\n\nlegacy.old(password=secret)\n"


@pytest.fixture
def acme(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with rules of its own where the pack acme is installed, whose package fails on import."""
    install(tmp_path, "rules:\n  acme/no-raw-requests: {level: block}\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), str(tmp_path / "site")]))
    return repo


def install(tmp_path: Path, text: str, **more: str) -> None:
    shutil.rmtree(tmp_path / "site", ignore_errors=True)
    named = {f"rules/{name.replace('_', '-')}.yaml": content for name, content in more.items()}
    own = {"pack.yaml": PACK.format(name="acme") + text, "rules/no-raw-requests.yaml": rule(), **named}
    site(tmp_path / "site", files=own)


def configured(repo: Repo, text: str) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n' + text)


def test_a_pack_counts_where_it_is_installed(acme: Repo) -> None:
    acme.stage("app.py", BAD)
    for words in ((), ("--no-config",)):
        refused = acme.devsec("check", *words)
        assert refused.returncode == 1, refused.stderr
        assert "app.py:3:8  blocks  acme/no-raw-requests" in refused.stdout
    fixed = acme.devsec("fix", "--hardening")
    assert "fixed  app.py:3  acme/no-raw-requests" in fixed.stdout
    assert acme.read("app.py") == "import acme_http\n\npage = acme_http.get(url)\n"
    assert acme.devsec("fix", "--only", "acme/no-raw-requests").returncode == 0


def test_it_counts_at_once_and_no_more_when_it_has_gone(acme: Repo, tmp_path: Path) -> None:
    acme.stage("app.py", BAD)
    assert acme.devsec("check").returncode == 1
    install(tmp_path, "rules:\n  acme/no-raw-requests: {level: note}\n")
    assert acme.devsec("check").returncode == 0
    shutil.rmtree(tmp_path / "site")
    assert "acme" not in acme.devsec("check", "--format", "json").stdout


@pytest.mark.parametrize(("form", "says"), [
    ("lines", "app.py:3:8: block acme/no-raw-requests "),
    ("json", '"rule": "acme/no-raw-requests"'),
    ("sarif", '"ruleId": "acme/no-raw-requests"'),
    ("github", "title=devsec%3A acme/no-raw-requests"),
    ("gitlab", '"check_name": "acme/no-raw-requests"'),
    ("junit", 'type="acme/no-raw-requests"'),
])  # fmt: skip
def test_the_id_in_every_form(acme: Repo, form: str, says: str) -> None:
    acme.stage("app.py", BAD)
    assert says in acme.devsec("check", "--format", form).stdout


def test_the_id_in_comments_and_levels(acme: Repo) -> None:
    acme.stage("app.py", BAD.replace("(url)", "(url)  # devsec: ignore[acme/no-raw-requests] test: it is one"))
    assert "1 silenced" in acme.devsec("check").stdout
    acme.stage("app.py", BAD)
    configured(acme, '[levels]\n"acme/no-raw-requests" = "note"\n')
    assert "2 notes" in acme.devsec("check").stdout
    configured(acme, '[levels]\n"acme/no-raw-request" = "note"\n')
    refused = acme.devsec("check")
    assert refused.returncode == 2
    assert "Did you mean 'acme/no-raw-requests'?" in refused.stderr


def test_the_commands_about_rules(acme: Repo, tmp_path: Path) -> None:
    install(tmp_path, "rules:\n  old-one: {final: true}\n".replace("old-one", "acme/no-raw-requests"))
    rows = json.loads(acme.devsec("rules", "list", "--format", "json").stdout)["rules"]
    (row,) = [row for row in rows if row["id"] == "acme/no-raw-requests"]
    assert (row["level"], row["final"], row["deprecated"]) == ("warn", True, "")
    assert "warn, final" in acme.devsec("rules", "list").stdout
    assert acme.devsec("rules", "show", "acme/no-raw-requests").stdout == rule()
    explained = acme.devsec("explain", "acme/no-raw-requests").stdout
    assert "Use our client (hardening)" in explained
    assert "acme_devsec/pack.yaml:4" in "".join(explained.split())
    proved = acme.devsec("rules", "test", str(tmp_path / "site/acme_devsec"))
    assert proved.stdout == "devsec: 2 examples of 1 rule hold\n"


# --- locks


@pytest.mark.parametrize("level", ["off", "note"])
def test_a_repository_cannot_weaken_a_lock(acme: Repo, tmp_path: Path, level: str) -> None:
    install(tmp_path, "rules:\n  acme/no-raw-requests:\n    final: true\n")
    configured(acme, f'[levels]\n"acme/no-raw-requests" = "{level}"\n')
    acme.stage("app.py", BAD)
    told = acme.devsec("check")
    assert told.returncode == 0
    assert "app.py:3:8  warns  acme/no-raw-requests" in told.stdout
    place = tmp_path / "site/acme_devsec/pack.yaml"
    says = f'levels: acme/no-raw-requests = "{level}" does not count: {place}:5 makes it final, and it stays at warn'
    assert f"devsec.toml: note  {says}\n" in told.stdout
    assert f"devsec.toml:1:1: note remark {says}\n" in acme.devsec("check", "--format", "lines").stdout
    assert json.loads(acme.devsec("check", "--format", "json").stdout)["remarks"] == [
        {"path": "devsec.toml", "line": 1, "text": says}
    ]
    (run,) = json.loads(acme.devsec("check", "--format", "sarif").stdout)["runs"]
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"] == says
    assert (
        "::notice file=devsec.toml,line=1,title=devsec%3A a remark::levels"
        in acme.devsec("check", "--format", "github").stdout
    )
    assert "does not count" in acme.devsec("check", "--all").stdout
    assert "does not count" in acme.devsec("check", "--history").stdout
    acme.stage("app.py", "x = 1\n")
    assert acme.devsec("check").stdout.splitlines()[0].startswith("devsec.toml: note  levels")


def test_a_stronger_level_counts(acme: Repo, tmp_path: Path) -> None:
    install(tmp_path, "rules: {acme/no-raw-requests: {final: true}}\n")
    configured(acme, '[levels]\n"acme/no-raw-requests" = "block"\n')
    acme.stage("app.py", BAD)
    refused = acme.devsec("check")
    assert refused.returncode == 1
    assert "does not count" not in refused.stdout


def test_a_final_road_is_not_replaced(acme: Repo, tmp_path: Path) -> None:
    install(tmp_path, "roads:\n  secret.get: {final: true}\n")
    acme.write("rules/roads.yaml", "{road: secret.get, title: T, call: mine.read($name)}\n")
    refused = acme.devsec("check")
    assert refused.returncode == 2
    assert "rules/roads.yaml:1:1: the road `secret.get` cannot be replaced here" in refused.stderr
    assert "acme_devsec/pack.yaml:4 makes it final" in refused.stderr


# --- deprecated


def test_what_is_said_of_a_deprecated_rule_goes_on_for_its_successor(acme: Repo, tmp_path: Path) -> None:
    new = rule("newer")
    install(tmp_path, "rules: {acme/no-raw-requests: {deprecated: acme/newer}}\n", newer=new)
    acme.stage("app.py", BAD)
    told = acme.devsec("check").stdout
    assert "warns  acme/newer" in told
    assert "no-raw-requests" not in told
    acme.stage("app.py", BAD.replace("(url)", "(url)  # devsec: ignore[acme/no-raw-requests] test: it is one"))
    silent = acme.devsec("check").stdout
    assert "1 silenced" in silent
    assert "app.py:3: note  the rule acme/no-raw-requests has become acme/newer; write that" in silent
    acme.stage("app.py", BAD)
    configured(acme, '[levels]\n"acme/no-raw-requests" = "block"\n[fix]\napply = ["acme/no-raw-requests"]\n')
    refused = acme.devsec("check")
    assert "blocks  acme/newer" in refused.stdout
    assert "levels: the rule acme/no-raw-requests has become acme/newer; write that" in refused.stdout
    assert "fixed  app.py:3  acme/newer" in acme.devsec("fix").stdout
    assert "Deprecated: acme/newer is looked for in its place" in acme.devsec("explain", "acme/no-raw-requests").stdout
    assert "now acme/newer" in acme.devsec("rules", "list").stdout
    proved = acme.devsec("rules", "test", str(tmp_path / "site/acme_devsec"))
    assert proved.stdout == "devsec: 4 examples of 2 rules hold\n"


# --- asked for, and not there


def test_packs_that_have_to_be_there(acme: Repo, tmp_path: Path) -> None:
    configured(acme, 'packs = ["acme"]\n')
    acme.stage("app.py", "x = 1\n")
    assert acme.devsec("check").returncode == 0
    configured(acme, 'packs = ["acme", "akme"]\n')
    refused = acme.devsec("check")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "devsec.toml: packs: the pack 'akme' is not installed" in refused.stderr
    assert "Did you mean 'acme'?" in refused.stderr
    configured(acme, "packs = 'acme'\n")
    assert "packs must be a list of strings" in acme.devsec("check").stderr


@pytest.mark.parametrize("command", ["check", "fix", "rules list", "explain ecb-mode", "pack list"])
def test_a_broken_pack_stops_everything(acme: Repo, tmp_path: Path, command: str) -> None:
    install(tmp_path, "rules: {ecb-mod: {level: note}}\n")
    acme.stage("app.py", "x = 1\n")
    refused = acme.devsec(*command.split())
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "acme_devsec/pack.yaml:3:9: there is no rule `ecb-mod`" in refused.stderr
    assert "Did you mean 'ecb-mode'?" in refused.stderr


# --- making one


def made(folder: Path, name: str = "acme", **replaced: str) -> Path:
    for file, text in files(name).items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def proof(folder: Path) -> tuple[int, str]:
    done = devsec("pack", "test", folder)
    return done.returncode, (done.stdout + done.stderr).replace(f"{folder}/", "")


@pytest.mark.parametrize("name", ["acme", "acme-sec", "3com"])
def test_what_init_makes_holds(repo: Repo, name: str) -> None:
    done = repo.devsec("pack", "init", name)
    assert done.returncode == 0, done.stderr
    assert f"made   {name}-devsec/.pre-commit-hooks.yaml\n" in done.stdout
    assert proof(repo.root / f"{name}-devsec") == (0, f"devsec: {name} holds: 3 examples of 1 rule\n")
    again = repo.devsec("pack", "init", name)
    assert (again.returncode, again.stdout) == (2, "")
    assert "pyproject.toml" in again.stderr
    assert "nothing was written" in again.stderr


def test_init_where_one_file_is_there(repo: Repo) -> None:
    repo.write("here/README.md", "mine\n")
    assert repo.devsec("pack", "init", "acme", "here").returncode == 2
    assert [file.name for file in (repo.root / "here").iterdir()] == ["README.md"]
    assert repo.devsec("pack", "init", "acme", "there", "--ci", "gitlab").returncode == 0
    assert (repo.root / "there/.gitlab-ci.yml").is_file()
    assert not (repo.root / "there/.github").exists()
    refused = repo.devsec("pack", "init", "Acme Inc")
    assert refused.returncode == 2
    assert "no name for a pack" in refused.stderr


def test_the_folder_of_a_pack_by_itself(tmp_path: Path) -> None:
    folder = made(tmp_path / "p") / "acme_devsec"
    assert proof(folder) == (0, "devsec: acme holds: 3 examples of 1 rule\n")


PROJECT = "pyproject.toml"
HOOKS = ".pre-commit-hooks.yaml"
RULE = "acme_devsec/rules/no-raw-requests.yaml"
WRONG = [
    pytest.param(PROJECT, 'acme = "acme_devsec"', 'akme = "acme_devsec"', "entry point  it is called 'akme' here and 'acme'", id="name"),
    pytest.param(PROJECT, 'acme = "acme_devsec"', 'acme = "acme_pack"', "entry point  acme = \"acme_pack\", and there is no", id="folder"),
    pytest.param(PROJECT, 'acme = "acme_devsec"', 'acme = "acme-devsec"', "is not a name and a package", id="no package"),
    pytest.param(PROJECT, "devsec.packs", "devsec.pack", "no entry point tells devsec of a pack", id="group"),
    pytest.param(PROJECT, "devsec==", "devsec>=", "pin  devsec>=", id="range"),
    pytest.param(PROJECT, '"devsec==', '"devsec==99.', "is what users get, and this is devsec", id="other version"),
    pytest.param(PROJECT, '"devsec==', '"click==', "pin  it does not depend on devsec", id="not at all"),
    pytest.param(PROJECT, '"devsec==', '"!!', "is no requirement", id="no requirement"),
    pytest.param(PROJECT, 'packages = ["acme_devsec"]', 'packages = ["other"]', "wheel  the wheel does not hold acme_devsec", id="wheel"),
    pytest.param(PROJECT, 'packages = ["acme_devsec"]', 'exclude = ["*.yaml"]', "may leave the YAML out", id="excluded"),
    pytest.param(PROJECT, '"hatchling.build"', '"setuptools.build_meta"', "setuptools leaves the YAML below acme_devsec out", id="setuptools"),
    pytest.param(PROJECT, "[project]", "[project", "project  cannot be read", id="no TOML"),
    pytest.param(".gitignore", "dist/", "*.yaml", "hatchling leaves out what git ignores, such as *.yaml", id="ignored"),
    pytest.param(HOOKS, "entry: devsec", "entry: other", "hooks  no hook runs devsec", id="hooks"),
    pytest.param(HOOKS, "language: python", "language: system", "only `language: python` installs this repository", id="language"),
    pytest.param(HOOKS, "require_serial: true", "require_serial: false", "require_serial: true", id="serial"),
    pytest.param(HOOKS, "  language: python", "  language: python\n  additional_dependencies: [x]", "autoupdate never raises", id="additional"),
    pytest.param(HOOKS, "- id", "? id", "hooks", id="hooks no list"),
    pytest.param(RULE, "stream: {missing: true}", "stream: {present: true}", "missed  acme/no-raw-requests: nothing is found", id="missed"),
    pytest.param(RULE, "      page = acme_http.get(url, timeout=5)", "      page = acme_http.get(url)", "wrong fix", id="fix"),
    pytest.param(RULE, "severity: low", "severity: lo", "no-raw-requests.yaml:4:11: `lo` is not one of", id="rule"),
    pytest.param("acme_devsec/roads.yaml", "road: http.get", "road: http.fetch", "there is no road `http.get`", id="road"),
    pytest.param("acme_devsec/pack.yaml", "# rules:", "rules:\n  weak-hsh: {level: note}", "there is no rule `weak-hsh`", id="unknown"),
    pytest.param("acme_devsec/pack.yaml", "pack: acme", "pack: beta", "entry point  it is called 'acme' here and 'beta'", id="pack"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says"), WRONG)
def test_what_does_not_hold_is_named(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    folder = made(tmp_path / "p")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    code, said = proof(folder)
    assert code == 1, said
    assert says in said
    assert " to mend\n" in said


def test_setuptools_that_ships_the_yaml(tmp_path: Path) -> None:
    folder = made(tmp_path / "p")
    text = (folder / PROJECT).read_text().replace('"hatchling.build"', '"setuptools.build_meta"')
    (folder / PROJECT).write_text(text + '\n[tool.setuptools.package-data]\nacme_devsec = ["**/*.yaml"]\n')
    assert proof(folder)[0] == 0


def test_without_hooks_and_without_a_pack(tmp_path: Path) -> None:
    folder = made(tmp_path / "p")
    (folder / HOOKS).unlink()
    assert "so pre-commit cannot take this repository for hooks" in proof(folder)[1]
    code, said = proof(tmp_path)
    assert code == 2
    assert "there is no pyproject.toml and no pack.yaml" in said


# --- listing


def test_which_packs_count(acme: Repo, tmp_path: Path) -> None:
    acme.write("rules/pack.yaml", "pack: team\ntitle: What we want\nrules: {weak-hash: {level: warn}}\n")
    said = acme.devsec("pack", "list").stdout
    assert said.splitlines() == [
        f"acme  What acme wants: 1 rule; acme_devsec 1.2, {tmp_path}/site/acme_devsec",
        f"team  What we want: 3 rules, says something about 1 more; this repository, {acme.root}/rules",
    ]
    assert len(acme.devsec("pack", "list", "--no-config").stdout.splitlines()) == 1
    rows = json.loads(acme.devsec("pack", "list", "--format", "json").stdout)["packs"]
    assert [(row["pack"], row["by"], row["rules"]) for row in rows] == [
        ("acme", "acme_devsec 1.2", 1),
        ("team", "this repository", 3),
    ]
    acme.stage("app.py", OLD)
    assert "blocks  team/old" in acme.devsec("check").stdout
    shutil.rmtree(tmp_path / "site")
    (acme.root / "rules/pack.yaml").unlink()
    assert "no pack counts here" in acme.devsec("pack", "list").stdout
