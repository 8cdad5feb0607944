"""Do the generated pages say what the rules say, and does GitHub show what their authors wrote?"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import generate
import marks
import pytest
import words
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue, Rule
from devsec.catalog.schema import _braces, resolve_roads, roads_from, rule_from
from devsec.catalog.yaml_read import Node, read
from devsec.policy.suppress import ignores

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINKED_INTO = ("rules/README.md", "roads.md")
NASTY = st.text(alphabet="ab1 `*_[]()<>~$&;|\\#+-=!.:\"'{}/@", max_size=30)


def tokens(page: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(page):
        yield token
        yield from token.children or ()


def text(page: str) -> str:
    """What a reader sees of a page without lists."""
    return "".join(token.content for token in tokens(page) if token.type in ("text", "code_inline"))


def fences(page: str) -> list[str]:
    return [token.content for token in tokens(page) if token.type == "fence"]


def links(page: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(page) if token.type == "link_open"]


def anchors(page: str) -> set[str]:
    parsed = MARKDOWN.parse(page)
    headings = [after.content for token, after in pairwise(parsed) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load([ROOT / "rules"], with_bundled=False)


@pytest.fixture(scope="module")
def written(shipped: Catalogue) -> dict[str, str]:
    return generate.pages(shipped, ROOT / "rules")


# --- Markdown --------------------------------------------------------------------------------------------------------------


@given(NASTY.filter(lambda prose: "`" not in prose and prose.strip()))
def test_prose_reads_as_it_was_written(prose: str) -> None:
    assert text(marks.plain(prose)) == " ".join(prose.split())


@given(NASTY.filter(bool))
def test_code_reads_as_it_was_written(source: str) -> None:
    (span,) = [token for token in tokens(f"x {marks.code(source)} x") if token.type == "code_inline"]
    assert span.content == source


@given(st.lists(NASTY, max_size=5).map("\n".join))
def test_a_block_holds_its_source(source: str) -> None:
    assert fences(marks.fence(source)) == [source.removesuffix("\n") + "\n"]


@given(st.lists(NASTY.filter(lambda cell: cell.strip()), min_size=1, max_size=3))
def test_a_cell_holds_pipes(cells: list[str]) -> None:
    shown = [
        "".join(child.content for child in token.children or ())
        for token in tokens(marks.table(["a"] * len(cells), [list(map(marks.code, cells))]))
        if token.type == "inline"
    ]
    assert [cell.strip() for cell in shown[len(cells) :]] == [cell.strip() for cell in cells]


def test_addresses_and_rfcs_become_links() -> None:
    page = marks.linked("See RFC 9106, and https://example.org/a_b_(c)*d. Not *this*.")
    assert links(page) == ["https://www.rfc-editor.org/rfc/rfc9106", "https://example.org/a_b_(c)*d"]
    assert text(page) == "See RFC 9106, and https://example.org/a_b_(c)*d. Not *this*."


def test_backticks_in_prose_mean_code() -> None:
    (span,) = [token for token in tokens(marks.plain("a `b*c` d*e")) if token.type == "code_inline"]
    assert span.content == "b*c"


# --- words -----------------------------------------------------------------------------------------------------------------


def spoken(find: str, more: str = "") -> str:
    """The shapes and the conditions of a rule, as a list."""
    made = rule(f"find: {find}\n{more}")
    return marks.bullets([*words.shapes(made), *words.conditions(made)])


def rule(more: str) -> Rule:
    head = "id: a-rule\ntitle: T\ncwe: CWE-1\nseverity: high\nconfidence: high\nlevel: block\nwhy: Because.\n"
    examples = "" if "examples:" in more else "examples: [{bad: x}, {fine: z}]\n"
    return rule_from(read((head + more + "\n" + examples).encode(), "rules/topic/a-rule.yaml"))


@pytest.mark.parametrize(
    ("find", "said"),
    [
        ("{call: m.f}", "- a call of `m.f`"),
        ("{call: 'm.{a,b,c,d}'}", "- a call of `m.{a,b,c,d}`"),
        ("{call: m.f, args: {x: {at: 1, is: false}}}", "- a call of `m.f`:\n  - `x` (or the second argument) is `False`"),
        ("{call: m.f, args: {'*': {in: [1, a]}}}", "- a call of `m.f`:\n  - any argument is `1` or `'a'`"),
        ("{call: m.f, args: {x: [{missing: true}, {is: 1}]}}", "- a call of `m.f`:\n  - `x` is not given, or is `1`"),
        ("{call: m.f, args: {x: [{missing: true}, {present: true}]}}", "- a call of `m.f`"),
        ("{call: m.f, args: {mode: {is: 511}}}", "- a call of `m.f`:\n  - `mode` is `0o777`"),
        ("{call: m.f, args: {model: {is: 511}}}", "- a call of `m.f`:\n  - `model` is `511`"),
        (
            "{call: m.f, args: {x: {literal: text, length: 3, not: {is: abc}}}}",
            "- a call of `m.f`:\n  - `x` is constant text and has at least 3 characters, unless it is `'abc'`",
        ),
        (
            "{call: m.f, args: {x: {contains: {keys: {k: {is: 1}}}}}}",
            "- a call of `m.f`:\n  - `x`: one of its elements: its key `k` is `1`",
        ),
        (
            "{call: m.f, args: {x: {not: {keys: {a: {is: 1}, b: {missing: true}}}}}}",
            "- a call of `m.f`:\n  - `x` is given:\n    - unless all of this:\n      - its key `a` is `1`\n"
            "      - its key `b` is not given",
        ),
        ("{method: go, on: m.C}", "- a call of the method `go` of what `m.C` makes"),
        (
            "{assign: '*', target: {names: a|b}, value: {kind: [fstring, list]}}",
            "- an assignment to anything:\n  - the target has `a` or `b` in its name\n"
            "  - the value is written as an f-string or a list",
        ),
        (
            "{compare: '==', left: {call: m.f, args: {a: {more_than: 2}}}, right: {not: {literal: true}}}",
            "- a comparison with `==`:\n  - one side is a call of `m.f`:\n    - `a` is a number above 2\n"
            "  - the other side is anything, unless it is a constant",
        ),
        ("{compare: '<', left: {is: 1}}", "- a comparison with `<`:\n  - the left side is `1`"),
        ("{string: {regex: 'a|`b`', entropy: 3}}", "- text in the code that matches `` a|`b` `` and has at least 3 bits of entropy a character"),
        ("{text: {regex: x}, paths: '*.cfg'}", "- text in any file that matches `x`\n- only in files that match `*.cfg`"),
        ("{import: m}", "- an import of `m`"),
        ("{decorator: m.d}", "- the decorator `m.d`"),
        ("{pattern: 'f($X)', where: {X: {dynamic: true, quoted_by: m.q}}}",
         "- code of the form `f($X)`:\n  - `$X` is text put together from parts of which at least one is not constant:\n"
         "    - parts made by `m.q` do not count"),
        ("{pattern: \"with f() as x:\\n    ...\"}", "- code of this form:\n  ```python\n  with f() as x:\n      ...\n  ```"),
        ("[{call: m.f, imports: a}, {call: m.g, imports: b}]",
         "- a call of `m.f`:\n  - only in files that import `a`\n- a call of `m.g`:\n  - only in files that import `b`"),
        (f"{{call: m.f, args: {{x: {{regex: '{'x' * 99}'}}}}}}",
         "- a call of `m.f`:\n  - `x` matches a pattern given in the rule"),
    ],
)  # fmt: skip
def test_a_shape_in_words(find: str, said: str) -> None:
    assert spoken(find) == said


def test_conditions_in_words() -> None:
    more = (
        "paths: ['**', '!**/tests/**', '!test_*.py']\nimports: [a, b]\nnot_imports: c\nassigned_to: token\nnot_assigned_to: 'x[0-9]'\n"
        "inside: [{function: check, loop: true}, {with: m.w}]\nnot_inside: [{scope: module}, {class: Test}]\n"
    )
    assert spoken("[{call: m.f}, {call: m.g}]", more).split("\n") == [
        "- a call of `m.f`",
        "- a call of `m.g`",
        "- only inside a function with `check` in its name and a loop or a `with` over `m.w`",
        "- not inside code of the module itself or a class with words that match `Test` in its name",
        "- only where it goes to something with `token` in its name",
        "- not where it goes to something with words that match `x[0-9]` in its name",
        "- only in files that import `a` or `b`",
        "- not in files that import `c`",
        "- not in `tests` or `test_*.py`",
    ]


def test_globs_whose_order_counts_are_shown_in_it() -> None:
    assert "`!a`, `b` (later ones win, `!` excludes)" in spoken("{call: m.f}", "paths: ['!a', b]")


@given(st.lists(st.from_regex(r"[ab](\.[abc]){0,3}", fullmatch=True), min_size=4, max_size=12, unique=True))
def test_names_put_together_are_the_same_names(names: list[str]) -> None:
    node = Node(None, "", 1, 1)
    assert {name for spelled in words._factored(names) for name in _braces(spelled, node)} == set(names)


# --- pages -----------------------------------------------------------------------------------------------------------------


def test_a_page_of_a_rule_nobody_would_write() -> None:
    made = rule(
        """\
