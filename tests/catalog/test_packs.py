"""What holds after packs have spoken: ids, terms, roads, locks; and where they cannot all be right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devsec.catalog import store
from devsec.catalog.here import Installed
from devsec.catalog.law import Law, law_of, restored
from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue
from devsec.catalog.terms import terms_of
from devsec.config import Config
from devsec.errors import DevsecError
from devsec.levels import Level
from devsec.scan.gate import Gate
from tests.catalog.kit import MARK, unmarked
from tests.packs import rule

ROAD = "{{road: {name}, title: T, call: {call}}}\n"


class Shop:
    """Folders of packs, and what comes out when all are loaded with the bundled rules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packs: list[Installed] = []
        self.own: list[Path] = []

    def _put(self, folder: Path, name: str, text: str, files: dict[str, str]) -> Path:
        head = f"pack: {name}\ntitle: T\n" if name else ""
        for file, content in ({"pack.yaml": head + text} if name else {}).items() | files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return folder

    def install(self, name: str, text: str = "", **files: str) -> None:
        folder = self._put(
            self.root / f"site/{name}", name, text, {f.replace("__", "/") + ".yaml": t for f, t in files.items()}
        )
        self.packs.append(Installed(name, str(folder), f"{name} 1", "entry_points.txt"))

    def mine(self, name: str, text: str = "", **files: str) -> None:
        """A folder of the repository; without a name, one that is no pack."""
        folder = self.root / f"repo{len(self.own)}"
        folder.mkdir(parents=True)
        self.own.append(self._put(folder, name, text, {f.replace("__", "/") + ".yaml": t for f, t in files.items()}))

    def loaded(self) -> Catalogue:
        return load(self.own, installed=sorted(self.packs))

    def refused(self) -> str:
        with pytest.raises(DevsecError) as caught:
            self.loaded()
        return f"{caught.value.message} | {caught.value.hint}".replace(str(self.root) + "/", "")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


# --- ids


def test_ids_carry_the_name_of_the_pack(shop: Shop) -> None:
    shop.install("acme", **{"rules__no-raw-requests": rule()})
    shop.mine("team", **{"no-raw-requests": rule()})
    shop.mine("", **{"no-raw-requests": rule()})
    ids = [one.id for one in shop.loaded().rules if "no-raw" in one.id]
    assert ids == ["acme/no-raw-requests", "no-raw-requests", "team/no-raw-requests"]


def test_the_name_of_the_pack_is_not_written_in_its_rules(shop: Shop) -> None:
    shop.install("acme", **{"no-raw-requests": rule().replace("id: ", "id: acme/")})
    assert "`acme/no-raw-requests` is no rule id" in shop.refused()


def test_a_pack_installed_from_the_repository_is_there_once(shop: Shop) -> None:
    shop.install("acme", **{"no-raw-requests": rule()})
    shop.own.append(Path(shop.packs[0].folder))
    assert [one.id for one in shop.loaded().rules if "/" in one.id] == ["acme/no-raw-requests"]


# --- pack.yaml

