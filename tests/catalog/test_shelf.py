"""The shelf gives what the catalogue has, and makes no more of it than was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devsec.catalog import codec, shelf, store
from devsec.catalog.load import load
from devsec.catalog.rule import Rule
from devsec.catalog.shelf import Shelf

SIGNATURE = "made-up"
CATALOGUE = load()
PARTS = shelf.brief(CATALOGUE)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path))


def test_rules_and_roads_are_those_of_the_catalogue() -> None:
    store.write_parts("brief", SIGNATURE, PARTS)
    on_shelf = Shelf((), SIGNATURE)
    assert [on_shelf.rule(rule.id) for rule in CATALOGUE.rules] == [r._replace(examples=()) for r in CATALOGUE.rules]
    assert [on_shelf.road(road.name) for road in CATALOGUE.roads] == list(CATALOGUE.roads)
    assert on_shelf.road("no.such") is None


def test_only_what_is_asked_for_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    store.write_parts("brief", SIGNATURE, PARTS)
    made = []

    def counting(data: Any, kind: type) -> Any:
        made.append(kind)
        return codec.decode(data, kind)

    monkeypatch.setattr(shelf, "decode", counting)
    on_shelf = Shelf((), SIGNATURE)
    on_shelf.rule("weak-hash")
    on_shelf.rule("weak-hash")
    assert made == [Rule]


@pytest.mark.parametrize(
    "cached",
    [
        pytest.param(None, id="nothing"),
        pytest.param([1], id="a list"),
        pytest.param({"rule weak-hash": {"id": "weak-hash", "title": 3, "no": 1}, "roads": [3]}, id="another shape"),
        pytest.param({"rule weak-hash": 3, "roads": None}, id="no shape"),
    ],
)
def test_what_is_not_sound_is_read_anew(cached: Any) -> None:
    if cached is not None:
        (store.write_parts if isinstance(cached, dict) else store.write)("brief", SIGNATURE, cached)
    assert Shelf((), SIGNATURE).rule("weak-hash") == CATALOGUE.rule("weak-hash")
    assert Shelf((), SIGNATURE).road("token.random") == CATALOGUE.road("token.random")


def test_a_file_cut_short_is_read_anew(tmp_path: Path) -> None:
    store.write_parts("brief", SIGNATURE, PARTS)
    (kept,) = tmp_path.glob("brief-*")
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 3])
    assert Shelf((), SIGNATURE).rule("yaml-unsafe-load") == CATALOGUE.rule("yaml-unsafe-load")


def test_no_such_rule() -> None:
    store.write_parts("brief", SIGNATURE, PARTS)
    with pytest.raises(KeyError):
        Shelf((), SIGNATURE).rule("no-such-rule")