find: {call: m.f}
fix:
  - {title: "Use *g* | not f", safety: safe, call: m.g, note: "1. <b>"}
  - {title: Ask, safety: advice, road: a.road}
references: ["https://example.org/a|b"]
secret: [match]
examples:
  - bad: "import m\\nm.f('``` | ~~~')"
    good: "import m\\nm.g('``` | ~~~')"
  - {bad: "m.f()", path: a/b.cfg}
  - {fine: "````"}
"""
    )
    road = roads_from(read(b"{road: a.road, title: T, call: 'm.h($match)', package: h>=1}", "roads.yaml"))[0]
    made = resolve_roads(made, {road.name: road})
    page = generate.rule_page(made, Catalogue((made,), (road,)), Path("rules"))
    shown = fences(page)
    assert shown[:4] == ["import m\nm.f('``` | ~~~')\n", "import m\nm.g('``` | ~~~')\n", "m.f()\n", "````\n"]
    assert "Use *g* | not f: behaviour stays the same" in text(page)
    assert "1. <b>" in text(page)
    assert "The road is a.road: m.h($match), from h>=1." in text(page)
    assert "In a/b.cfg:" in text(page)
    assert "The text of what is found may be a secret" in text(page)
    assert "https://example.org/a%7Cb" in links(page)
    (row,) = re.findall(r"^\| blocks .*$", page, re.MULTILINE)
    assert row.count("|") == 6


def test_every_page_shows_every_example(shipped: Catalogue, written: dict[str, str]) -> None:
    for one in shipped.rules:
        sources = [example.bad or example.fine for example in one.examples]
        sources += [good for example in one.examples for _, good in example.good]
        shown = fences(written[f"rules/{one.id}.md"])
        assert {source.removesuffix("\n") + "\n" for source in sources} <= set(shown), one.id


def test_every_page_says_why(shipped: Catalogue, written: dict[str, str]) -> None:
    for one in shipped.rules:
        shown = text(written[f"rules/{one.id}.md"])
        for said in (one.title, one.why, *(cure.title for cure in one.cures), *(cure.note for cure in one.cures)):
            assert said.replace("`", "") in shown, one.id


def test_the_comment_on_a_page_silences_its_rule(shipped: Catalogue, written: dict[str, str]) -> None:
    for one in shipped.rules:
        if not one.find:
            continue  # about a change: there is no line to silence
        (comment,) = [block for block in fences(written[f"rules/{one.id}.md"]) if block.startswith("# devsec: ignore")]
        (ignore,) = ignores("example.py", (comment + "f()\n").encode())
        assert (ignore.rules, ignore.problem, ignore.last) == ((one.id,), "", 2)


def test_the_setting_on_a_page_is_one(shipped: Catalogue, written: dict[str, str]) -> None:
    for one in shipped.rules:
        (setting,) = [block for block in fences(written[f"rules/{one.id}.md"]) if block.startswith("[levels]")]
        assert tomllib.loads(setting) == {"levels": {one.id: "off"}}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))]
)
def test_what_people_wrote_links_to_what_is_there(page: str) -> None:
    for address in links((ROOT / page).read_text(encoding="utf-8")):
        if address.startswith("https://"):
            continue
        path, _, anchor = address.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {address}"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{page}: {address}"


def test_every_link_leads_somewhere(written: dict[str, str]) -> None:
    headings = {page: anchors(markdown) for page, markdown in written.items() if page in LINKED_INTO}
    for page, markdown in written.items():
        for address in links(markdown):
            if address.startswith("https://"):
                continue
            path, _, anchor = address.partition("#")
            assert not address.startswith("http:"), f"{page}: {address}"
            target = ((ROOT / "docs" / page).parent / path).resolve() if path else ROOT / "docs" / page
            below = target.relative_to(ROOT / "docs").as_posix() if target.is_relative_to(ROOT / "docs") else ""
            assert below in written or target.is_file(), f"{page}: {address}"
            if anchor and below not in headings:
                headings[below] = anchors(target.read_text(encoding="utf-8"))
            assert not anchor or anchor in headings[below], f"{page}: {address}"


def test_the_index_and_the_roads_name_everything(shipped: Catalogue, written: dict[str, str]) -> None:
    assert {link for link in links(written["rules/README.md"]) if re.fullmatch(r"[a-z0-9-]+\.md", link)} == {
        f"{one.id}.md" for one in shipped.rules
    }
    for road in shipped.roads:
        assert f"\n## {road.name}\n" in written["roads.md"]
        assert text(marks.linked(road.why)) in text(written["roads.md"])


def test_a_road_names_the_rules_that_lead_there() -> None:
    roads = roads_from(read(b"[{road: a, title: T, call: m.h}, {road: b, title: T, call: m.i}]", "roads.yaml"))
    by_name = {road.name: road for road in roads}
    made = rule("find: {call: m.f, args: {x: {present: true}}}\nfix: {title: C, safety: safe, args: {set: {x: {road: b}}}}"
                "\nexamples: [{bad: x, good: y}, {fine: z}]")  # fmt: skip
    page = generate.roads_page(Catalogue((resolve_roads(made, by_name),), roads))
    to_a, to_b = page.split("\n## ")[1:]
    assert "No rule leads here" in to_a
    assert "[`a-rule`](rules/a-rule.md)" in to_b


# --- the command -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one rule."""
    (tmp_path / "rules/topic").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "rules/topic/tempfile-mktemp.yaml").write_bytes(
        (ROOT / "rules/files/tempfile-mktemp.yaml").read_bytes()
    )
    (tmp_path / "rules/core.yaml").write_bytes((ROOT / "rules/roads/core.yaml").read_bytes())
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_is_missing_is_written_once(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = ["roads.md", "rules/README.md", "rules/tempfile-mktemp.md"]
    assert generate.main(["--check"]) == 1
    assert said(capsys)[:-1] == [f"missing: docs/{page}" for page in pages]
    assert generate.main([]) == 0
    assert said(capsys) == [f"written: docs/{page}" for page in pages]
    assert generate.main(["--check"]) == 0
    assert generate.main([]) == 0


def test_stale_and_extra_pages_are_named_and_mended(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate.main([])
    page, old = tree / "docs/rules/tempfile-mktemp.md", tree / "docs/rules/gone.md"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"\n", b"\r\n"))
    old.write_bytes(before)
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    assert said(capsys)[:-1] == ["extra: docs/rules/gone.md", "stale: docs/rules/tempfile-mktemp.md"]
    assert generate.main([]) == 0
    assert page.read_bytes() == before
    assert not old.exists()


def test_what_somebody_wrote_by_hand_is_not_removed(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate.main([])
    (tree / "docs/rules/notes.md").write_text("mine\n")
    assert generate.main([]) == 1
    assert (tree / "docs/rules/notes.md").exists()
    assert "docs/rules/notes.md was not made here" in capsys.readouterr().err


def test_a_rule_that_does_not_load_is_named(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "rules/topic/bad.yaml").write_text("id: bad\n")
    assert generate.main(["--check"]) == 2
    assert "bad.yaml:1:1: " in capsys.readouterr().err


def test_another_argument_is_refused() -> None:
    assert generate.main(["--chekc"]) == 2
