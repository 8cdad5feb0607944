"""Every reader proves its places: what is rendered in a format is read back with the same keys and values, and the text at
the span is the value."""

from __future__ import annotations

import base64
import json
import string
from xml.sax.saxutils import escape

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from devsec.scan.formats.by_name import FORMATS, could_be_strong, could_hold, format_of
from devsec.scan.formats.notebook import cells
from devsec.scan.settings import MAX_BYTES, Setting, Unreadable, settings

KEY = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda k: (
        k.lower()
        not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "value", "name", "key", "env", "args")
    )
)
PLAIN = string.ascii_letters + string.digits + "!@$%^&*()-_=+[]{};:,.<>?/|~# äß漢"
VALUE = st.text(PLAIN, min_size=1, max_size=24).map(str.strip).filter(bool)
TREE = st.recursive(VALUE, lambda inner: st.dictionaries(KEY, inner, min_size=1, max_size=4), max_leaves=8)
TABLE = st.dictionaries(KEY, TREE, min_size=1, max_size=4)


def leaves(tree: object, keys: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(tree, dict):
        return [leaf for key, inner in tree.items() for leaf in leaves(inner, (*keys, key))]
    return [(keys, str(tree))]


def read(path: str, text: str) -> tuple[Setting, ...]:
    found = settings(path, text.encode())
    assert not isinstance(found, Unreadable), found.reason
    return found


def same(path: str, text: str, tree: object, escaped: bool = False) -> None:
    found = read(path, text)
    assert sorted((one.keys, one.value) for one in found) == sorted(leaves(tree))
    if not escaped:
        for one in found:
            assert text.encode()[one.span.start : one.span.end].decode() == one.value


@given(TABLE)
def test_json(tree: object) -> None:
    same("a.json", json.dumps(tree, ensure_ascii=False), tree)
    same("a.json", json.dumps(tree, indent=2, ensure_ascii=False), tree)
    same("a.json", json.dumps(tree, ensure_ascii=True), tree, escaped=True)


@given(TABLE)
def test_yaml(tree: object) -> None:
    for style in ("'", '"'):
        text = yaml.safe_dump(tree, default_style=style, allow_unicode=True, width=10_000)
        same("a.yaml", text, tree, escaped="''" in text or "\\" in text)
    same(
        "a.yml",
        "---\n" + yaml.safe_dump(tree, default_style='"', allow_unicode=False, width=10_000),
        tree,
        escaped=True,
    )


def toml(tree: dict[str, object], keys: tuple[str, ...] = ()) -> str:
    flat = [f'{key} = "{value}"' for key, value in tree.items() if not isinstance(value, dict)]
    deep = [toml(value, (*keys, key)) for key, value in tree.items() if isinstance(value, dict)]
    return "\n".join([*([f"[{'.'.join(keys)}]"] if keys else []), *flat, *deep])


def inline(tree: object) -> str:
    if not isinstance(tree, dict):
        return f"'{tree}'"
    return "{ " + ", ".join(f"{key} = {inline(value)}" for key, value in tree.items()) + " }"


@given(TABLE)
def test_toml(tree: dict[str, object]) -> None:
    same("a.toml", toml(tree), tree)
    same("a.toml", "\n".join(f'"{key}" = {inline(value)} # a comment' for key, value in tree.items()), tree)


def xml(tree: object, name: str) -> str:
    inner = "\n".join(xml(v, k) for k, v in tree.items()) if isinstance(tree, dict) else escape(str(tree))
    return f"<{name}>{inner}</{name}>"


@given(TABLE)
def test_xml(tree: object) -> None:
    text = xml(tree, "root")
    same("a.xml", text, {"root": tree}, escaped="&amp;" in text or "&lt;" in text or "&gt;" in text)


def hcl(tree: dict[str, object]) -> str:
    return "\n".join(
        f"{key} {{\n{hcl(value)}\n}}" if isinstance(value, dict) else f'  {key} = "{value}"'
        for key, value in tree.items()
    )


@given(TABLE)
def test_hcl(tree: dict[str, object]) -> None:
    same("a.tf", hcl(tree), tree)


FLAT = st.dictionaries(KEY, VALUE, min_size=1, max_size=6)
UNQUOTED = st.text(string.ascii_letters + string.digits + "!@$%^&*()-_=+[]{}:,.<>?/|~", min_size=1, max_size=24)


@given(st.dictionaries(KEY, FLAT, min_size=1, max_size=3))
def test_ini(tree: dict[str, dict[str, str]]) -> None:
    text = "\n".join(f"[{s}]\n" + "\n".join(f'{k} = "{v}"' for k, v in inner.items()) for s, inner in tree.items())
    same("a.ini", text, tree)


@given(st.dictionaries(KEY, UNQUOTED, min_size=1, max_size=6))
def test_what_has_no_quotes(tree: dict[str, str]) -> None:
    for path, form in (("a.properties", "{} = {}"), (".npmrc", "{}={}"), ("a.cfg", "{} = {}"), ("netrc.env", "{}={}")):
        same(path, "\n".join(form.format(k, v) for k, v in tree.items()), tree)


@given(FLAT)
def test_lines_with_quotes(tree: dict[str, str]) -> None:
    for path, form in (
        (".env", 'export {}="{}"'),
        ("prod.env", "{}='{}' # a comment"),
        ("run.sh", 'export {}="{}"'),
        ("run.sh", "{}='{}' command --flag"),
        ("Dockerfile", 'ENV {}="{}"'),
        ("Dockerfile.prod", "arg {}='{}'"),
    ):
        same(path, "\n".join(form.format(k, v) for k, v in tree.items()), tree)


@given(FLAT)
def test_python(tree: dict[str, str]) -> None:
    names = {f"v_{key}": value for key, value in tree.items()}
    same("a.py", "\n".join(f'{k} = "{v}"' for k, v in names.items()), names)
    same(
        "a.py",
        "x = {\n" + ",\n".join(f"    'ä{k}': r'{v}'" for k, v in names.items()) + "}",
        {f"ä{k}": v for k, v in names.items()},
    )
    same("a.py", "f(\n" + ",\n".join(f'    {k}="""{v}"""' for k, v in names.items()) + ")", names)


@given(FLAT)
def test_notebook(tree: dict[str, str]) -> None:
    lines = [f'{k} = "{v}"\n' for k, v in tree.items()]
    text = json.dumps(
        {"cells": [{"cell_type": "code", "source": lines, "outputs": [{"data": {"image/png": "a=" + "A" * 99}}]}]}
    )
    same("a.ipynb", text, tree, escaped=True)
    (cell,) = cells(text)
    assert cell.text == "".join(lines)
    assert all(
        text[at] == char for at, char in zip(cell.places, cell.text, strict=False) if char.isalnum() and char.isascii()
    )


@given(
    st.sampled_from([f for f in FORMATS if f != "python"]),
    st.text(st.sampled_from("{}[]\"'\\:=,#\n \t-&*!|>a1<ü/$%@`"), max_size=200),
)
@profile(max_examples=400)
def test_whatever_stands_in_a_file_places_are_in_it_and_in_order(kind: str, text: str) -> None:
    path = {"notebook": "a.ipynb", "docker": "Dockerfile", "netrc": ".netrc", "shell": "a.sh", "env": ".env"}.get(
        kind, f"a.{kind}"
    )
    assert format_of(path if kind != "hcl" else "a.tf") == kind
    found = settings(path if kind != "hcl" else "a.tf", text.encode())
    if not isinstance(found, Unreadable):
        raw = text.encode()
        assert all(0 <= one.span.start <= one.span.end <= len(raw) for one in found)
        for one in found:
            raw[one.span.start : one.span.end].decode()  # never in the middle of a character


CASES = [
    ("compose, list", "compose.yaml", "services:\n  web:\n    environment:\n      - DB_PASSWORD=abc=1\n", "DB_PASSWORD", "abc=1"),
    ("compose, mapping", "compose.yaml", "services:\n  web:\n    environment:\n      DB_PASSWORD: abc1\n", "DB_PASSWORD", "abc1"),
    ("kubernetes env", "pod.yaml", "containers:\n- env:\n  - name: DB_PASSWORD\n    value: abc1\n", "DB_PASSWORD", "abc1"),
    ("kubernetes env, value first", "pod.yaml", "env:\n- value: abc1\n  name: DB_PASSWORD\n", "DB_PASSWORD", "abc1"),
    ("kubernetes secret", "s.yaml", f"data:\n  password: {base64.b64encode(b'abc1').decode()}\nkind: Secret\n", "password", "abc1"),
    ("kubernetes stringData", "s.yaml", "kind: Secret\nstringData:\n  password: abc1\n", "password", "abc1"),
    ("second document", "s.yaml", "a: 1\n---\npassword: abc1\n", "password", "abc1"),
    ("block scalar", "s.yaml", "password: |\n  abc1\n", "password", "abc1\n"),
    ("merge and anchor", "s.yaml", "base: &b\n  password: abc1\nother:\n  <<: *b\n", "password", "abc1"),
    ("actions", ".github/workflows/a.yml", "jobs:\n  a:\n    env:\n      API_TOKEN: abc1\n", "API_TOKEN", "abc1"),
    ("helm template that is no YAML", "t.yaml", "{{- if .Values.x }}\npassword: abc1\n{{ end }}\n", "password", "abc1"),
    ("terraform default", "v.tf", 'variable "db_password" {\n  type    = string\n  default = "abc1"\n}\n', "db_password", "abc1"),
    ("terraform map", "v.tf", 'env = { "DB_PASSWORD" = "abc1", B : "c" }\n', "DB_PASSWORD", "abc1"),
    ("tfvars", "prod.tfvars", 'db_password = "abc1"\n', "db_password", "abc1"),
    ("ENV, several", "Dockerfile", "FROM a\nENV A=b \\\n    DB_PASSWORD='abc1'\n", "DB_PASSWORD", "abc1"),
    ("ENV, old form", "Dockerfile", "FROM a\nENV DB_PASSWORD abc1\n", "DB_PASSWORD", "abc1"),
    ("web.config", "web.config", '<appSettings><add key="DbPassword" value="abc1"/></appSettings>', "DbPassword", "abc1"),
    ("maven", "settings.xml", "<server><id>a</id><password>abc1</password></server>", "password", "abc1"),
    ("property", "a.xml", '<property name="password">abc1</property>', "password", "abc1"),
    ("cdata", "a.xml", "<a><password><![CDATA[abc1]]></password></a>", "password", "abc1"),
    ("plist", "a.plist", "<dict><key>apiKey</key>\n<string>abc1</string></dict>", "apiKey", "abc1"),
    ("netrc", ".netrc", "machine a login b\n  password abc1\n", "password", "abc1"),
    ("npmrc", ".npmrc", "//registry.npmjs.org/:_authToken=abc1\n", "//registry.npmjs.org/:_authToken", "abc1"),
    ("pypirc", ".pypirc", "[pypi]\nusername = __token__\npassword = abc1\n", "password", "abc1"),
    ("my.cnf", "my.cnf", "[client]\npassword=abc1 # a comment\n", "password", "abc1"),
    ("java", "application.properties", "spring.datasource.password: abc1\n", "spring.datasource.password", "abc1"),
    ("key over several lines", ".env", 'KEY="a\nb"\nDB_PASSWORD=abc1\n', "DB_PASSWORD", "abc1"),
    ("env without end", ".env", 'KEY="a\nDB_PASSWORD=abc1', "DB_PASSWORD", "abc1"),
    ("CRLF", ".env", "A=b\r\nDB_PASSWORD=abc1\r\n", "DB_PASSWORD", "abc1"),
    ("json with comments", "a.jsonc", '{// x\n"password": "abc1", /* y */}', "password", "abc1"),
    ("the same key twice", "a.json", '{"password": "abc1", "password": "b"}', "password", "abc1"),
    ("json cut short", "a.json", '{"password": "abc1", "b": {', "password", "abc1"),
    ("json env list", "devcontainer.json", '{"runArgs": [], "env": ["DB_PASSWORD=abc1"]}', "DB_PASSWORD", "abc1"),
    ("toml, array of tables", "a.toml", '[[a]]\nb = [{password = "abc1"}, {c = "d"}]\n', "password", "abc1"),
    ("toml that is none", "a.toml", 'password = "abc1"\nx = \n', "password", "abc1"),
    ("fallback of a look-up", "a.py", 'x = os.environ.get("DB_PASSWORD", "abc1")', "DB_PASSWORD", "abc1"),
    ("or", "a.py", 'db_password = os.getenv("X") or "abc1"', "db_password", "abc1"),
    ("option", "a.py", 'p.add_argument("--db-password", default="abc1")', "db-password", "abc1"),
    ("default", "a.py", 'def f(a, *, db_password="abc1"): ...', "db_password", "abc1"),
    ("bytes", "a.py", 'self.db_password = b"abc1"', "db_password", "abc1"),
    ("pair", "a.py", 'user, db_password = "u", "abc1"', "db_password", "abc1"),
    ("key", "a.py", 'D["a"]["db_password"] = "abc1"', "db_password", "abc1"),
    ("secret type", "a.py", 'db_password: SecretStr = SecretStr("abc1")', "db_password", "abc1"),
    ("Python 2", "a.py", 'print "x"\ndb_password = "abc1"', "db_password", "abc1"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "name", "value"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_a_format_means(path: str, text: str, name: str, value: str) -> None:
    found = {one.name: one for one in reversed(read(path, text))}
    assert name in found, sorted(found)
    assert found[name].value == value


NOT_THERE = [
    ("vault tag", "a.yaml", "password: !vault |\n  $ANSIBLE_VAULT;1.1\n"),
    ("CloudFormation", "a.yaml", "password: !Ref DbPassword\nb: !Sub '${x}'\n"),
    ("sealed secret", "a.yaml", "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgBy3i4O\n"),
    ("alias", "a.yaml", "password: *x\n".replace("*x", "{a: &x 1, b: *x}")),
    ("expression", "a.tf", "password = var.db_password\n"),
    ("commented", ".env", "# PASSWORD=abc\n"),
    ("commented", "run.sh", "  # PASSWORD=abc\n"),
    ("image in a notebook", "a.ipynb", '{"cells": [{"outputs": [{"data": {"image/png": "token=\\"abc\\""}}]}]}'),
    ("gettext", "a.py", '_("password", x="abc")'),
    ("lock file", "package-lock.json", '{"password": "abc"}'),
    ("catalogue", "de.po", 'msgid "password"'),
    ("password hashes", ".htpasswd", "a:$apr1$x"),
    ("table", "a.csv", "password,abc"),
]


@pytest.mark.parametrize(("path", "text"), [c[1:] for c in NOT_THERE], ids=[c[0] for c in NOT_THERE])
def test_what_is_no_setting(path: str, text: str) -> None:
    assert not [one for one in read(path, text) if one.value not in ("1",) and one.name != "kind"]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


def test_a_yaml_bomb_is_read_as_the_few_lines_it_is() -> None:
    found = read("a.yaml", BOMB + "password: abc1\n")
    assert len(found) == 10
    assert found[-1].value == "abc1"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", b'{"password": "' + b"x" * (50 << 20) + b'"}'),
        ("a.yaml", b"a: b\n" * (MAX_BYTES // 4)),
        ("a.ini", b"a=" + b"b" * (MAX_BYTES - 100)),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"a":' * 100_000),
        ("a.yaml", b"[" * 100_000),
        ("a.yaml", b"{a: " * 20_000),
        ("a.toml", b"a = " + b"[" * 50_000),
        ("a.tf", b"a {\n" * 50_000),
        ("a.xml", b"<a>\n" * 50_000),
        ("a.ipynb", b'{"cells":[' * 50_000),
    ],
    ids=lambda given: given if isinstance(given, str) else f"{given[:12]!r}",
)
def test_what_is_too_much_is_said(path: str, text: bytes) -> None:
    found = settings(path, text)
    assert isinstance(found, Unreadable)
    assert "not read" in found.reason


def test_deep_but_not_too_deep_yaml_in_lines() -> None:
    found = settings("a.yaml", b"".join(b" " * n + b"a:\n" for n in range(400)))
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("x/.env.production", "env"), ("Dockerfile.web", "docker"), ("web.Dockerfile", "docker"), ("values.yaml.j2", "yaml"), ("a.tfvars", "hcl"),
        ("poetry.lock", ""), ("package-lock.json", ""), ("pnpm-lock.yaml", ""), ("jquery.min.js", ""), ("logo.svg", ""), ("a.po", ""),
        ("README.md", ""), ("bom.json", ""), ("config", "ini"), ("app.config", "xml"), ("x.unknown", ""), ("composer.lock", ""),
    ],
)  # fmt: skip
def test_how_a_file_is_read(path: str, kind: str) -> None:
    assert format_of(path) == kind


@given(st.sampled_from(["PASSWORD", "api_key", "ClientSecret", "dbPwd", "auth_token", "connectionString"]), VALUE)
def test_the_cheap_question_lets_every_secret_name_through(name: str, value: str) -> None:
    assert could_hold(f"x: 1\n{name}: {value}\n".encode())


def test_most_files_have_no_such_name() -> None:
    assert not could_hold(b"name: build\nsteps:\n  - run: make\n")
    assert not could_be_strong(b"def sort(items, key=None): return 'x'\n")
    assert could_be_strong(b'x(\n  password=\n   "Winter2024!")\n')
    assert not could_be_strong(b"password = 'x'" + b" " * 400 + b"'Winter2024!'")
