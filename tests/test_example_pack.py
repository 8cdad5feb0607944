"""Does docs/organisation.md say what its files say, and do its files do what it says? Its commands run in test_docs_commands.py."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Repo

DOCS = Path(__file__).parents[1] / "docs"
PACK = DOCS / "example-pack"
PAGE = (DOCS / "organisation.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def acme(repo: Repo) -> Repo:
    """A repository of the organisation, with exactly the files of the pack."""
    (repo.root / "devsec.toml").unlink()
    shutil.rmtree(repo.root / "rules")
    shutil.copytree(PACK, repo.root, dirs_exist_ok=True)
    return repo


def test_the_page_shows_the_files() -> None:
    roads, rule = blocks("yaml")
    (configuration,) = blocks("toml")
    assert roads == (PACK / "security/rules/roads.yaml").read_text(encoding="utf-8")
    assert rule == (PACK / "security/rules/acme-http-client.yaml").read_text(encoding="utf-8")
    assert configuration == (PACK / "pyproject.toml").read_text(encoding="utf-8")
    assert len([file for file in PACK.rglob("*") if file.is_file()]) == 3


def test_fixes_write_the_calls_of_the_organisation(acme: Repo) -> None:
    before, after = blocks("python")
    (said,) = blocks("text")
    acme.stage("rates.py", before)
    acme.stage("requirements.txt", "flask\n")
    assert acme.devsec("check").returncode == 1
    fixed = acme.devsec("fix", "--hardening")
    assert acme.read("rates.py") == after
    assert fixed.stdout == said
    for module in ("acme_vault", "acme_tls", "acme_http"):
        assert f"import {module}\n" in after
        assert re.search(rf"needs  {module.replace('_', '-')}>=\d", said)
    assert acme.read("requirements.txt") == "flask\n"
    acme.write("rates.py", before)
    added = acme.devsec("fix", "--hardening", "--add-dependencies")
    assert added.stdout.count("added  acme-") == 3
    assert acme.read("requirements.txt") == "flask\nacme-http>=5\nacme-tls>=2\nacme-vault>=3\n"


def test_advice_names_the_package_too(acme: Repo) -> None:
    acme.stage("users.py", "import hashlib\n\nhashlib.sha256(password.encode())\n")
    assert "needs acme-passwords>=1.2" in acme.devsec("check").stdout
    explained = acme.devsec("explain", "password-hashed-with-digest").stdout
    assert "password.hash: acme_passwords.hash($password)" in explained


def test_the_repository_raises_the_level(acme: Repo) -> None:
    acme.stage("page.py", "import requests\n\nrequests.get(url, timeout=3)\n")
    refused = acme.devsec("check")
    assert refused.returncode == 1
    assert "blocks  acme-http-client" in refused.stdout


def test_a_pack_that_was_not_fetched_is_an_error(acme: Repo) -> None:
    for file in (acme.root / "security/rules").iterdir():
        file.unlink()
    lost = acme.devsec("check")
    assert lost.returncode == 2
    assert "acme-http-client" in lost.stderr


def test_a_hole_that_no_rule_fills_is_named(acme: Repo) -> None:
    roads = acme.root / "security/rules/roads.yaml"
    roads.write_text(roads.read_text().replace("$name", "$path"))
    refused = acme.devsec("check")
    assert refused.returncode == 2
    assert "$path" in refused.stderr
