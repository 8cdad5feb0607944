"""What was found is given back whole with its text, and says nothing of that text without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec import woven
from devsec.catalog.load import load
from devsec.finding import Finding
from devsec.run import MANY
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source
from devsec.woven import unwoven, weave
from tests.conftest import MakeFinding, Repo

CATALOGUE = load()
SCAN = Scanner(CATALOGUE, Gate.build(CATALOGUE))
BAD = [(example.path, example.data) for rule in CATALOGUE.rules for example in rule.examples if example.bad]


def found_in(path: str, data: bytes) -> tuple[Finding, ...]:
    found = SCAN.scan(Source(path, data))
    return () if isinstance(found, Skipped) else found


def test_every_kind_of_finding_comes_back() -> None:
    kept = 0
    for path, data in BAD:
        found = found_in(path, data)
        data = data.removeprefix(b"\xef\xbb\xbf")
        sewn = weave(found, data)
        assert (sewn is None) == (not found or any(one.secrets for one in found))
        if sewn is not None:
            assert unwoven(json.loads(json.dumps(sewn)), path, data) == found
            kept += 1
    assert kept > 300


def strings(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
    return [one for part in parts for one in strings(part)]


def test_nothing_of_the_text_is_kept() -> None:
    secretive = "zq7Kv9"
    for path, data in BAD:
        text = data + f"\n# {secretive}\n".encode()
        source = text.decode(errors="replace")
        for kept in strings(weave(found_in(path, text), text)):
            assert not any(kept[at : at + 4] in source for at in range(len(kept) - 3)), kept


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_words_come_back(before: str, text: str, after: str) -> None:
    source = before + text + after
    for said in (text, before + text, text[::-1], text + "!" + text):
        sewn = woven._woven([said, {"x": said}], source)
        assert woven._spelled_out(json.loads(json.dumps(sewn)), source) == [said, {"x": said}]


def test_of_what_holds_a_secret_nothing_is_kept(finding: MakeFinding) -> None:
    text = b"connect(password='hunter')\n"
    one = finding(text, "connect(password='hunter')", secrets=("hunter",))
    assert weave([one], text) is None
    assert weave([one._replace(secrets=())], text) is not None
    assert weave([one._replace(secrets=())] * (woven.MOST + 1), text) is None


@pytest.mark.parametrize(
    "data",
    [None, 3, "x", [3], [{}], [{"rule": "x"}], {"=": [[0, 1]]}, [{"=": [["a", "b"]]}], [{"=": [[]]}], [{"=": [[1]]}]],
)
def test_what_was_not_woven_is_nothing(data: object) -> None:
    assert unwoven(data, "a.py", b"x = 1\n") == ()


def test_what_is_shown_is_shown_again(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "other"
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(cache))
    repo.write("devsec.toml", "")  # bundled rules: those of the test were written a moment ago
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/bad.py", "import yaml\n\n\ndef read(peculiar):\n    return yaml.load(peculiar)\n")
    first = repo.devsec("check", "--all")
    assert "src/bad.py:5:12" in first.stdout
    (kept,) = cache.glob("found-*.json")
    assert b'"level":"block"' in kept.read_bytes()
    assert not any(word in kept.read_bytes() for word in (b"peculiar", b"bad.py", b"import"))
    assert repo.devsec("check", "--all").stdout == first.stdout
    again = repo.devsec("check", "--all", "--timings")
    assert "with candidates" in again.stderr + again.stdout
    assert "LibCST: does it match" not in again.stderr + again.stdout
    # A comment counts at once, a changed text is looked at, and what is spoiled is passed by.
    repo.write("src/bad.py", "import yaml\n\n\ndef read(other):\n    return yaml.load(other)\n")
    assert "yaml.load(other)" in repo.devsec("check", "--all").stdout
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    assert "yaml.load(other)" in repo.devsec("check", "--all").stdout
