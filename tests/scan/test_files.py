"""The shape `file`: which files it names, what has to be in them, and who tells a secret that others find, too."""

from __future__ import annotations

import base64
import struct

import pytest

from devsec.catalog.load import load
from devsec.catalog.rule import HOLDS
from devsec.finding import Finding
from devsec.scan import held
from devsec.scan.engine import Scanner
from devsec.scan.file_names import Quick, begins, is_named
from devsec.scan.gate import Gate
from devsec.scan.keystores import holds_key
from devsec.sources.source import Skipped, Source
from tests.scan.kit import findings, scanner

STRONG = "kT7-vmQ2" + "xw"
DRAWN = "qZ7fX2mB9vKd4LwR" + "t6HsJ1nPc8Yg3GuE"
TOKEN = "xox" + "b-179539384786-01981833030-" + "mrbCp9oLXUmEfFgfYOiBSN7s"
ED25519 = base64.b64decode("MC4CAQAwBQYDK2VwBCIEIMG0084wLTvGk6T7OLGzz2ZSEny5arYVJucgyMX/QUJB")
PEM = "-----BEGIN PRIVATE " + f"KEY-----\n{base64.b64encode(ED25519).decode()}\n-----END PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0Fr\n-----END CERTIFICATE-----\n"


def shipped() -> Scanner:
    rules = load()
    return Scanner(rules, Gate.build(rules))


SHIPPED = shipped()


def said(path: str, data: str | bytes) -> list[Finding]:
    result = SHIPPED.scan(Source(path, data.encode() if isinstance(data, str) else data))
    assert not isinstance(result, Skipped), result
    return list(result)


def about(path: str, data: str | bytes) -> set[str]:
    return {finding.rule for finding in said(path, data) if finding.whole}


def test_the_words_of_the_schema_are_those_that_are_asked() -> None:
    assert tuple(sorted(held.HOLDS)) == HOLDS


@pytest.mark.parametrize(
    ("globs", "path", "answer"),
    [
        ((".env", ".env.*", "!*.example"), ".env", True),
        ((".env", ".env.*", "!*.example"), "a/b/.ENV", True),
        ((".env", ".env.*", "!*.example"), ".env.local", True),
        ((".env", ".env.*", "!*.example"), ".env.example", False),
        ((".env", ".env.*", "!*.example"), ".envrc", False),
        (("id_rsa",), "id_rsa/readme", False),
        (("*.pem",), "x.pem/readme", False),
        (("*.pem",), "deploy/X.PEM", True),
        ((".aws/credentials",), "home/.aws/credentials", False),
        ((".aws/credentials",), ".aws/credentials", True),
        (("**/.aws/credentials",), "home/.aws/credentials", True),
        (("*secret*.json",), "a/my_secret_x.json", True),
        (("*secret*.json",), "a/my_token_x.json", False),
        (("aa*aa",), "aaa", False),
        (("*x*",), "axb", True),
        (("a?c",), "abc", True),
        (("*",), "anything", True),
    ],
)
def test_names(globs: tuple[str, ...], path: str, answer: bool) -> None:
    lower = path.lower()
    assert is_named(lower, globs) is answer
    assert Quick.of(globs).admits(lower) or not answer


@pytest.mark.parametrize(
    ("starts", "data", "answer"),
    [
        ((), b"", True),
        (("feed",), b"\xfe\xed", True),
        (("feed",), b"\xfe", False),
        (("feed", "01"), b"\x01", True),
        (("30??02",), b"\x30\x99\x02rest", True),
        (("30??02",), b"\x30\x99\x03rest", False),
    ],
)
def test_beginnings(starts: tuple[str, ...], data: bytes, answer: bool) -> None:
    assert begins(data, starts) is answer


