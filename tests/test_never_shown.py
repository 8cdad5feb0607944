"""No secret in full in anything devsec writes: every output path is fed canaries of many shapes and searched for them.

A leak is any eight characters in a row of what was drawn at random. A mask may keep the first four and the last two.
"""

from __future__ import annotations

import base64
import json
import os
import random
import string
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import re2
from conftest import Repo

from devsec.report.forms import FORMS
from tests.devsec_process import devsec

DRAWN = random.Random(11)
LETTERS = string.ascii_letters + string.digits


def drawn(length: int) -> str:
    return "".join(DRAWN.choice(LETTERS) for _ in range(length))


TOKEN_RULE = """\
id: canary-token
title: A token stands in the text
cwe: CWE-798
severity: high
confidence: high
level: block
why: Whoever reads it can use it.
find:
  - text: {regex: 'cnr_([0-9A-Za-z\\\\]{24,64})'}
  - text: {regex: '(?s)-----BEGIN PRIVATE KEY-----(.{40,900}?)-----END PRIVATE KEY-----'}
fix:
  title: Read it at run time
  safety: advice
secret: [match]
examples:
  - bad: 'token: cnr_q7Zf2mX9vKd4LwRt6HsJ1nPc'
  - fine: 'token: cnr_short'
"""
CALL_RULE = """\
id: canary-call
title: A password stands in the source
cwe: CWE-798
severity: high
confidence: high
level: block
why: Whoever reads it can use it.
find:
  - call: legacy.login
    args: {password: {at: 0, present: true}}
  - assign: API_KEY
    value: {literal: string}
fix:
  title: Read it at run time
  safety: hardening
  call: modern.login
secret: [password, value]
examples:
  - bad: |
      import legacy
      legacy.login("x")
    good: |
      import modern
      modern.login("x")
  - fine: legacy.login("x")
"""


def pem(newline: str = "\n") -> tuple[str, tuple[str, ...]]:
    body = [drawn(64) for _ in range(3)]
    return newline.join(["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----"]), tuple(body)


def shapes() -> Iterable[tuple[str, str, str, tuple[str, ...]]]:
    """(id, path, text, what must not be shown)"""
    one = [drawn(24 + n) for n in range(16)]
    yield "token in Python", "a.py", f'import legacy\nkey = "cnr_{one[0]}"\nlegacy.login("cnr_{one[0]}")\n', (one[0],)
    yield "token in YAML", "a.yaml", f"a: 1\ntoken: cnr_{one[1]}\nb: 2\n", (one[1],)
    yield ".env", "deploy.env", f"DEBUG=1\nTOKEN=cnr_{one[2]}\n", (one[2],)
    yield "JSON", "a.json", f'{{"token": "cnr_{one[3]}", "b": 1}}\n', (one[3],)
    text, bodies = pem()
    yield "a PEM key", "key.pem", text + "\n", bodies
    text, bodies = pem("\\n")
    yield (
        "a PEM key in JSON, and again in lines",
        "sa.json",
        f'{{"private_key": "{text}"}}\n{chr(10).join(bodies)}\n',
        bodies,
    )
    text, bodies = pem()
    yield "a PEM key in Python", "pem.py", f'import legacy\nlegacy.login("""{text}""")\n', bodies
    yield "in a comment", "c.py", f"import legacy\n# legacy.login('cnr_{one[4]}')\nx = 1\n", (one[4],)
    yield "twice", "t.py", (
        f'import legacy\n\nlegacy.login("{one[5]}")\nprint("{one[5]}")  # {one[5]}\n'
    ), (one[5],)  # fmt: skip
    encoded = base64.b64encode(f"cnr_{one[6]}".encode()).decode()
    yield "in base64, beside", "b.py", (
        f'import legacy\nlegacy.login("cnr_{one[6]}")\nX = "{encoded}"\n'
    ), (one[6], encoded)  # fmt: skip
    yield "in an f-string", "f.py", f'import legacy\nlegacy.login(f"{{x}}-{one[7]}")\n', (one[7],)
    escaped = "".join(f"\\x{ord(c):02x}" for c in one[8])
    yield "escaped, and plain beside", "e.py", (
        f'import legacy\nlegacy.login("{escaped}")\n# {one[8]}\n'
    ), (escaped, one[8])  # fmt: skip
    yield "in two pieces", "p.py", f'import legacy\nlegacy.login("{one[9][:12]}"\n    "{one[9][12:]}")\n', (one[9],)
    short = drawn(9)
    yield "a short one", "s.py", f'import legacy\nlegacy.login("{short}")\n', (short,)
    yield "in bytes", "y.py", f'import legacy\nlegacy.login(b"{one[10]}")\n', (one[10],)
    yield "quoted in a reason", "r.py", (
        f'import legacy\nlegacy.login("{one[11]}")  # devsec: ignore[canary-call] false-positive: {one[11]} is closed\n'
    ), (one[11],)  # fmt: skip
    yield "UTF-16", "w.txt", f"token: cnr_{one[12]}\n", (one[12],)
    quoted = "".join(f"%{ord(c):02X}" if n % 3 == 0 else c for n, c in enumerate(one[13]))
    yield (
        "in a URL",
        "u.py",
        f'import legacy\nlegacy.login("{one[13]}")\nx = "https://a:{quoted}@b"\n',
        (one[13], quoted),
    )
    yield "assigned, used elsewhere", "k.py", (
        f'import legacy\nAPI_KEY = "{one[14]}"\nlegacy.login(API_KEY)\n'
    ), (one[14],)  # fmt: skip
    yield "in Python that does not parse", "n.py", f'import legacy\nlegacy.login("{one[15]}"\nprint "x"\n', (one[15],)


