"""The whole way of an organisation: a pack is made and proved, committed, and installed by the real pre-commit from a git URL into
a repository of somebody else; its own crypto library comes out of `devsec fix` there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

from devsec import __version__

PROJECT = Path(__file__).parents[2]
ROADS = """\
- road: compare.digest
  title: Compare with our crypto library
  call: acme_crypto.equal($left, $right)
  package: acme-crypto>=2
- road: secret.get
  title: Read a secret from the vault
  call: acme_crypto.vault.read($name)
  package: acme-crypto>=2
- road: http.get
  title: Fetch through our HTTP client
  call: acme_http.get
"""
BEFORE = """\
import hashlib
import hmac
import os

import requests


def key():
    return os.environ.get("JWT_SECRET", "change-me-later")


def page(url):
    return requests.get(url)


def signed(body, signature):
    return hmac.new(key(), body, hashlib.sha256).hexdigest() == signature
"""
AFTER = """\
import hashlib
import hmac

import acme_crypto
import acme_crypto.vault
import acme_http


def key():
    return acme_crypto.vault.read("JWT_SECRET")


def page(url):
    return acme_http.get(url)


def signed(body, signature):
    return acme_crypto.equal(hmac.new(key(), body, hashlib.sha256).hexdigest(), signature)
"""


def git_repository(folder: Path) -> Repo:
    made = Repo(folder)
    made.git("init", "-q", "-b", "main")
    made.git("add", ".")
    made.commit()
    return made


def published(folder: Path, devsec: Path) -> Repo:
    """Acme's pack in a repository of its own. What PyPI would give as devsec is this checkout."""
    shutil.copytree(PROJECT / "devsec", devsec / "devsec", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "rules", devsec / "rules")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, devsec / name)
    subprocess.run(
        [sys.executable, "-m", "devsec", "pack", "init", "acme", str(folder)], check=True, capture_output=True
    )
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    pinned = f"devsec=={__version__}"
    assert pinned in text
    text = text.replace(pinned, f"devsec @ {devsec.as_uri()}")
    project.write_text(f"{text}\n[tool.hatch.metadata]\nallow-direct-references = true\n", encoding="utf-8")
    (folder / "acme_devsec/roads.yaml").write_text(ROADS, encoding="utf-8")
    (folder / "acme_devsec/__init__.py").write_text("raise SystemExit('a pack is never imported')\n", encoding="utf-8")
    (folder / "acme_devsec/pack.yaml").write_text(
        "pack: acme\ntitle: What Acme wants\nrules:\n  acme/no-raw-requests: {level: block}\n"
        "  secret-env-default: {final: true}\nroads:\n  secret.get: {final: true}\n",
        encoding="utf-8",
    )
    return git_repository(folder)


def pre_commit(repo: Repo, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pre_commit", *words], cwd=repo.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def commit(repo: Repo) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "commit", "-m", "try"], cwd=repo.root, capture_output=True, text=True)


@pytest.mark.skipif("DEVSEC_OFFLINE" in os.environ, reason="builds an environment from the package index")
def test_the_crypto_library_of_the_organisation_comes_out_of_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pre_commit")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pack = published(tmp_path / "acme-devsec", tmp_path / "devsec")
    proved = pack.devsec("pack", "test")
    assert (proved.returncode, proved.stdout) == (0, "devsec: acme holds: 3 examples of 1 rule\n")

    shop = tmp_path / "shop"
    shop.mkdir()
    repo = Repo(shop)
    repo.write(
        ".pre-commit-config.yaml",
        f"repos:\n- repo: {pack.root.as_uri()}\n  rev: {pack.git('rev-parse', 'HEAD').strip()}\n"
        "  hooks:\n  - id: devsec-check\n  - id: devsec-fix\n    args: [--hardening]\n",
    )
    repo.write("devsec.toml", 'packs = ["acme"]\n[levels]\nsecret-env-default = "off"\n')
    git_repository(shop)
    pre_commit(repo, "install", "--install-hooks")

    repo.stage("app.py", BEFORE)
    refused = commit(repo)
    said = refused.stdout + refused.stderr
    assert refused.returncode == 1, said
    assert "app.py:9:12  blocks  secret-env-default" in said
    assert 'secret-env-default = "off" does not count' in said
    assert "app.py:13:12  blocks  acme/no-raw-requests" in said
    assert "fixed  app.py:9  secret-env-default" in said
    assert repo.read("app.py") == AFTER

    repo.git("add", "app.py")
    accepted = commit(repo)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    elsewhere = repo.devsec("check", "app.py")
    assert elsewhere.returncode == 2
    assert "the pack 'acme' is not installed" in elsewhere.stderr