def test_the_gate_asks_name_and_beginning_only_and_comes_back_from_a_cache() -> None:
    gate = scanner("file: ['*.bin', '!old.bin']\nstarts: 'FE ED'\npaths: ['!tests']").gate
    for asked in (gate, Gate.restore(gate.dump())):
        assert asked.hits(b"\xfe\xed\0", "a/x.bin") == ("probe",)
        assert asked.hits(b"\xfe\xee\0", "a/x.bin") == ()
        assert asked.hits(b"\xfe\xed\0", "a/old.bin") == ()
        assert asked.hits(b"\xfe\xed\0", "tests/x.bin") == ()
        assert asked.hits(b"", "a/x.bin") == ()


def test_all_parts_must_hold_and_an_empty_file_never_counts() -> None:
    find = "file: x\nstarts: '61'\nregex: 'b+\\x00'"
    assert [len(findings(find, text, path="x")) for text in ("abb\0", "abb", "bb\0", "")] == [1, 0, 0, 0]
    assert len(findings("file: x", "anything", path="d/x")) == 1


@pytest.mark.parametrize(
    ("path", "data", "rule"),
    [
        (".env", f"DB_PASSWORD={STRONG}\n", "env-file"),
        (".env.production", f"SESSION_SECRET='{DRAWN}'\n", "env-file"),
        ("api/.env", f"URL=postgres://shop:{STRONG}@db.nordwind.io/shop\n", "env-file"),
        ("deploy/id_ed25519", PEM, "private-key-file"),
        ("x.pem", CERTIFICATE + PEM, "private-key-file"),
        ("x.key", ED25519, "private-key-file"),
        ("tests/x.pem", PEM, "private-key-file-in-tests"),
        (".npmrc", f"//npm.nordwind.io/:_authToken={DRAWN}\n", "client-credentials-file"),
        ("_netrc", f"machine a.nordwind.io login x password {STRONG}\n", "client-credentials-file"),
        (".my.cnf", f"[client]\npassword={STRONG}\n", "client-credentials-file"),
        (".kube/config", f"users:\n- name: x\n  user:\n    token: {DRAWN}\n", "client-credentials-file"),
        ("home/.kube/config", f"users:\n- name: x\n  user:\n    token: {DRAWN}\n", "client-credentials-file"),
        (".docker/config.json", f'{{"a": {{"auth": "\\ud800"}}, "password": "{STRONG}"}}', "client-credentials-file"),
        (".git-credentials", f"https://x:{STRONG}@git.nordwind.io\n", "client-credentials-file"),
        ("a.tfstate.backup", f'{{"resources": [{{"password": "{STRONG}"}}]}}', "terraform-secrets-file"),
        (".bash_history", "ls\n", "shell-history-file"),
    ],
)
def test_found(path: str, data: str | bytes, rule: str) -> None:
    assert about(path, data) == {rule}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (
            ".env",
            "A=\nDB_PASSWORD=\nAPI_KEY=changeme\nTOKEN=<your token>\nPASSWORD=${PASSWORD}\nDB_PASSWORD=postgres\n",
        ),
        (".env.example", f"DB_PASSWORD={STRONG}\n"),
        (".env.test", f"DB_PASSWORD={STRONG}\n"),
        ("tests/.env", f"DB_PASSWORD={STRONG}\n"),
        ("id_rsa.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh a@b\n"),
        ("ca.pem", CERTIFICATE),
        ("ca.pem", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"),
        ("x.key", "keyboard = de\n"),
        ("x.der", b"\x30\x82\x01\x0a" + b"\x02\x82\x01\x01\x00" + bytes(range(256)) + b"\x02\x03\x01\x00\x01"),
        ("x.key", ED25519[:-1]),
        (".npmrc", "//npm.nordwind.io/:_authToken=${NPM_TOKEN}\n"),
        ("kubeconfig", "users:\n- name: x\n  user:\n    exec: {command: aws}\n"),
        ("terraform.tfstate", '{"version": 4, "resources": []}'),
        ("prod.tfvars", 'region = "eu-west-1"\n'),
        ("x.db", b"SQLite format 3\0" + bytes(84) + b"CREATE TABLE colours (name text)"),
        ("core.py", "x = 1\n"),
        ("schema.sql", "--\n-- PostgreSQL database dump\n--\nCREATE TABLE a (b int);\n"),
    ],
)
def test_fine(path: str, data: str | bytes) -> None:
    assert about(path, data) == set()


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


