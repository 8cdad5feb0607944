"""What a YAML file says and where it says it; and what YAML allows but a rule does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from devsec.catalog.yaml_read import MAX_BYTES, MAX_DEPTH, Node, read
from tests.catalog.kit import FILE, refused, unmarked


@pytest.fixture(autouse=True, params=["libyaml", "Python's parser"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML comes with and without libyaml; both must say the same."""
    if request.param != "libyaml":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("this PyYAML has no libyaml")


def nodes(node: Node) -> Iterator[Node]:
    yield node
    below = node.value
    for inner in below.values() if isinstance(below, dict) else below if isinstance(below, list) else ():
        yield from nodes(inner)


def test_everything_has_its_place() -> None:
    text = 'top: one\nlist:\n  - é: {flow: "x"}\n  -   two\nblock: |\n  long\n  text\nlast:\n'
    node = read(b"\xef\xbb\xbf" + text.encode(), FILE)
    assert node.plain() == {"top": "one", "list": [{"é": {"flow": "x"}}, "two"], "block": "long\ntext\n", "last": None}
    assert {n.source for n in nodes(node)} == {FILE}
    assert [(n.line, n.column) for n in nodes(node)] == [
        (1, 1),  # the whole
        (1, 6),  # one
        (3, 3),  # the list begins with its first dash
        (3, 5),  # its first entry
        (3, 8),  # {flow: …}
        (3, 15),  # "x"
        (4, 7),  # two
        (5, 8),  # |
        (8, 6),  # nothing
    ]


def test_a_value_knows_where_its_key_is() -> None:
    (value,) = read(b"\n# first\n  key:\n    - value\n", FILE).value.values()  # type: ignore[union-attr]
    assert (value.line, value.column) == (4, 5)
    assert value.wrong("odd", "mend it").message == "a-rule.yaml:4:5: odd"
    assert value.wrong_key("odd", "mend it").message == "a-rule.yaml:3:3: odd"
    assert value.wrong_key("odd", "mend it").hint == "mend it"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("0123", "0123"),
        ("-0123", "-0123"),
        ("012.5", "012.5"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2020-01-01", "2020-01-01"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("1.", "1."),
        ("0x", "0x"),
        ("0xg", "0xg"),
        ("0x_1", "0x_1"),
        ("0o8", "0o8"),
        ("0b1", "0b1"),
        ("=", "="),
        ("True", "True"),
        ("NULL", "NULL"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("42", 42),
        ("+7", 7),
        ("-3", -3),
        ("0x1f", 31),
        ("0o17", 15),
        ("4.0", 4.0),
        ("-0.25", -0.25),
        ("'42'", "42"),
        ('"true"', "true"),
        ("''", ""),
        ('"\\0"', "\0"),
        ("|\n  no", "no\n"),
        (">-\n  12", "12"),
        ("'<<'", "<<"),
        ("9" * 100, int("9" * 100)),
        pytest.param("9" * 5000, "9" * 5000, id="more digits than Python makes an int of"),
        pytest.param("0x" + "f" * 5000, "0x" + "f" * 5000, id="more digits than JSON can be made of"),
        pytest.param("9" * 400 + ".0", "9" * 400 + ".0", id="not infinity"),
    ],
)
def test_scalars(written: str, meant: object) -> None:
    plain = read(f"key: {written}\n".encode(), FILE).plain()["key"]
    assert (plain, type(plain)) == (meant, type(meant))