SHAPES = list(shapes())


def leaks(output: str, secrets: Iterable[str]) -> list[bytes]:
    pieces = _pieces(tuple(secrets))
    return pieces.findall(output.replace("\\n", "\n").encode(errors="surrogateescape")) if pieces else []


@cache
def _pieces(secrets: tuple[str, ...]) -> Any:
    """A regex for every eight characters of them: to look for each by itself takes a second where the cache has megabytes."""
    pieces = {secret[at : at + 8].encode() for secret in secrets for at in range(len(secret) - 7)}
    return re2.compile(b"|".join(re2.escape(piece) for piece in sorted(pieces))) if pieces else None


def shown(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that show a canary, with which one it is."""
    return [
        f"{name}: {line}"
        for name, _, _, secrets in SHAPES
        for line in (done.stdout + done.stderr).splitlines()
        if leaks(line, secrets)
    ]


@pytest.fixture
def there(repo: Repo) -> Repo:
    repo.write("rules/canary-token.yaml", TOKEN_RULE)
    repo.write("rules/canary-call.yaml", CALL_RULE)
    repo.write("devsec.toml", 'rules = ["rules"]\nexclude = ["rules/"]\n')
    repo.git("add", ".")
    repo.commit()
    return repo


COMMANDS = [
    *(["check", "--format", form] for form in FORMS),
    *(["check", "--all", "--format", form] for form in ("text", "lines", "json")),
    *(["check", "--history", "--format", form] for form in FORMS),
    *(["check", "--quiet", "--format", form] for form in ("text", "lines", "sarif")),
    ["check", "--history=HEAD~1..HEAD"],
    ["fix", "--diff"],
    ["fix", "--diff", "--hardening"],
    ["fix", "--diff", "--staged", "--hardening"],
]


SECRETS = [secret for _, _, _, secrets in SHAPES for secret in secrets]


@pytest.fixture
def full(there: Repo) -> Repo:
    """All shapes, staged."""
    for _, path, text, _ in SHAPES:
        there.write(path, text.encode("utf-16") if path == "w.txt" else text.encode())
    there.git("add", ".")
    return there


def test_the_canaries_are_found(full: Repo) -> None:
    """Or the rest says nothing."""
    report = json.loads(full.devsec("check", "--format", "json").stdout)
    verdicts = {one["path"]: one["verdict"] for one in report["findings"] if one["rule"].startswith("canary-")}
    told = {path for _, path, _, _ in SHAPES}
    assert set(verdicts) == told - {"n.py"}
    assert {path for path, verdict in verdicts.items() if verdict != "block"} == {"r.py"}
    assert [one["path"] for one in report["skipped"]] == ["n.py"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_in_no_output(full: Repo, command: list[str], tmp_path: Path) -> None:
    if "--history" in "".join(command):
        full.git("commit", "-q", "--no-verify", "-m", "a commit")
    done = full.devsec(*command, COLUMNS="400")
    assert done.returncode in (1, 2), done.stderr
    assert "canary-call" in done.stdout + done.stderr or "+modern.login" in done.stdout
    assert not shown(done)
    for file in (tmp_path / "cache").rglob("*"):
        assert file.is_dir() or not leaks(file.read_text(errors="replace"), SECRETS), f"{file} holds one"


def test_in_no_file(full: Repo, tmp_path: Path) -> None:
    outputs = [f"--output={form}:{tmp_path}/report.{form}" for form in FORMS]
    done = full.devsec("check", "--all", *outputs)
    assert done.returncode == 1, done.stderr
    assert not shown(done)
    for form in FORMS:
        text = (tmp_path / f"report.{form}").read_text()
        assert "canary-call" in text
        assert not leaks(text, SECRETS), form


@pytest.mark.parametrize(
    "keys", ["?\nn\n", "e\nbecause\nn\n", "1\nn\n", "y\nn\n"], ids=["help", "comment", "first", "yes"]
)
def test_in_no_question(full: Repo, keys: str) -> None:
    environ = {**os.environ, "COLUMNS": "400"}
    done = devsec("fix", "-i", "--hardening", cwd=full.root, input=keys * 40, env=environ)
    assert "canary-call" in done.stdout
    assert not shown(done)


def test_in_no_word_of_a_fix(full: Repo) -> None:
    done = full.devsec("fix", "--hardening", COLUMNS="400")
    assert "fixed" in done.stdout
    assert not shown(done)


def test_the_search_finds_a_leak() -> None:
    assert leaks("x 23456789 y", ["0123456789"]) == [b"23456789"]
    assert leaks("x 2345678 y", ["0123456789"]) == []


def test_neighbours_of_different_findings_hide_each_other(there: Repo) -> None:
    first, second = drawn(30), drawn(30)
    there.stage("a.py", f'import legacy\nlegacy.login("{first}")\nlegacy.login("{second}")\nx = "cnr_{first}"\n')
    there.commit()
    there.stage("a.py", f'import legacy\nlegacy.login("{first}")\nlegacy.login("{second}")\nlegacy.login("third")\n')
    for command in COMMANDS:
        done = there.devsec(*command, COLUMNS="400")
        assert not leaks(done.stdout + done.stderr, (first, second)), command


@pytest.mark.parametrize("command", [["check"], ["check", "--history"], ["fix"], ["fix", "--diff"]])
def test_a_fault_in_the_middle_of_it(there: Repo, command: list[str], tmp_path: Path) -> None:
    """An exception whose message and arguments hold the text: neither the terminal nor the report to file shows it."""
    secret = drawn(30)
    there.stage("a.py", f'import legacy\nlegacy.login("{secret}")\n')
    there.git("commit", "-q", "--no-verify", "-m", "a commit")
    there.stage("a.py", f'import legacy\nlegacy.login("{secret}")\nlegacy.login("{secret}")\n')
    broken = (
        "from devsec.scan.engine import Scanner\n"
        "def broken(self, source, hits=None, was=None):\n"
        "    try:\n        raise KeyError(source.data.decode(), source)\n"
        "    except KeyError as why:\n        raise RuntimeError(source.data) from why\n"
        "Scanner.scan = broken\n"
    )
    reports = tmp_path / "reports"
    reports.mkdir()
    done = devsec(*command, cwd=there.root, env={**os.environ, "TMPDIR": str(reports)}, before=broken)
    assert done.returncode == 3, done.stderr
    written = [file.read_text() for file in reports.rglob("*") if file.is_file()]
    assert len(written) == 1
    assert "RuntimeError" in written[0]
    assert not leaks("".join([done.stdout, done.stderr, *written]), (secret,))


def test_fingerprints_are_no_plain_hashes_of_anything_in_the_file(there: Repo) -> None:
    """They are made of masked text: two secrets in the same place have the same one, so nothing can be guessed by trying."""
    prints = set()
    for secret in ("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbb"):
        there.stage("a.py", f'import legacy\nlegacy.login("{secret}")\n')
        done = there.devsec("check", "--format", "json")
        prints.add(done.stdout.split('"fingerprint": "')[1].split('"')[0])
    assert len(prints) == 1


def test_what_stands_beside_the_files_afterwards(there: Repo, tmp_path: Path) -> None:
    """No copy of a text is left where somebody could look: beside the file, in .git, in the temporary folder."""
    secret = drawn(30)
    there.stage("a.py", f'import legacy\nlegacy.login("{secret}")\n')
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    there.write("a.py", f'import legacy\n\n\nx = 1\nlegacy.login("{secret}")\n')
    there.devsec("fix", "--staged", "--hardening", TMPDIR=str(temporary))
    there.devsec("fix", "--hardening", TMPDIR=str(temporary))
    there.devsec("check", "--history", TMPDIR=str(temporary))
    places = [*there.root.rglob("*"), *temporary.rglob("*"), *(tmp_path / "cache").rglob("*")]
    holding = {file.name for file in places if file.is_file() and secret.encode() in file.read_bytes()}
    assert holding == {"a.py"}  # what is in it is its owner's