MISTAKES = [
    pytest.param("§[acme]\n", "a pack is a mapping", id="list"),
    pytest.param("§title: T\n", "a pack needs `pack`", id="no name"),
    pytest.param("§pack: acme\n", "a pack needs `title`", id="no title"),
    pytest.param("pack: §Acme Inc\ntitle: T\n", "`Acme Inc` is no name for a pack", id="name"),
    pytest.param("pack: §a/b\ntitle: T\n", "`a/b` is no name for a pack", id="slash"),
    pytest.param("pack: §12\ntitle: T\n", "text is expected here", id="number"),
    pytest.param("pack: §akme\ntitle: T\n", "the pack calls itself `akme`, and its entry point", id="other name"),
    pytest.param("pack: acme\ntitle: T\n§rulse: {}\n", "a pack has no key `rulse` | Did you mean 'rules'?", id="key"),
    pytest.param("pack: acme\ntitle: T\nrules: §[a]\n", "`rules` is a mapping", id="rules list"),
    pytest.param("pack: acme\ntitle: T\nroads: §x\n", "`roads` is a mapping", id="roads text"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  §Weak Hash: {level: note}\n", "`Weak Hash` is no rule id", id="id"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  §requests-verify-of: {level: note}\n", "there is no rule `requests-verify-of` | Did you mean 'requests-verify-off'?", id="unknown rule"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  §other/x: {level: note}\n", "there is no rule `other/x` | is the pack 'other' installed?", id="unknown pack"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  §no-raw-requests: {level: note}\n", "this pack's own is called acme/no-raw-requests", id="own without name"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  requests-verify-off: §note\n", "what is said about a rule is a mapping", id="said text"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  requests-verify-off: §{}\n", "nothing is said about it", id="said nothing"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  requests-verify-off: {§lvel: note}\n", "has no key `lvel` | Did you mean 'level'?", id="said key"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  requests-verify-off: {level: §blok}\n", "`blok` is not one of", id="said level"),
    pytest.param("pack: acme\ntitle: T\nrules:\n  requests-verify-off: {final: §false}\n", "only `true` means something", id="not final"),
    pytest.param("pack: acme\ntitle: T\nroads:\n  §secret.gte: {final: true}\n", "there is no road `secret.gte` | Did you mean 'secret.get'?", id="road"),
    pytest.param("pack: acme\ntitle: T\nroads:\n  secret.get: §{}\n", "what is said about a road needs `final`", id="road nothing"),
    pytest.param("pack: acme\ntitle: T\nroads:\n  secret.get: {final: §no}\n", "only `true` means something", id="road no"),
    pytest.param("pack: acme\ntitle: §*x\n", "an alias", id="alias"),
    pytest.param("pack: acme\ntitle: T\n§pack: b\n", "stands here a second time", id="twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), MISTAKES)
def test_a_mistake_in_pack_yaml(shop: Shop, text: str, says: str) -> None:
    text, (line, column) = unmarked(text)
    shop.install("acme", **{"no-raw-requests": rule()})
    (Path(shop.packs[0].folder) / "pack.yaml").write_text(text)
    said = shop.refused()
    assert said.startswith(f"site/acme/pack.yaml:{line}:{column}: "), said
    assert says.partition(" | ")[0] in said
    assert says.partition(" | ")[2] in said
    assert MARK not in said


def test_other_files_that_are_wrong(shop: Shop, tmp_path: Path) -> None:
    shop.install("acme")
    file = Path(shop.packs[0].folder) / "pack.yaml"
    for data, says in (
        (b"", "empty"),
        (b"\xff", "not UTF-8"),
        (b"a: [", "not YAML"),
        (b"x: " + b"y" * 300_000, "larger than"),
    ):
        file.write_bytes(data)
        assert says in shop.refused()
    file.rename(file.with_suffix(".yml"))
    assert "call it pack.yaml" in shop.refused()
    file.with_suffix(".yml").unlink()
    assert "has no pack.yaml" in shop.refused()
    (tmp_path / "elsewhere.yaml").write_text("pack: acme\ntitle: T\n")
    file.symlink_to(tmp_path / "elsewhere.yaml")
    assert "a link that leads out" in shop.refused()


def test_a_pack_in_a_pack(shop: Shop) -> None:
    shop.mine("team", inner__pack="pack: inner\ntitle: T\n")
    assert "inner/pack.yaml:1:1: a pack inside of repo0 | name its own folder" in shop.refused()


def test_a_link_out_of_a_pack(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(rule("secret"))
    shop.install("acme")
    (Path(shop.packs[0].folder) / "secret.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "secret.yaml:1:1: a link that leads out of site/acme" in shop.refused()


def test_ten_thousand_files(shop: Shop) -> None:
    shop.install("acme")
    for number in range(10_000):
        (Path(shop.packs[0].folder) / f"r{number}.yaml").touch()
    assert "more than 5000 rule files in site/acme" in shop.refused()


def test_folders_that_never_end(shop: Shop) -> None:
    shop.mine("")
    deep = shop.own[0]
    for _ in range(50):  # far more would end a stack, and that of who cleans up after this test
        deep = deep / "a"
        deep.mkdir()
    assert "folders more than 40 deep in repo0" in shop.refused()
    store.signature([str(shop.own[0])])


# --- terms


def test_a_pack_changes_the_terms_of_others(shop: Shop) -> None:
    shop.install("acme", "rules:\n  requests-verify-off: {level: warn, when: {exposure: public, level: block}}\n")
    shop.mine("team", "rules: {requests-verify-off: {level: note, stage: shadow}}\n")
    found = shop.loaded().rule("requests-verify-off")
    terms = terms_of(found)
    assert (found.level, terms.level, terms.stage, terms.final) == (Level.NOTE, Level.NOTE, "shadow", False)
    assert [when.exposure for when in terms.when] == ["public"]
    said = [(one.what, re.sub(r".*/(?=site|repo|rules)", "", one.file), one.line) for one in terms.said]
    assert said[0][0] == "level block"
    assert said[0][1].endswith("requests-verify-off.yaml")
    assert said[1:] == [
        ("level warn", "site/acme/pack.yaml", 4), ("when exposure public: block", "site/acme/pack.yaml", 4),
        ("level note", "repo0/pack.yaml", 3), ("stage shadow", "repo0/pack.yaml", 3),
    ]  # fmt: skip


def test_packs_that_say_the_same_agree(shop: Shop) -> None:
    shop.install("acme", "rules: {requests-verify-off: {level: warn, final: true}}\n")
    shop.install("beta", "rules: {requests-verify-off: {level: warn}, ecb-mode: {level: note}}\n")
    assert shop.loaded().rule("requests-verify-off").level is Level.WARN


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("{level: warn}", "{level: note}", "contradict each other about `level` of `requests-verify-off`"),
        ("{stage: warn}", "{stage: block}", "contradict each other about `stage`"),
        ("{when: {exposure: public, level: warn}}", "{when: {exposure: public, level: note}}", "about `when`"),
        ("{block_from: 2027-01-01}", "{block_from: 2027-01-02}", "about `block_from`"),
        ("{deprecated: ecb-mode}", "{deprecated: constant-iv}", "about `deprecated`"),
        ("{final: true}", "{level: note}", "`level` cannot be changed here"),
        ("{final: true}", "{deprecated: ecb-mode}", "`deprecated` cannot be changed here"),
        ("{final: true}", "{stage: shadow}", "`stage` cannot be changed here"),
    ],
)
def test_packs_that_contradict_each_other(shop: Shop, one: str, other: str, says: str) -> None:
    shop.install("acme", f"rules:\n  requests-verify-off: {one}\n")
    shop.install("beta", f"rules:\n  requests-verify-off: {other}\n")
    said = shop.refused()
    assert says in said
    assert "site/acme/pack.yaml:4" in said
    assert "site/beta/pack.yaml:4" in said


@pytest.mark.parametrize("said", ["level: note", "stage: warn", "deprecated: ecb-mode", "block_from: 2030-01-01", "when: {data: none, level: block}"])  # fmt: skip
def test_a_repository_cannot_weaken_what_is_final(shop: Shop, said: str) -> None:
    shop.install("acme", "rules:\n  requests-verify-off: {level: warn, final: true}\n")
    shop.mine("team", f"rules:\n  requests-verify-off: {{{said}}}\n")
    refused = shop.refused()
    assert f"`{said.partition(':')[0]}` cannot be changed here" in refused
    assert "repo0/pack.yaml:4" in refused
    assert "site/acme/pack.yaml:4 makes `requests-verify-off` final" in refused


def test_a_repository_may_ask_for_more(shop: Shop) -> None:
    shop.install("acme", "rules: {requests-verify-off: {level: warn, final: true}}\n")
    shop.mine("team", "rules: {requests-verify-off: {level: block, unsilenceable: true, in_tests: true}}\n")
    terms = terms_of(shop.loaded().rule("requests-verify-off"))
    assert (terms.level, terms.unsilenceable, terms.in_tests, terms.final) == (Level.BLOCK, True, True, True)


def test_a_lock_in_the_rule_itself(shop: Shop) -> None:
    shop.install("acme", **{"no-raw-requests": rule(more="final: true\n")})
    shop.install("beta", "rules: {acme/no-raw-requests: {level: note}}\n")
    assert "makes `acme/no-raw-requests` final" in shop.refused()
    shop.packs.pop()
    shop.mine("team", "rules: {acme/no-raw-requests: {level: note}}\n")
    assert "site/acme/no-raw-requests.yaml:8 makes `acme/no-raw-requests` final" in shop.refused()


def test_a_pack_speaks_about_its_own_final_rule(shop: Shop) -> None:
    shop.install(
        "acme", "rules: {acme/no-raw-requests: {level: note}}\n", **{"no-raw-requests": rule(more="final: true\n")}
    )
    assert shop.loaded().rule("acme/no-raw-requests").level is Level.NOTE


# --- deprecated


def test_a_deprecated_rule_is_there_and_not_looked_for(shop: Shop) -> None:
    shop.install(
        "acme", "rules: {requests-verify-off: {deprecated: acme/no-raw-requests}}\n", **{"no-raw-requests": rule()}
    )
    loaded = shop.loaded()
    assert terms_of(loaded.rule("requests-verify-off")).deprecated == "acme/no-raw-requests"
    gate = Gate.build(loaded)
    assert "requests-verify-off" not in gate.rules()
    assert "acme/no-raw-requests" in gate.rules()


def test_along_a_chain_the_last_one_counts(shop: Shop) -> None:
    shop.install("acme", "rules: {requests-verify-off: {deprecated: ecb-mode}, ecb-mode: {deprecated: constant-iv}}\n")
    assert law_of(shop.loaded()).instead == {"requests-verify-off": "constant-iv", "ecb-mode": "constant-iv"}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            "{requests-verify-off: {deprecated: requests-verify-off}}",
            "`requests-verify-off` is deprecated for `requests-verify-off`, and so on in a circle",
        ),
        (
            "{requests-verify-off: {deprecated: ecb-mode}, ecb-mode: {deprecated: requests-verify-off}}",
            "and so on in a circle",
        ),
        (
            "{requests-verify-off: {deprecated: ecb-mod}}",
            "for `ecb-mod`, and there is no such rule | Did you mean 'ecb-mode'?",
        ),
        ("{requests-verify-off: {deprecated: acme/no}}", "for `acme/no`, and there is no such rule"),
    ],
)
def test_a_successor_that_cannot_be(shop: Shop, said: str, says: str) -> None:
    shop.install("acme", f"rules:\n  {said}\n")
    refused = shop.refused()
    assert says in refused
    assert refused.startswith("site/acme/pack.yaml:4:")