def test_keys_are_text() -> None:
    assert read(b"1: a\ntrue: b\nno: c\n'<<': d\n", FILE).plain() == {"1": "a", "true": "b", "no": "c", "<<": "d"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param("a: 1\nb: 2\n§a: 3\n", "`a` stands here a second time (first on line 1)", "keep one", id="again"),
        pytest.param("x:\n  - {a: 1, §'a': 2}\n", "`a` stands here a second time (first on line 2)", "", id="quoted"),
        pytest.param("a: §&name 1\n", "an anchor (&name)", "starts with &", id="anchor"),
        pytest.param("§&name a: 1\n", "an anchor (&name)", "", id="anchor of a key"),
        pytest.param("a: 1\nb: §*name\n", "an alias (*name)", "starts with *", id="alias"),
        pytest.param("a: [x, §*name]\n", "an alias (*name)", "write the value out", id="alias in a list"),
        pytest.param("a:\n  §<<: {b: 1}\n", "a merge key", "write the keys out", id="merge key"),
        pytest.param("a: §!mine x\n", "the tag !mine means nothing", "starts with !", id="tag of somebody's"),
        pytest.param("a: §!!python/name:os.system x\n", "the tag !!python/name:os.system", "", id="tag of Python's"),
        pytest.param("a: §!!binary aaaa\n", "the tag !!binary", "leave it out", id="tag of YAML's"),
        pytest.param("a: §!!str 5\n", "the tag !!str", "", id="tag that would change a type"),
        pytest.param("a: §! 5\n", "the tag !", "", id="tag without a name"),
        pytest.param("§!!map {a: 1}\n", "the tag !!map", "", id="tag of the whole"),
        pytest.param("a: 1\n§---\nb: 2\n", "a second document", "a rule file holds one rule", id="two documents"),
        pytest.param("a: 1\n...\n§---\n", "a second document", "", id="an empty second document"),
        pytest.param("? §[a]\n: 1\n", "a key must be a plain word", "", id="a list as key"),
        pytest.param("? §{a: 1}\n: 1\n", "a key must be a plain word", "", id="a mapping as key"),
        pytest.param("a: b§: c\n", "not YAML: mapping values", "quote text that holds `: `", id="colon"),
        pytest.param("a: §@b\n", "not YAML: found character", "quote", id="at sign"),
        pytest.param("a:\n§\t- b\n", "not YAML: found character", "", id="tab"),
        pytest.param("- a\n§b: 1\n", "not YAML: ", "", id="list and mapping"),
        pytest.param("§%YAML 3.0\n---\na: 1\n", "not YAML: found incompatible YAML document", "", id="version"),
        pytest.param("a: x\nb: é§\0\n", "the character U+0000 cannot stand in YAML", "escape", id="NUL"),
        pytest.param("a: §\x01\n", "the character U+0001", "", id="control character"),
        pytest.param("a: §\ufffe\n", "the character U+FFFE", "", id="no character"),
        pytest.param("§", "empty", "holds one rule", id="empty file"),
        pytest.param("§# nothing but a comment\n", "empty", "", id="comment"),
        pytest.param("§\n\n", "empty", "", id="blank lines"),
    ],
)  # fmt: skip
def test_refused(text: str, message: str, hint: str) -> None:
    text, place = unmarked(text)
    said = refused(text.encode())
    assert (said.place, message in said.message, hint in said.hint) == (place, True, True), said


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('a: "\\ud800"', id="half a character"),
        pytest.param('a: "\\UFFFFFFFF"', id="no character at all"),
        pytest.param('a: "\\U00110000"', id="just past the last character"),
        pytest.param("a: 'x", id="open quote"),
        pytest.param("a: [", id="open bracket"),
        pytest.param("a: {b: }}", id="a brace too many"),
        pytest.param("a: !%ff x", id="a tag that is no text"),
        pytest.param("%YAML 1." + "9" * 5000 + "\n---\na: 1", id="a version that is no number"),
    ],
)
def test_refused_somewhere_near(text: str) -> None:
    """The two parsers do not agree on the place."""
    said = refused(text.encode() + b"\n")
    assert 1 <= said.place[0] <= text.count("\n") + 2, said
    assert said.message.strip() != "not YAML:", "say why"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(b"a: 1\nb: \xff\n", (2, 4), id="no encoding at all"),
        pytest.param("a: 1\né: ß\n".encode("latin-1"), (2, 1), id="Latin-1"),
        pytest.param("é: ".encode() + b"\xe9\n", (1, 4), id="columns are characters"),
        pytest.param(b"\xef\xbb\xbfa: \xff", (1, 4), id="a byte order mark is no column"),
        pytest.param("a: 1\n".encode("utf-16"), (1, 1), id="UTF-16"),
        pytest.param(b"a: \xed\xa0\x80", (1, 4), id="half a character"),
    ],
)
def test_not_utf_8(text: bytes, place: tuple[int, int]) -> None:
    said = refused(text)
    assert (said.place, said.message, said.hint) == (place, "not UTF-8", "save it as UTF-8")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("- ", ""), ("{a: ", "}"), ("? ", "")])
def test_depth(opening: str, closing: str) -> None:
    def nested(times: int) -> bytes:
        return (opening * times + "x" + closing * times).encode()

    too_deep = (1, MAX_DEPTH * len(opening) + 1)
    if opening != "? ":
        node = read(nested(MAX_DEPTH), FILE)
        assert (list(nodes(node))[-1].value, node.line) == ("x", 1)
    for times in (MAX_DEPTH + 1, 2000):
        said = refused(nested(times))
        assert said.message == "nested too deeply"
        # libyaml from 0.2.6 on refuses a thousand levels while it reads ahead, and says where it stood then.
        assert said.place == too_deep or (times > 1000 and opening == "[" and said.place == (1, 1001))
    said = refused((opening * 2000).encode())  # never closed: the parser need not come to the end
    assert (said.place, said.message) in ((too_deep, "nested too deeply"), ((1, 1001), "nested too deeply"))


def test_what_stands_side_by_side_is_not_deep() -> None:
    side_by_side = b"- [{a: 1}]\n" * 200
    assert read(side_by_side, FILE).plain() == [[{"a": 1}]] * 200
    said = refused(side_by_side + b"- " + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert (said.place, said.message) == ((201, 2 + MAX_DEPTH), "nested too deeply")


@pytest.mark.parametrize("opening", ["[", "- ", "? "])
def test_no_depth_ends_the_process(opening: str) -> None:
    """libyaml and its binding call themselves for each level: deep enough, and there is no exception to catch."""
    without = "" if hasattr(yaml, "CSafeLoader") else "import yaml\nvars(yaml).pop('CSafeLoader', None)\n"
    code = f"{without}from devsec.catalog.yaml_read import read\nread(b{opening!r} * 120000, {FILE!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"RuleError: {FILE}:1:" in done.stderr
    assert "nested too deeply" in done.stderr


def test_size() -> None:
    line = b"a: 1 # "
    read(line + b"x" * (MAX_BYTES - len(line)), FILE)
    said = refused(line + b"x" * (MAX_BYTES - len(line) + 1))
    assert (said.place, said.message) == ((1, 1), "larger than 256 KiB")
