"""What is odd is never silent: it is looked at, passed over by name, or said not to have been checked."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile

import pytest
from conftest import Repo

RULE = """\
id: note-token
title: A token stands in the text
cwe: CWE-798
severity: high
confidence: high
level: block
why: Whoever reads it can use it.
find:
  text: {regex: 'ntk_([0-9A-Za-z]{24})'}
secret: [match]
examples:
  - bad: 'token: ntk_q7Zf2mX9vKd4LwRt6HsJ1nPc'
  - fine: 'token: ntk_short'
"""
BODY = "q7Zf2mX9vKd4LwRt6HsJ1nPc"
TOKEN = "ntk_" + BODY
OLD = 'import legacy\nlegacy.old(password="canary-canary-canary")\n'


@pytest.fixture
def there(repo: Repo) -> Repo:
    repo.write("rules/note-token.yaml", RULE)
    repo.write("devsec.toml", 'rules = ["rules"]\nexclude = ["rules/"]\n')
    return repo


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", text)
    return file.getvalue()


def tarred(text: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"token: {TOKEN}\n".encode(), id="plain"),
        pytest.param(f"token: {TOKEN}\n".encode("utf-16"), id="UTF-16 with BOM"),
        pytest.param(b"\xfe\xff" + f"token: {TOKEN}\n".encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(b"\xff\xfe\0\0" + f"token: {TOKEN}\n".encode("utf-32-le"), id="UTF-32 with BOM"),
        pytest.param(b"\xef\xbb\xbf" + f"token: {TOKEN}\n".encode(), id="UTF-8 with BOM"),
        pytest.param(b"caf\xe9: \xff\xfe\n" + f"token: {TOKEN}\n".encode(), id="no UTF-8"),
        pytest.param("é\n".encode() + b"\xe9\n" + f"token: {TOKEN}\n".encode(), id="encodings mixed"),
        pytest.param(b"x" * 8000 + b"\0\n" + f"token: {TOKEN}\n".encode(), id="a NUL byte late in a text"),
        pytest.param(b"\xed\xa0\x80\n" + f"token: {TOKEN}\n".encode(), id="a surrogate"),
        pytest.param(b"a;" * 2_000_000 + TOKEN.encode() + b";a" * 2_000_000, id="one line of 8 MB"),
        pytest.param(b"a\r" * 1000 + TOKEN.encode() + b"\r", id="CR only"),
        pytest.param(b"BZh is how this begins: " + TOKEN.encode(), id="almost an archive"),
    ],
)
def test_what_is_text_is_looked_at(there: Repo, data: bytes) -> None:
    there.stage("notes.txt", data)
    done = there.devsec("check")
    assert done.returncode == 1, done.stdout[-300:]
    assert "note-token" in done.stdout
    assert BODY not in done.stdout
    assert len(done.stdout) < 5000
    as_json = there.devsec("check", "--format", "json").stdout
    assert [one["rule"] for one in json.loads(as_json)["findings"]] == ["note-token"]
    assert BODY not in as_json


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        pytest.param("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0" + TOKEN.encode(), "binary file", id="a picture"),
        pytest.param("wide.txt", TOKEN.encode("utf-16-le"), "binary file", id="UTF-16 without BOM"),
        pytest.param("a.zip", zipped(TOKEN), "archive", id="zip"),
        pytest.param("a.whl", zipped(TOKEN), "archive", id="zip by another name"),
        pytest.param("a.tar", tarred(TOKEN), "archive", id="tar"),
        pytest.param("a.gz", gzip.compress(TOKEN.encode()), "archive", id="gzip"),
        pytest.param("a.xz", b"\xfd7zXZ\0" + b"x" * 100, "archive", id="xz"),
        pytest.param("code.py", b"x = 1\n\0", "binary file", id="Python with a NUL byte, and no candidates"),
    ],
)
def test_what_is_no_text_is_passed_over_by_name(there: Repo, name: str, data: bytes, what: str) -> None:
    there.stage(name, data)
    done = there.devsec("check")
    assert (done.returncode, done.stdout) == (0, f"devsec: nothing to look at; 1 {what} passed over: {name}\n")
    report = json.loads(there.devsec("check", "--format", "json").stdout)
    assert report["passed"] == [{"path": name, "what": what}]
    assert (report["summary"]["passed"], report["summary"]["files"]) == (1, 1)
    assert there.devsec("check", "--format", "lines").stdout == f"{name}:1:1: note passed-over {what}\n"


def test_many_are_counted_and_a_few_named(there: Repo) -> None:
    for number in range(5):
        there.stage(f"{number}.png", b"\0")
    there.stage("a.zip", zipped("x"))
    there.stage("app.py", OLD)
    done = there.devsec("check")
    assert done.returncode == 1
    assert done.stdout.endswith(
        "devsec: 1 finding blocks in 1 file; 1 archive passed over: a.zip; "
        "5 binary files passed over: 0.png, 1.png, 2.png and 2 more\n"
    )
    assert len(json.loads(there.devsec("check", "--format", "json").stdout)["passed"]) == 6


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        pytest.param("a.py", OLD.encode() + b"\0", "NUL byte", id="Python with a NUL byte"),
        pytest.param("a.py", OLD.encode() + b"\xff", "not valid utf-8", id="Python that is no UTF-8"),
        pytest.param("a.py", b"\xff\xfe" + (OLD + "# " + TOKEN).encode("utf-16-le"), "utf-16", id="Python in UTF-16"),
        pytest.param("a.py", OLD.encode() + b"#" * (16 << 20), "more than 16 MB", id="Python of 16 MB"),
        pytest.param(
            "a.txt", b"\xff\xfe" + TOKEN.encode("utf-16-le") + b"\0", "not valid utf-16-le", id="half a character"
        ),
    ],
)
def test_what_could_hold_something_and_cannot_be_read_ends_with_2(
    there: Repo, name: str, data: bytes, said: str
) -> None:
    there.stage(name, data)
    done = there.devsec("check")
    assert (done.returncode, said in done.stdout) == (2, True), done.stdout
    assert "canary-canary" not in done.stdout
    assert BODY not in done.stdout


@pytest.mark.parametrize("staged", [True, False], ids=["staged", "on disk"])
def test_more_than_is_read(there: Repo, staged: bool) -> None:
    size = (100 << 20) + 1
    with open(there.root / "big.txt", "wb") as text, open(there.root / "big.bin", "wb") as other:
        text.write(b"x" * 8000)
        text.truncate(size)
        other.truncate(size)
    if staged:
        there.git("add", "big.txt", "big.bin")
    there.stage("app.py", OLD)
    done = there.devsec("check", *([] if staged else ["--all"]))
    assert done.returncode == 1
    assert "not checked  big.txt: It has 100 MB; a file of more than 100 MB is not read.\n" in done.stdout
    assert "1 binary file passed over: big.bin" in done.stdout


def test_links_are_not_followed_out_of_the_repository(there: Repo) -> None:
    outside = there.root.parent / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text(TOKEN)
    os.symlink(outside / "a.txt", there.root / "link.txt")
    there.git("add", "link.txt")
    there.commit(("sub/a.txt", "x\n"))
    assert there.devsec("check", "--all").returncode == 0
    (there.root / "sub/a.txt").unlink()
    (there.root / "sub").rmdir()
    os.symlink(outside, there.root / "sub")
    done = there.devsec("check", "--all")
    assert BODY[:4] not in done.stdout
    assert (done.returncode, "sub/a.txt: It is reached through a symlink that leads out" in done.stdout) == (2, True)
    done = there.devsec("check", "link.txt", PRE_COMMIT="1")
    assert (done.returncode, "link.txt: It is reached through a symlink" in done.stdout) == (2, True)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("app.py", OLD + f"(\n# {TOKEN}\n", id="Python that does not parse"),
        pytest.param(
            "settings.json",
            json.dumps({"password": "x" * (1 << 20), "note": TOKEN}),
            id="settings too large to be read",
        ),
    ],
)
def test_a_token_is_named_where_the_rest_was_not_checked(there: Repo, path: str, text: str) -> None:
    there.stage(path, text)
    done = there.devsec("check")
    assert done.returncode == 1
    assert "blocks  note-token" in done.stdout
    assert f"not checked  {path}: " in done.stdout
    assert "1 finding blocks in 1 file" in done.stdout
    fixed = there.devsec("fix", "--hardening")
    assert fixed.stdout.count(f"not checked  {path}") == 1
    assert (there.root / path).read_text() == text