def test_a_successor_in_a_pack_that_is_not_here_leaves_the_old_rule_in_force(shop: Shop) -> None:
    shop.install("acme", **{"no-raw-requests": rule(more="deprecated: other/better\n")})
    loaded = shop.loaded()
    assert "acme/no-raw-requests" in Gate.build(loaded).rules()
    assert law_of(loaded).instead == {}


# --- roads


def call(catalogue: Catalogue, name: str = "secret.get") -> str:
    found = catalogue.road(name)
    assert found
    return found.call


def test_a_pack_replaces_a_road_and_the_repository_may_again(shop: Shop) -> None:
    shop.install("acme", roads=ROAD.format(name="secret.get", call="acme.read($name)"))
    assert call(shop.loaded()) == "acme.read($name)"
    shop.mine("", roads=ROAD.format(name="secret.get", call="mine.read($name)"))
    assert call(shop.loaded()) == "mine.read($name)"


@pytest.mark.parametrize("replaced", [True, False])
@pytest.mark.parametrize("name", ["team", ""])
def test_a_repository_cannot_replace_a_final_road(shop: Shop, replaced: bool, name: str) -> None:
    files = {"roads": ROAD.format(name="secret.get", call="acme.read($name)")} if replaced else {}
    shop.install("acme", "roads:\n  secret.get: {final: true}\n", **files)
    shop.mine(
        name,
        roads="- "
        + ROAD.format(name="http.get", call="m.get")
        + "- "
        + ROAD.format(name="secret.get", call="mine.read($name)"),
    )
    refused = shop.refused()
    assert refused.startswith("repo0/roads.yaml:2:3: the road `secret.get` cannot be replaced here")
    assert "site/acme/pack.yaml:4 makes it final" in refused
    assert ("acme.read($name)" if replaced else "os.environ[$name]") in refused


