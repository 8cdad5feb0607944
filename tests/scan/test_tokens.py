"""Tokens in texts: what counts as one, what its check says, and how Python reads without it."""

from __future__ import annotations

import pytest

from devsec.finding import Finding
from devsec.levels import Confidence, Level, Safety
from devsec.scan import lines
from devsec.scan.drawn import is_drawn
from devsec.scan.proofs import Proof
from tests.scan.kit import cured, findings, found

BODY = "k3Jq9ZtV1xR7mB5nW2cY"
TOKEN = "tok_" + BODY
TEXT = "text: {regex: '(tok_[0-9A-Za-z]{20})', token: word}"
FIX = "{title: Read it, safety: hardening, take_out: {road: secret.get, name: SERVICE_TOKEN}}"


def text(source: str, find: str = TEXT, path: str = "a.txt") -> list[int]:
    return [line for line, _ in found(find, source, path=path, secret=["match"])]


@pytest.mark.parametrize(
    ("source", "there"),
    [
        pytest.param(TOKEN, True, id="alone"),
        pytest.param(f"x={TOKEN};", True, id="between signs"),
        pytest.param(f"x-{TOKEN}-y", True, id="dashes are no part of it"),
        pytest.param(f"x{TOKEN}", False, id="glued to a word"),
        pytest.param(f"{TOKEN}9", False, id="goes on"),
        pytest.param(f"_{TOKEN}", False, id="underscore before"),
        pytest.param(f'"a\\n{TOKEN}"', True, id="behind an escaped line break"),
        pytest.param(f"u?k%3D{TOKEN}&", True, id="behind an escaped character of a URL"),
        pytest.param(f"u?k3D{TOKEN}&", False, id="behind two hex digits that escape nothing"),
        pytest.param("tok_" + "x" * 20, False, id="one character"),
        pytest.param("tok_abcdefghijklmnopqrst", False, id="the alphabet"),
        pytest.param("tok_EXAMPLE" + BODY[:13], False, id="says that it is an example"),
        pytest.param("tok_" + BODY[:19], False, id="too short"),
    ],
)
def test_what_counts(source: str, there: bool) -> None:
    assert bool(text(source)) is there


def test_a_dash_belongs_to_some_alphabets() -> None:
    find = "text: {regex: '(tok-[0-9A-Za-z-]{20})', token: dash}"
    assert text("tok-" + BODY, find) == [1]
    assert text("tok-" + BODY + "-x", find) == []
    assert text("x-tok-" + BODY, find) == []


def test_near() -> None:
    find = TEXT[:-1] + ", near: 'acme'}"
    assert text(f"acme\n\n\n\n\n{TOKEN}", find) == [6]
    assert text(f"{TOKEN}\n\n\n\n\nacme", find) == [1]
    assert text(f"acme\n\n\n\n\n\n\n{TOKEN}", find) == []
    assert text(TOKEN, find) == []


@pytest.mark.parametrize(
    "token", ["deadbeef" * 4, "your_token_here_12345", "0123456789" * 3, "aaaaaabbbbbbccccccdddddd", "x9876543210y"]
)
def test_made_up(token: str) -> None:
    assert not is_drawn(token)


def test_proofs_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [Proof.PROVED]
    monkeypatch.setattr(lines, "PROOFS", {"sum": lambda _: answer[0]})
    monkeypatch.setattr("devsec.catalog.schema.PROOFS", ("sum",))
    find = TEXT[:-1] + ", proof: sum}"

    def one() -> Finding | None:
        return next(iter(findings(find, TOKEN, path="a.txt", secret=["match"])), None)

    sure = one()
    answer[0] = Proof.DOUBTFUL
    doubtful = one()
    answer[0] = Proof.NOT_IT
    assert sure is not None
    assert doubtful is not None
    assert one() is None
    assert (sure.level, sure.confidence) == (Level.BLOCK, Confidence.HIGH)
    assert (doubtful.level, doubtful.confidence) == (Level.WARN, Confidence.MEDIUM)
    assert "" != sure.remark != doubtful.remark != ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"slack_key = '{TOKEN}'\n", 'slack_key = os.environ["SLACK_KEY"]\n', id="named by its place"),
        pytest.param(f"token = '{TOKEN}'\n", 'token = os.environ["SERVICE_TOKEN"]\n', id="a vague name"),
        pytest.param(f"f('{TOKEN}')\n", 'f(os.environ["SERVICE_TOKEN"])\n', id="no name"),
        pytest.param(f"d = {{'mail': '{TOKEN}'}}\n", "d = {'mail': os.environ[\"MAIL\"]}\n", id="a key of a dict"),
        pytest.param(f"t = b'{TOKEN}'\n", 't = os.environ["SERVICE_TOKEN"].encode()\n', id="bytes"),
        pytest.param(f"h = {{'A': 'Bearer {TOKEN}'}}\n", "h = {'A': 'Bearer ' + os.environ[\"A\"]}\n", id="a part"),
        pytest.param(
            f"acme = 'a {TOKEN} %s' % y\n", "acme = ('a ' + os.environ[\"ACME\"] + ' %s') % y\n", id="precedence"
        ),
        pytest.param(
            f"url = f'https://{TOKEN}@h/{{p}}'\n",
            "url = f'https://{os.environ[\"SERVICE_TOKEN\"]}@h/{p}'\n",
            id="f-string",
        ),
        pytest.param(
            f"my_key = ('{TOKEN[:16]}'\n          '{TOKEN[16:]}')\n",
            'my_key = (os.environ["MY_KEY"])\n',
            id="two literals side by side",
        ),
        pytest.param(
            f"my_key = '{TOKEN[:16]}' + '{TOKEN[16:]}'\n", 'my_key = os.environ["MY_KEY"]\n', id="two literals added"
        ),
    ],
)
def test_taken_out(before: str, after: str) -> None:
    cure = cured(TEXT, FIX, before)
    assert cure.text == "import os\n\n" + after


