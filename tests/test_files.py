"""Files that should not be committed, end to end: blocked when staged, known when `HEAD` has them, silenced, in every report."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from conftest import Repo

STRONG = "kT7-vmQ2" + "xw"
OTHER = "pW4+zrB8" + "qn"
BODY = "MC4CAQAwBQYDK2VwBCIEIMG0084wLTvGk6T7OLGzz2ZSEny5arYVJucgyMX/QUJB"
PEM = "-----BEGIN PRIVATE " + f"KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"
KEYSTORE = bytes.fromhex("feedfeed0000000200000001000000010003616263") + b"canary-in-the-keystore" * 3


def told(repo: Repo, *args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(repo.devsec("check", "--format", "json", *args).stdout)["findings"]
    return found


def test_a_staged_key_blocks_with_the_commands_that_take_it_out(repo: Repo) -> None:
    repo.stage("deploy/id_rsa", PEM)
    done = repo.devsec("check")
    assert done.returncode == 1
    for part in (
        "deploy/id_rsa:1:1  blocks  private-key-file\n",
        "do    echo /deploy/id_rsa >> .gitignore\n        git rm --cached -- deploy/id_rsa\n",
    ):
        assert part in done.stdout
    repo.commit()
    repo.write(".gitignore", "/deploy/id_rsa\n")
    repo.git("rm", "-q", "--cached", "--", "deploy/id_rsa")
    repo.git("add", "-A")
    assert repo.read("deploy/id_rsa") == PEM
    assert repo.devsec("check").returncode == 0


def test_fix_says_what_takes_a_file_out(repo: Repo) -> None:
    repo.stage(".env", f"A_PASSWORD={STRONG}\nB_PASSWORD={OTHER}\n")
    done = repo.devsec("fix")
    assert "left  .env:1  env-file: only advice: Keep the file out of the repository" in done.stdout
    assert "then  echo /.env >> .gitignore && git rm --cached -- .env\n" in done.stdout
    assert done.stdout.count("env-file") == 1
    assert repo.read(".env") == f"A_PASSWORD={STRONG}\nB_PASSWORD={OTHER}\n"


def test_templates_certificates_and_empty_values_are_fine(repo: Repo) -> None:
    repo.stage(".env.example", f"DB_PASSWORD={STRONG}\n")
    repo.stage(".env", "DB_PASSWORD=\nAPI_KEY=changeme\n")
    repo.stage("ca.pem", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0Fr\n-----END CERTIFICATE-----\n")
    done = repo.devsec("check")
    assert (done.returncode, done.stdout) == (0, "devsec: nothing to say about 3 files\n")


def test_bytes_are_named_and_what_holds_nothing_is_passed_over(repo: Repo) -> None:
    repo.stage("release.jks", KEYSTORE)
    repo.stage("trust.jks", bytes.fromhex("feedfeed0000000200000000") + bytes(20))
    data = json.loads(repo.devsec("check", "--format", "json").stdout)
    (found,) = data["findings"]
    assert (found["rule"], found["path"], found["line"], found["column"]) == ("keystore-file", "release.jks", 1, 0)
    assert data["passed"] == [{"path": "trust.jks", "what": "binary file"}]


def test_one_finding_a_file_in_json(repo: Repo) -> None:
    repo.stage("a b/.env", f"X=1\nDB_PASSWORD={STRONG}\nAPP_SECRET={OTHER}9Zk\n")
    (found,) = told(repo)
    assert (found["rule"], found["line"], found["snippet"]) == ("env-file", 2, "")
    (fix,) = found["fixes"]
    assert fix["ignore"] == "/a b/.env"
    assert fix["commands"] == ["echo '/a b/.env' >> .gitignore", "git rm --cached -- 'a b/.env'"]


def test_what_head_has_is_known_and_a_new_secret_in_it_is_not(repo: Repo) -> None:
    repo.stage(".env", f"DB_PASSWORD={STRONG}\n")
    repo.stage("release.jks", KEYSTORE)
    repo.commit()
    repo.stage(".env", f"DB_PASSWORD={STRONG}\nX=1\n")
    repo.stage("release.jks", KEYSTORE + b"more")
    assert [(one["path"], one["verdict"]) for one in told(repo)] == [(".env", "known"), ("release.jks", "known")]
    repo.stage(".env", f"DB_PASSWORD={STRONG}\nX=1\nMAIL_PASSWORD={OTHER}\n")
    (env,) = [one for one in told(repo) if one["path"] == ".env"]
    assert (env["verdict"], env["line"]) == ("block", 3)


def test_one_comment_anywhere_silences_the_file(repo: Repo) -> None:
    text = f"A_PASSWORD={STRONG}\nB_PASSWORD={OTHER}\n"
    repo.stage(".env", text + "# devsec: ignore[env-file] accepted-risk(DB-1) the database of the local container\n")
    assert [one["verdict"] for one in told(repo)] == ["suppressed"]
    repo.stage(".env", text + "# devsec: ignore[env-file]\n")
    assert [one["verdict"] for one in told(repo)] == ["block"]


def test_history_names_the_commit_of_a_file_that_is_gone(repo: Repo) -> None:
    repo.stage("id_rsa", PEM)
    repo.stage("release.jks", KEYSTORE)
    first = repo.commit()
    repo.git("rm", "-q", "id_rsa")
    repo.commit()
    found = {one["rule"]: one for one in told(repo, "--history")}
    assert found["private-key-file"]["commit"] == found["keystore-file"]["commit"] == first
    assert (found["private-key-file"]["still_in"], found["keystore-file"]["still_in"]) == ("", "release.jks")


@pytest.mark.parametrize(
    "args",
    [
        *(["check", "--format", form] for form in ("text", "lines", "json")),
        *(["check", "--all", "--format", form] for form in ("text", "lines", "json")),
        ["check", "--history"],
        ["fix"],
        ["fix", "--diff"],
        ["fix", "-i"],
    ],
)
def test_nothing_of_the_content_is_shown(repo: Repo, args: list[str]) -> None:
    repo.commit()
    repo.stage(".env", f"CANARY_BESIDE=canary-beside\nDB_PASSWORD={STRONG}\nLAST=canary-below\n")
    repo.stage("id_rsa", PEM)
    repo.stage("release.jks", KEYSTORE)
    repo.stage(".bash_history", "mysql -pcanary-typed\n")
    if "--history" in args:
        repo.commit()
    done = repo.devsec(*args)
    out = done.stdout + done.stderr
    for path in (".bash_history",) if "-i" in args else (".env", "release.jks", ".bash_history"):  # nobody answers
        assert path in out
    for secret in ("canary-", STRONG, BODY[:20], base64.b64encode(STRONG.encode()).decode()):
        assert secret not in out