def test_the_same_road_again_is_nothing_new(shop: Shop) -> None:
    same = ROAD.format(name="secret.get", call="acme.read($name)")
    shop.install("acme", "roads: {secret.get: {final: true}}\n", roads=same)
    shop.install("beta", roads=same)
    shop.mine("", roads=same)
    assert call(shop.loaded()) == "acme.read($name)"


def test_packs_that_lead_elsewhere(shop: Shop) -> None:
    shop.install("acme", roads=ROAD.format(name="secret.get", call="acme.read($name)"))
    shop.install("beta", roads=ROAD.format(name="secret.get", call="beta.read($name)"))
    refused = shop.refused()
    assert "site/beta/roads.yaml:1:1: the road `secret.get` leads somewhere else in site/acme/roads.yaml:1" in refused


def test_a_lock_on_what_another_pack_replaces(shop: Shop) -> None:
    shop.install("acme", roads=ROAD.format(name="secret.get", call="acme.read($name)"))
    shop.install("beta", "roads: {secret.get: {final: true}}\n")
    assert "site/acme/roads.yaml:1:1: the road `secret.get` cannot be replaced here: site/beta" in shop.refused()


def test_the_lock_of_a_repository_is_its_own(shop: Shop) -> None:
    shop.install("acme", roads=ROAD.format(name="secret.get", call="acme.read($name)"))
    shop.mine(
        "team", "roads: {secret.get: {final: true}}\n", roads=ROAD.format(name="secret.get", call="mine.read($name)")
    )
    assert call(shop.loaded()) == "mine.read($name)"
    shop.mine("", roads=ROAD.format(name="secret.get", call="other.read($name)"))
    assert "repo1/roads.yaml:1:1: the road `secret.get` cannot be replaced here" in shop.refused()


# --- names


def test_two_packs_of_one_name(shop: Shop) -> None:
    shop.install("acme")
    shop.mine("acme")
    refused = shop.refused()
    assert "repo0/pack.yaml:1:1: the pack `acme` is in site/acme/pack.yaml as well" in refused
    assert "take the folder out of `rules`" in refused


# --- the law over a configuration


LAW = Law({"a": (Level.WARN, "pack.yaml:3")}, {"old": "new", "older": "a"})


@pytest.mark.parametrize(
    ("levels", "counts", "says"),
    [
        ({"a": "note"}, {}, ['levels: a = "note" does not count: pack.yaml:3 makes it final, and it stays at warn']),
        ({"a": "off"}, {}, ["a = \"off\" does not count"]),
        ({"a": "warn"}, {"a": "warn"}, []),
        ({"a": "block", "b": "off"}, {"a": "block", "b": "off"}, []),
        ({"old": "off"}, {"new": "off"}, ["levels: the rule old has become new; write that"]),
        ({"old": "off", "new": "warn"}, {"new": "warn"}, ["old has become new"]),
        ({"older": "off"}, {}, ["older has become a", "a = \"off\" does not count"]),
    ],
)  # fmt: skip
def test_levels_that_do_not_count_as_written(levels: dict[str, str], counts: dict[str, str], says: list[str]) -> None:
    config, remarks = LAW.over(Config(levels=tuple((rule, Level(level)) for rule, level in sorted(levels.items()))))
    assert dict(config.levels) == {rule: Level(level) for rule, level in counts.items()}
    assert len(remarks) == len(says)
    assert all(part in said for part, said in zip(says, remarks, strict=True))


def test_what_is_applied_follows_its_rule() -> None:
    config, remarks = LAW.over(Config(apply=("old", "road:secret.get")))
    assert config.apply == ("new", "road:secret.get")
    assert remarks == ("fix.apply: the rule old has become new; write that",)


def test_the_law_comes_back_from_the_cache() -> None:
    assert restored(LAW.dump()) == LAW
    for odd in (
        None,
        [],
        {},
        {"final": {}, "instead": []},
        {"final": {"a": ["blok", "x"]}, "instead": {}},
        {"final": {"a": 1}, "instead": {}},
    ):
        assert restored(odd) is None
