"""Does the reference say what the schema accepts, and accept what it says?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devsec.catalog import agreed, schema, terms
from devsec.catalog.rule import KINDS, LITERALS, Template
from devsec.catalog.rule import SHAPES as KINDS_OF_SHAPE
from devsec.catalog.schema import resolve_roads, roads_from, rule_from
from devsec.catalog.yaml_read import read
from devsec.levels import Confidence, Level, Safety, Severity

PAGE = (Path(__file__).parents[2] / "docs/rule-language.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading of the page."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"there is no section {title}"
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    assert len(lines) > 2, f"there is no table in {title}"
    return [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in lines[2:]]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def keys(text: str) -> set[str]:
    """`is: CONSTANT` and `on` name a key each; `args: {drop: …}` names the outer one."""
    return {part.partition(":")[0].strip() for part in code(text)}


def blocks(title: str) -> list[str]:
    text = PAGE.partition("## ")[0] if not title else section(title)
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def words(title: str, marker: str) -> str:
    """The paragraph or table row that begins with a marker."""
    found = re.search(rf"^{re.escape(marker)}.*?(?=\n\n|\n[-|]|\Z)", section(title), re.DOTALL | re.MULTILINE)
    assert found, f"nothing in {title} begins with {marker}"
    return found[0]


def test_keys_of_a_rule() -> None:
    top = PAGE.partition("## ")[0]
    required = re.search(r"Required: `([a-z ]+)`", top)
    optional = re.search(r"Optional: `([a-z_ ]+)`", top)
    assert required
    assert optional
    assert tuple(required[1].split()) == schema._RULE_REQUIRED
    assert {*required[1].split(), *optional[1].split()} == set(schema._RULE_KEYS)


def test_keys_of_the_terms() -> None:
    named = {key for first, _ in rows("Terms") for key in keys(first)}
    assert named == set(agreed.TERMS_KEYS)
    when = re.search(r"`when: \{(.*?)\}`", section("Terms"))
    assert when
    assert set(when[1].split(", ")) == set(agreed._WHEN_KEYS)
    for words_ in (terms.EXPOSURES, terms.DATA, terms.LIFECYCLES):
        assert f"`{' '.join(words_)}`" in section("Terms").replace("\n", " ")
    for stage in terms.STAGES:
        assert f"`{stage}`" in section("Terms")


def test_keys_of_a_shape() -> None:
    table = {kind: keys(further) for shape, _, further in rows("Shapes") for kind in keys(shape)}
    assert table == {kind: set(also) for kind, also in schema._SHAPE_KEYS.items()}
    assert set(table) == set(KINDS_OF_SHAPE)


def test_keys_of_a_string() -> None:
    for kind, known in (("string", schema._LITERAL_KEYS), ("text", schema._TEXT_KEYS)):
        (shape,) = [row[0] for row in rows("Shapes") if kind in keys(row[0])]
        inner = re.search(r"\{(.*?)\}", shape)
        assert inner
        assert tuple(inner[1].split(", ")) == known


def test_keys_of_a_test() -> None:
    named: set[str] = set()
    for first, *_ in rows("Arguments and tests"):
        named |= keys(first)
    assert named | {"at"} == set(schema._TEST_KEYS)
    assert "`at: N`" in section("Arguments and tests")


def test_keys_of_a_context() -> None:
    assert {key for row in rows("Contexts") for key in keys(row[0])} == set(schema._CONTEXT_KEYS)


def test_keys_of_a_surrounding() -> None:
    said = [part for part in code(words("Contexts", "A surrounding is")) if re.match(r"[a-z]+: ", part)]
    assert {part.partition(":")[0] for part in said} == set(schema._SURROUNDING_KEYS)


def test_keys_of_a_cure() -> None:
    first = [part for row in rows("Cures") for part in code(row[0])]
    assert {part.partition(":")[0] for part in first} | {"title", "safety"} == set(schema._CURE_KEYS)
    assert "`title` and `safety` are required" in section("Cures")
    inner = {found[1] for part in first if (found := re.match(r"args: \{(\w+)", part))}
    assert inner == set(schema._CURE_ARGS)


def test_keys_of_an_example() -> None:
    said = {part.partition(":")[0] for part in code(section("Examples")) if re.match(r"[a-z]+: ", part)}
    assert said == set(schema._EXAMPLE_KEYS)


def test_keys_of_a_road() -> None:
    written = {key for block in blocks("Roads") for key in read(block.encode(), "page").plain()}
    assert written == set(schema._ROAD_KEYS)
    assert "`road`, `title` and `call` are required" in section("Roads")


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (LITERALS, words("Arguments and tests", "| `literal: true`")),
        (KINDS, words("Arguments and tests", "| `kind: KINDS`")),
        (("module", "class", "function"), words("Contexts", "A surrounding is")),
        ([safety.value for safety in Safety], words("Cures", "`title` and `safety`")),
    ],
)  # fmt: skip
def test_words_that_may_stand_there(known: list[str], said: str) -> None:
    for word in known:
        if word != "any":  # of a literal: the same as `true`
            assert re.search(rf"\b{word}\b", said), word


def test_the_scales() -> None:
    comments = dict(re.findall(r"^(\w+): \w+ +# ([a-z |]+)", PAGE, re.MULTILINE))
    for key, scale in (("severity", Severity), ("confidence", Confidence), ("level", Level)):
        assert set(comments[key].strip().split(" | ")) == {member.value for member in scale}, key


def test_the_operators() -> None:
    (row,) = [row for row in rows("Shapes") if "compare" in keys(row[0])]
    said = next(part for part in code(row[1]))
    assert set(said.replace("…", "").split()) <= set(schema._OPERATORS)
    symmetric = re.search(r"With a symmetric operator \((.*?)\)", section("Shapes"))
    assert symmetric
    assert set(code(symmetric[1])) <= set(schema._OPERATORS)


def test_the_rule_on_the_page_is_a_rule() -> None:
    (text,) = blocks("")
    rule = rule_from(read(text.encode(), "page"))
    assert (rule.id, len(rule.cures), len(rule.examples)) == ("requests-verify-off", 1, 2)


def test_the_roads_on_the_page_are_roads() -> None:
    first, second = (roads_from(read(block.encode(), "page"))[0] for block in blocks("Roads"))
    assert first.name == second.name
    assert first.call != second.call
    led = rule_from(read(blocks("")[0].encode(), "page"))
    cure = led.cures[0]._replace(drop=(), set=(("verify", Template("", second.name, (("name", "'X'"),))),))
    for road in (first, second):
        ((_, template),) = resolve_roads(led._replace(cures=(cure,)), {road.name: road}).cures[0].set
        assert template.source == road.call