QUOTED = "text: {regex: '\"auth\": ([0-9A-Za-z]{20})'}"
WORDS = "text: {regex: 'one two three ([0-9A-Za-z]{20})'}"


@pytest.mark.parametrize(
    ("find", "beside", "source"),
    [
        pytest.param(TEXT, TOKEN[:16], f"rest = '{TOKEN[16:]}'\nkey = '{TOKEN[:16]}' + rest\n", id="goes on in a name"),
        pytest.param(TEXT, TOKEN[:16], f"def f():\n    a = '{TOKEN[:16]}'\n    return a + '{TOKEN[16:]}'\n", id="begins in a name"),
        pytest.param(TEXT, TOKEN[:16], f"class A:\n    x = '{TOKEN[:16]}'\n    def g(self):\n        return self.x + '{TOKEN[16:]}'\n", id="begins in an attribute"),
        pytest.param(TEXT, TOKEN[:16], f"key = '{TOKEN[:16]}' + str('{TOKEN[16:]}')\n", id="goes on in a call"),
        pytest.param(QUOTED, '{"auth": ', f"rest = '{BODY}'\nkey = '{{\"auth\": ' + rest\n", id="quotes before it"),
        pytest.param(WORDS, "one two three ", f"rest = '{BODY}'\nkey = 'one two three ' + rest\n", id="blanks before it"),
    ],
)  # fmt: skip
def test_added_to_a_constant_elsewhere(find: str, beside: str, source: str) -> None:
    """In a file that has literals side by side with such words."""
    assert text(f"other = '{beside}' + '-'\n" + source, find, path="a.py")


def test_added_to_what_is_no_constant_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """LibCST would take twenty times as long to say no."""

    def fault(*_: object) -> None:
        raise AssertionError("LibCST was asked")

    monkeypatch.setattr("devsec.scan.tokens.in_literals", fault)
    rest = "import os\n\n\ndef f(c):\n    return os.environ['A'] + c + '"
    assert text(f"other = '{TOKEN[:16]}' + '-'\n{rest}{TOKEN[:16]}'\n", path="a.py") == []
    with pytest.raises(AssertionError):
        text(f"other = '{TOKEN[:16]}' + '-'\nc = ''\nd = c + '{TOKEN[:16]}'\n", path="a.py")


def test_a_prefix_by_itself_is_split_on_purpose() -> None:
    """So that no scanner takes it for a leak: in tests of scanners, say."""
    assert not findings(TEXT, f"key = 'tok_' + '{BODY}'\n", secret=["match"])


def test_a_default_of_an_environment_variable_goes() -> None:
    cure = cured(TEXT, FIX, f"import os\nk = os.getenv('ACME', '{TOKEN}')\n")
    assert cure.text == 'import os\nk = os.environ["ACME"]\n'


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param(f"# {TOKEN}\n", "it stands in no string", id="comment"),
        pytest.param(f'def f():\n    """{TOKEN}"""\n', "docstring", id="docstring"),
        pytest.param(f"def f(t='{TOKEN}'): pass\n", "default value", id="parameter"),
        pytest.param(f"x == '{TOKEN}'\n", "compare_digest", id="comparison"),
        pytest.param(f"d['{TOKEN}'] = 1\n", "a key", id="subscript"),
        pytest.param(f"d = {{'{TOKEN}': 1}}\n", "a key", id="key"),
        pytest.param(f"x = '{TOKEN}'\n(\n", "could not be read", id="a file that does not parse"),
        pytest.param(
            f"def os():\n\\\n  pass\n\nx = '{TOKEN}'\n",
            "could not be read",
            id="a statement that LibCST does not read binds the name",
        ),
    ],
)
def test_advice_with_its_reason(source: str, why: str) -> None:
    (finding,) = findings(TEXT, source, fix=FIX, secret=["match"])
    (fix,) = finding.fixes
    assert fix.safety is Safety.ADVICE
    assert not fix.edits
    assert why in fix.note


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (".github/workflows/ci.yml", "${{ secrets.SERVICE_TOKEN }}"),
        ("compose.yaml", "${SERVICE_TOKEN:?}"),
        ("deploy/main.tf", "TF_VAR_SERVICE_TOKEN"),
        ("Dockerfile", "id=SERVICE_TOKEN"),
        ("run.sh", '"${SERVICE_TOKEN:?}"'),
        ("app.js", "process.env.SERVICE_TOKEN"),
        ("notes.md", "<SERVICE_TOKEN>"),
        ("odd.xyz", "a name such as SERVICE_TOKEN"),
    ],
)
def test_other_files_are_told_their_own_way(path: str, says: str) -> None:
    (finding,) = findings(TEXT, f"a: {TOKEN}\n", path=path, fix=FIX, secret=["match"])
    assert says in finding.fixes[0].note
    assert TOKEN not in finding.snippet
