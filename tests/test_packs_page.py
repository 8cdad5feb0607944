"""Does docs/packs.md say what devsec does? Its files are read; its commands run in test_docs_commands.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devsec.catalog import pack, settle
from devsec.catalog.agreed import TERMS_KEYS
from devsec.catalog.here import Installed
from devsec.catalog.load import load
from devsec.catalog.terms import terms_of
from devsec.catalog.yaml_read import read
from devsec.pack_proof import HOOKS
from devsec.pack_start import files
from tests.packs import rule

if TYPE_CHECKING:
    from conftest import Repo

PAGE = (Path(__file__).parents[1] / "docs/packs.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_configuration_is_one(repo: Repo) -> None:
    (configuration,) = blocks("toml")
    repo.write("devsec.toml", configuration)
    refused = repo.devsec("check")
    assert refused.returncode == 2
    assert "the pack 'acme' is not installed" in refused.stderr


def test_the_hook_is_one_that_init_makes() -> None:
    hooks, _ = blocks("yaml")
    (used,) = read(hooks.encode(), "page").plain()["repos"]
    made = read(files("acme")[HOOKS].encode(), HOOKS).plain()
    assert {hook["id"] for hook in used["hooks"]} <= {hook["id"] for hook in made}


def test_the_pack_on_the_page_is_one(tmp_path: Path) -> None:
    _, text = blocks("yaml")
    (tmp_path / "pack.yaml").write_text(text)
    for name in ("no-raw-requests", "old-client"):
        (tmp_path / f"{name}.yaml").write_text(rule(name))
    loaded = load(installed=[Installed("acme", str(tmp_path), "acme 1", "entry_points.txt")])
    assert terms_of(loaded.rule("requests-verify-off")).final
    assert terms_of(loaded.rule("weak-hash")).block_from == "2027-03-01"
    assert terms_of(loaded.rule("acme/old-client")).deprecated == "acme/no-raw-requests"
    keys = read(text.encode(), "page").plain()
    assert set(keys) == set(pack._KEYS)
    assert {key for said in keys["rules"].values() for key in said} <= {"level", *TERMS_KEYS}


@pytest.mark.parametrize("word", settle._STRICTER)
def test_what_a_repository_may_add_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE
