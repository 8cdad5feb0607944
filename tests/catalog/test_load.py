"""Which files become rules and roads, in which order they count, and what stops everything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devsec.catalog import load as loading
from devsec.catalog.bundled import bundled
from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue, Road, Template
from devsec.errors import ConfigError, DevsecError, RuleError
from tests.catalog.kit import yaml

if TYPE_CHECKING:
    from tests.conftest import Repo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    return made


def put(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def rule(id: str, **pieces: str | None) -> str:
    return yaml(id=id, **pieces)


def road(name: str, call: str) -> str:
    return f"road: {name}\ntitle: A road\ncall: {call}\n"


def own(*folders: Path) -> Catalogue:
    return load(folders, with_bundled=False)


def refusal(*folders: Path) -> str:
    with pytest.raises(DevsecError) as caught:
        own(*folders)
    return f"{caught.value.message} | {caught.value.hint}"


def call_of(catalogue: Catalogue, id: str) -> Template | None:
    (found,) = [rule for rule in catalogue.rules if rule.id == id]
    return found.cures[0].call


# --- what is loaded


def test_the_bundled_ones_hold_together() -> None:
    catalogue = load()
    ids = [rule.id for rule in catalogue.rules]
    assert ids == sorted(set(ids))
    assert ids
    names = [road.name for road in catalogue.roads]
    assert names == sorted(set(names))
    assert "tls.context" in names
    assert all(Path(rule.source).stem == rule.id for rule in catalogue.rules)
    sources = [rule.source for rule in catalogue.rules] + [road.source for road in catalogue.roads]
    assert all(Path(bundled()) in Path(source).parents for source in sources)
    led = [cure for rule in catalogue.rules for cure in rule.cures if cure.call and cure.call.road]
    assert led
    assert all(cure.call and cure.call.source for cure in led)


def test_a_folder_of_ones_own_comes_on_top(folder: Path) -> None:
    put(folder, "deep/er/my-rule.yaml", rule("my-rule"))
    put(folder, "other-rule.yml", rule("other-rule"))
    put(folder, "roads.yaml", "".join(f"- {{road: my.{n}, title: T, call: m.{n}}}\n" for n in "ba"))
    both, bare = load([folder]), load()
    assert {rule.id for rule in both.rules} == {rule.id for rule in bare.rules} | {"my-rule", "other-rule"}
    assert {road.name for road in both.roads} == {road.name for road in bare.roads} | {"my.a", "my.b"}
    assert [rule.id for rule in own(folder).rules] == ["my-rule", "other-rule"]
    assert [road.name for road in own(folder).roads] == ["my.a", "my.b"]
    assert own(folder).road("my.b") == Road("my.b", "T", "m.b", source=str(folder / "roads.yaml"))
    assert own(folder).road("my.c") is None


def test_a_folder_given_as_text_counts_as_well(folder: Path) -> None:
    put(folder, "my-rule.yaml", rule("my-rule"))
    assert [rule.id for rule in load([str(folder)], with_bundled=False).rules] == ["my-rule"]


def test_what_is_not_yaml_is_left_alone(folder: Path) -> None:
    for name in ("readme.md", "rule.yaml.bak", "rule.json", "yaml", "x.YAML.txt", ".yaml~"):
        put(folder, name, "}{ \0 not YAML")
    assert own(folder) == Catalogue((), ())


def test_a_replaced_road_leads_every_rule(folder: Path) -> None:
    """The bundled ones too: this is what an organisation's folder is for."""
    put(folder, "roads.yaml", road("tls.context", "acme.tls()") + "imports: [acme.net]\n")
    put(folder, "my-rule.yaml", rule("my-rule", fix="{title: C, safety: safe, road: tls.context}"))
    before, after = load(), load([folder])
    assert call_of(after, "my-rule") == Template("acme.tls()", "tls.context", (), ("acme.net",))
    assert replace_road(before, "tls.context", "acme.tls()", ("acme.net",)) == after._replace(
        rules=tuple(rule for rule in after.rules if rule.id != "my-rule"), roads=before.roads
    )
    replaced = after.road("tls.context")
    assert replaced
    assert (replaced.call, replaced.source) == ("acme.tls()", str(folder / "roads.yaml"))


def replace_road(catalogue: Catalogue, name: str, call: str, imports: tuple[str, ...]) -> Catalogue:
    def led(template: Template) -> Template:
        return template._replace(source=call, imports=imports) if template.road == name else template

    return catalogue._replace(
        rules=tuple(
            rule._replace(
                cures=tuple(
                    cure._replace(
                        call=cure.call and led(cure.call),
                        value=cure.value and led(cure.value),
                        set=tuple((label, led(t)) for label, t in cure.set),
                        wrap=tuple((label, led(t)) for label, t in cure.wrap),
                        wrap_holes=tuple((label, led(t)) for label, t in cure.wrap_holes),
                    )
                    for cure in rule.cures
                ),
            )
            for rule in catalogue.rules
        ),
    )


def test_a_road_leads_wherever_an_expression_stands(folder: Path) -> None:
    put(folder, "roads.yaml", "[{road: q, title: T, call: m.q, imports: m}]")
    cures = {
        "call": "road: q",
        "value": "value: {road: q}",
        "set": "args: {set: {x: {road: q}}}",
        "wrap": "args: {wrap: {x: {road: q}}}",
        "wrap_holes": "args: {wrap_holes: {x: {road: q}}}",
    }
    for number, text in enumerate(cures.values()):
        put(folder, f"r-{number}.yaml", rule(f"r-{number}", fix=f"{{title: C, safety: safe, {text}}}"))
    led = Template("m.q", "q", (), ("m",))
    found = own(folder).rules
    for key, (cure,) in zip(cures, (rule.cures for rule in found), strict=True):
        assert getattr(cure, key) == (led if key in ("call", "value") else (("x", led),)), key


def test_the_last_folder_has_the_last_word(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    put(one, "z.yaml", road("q", "m.one"))
    put(one, "a-rule.yaml", rule("a-rule", fix="{title: C, safety: safe, road: q}"))
    put(two, "a.yaml", road("q", "m.two"))
    for folders, meant in (((one, two), "m.two"), ((two, one), "m.one")):
        call = call_of(own(*folders), "a-rule")
        assert call
        assert call.source == meant


# --- what stops everything


def test_two_rules_with_one_id(tmp_path: Path) -> None:
    one = put(tmp_path / "one", "my-rule.yaml", rule("my-rule"))
    two = put(tmp_path / "two/deep", "my-rule.yaml", rule("my-rule"))
    assert refusal(tmp_path / "one", tmp_path / "two") == (
        f"{two}:1:1: the rule `my-rule` is in {one} as well | rename one of the two"
    )
    assert str(one) in refusal(tmp_path)
    assert str(two) in refusal(tmp_path)


def test_a_bundled_id_is_taken(folder: Path) -> None:
    taken = load().rules[0]
    file = put(folder, f"{taken.id}.yaml", rule(taken.id))
    with pytest.raises(RuleError, match=rf"{re.escape(str(file))}:1:1: .*{re.escape(taken.source)}"):
        load([folder])


def test_one_road_twice_in_one_folder(folder: Path) -> None:
    one = put(folder, "a.yaml", road("q", "m.a"))
    two = put(folder, "b.yaml", road("q", "m.b"))
    assert refusal(folder) == f"{two}:1:1: the road `q` is in {one} as well | keep one of them"
    two.unlink()
    one.write_text("- {road: q, title: T, call: f}\n- {road: q, title: T, call: g}\n", encoding="utf-8")
    assert "the road `q` is in" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("a-rule.yaml", "name: x\nrules: []\n", ":1:1: a rule has no key `name`", id="something else"),
        pytest.param("a-rule.yaml", "{}\n", ":1:1: a rule needs `id`", id="nothing in it"),
        pytest.param("a-rule.yaml", "just text\n", ":1:1: a rule is a mapping", id="text"),
        pytest.param("a-rule.yaml", "no road\n", ":1:1: a rule is a mapping", id="text with the word road in it"),
        pytest.param("a-rule.yaml", "5\n", ":1:1: a rule is a mapping", id="a number"),
        pytest.param("a-rule.yaml", "", ":1:1: empty", id="empty"),
        pytest.param("a-rule.yaml", "- x\n", ":1:3: a road is a mapping", id="a list of text"),
        pytest.param("a-rule.yaml", "road: q\nid: a-rule\n", ":2:1: a road has no key `id`", id="rule and road"),
        pytest.param("b-rule.yaml", yaml(), ":1:1: the rule `a-rule` stands in b-rule.yaml", id="other name"),
        pytest.param("a-rule.yaml.yaml", yaml(), "call the file a-rule.yaml", id="two endings"),
        pytest.param(".yaml", yaml(), "call the file a-rule.yaml", id="no name"),
        pytest.param("a-rule.yaml", yaml(level="blok"), ":6:8: `blok` is not one of", id="a rule that is wrong"),
        pytest.param(
            "a-rule.yaml",
            yaml(fix="{title: C, safety: safe, road: q.q}"),
            ":9:37: there is no road `q.q`",
            id="no road",
        ),
    ],
)
def test_one_bad_file_stops_all(folder: Path, name: str, text: str, message: str) -> None:
    put(folder, "my-rule.yaml", rule("my-rule"))
    file = put(folder, f"x/{name}", text)
    said = refusal(folder)
    assert said.startswith(str(file) + ":")
    assert message in said


def test_no_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", put(tmp_path, "a-rule.yaml", yaml())):
        with pytest.raises(ConfigError, match="no such folder of rules") as caught:
            own(path)
        assert str(path) in caught.value.message