def java(*tags: int) -> bytes:
    out = struct.pack(">III", 0xFEEDFEED, 2, len(tags))
    for tag in tags:
        out += struct.pack(">I", tag) + text("alias") + bytes(8)
        if tag == 2:
            out += text("X.509")
        out += struct.pack(">I", 5) + b"12345"
    return out + bytes(20)


def bouncy(kind: int) -> bytes:
    out = struct.pack(">II", 2, 20) + bytes(20) + struct.pack(">I", 1000) + bytes([kind]) + text("alias") + bytes(8)
    out += struct.pack(">I", 0)
    return out + (text("X.509") if kind == 1 else b"") + struct.pack(">I", 4) + b"1234" + b"\0"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (java(1), True),
        (java(2, 2, 1), True),
        (java(2, 2), False),
        (java(2)[:30], False),
        (bouncy(2), True),
        (bouncy(4), True),
        (bouncy(1), False),
        (b"\x30\x82\x01\x00\x02\x01\x03" + b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02" + bytes(30), True),
        (b"\x30\x82\x01\x00\x02\x01\x03" + b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03" + bytes(30), False),
        (b"", False),
        (struct.pack(">III", 0xFEEDFEED, 2, 0xFFFFFFFF) + bytes(40), False),
    ],
)
def test_keystores(data: bytes, answer: bool) -> None:
    assert holds_key(data) is answer


def test_a_file_is_told_at_its_first_secret_and_nothing_of_its_text_is() -> None:
    first, second = said(".env", f"# deploy\nA_PASSWORD={STRONG}\nOTHER=1\nB_SECRET={DRAWN}\n")
    assert (first.rule, first.start.line, second.start.line) == ("env-file", 2, 4)
    assert first.snippet == ""
    assert first.fingerprint == second.fingerprint
    (fix,) = first.fixes
    assert (fix.ignore, fix.edits) == ("/.env", ())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a b/.env", "/a b/.env"),
        ("[x]/.env", "/\\[x]/.env"),
        ("a*/#?/.env", "/a\\*/#\\?/.env"),
        ("!a\\b/.env", "/!a\\\\b/.env"),
    ],
)
def test_the_line_for_gitignore_means_this_file(path: str, line: str) -> None:
    (found,) = said(path, f"A_PASSWORD={STRONG}\n")
    assert found.fixes[0].ignore == line


def test_what_other_rules_find_in_it_is_not_told_twice() -> None:
    assert [f.rule for f in said("deploy/server.pem", PEM)] == ["private-key-file"]
    assert [f.rule for f in said(".pypirc", f"[x]\nusername = a\npassword = {DRAWN}\n")] == ["client-credentials-file"]
    assert [f.rule for f in said("conf/server.txt", PEM)] == ["private-key-in-text"]


def test_a_token_tells_who_gave_it_out_and_how_to_keep_its_file_out() -> None:
    found = said(".env", f"SLACK_TOKEN={TOKEN}\nDB_PASSWORD={STRONG}\n")
    assert [(f.rule, f.start.line, f.whole) for f in found] == [("slack-token", 1, False), ("env-file", 2, True)]
    (alone,) = said(".env", f"SLACK_TOKEN={TOKEN}\n")
    assert (alone.rule, alone.fixes[0].ignore, len(alone.fixes) > 1) == ("slack-token", "/.env", True)


def test_a_note_hides_nothing() -> None:
    rules = [f.rule for f in said("tests/x.key", PEM + f"# {TOKEN}\n")]
    assert rules == ["private-key-file-in-tests", "slack-token"]


def test_settings_that_cannot_be_read_are_said() -> None:
    result = SHIPPED.scan(Source(".env", b"PASSWORD=" + b"x" * (1 << 20) + b"\n"))
    assert isinstance(result, Skipped)
    assert "settings were not read" in result.reason