def test_links(tmp_path: Path) -> None:
    inside, outside = tmp_path / "rules", tmp_path / "elsewhere"
    put(inside, "real/my-rule.txt", rule("my-rule"))
    put(outside, "a-rule.yaml", yaml())
    (inside / "my-rule.yaml").symlink_to("real/my-rule.txt")
    (inside / "further").symlink_to(outside)  # a folder behind a link is not looked into
    assert [rule.id for rule in own(inside).rules] == ["my-rule"]
    (tmp_path / "link").symlink_to(inside)  # the folder itself may be a link
    assert [rule.id for rule in own(tmp_path / "link").rules] == ["my-rule"]
    (inside / "a-rule.yaml").symlink_to(outside / "a-rule.yaml")
    assert f"{inside / 'a-rule.yaml'}:1:1: a link that leads out of {inside}" in refusal(inside)


@pytest.mark.parametrize("target", ["nowhere.yaml", "a-rule.yaml"])
def test_a_file_that_cannot_be_read(folder: Path, target: str) -> None:
    """A link to nothing, and to itself."""
    (folder / "a-rule.yaml").symlink_to(target)
    assert f"{folder / 'a-rule.yaml'}:1:1: cannot be read: " in refusal(folder)


def test_a_folder_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root everything can be listed, so the system call says no here."""
    put(folder, "closed/my-rule.yaml", rule("my-rule"))
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert f"{folder / 'closed'} cannot be read: Permission denied" in refusal(folder)


def test_too_many_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MAX_FILES", 2)
    for name in "ab":
        put(folder, f"{name}.yaml", rule(name))
    assert len(own(folder).rules) == 2
    put(folder, "c.yaml", rule("c"))
    assert f"more than 2 rule files in {folder}" in refusal(folder)


# --- as a process


def test_a_broken_file_fails_closed(repo: Repo) -> None:
    """Nothing is let through because a rule could not be read, whatever is asked."""
    repo.stage("app.py", "import legacy\nlegacy.old(password='x')\n")
    assert repo.devsec("check").returncode == 1
    repo.write("rules/deep/broken.yaml", yaml(id="broken", severity="hihg"))
    for words in (["check"], ["fix"], ["rules", "list"]):
        done = repo.devsec(*words)
        assert done.returncode == 2, (words, done.stdout, done.stderr)
        assert "rules/deep/broken.yaml:4:11: `hihg` is not one of" in done.stderr
        assert "Did you mean 'high'?" in done.stderr
        assert "Traceback" not in done.stderr
    (repo.root / "rules/deep/broken.yaml").unlink()
    assert repo.devsec("check").returncode == 1


def test_reading_rules_loads_nothing_heavy(tmp_path: Path) -> None:
    code = """
import sys
from devsec.catalog.load import load
assert load().rules
print(sorted({"libcst", "rich", "click", "hashlib", "subprocess"} & set(sys.modules)), "yaml" in sys.modules)
"""
    env = {**os.environ, "DEVSEC_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout == "[] True\n"


def test_bundled_rules_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path / "cache"))
    # Never changed a moment ago, whatever the checkout: else nothing is kept.
    monkeypatch.setattr(loading.store, "signature", lambda folders: "of-the-bundled")
    first = load()
    kept = tmp_path / "cache" / "bundled-of-the-bundled.json"
    assert kept.is_file()
    monkeypatch.setattr(loading, "_files", lambda folder: pytest.fail(f"{folder} is read again"))
    assert load() == first


@pytest.mark.parametrize(
    "spoiled", ["", "{", "[]", '{"rules": [{}], "roads": []}', '{"rules": [], "roads": [[1]]}', "null"]
)
def test_bundled_rules_that_are_not_kept_soundly_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(loading.store, "signature", lambda folders: "of-the-bundled")
    few = tmp_path / "bundled"  # of 400 it holds as well, a second later
    few.mkdir()
    (few / "a-rule.yaml").write_text(yaml())
    (few / "roads.yaml").write_text("road: a.road\ntitle: A road\ncall: a.road($x)\n")
    monkeypatch.setattr(loading, "bundled", lambda: str(few))
    first = load()
    assert (len(first.rules), len(first.roads)) == (1, 1)
    kept = tmp_path / "cache" / "bundled-of-the-bundled.json"
    assert kept.is_file()
    kept.write_text(spoiled)
    assert load() == first
    assert kept.read_text() != spoiled


def test_what_is_wrong_with_a_kept_rule_is_told_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSEC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(loading.store, "signature", lambda folders: "of-the-bundled")
    own = tmp_path / "rules"
    own.mkdir()
    (own / "roads.yaml").write_text("road: yaml.load\ntitle: Ours\ncall: ours.load($nobody)\n")
    said = []
    for _ in range(2):
        with pytest.raises(RuleError) as error:
            load([own])
        said.append(error.value.message)
    assert said[0] == said[1]
    assert "nothing fills $nobody" in said[0]
    assert ":1:1:" not in said[0]
