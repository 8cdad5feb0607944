"""What is put into a manifest, format by format: the texts before and after, and why some are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.fix.manifest import pyproject, tomltext
from devsec.fix.manifest.files import Disk
from devsec.fix.manifest.need import Declaring, declaring
from devsec.fix.manifest.requirement import wanted
from devsec.fix.manifest.target import add
from devsec.fix.plan import Applied, Patch
from devsec.levels import Safety
from devsec.text import Place

WANTED = "acme-vault>=3"


def needing(*packages: str, path: str = "src/app/main.py") -> Patch:
    applied = tuple(Applied("rule", "Cure", Place(n + 1, 0), Safety.SAFE, text) for n, text in enumerate(packages))
    return Patch(path, b"old", b"new", applied)


def made(root: Path, files: Mapping[str, str | bytes], *packages: str, path: str = "src/app/main.py") -> Declaring:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return declaring([needing(*(packages or (WANTED,)), path=path)], Disk(str(root)), write=True)


def result(root: Path, name: str, text: str, *packages: str) -> str:
    """The manifest afterwards. Fails with the reason when it was not changed."""
    done = made(root, {name: text}, *packages)
    assert [patch.path for patch in done.patches] == [name], done.needs
    assert all(need.added for need in done.needs)
    return done.patches[0].after.decode()


ARRAYS = {
    "empty": ("[]", '["acme-vault>=3"]'),
    "empty with spaces": ("[ ]", '["acme-vault>=3" ]'),
    "empty over lines": ("[\n]", '[\n    "acme-vault>=3",\n]'),
    "empty with a comment": ("[\n  # nothing yet\n]", '[\n  # nothing yet\n  "acme-vault>=3",\n]'),
    "one": ('["zoo"]', '["zoo", "acme-vault>=3"]'),
    "one with a comma": ('["zoo",]', '["zoo", "acme-vault>=3",]'),
    "sorted on one line": ('["aaa", "click>=8", "zoo"]', '["aaa", "acme-vault>=3", "click>=8", "zoo"]'),
    "sorted, before all": ('["click", "zoo"]', '["acme-vault>=3", "click", "zoo"]'),
    "sorted without regard to case": ('["Aaa", "Click", "zoo"]', '["Aaa", "acme-vault>=3", "Click", "zoo"]'),
    "not sorted": ('["zoo", "click"]', '["zoo", "click", "acme-vault>=3"]'),
    "single quotes": ("['click', 'aaa']", "['click', 'aaa', 'acme-vault>=3']"),
    "over lines": ('[\n  "zoo",\n  "click",\n]', '[\n  "zoo",\n  "click",\n  "acme-vault>=3",\n]'),
    "over lines, tabs": ('[\n\t"zoo",\n\t"click",\n]', '[\n\t"zoo",\n\t"click",\n\t"acme-vault>=3",\n]'),
    "no last comma": ('[\n  "zoo",\n  "click"\n]', '[\n  "zoo",\n  "click",\n  "acme-vault>=3"\n]'),
    "no last comma, a comment": (
        '[\n  "zoo",\n  "click"  # why, and [more]\n]',
        '[\n  "zoo",\n  "click",  # why, and [more]\n  "acme-vault>=3"\n]',
    ),
    "comments stay with what they are about": (
        '[\n  # a\n  "aaa",  # a, "too"\n  # z\n  "zoo",\n  # last\n]',
        '[\n  # a\n  "aaa",  # a, "too"\n  "acme-vault>=3",\n  # z\n  "zoo",\n  # last\n]',
    ),
    "first, above the comment of the next": (
        '[  # runtime\n  # b\n  "bbb",\n  "zoo",\n]',
        '[  # runtime\n  "acme-vault>=3",\n  # b\n  "bbb",\n  "zoo",\n]',
    ),
    "bracket on the last line": ('["zoo",\n "click"]', '["zoo",\n "click",\n "acme-vault>=3"]'),
    "two a line": ('[\n  "z", "c",\n  "y", "x",\n]', '[\n  "z", "c",\n  "y", "x", "acme-vault>=3",\n]'),
    "commas lead": ('[\n  "zoo"\n  , "click"\n]', '[\n  "zoo"\n  , "click", "acme-vault>=3"\n]'),
    "commas lead, in between": ('[\n  "aaa"\n  , "click"\n]', '[\n  "aaa",\n  "acme-vault>=3"\n  , "click"\n]'),
    "brackets and hashes in strings": ('["a[x]>=1", \'b; c == "#]"\']', None),
    "extras": ('["zoo[x,y]>=1", "click"]', '["zoo[x,y]>=1", "click", "acme-vault>=3"]'),
    "long strings": ("[\"\"\"zoo\"\"\", '''click''']", '["""zoo""", \'\'\'click\'\'\', "acme-vault>=3"]'),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_keep_their_layout(tmp_path: Path, name: str, ending: str) -> None:
    before, after = ARRAYS[name]
    text = '# head\n[project]\nname = "app"\ndependencies = {}  # tail\n\n[tool.x]\ndependencies = ["other"]\n'
    old = text.replace("{}", before).replace("\n", ending)
    if after is None:  # packaging cannot read one of them: it is there all the same
        after = before[:-1] + ', "acme-vault>=3"]'
    assert result(tmp_path, "pyproject.toml", old) == text.replace("{}", after).replace("\n", ending)


PYPROJECTS = {
    "a BOM and no last line ending": (
        '\ufeff[project]\nname = "app"\ndependencies = ["zoo"]',
        '\ufeff[project]\nname = "app"\ndependencies = ["zoo", "acme-vault>=3"]',
    ),
    "no list yet, after requires-python": (
        '[project]\nname = "app"\nrequires-python = ">=3.10"  # why\nversion = "1"\n\n[tool.x]\na = 1\n',
        '[project]\nname = "app"\nrequires-python = ">=3.10"  # why\ndependencies = ["acme-vault>=3"]\nversion = "1"\n'
        "\n[tool.x]\na = 1\n",
    ),
    "no list yet, at the end of the table": (
        '[project]\nname = "app"\nclassifiers = [\n  "A",\n]\n\n[project.scripts]\na = "b:c"',
        '[project]\nname = "app"\nclassifiers = [\n  "A",\n]\ndependencies = ["acme-vault>=3"]\n\n'
        '[project.scripts]\na = "b:c"',
    ),
    "only one group": (
        '[dependency-groups]\nmain = [\n  "zoo",\n  {include-group = "x"},\n]\n',
        '[dependency-groups]\nmain = [\n  "zoo",\n  {include-group = "x"},\n  "acme-vault>=3",\n]\n',
    ),
    "dotted keys": (
        'project.name = "app"\nproject.dependencies = ["zoo"]\n',
        'project.name = "app"\nproject.dependencies = ["zoo", "acme-vault>=3"]\n',
    ),
    "an inline table": (
        'project = {name = "app", dependencies = ["zoo"]}\n',
        'project = {name = "app", dependencies = ["zoo", "acme-vault>=3"]}\n',
    ),
    "poetry, sorted, python apart": (
        '[tool.poetry]\nname = "app"\n\n[tool.poetry.dependencies]\npython = "^3.10"\naaa = "*"  # a\n'
        'zoo = {version = "^1", extras = ["x"]}\n\n[build-system]\nrequires = []\n',
        '[tool.poetry]\nname = "app"\n\n[tool.poetry.dependencies]\npython = "^3.10"\naaa = "*"  # a\n'
        'acme-vault = ">=3"\nzoo = {version = "^1", extras = ["x"]}\n\n[build-system]\nrequires = []\n',
    ),
    "poetry, before all, after python": (
        '[tool.poetry.dependencies]\npython = "^3.10"\nbbb = "*"\nzoo = "*"\n',
        '[tool.poetry.dependencies]\npython = "^3.10"\nacme-vault = ">=3"\nbbb = "*"\nzoo = "*"\n',
    ),
    "poetry, not sorted, no last line ending": (
        '[tool.poetry.dependencies]\nzoo = "*"\naaa = "*"',
        '[tool.poetry.dependencies]\nzoo = "*"\naaa = "*"\nacme-vault = ">=3"',
    ),
    "poetry with a table of its own for one": (
        '[tool.poetry.dependencies]\npython = "*"\nzoo = "*"\n\n[tool.poetry.dependencies.big]\nversion = "1"\n',
        '[tool.poetry.dependencies]\npython = "*"\nzoo = "*"\nacme-vault = ">=3"\n\n'
        '[tool.poetry.dependencies.big]\nversion = "1"\n',
    ),
    "poetry that says its list is dynamic": (
        '[project]\nname = "app"\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nzoo = "*"\n',
        '[project]\nname = "app"\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nzoo = "*"\n'
        'acme-vault = ">=3"\n',
    ),
}


@pytest.mark.parametrize("name", PYPROJECTS)
def test_pyproject(tmp_path: Path, name: str) -> None:
    before, after = PYPROJECTS[name]
    assert result(tmp_path, "pyproject.toml", before) == after


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("acme-vault", 'acme-vault = "*"'),
        ("acme-vault==1.2", 'acme-vault = "==1.2"'),
        ("acme-vault>=3,<4", 'acme-vault = "<4,>=3"'),
        ("acme-vault[fast,tls]>=3", 'acme-vault = {version = ">=3", extras = ["fast", "tls"]}'),
        (
            "acme-vault>=3; python_version < '3.12'",
            'acme-vault = {version = ">=3", markers = \'python_version < "3.12"\'}',
        ),
        ("acme.vault>=3", '"acme.vault" = ">=3"'),
    ],
    ids=["any version", "exact", "range", "extras", "marker", "a dot in the name"],
)
@pytest.mark.parametrize(
    ("file", "head"),
    [("pyproject.toml", '[tool.poetry.dependencies]\nzoo = "*"\n'), ("Pipfile", '[packages]\nzoo = "*"\n')],
    ids=["poetry", "pipfile"],
)
def test_requirements_as_keys(tmp_path: Path, file: str, head: str, package: str, line: str) -> None:
    assert result(tmp_path, file, head, package) == f"{head}{line}\n"


REQUIREMENTS = {
    "empty": ("", "acme-vault>=3\n"),
    "only a comment": ("# ours\n", "# ours\nacme-vault>=3\n"),
    "only an option, no last line ending": ("-i https://pypi.example/simple", "-i https://pypi.example/simple\nacme-vault>=3"),
    "sorted": ("# ours\nAaa\nzoo==1  # why\n", "# ours\nAaa\nacme-vault>=3\nzoo==1  # why\n"),
    "sorted, before all": ("# ours\nbbb\nzoo\n", "# ours\nacme-vault>=3\nbbb\nzoo\n"),
    "not sorted, a note at the end": ("zoo\nbbb\n\n# end\n", "zoo\nbbb\nacme-vault>=3\n\n# end\n"),
    "crlf": ("zoo\r\nbbb\r\n", "zoo\r\nbbb\r\nacme-vault>=3\r\n"),
    "no last line ending": ("zoo\nbbb", "zoo\nbbb\nacme-vault>=3"),
    "crlf and no last line ending": ("zoo\r\nbbb", "zoo\r\nbbb\r\nacme-vault>=3"),
    "a BOM": ("\ufeffzoo\nbbb\n", "\ufeffzoo\nbbb\nacme-vault>=3\n"),
    "a line goes on": ("aaa[x] \\\n  >=1\nzoo\n", "aaa[x] \\\n  >=1\nacme-vault>=3\nzoo\n"),
    "urls, paths, editables": (
        "-e .\n./lib\nzoo @ https://u:p@x.example/zoo.whl\nbbb\n",
        "-e .\n./lib\nzoo @ https://u:p@x.example/zoo.whl\nbbb\nacme-vault>=3\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements(tmp_path: Path, name: str) -> None:
    before, after = REQUIREMENTS[name]
    assert result(tmp_path, "requirements.txt", before) == after


def test_requirements_in_another_encoding(tmp_path: Path) -> None:
    old = "# für uns\nzoo\n"
    for encoding in ("latin-1", "utf-16"):
        done = made(tmp_path, {"requirements.txt": old.encode(encoding)})
        assert done.patches[0].after == (old + "acme-vault>=3\n").encode(encoding)


SETUP_CFGS = {
    "a list": (
        "[metadata]\nname = app\n[options]\ninstall_requires =\n    zoo\n    bbb>=1; python_version < '3.9'\n\n[x]\na = 1\n",
        "[metadata]\nname = app\n[options]\ninstall_requires =\n    zoo\n    bbb>=1; python_version < '3.9'\n"
        "    acme-vault>=3\n\n[x]\na = 1\n",
    ),
    "sorted, with comments": (
        "[options]\ninstall_requires=\n  # a\n  aaa\n# z\n  zoo\nzip_safe = no\n",
        "[options]\ninstall_requires=\n  # a\n  aaa\n  acme-vault>=3\n# z\n  zoo\nzip_safe = no\n",
    ),
    "an empty list, crlf, no last line ending": (
        "[options]\r\ninstall_requires =",
        "[options]\r\ninstall_requires =\r\n    acme-vault>=3",
    ),
    "no list": (
        "[options]\npackages = find:\n\n[flake8]\nmax = 1\n",
        "[options]\npackages = find:\ninstall_requires =\n    acme-vault>=3\n\n[flake8]\nmax = 1\n",
    ),
}


@pytest.mark.parametrize("name", SETUP_CFGS)
def test_setup_cfg(tmp_path: Path, name: str) -> None:
    before, after = SETUP_CFGS[name]
    assert result(tmp_path, "setup.cfg", before) == after


PIPFILES = {
    "no packages yet": ('[packages]\n\n[dev-packages]\nzoo = "*"\n', '[packages]\nacme-vault = ">=3"\n\n[dev-packages]\nzoo = "*"\n'),
    "among others": ('[packages]\naaa = "*"\nzoo = "*"\n\n[requires]\n', '[packages]\naaa = "*"\nacme-vault = ">=3"\nzoo = "*"\n\n[requires]\n'),
    "crlf": ('[packages]\r\nzoo = "*"\r\n', '[packages]\r\nzoo = "*"\r\nacme-vault = ">=3"\r\n'),
}  # fmt: skip


@pytest.mark.parametrize("name", PIPFILES)
def test_pipfile(tmp_path: Path, name: str) -> None:
    before, after = PIPFILES[name]
    assert result(tmp_path, "Pipfile", before) == after


def test_several_packages_in_one_go(tmp_path: Path) -> None:
    text = '[project]\nname = "app"\n'
    after = result(tmp_path, "pyproject.toml", text, "zoo>=1", WANTED, "acme_vault>=3.1", "bbb")
    assert after == text + 'dependencies = ["acme-vault>=3,>=3.1", "bbb", "zoo>=1"]\n'


# --- any layout -----------------------------------------------------------------------------------------------------------

SPACE = st.sampled_from(["", " ", "\n", "\n  ", "\t", "  # a, [b]\n", '\n  # "c"\n    ', "\n\n"])
NAME = st.sampled_from(
    ["aaa", "bbb>=1,<2", "Ccc[x,y]", "zoo; python_version < '3.9'", "d#d", "z @ https://x.example/#egg"]
)


@st.composite
def arrays(draw: st.DrawFn) -> str:
    text = "["
    items = draw(st.lists(NAME, max_size=4))
    for number, item in enumerate(items):
        quote = "'" if "'" not in item and draw(st.booleans()) else '"'
        comma = "," if number + 1 < len(items) or draw(st.booleans()) else ""
        text += draw(SPACE) + quote + item + quote + draw(SPACE) + comma
    return text + draw(SPACE) + "]"


@given(arrays(), st.booleans(), st.sampled_from(["acme", "aaaa>=1", "zzz; python_version < '3'"]))
def test_any_layout_of_an_array(array: str, crlf: bool, package: str) -> None:
    text = f'x = 1\n[project]\nname = "app"\ndependencies = {array}\n[y]\n'
    data = (text.replace("\n", "\r\n") if crlf else text).encode()
    manifest = pyproject.read("pyproject.toml", text)
    one = wanted([package])
    assert manifest is not None and manifest.target is not None and one is not None  # noqa: PT018
    done = add(manifest.target, data, [one])
    assert isinstance(done, bytes), done
    before, after = (tomltext.loads(it.decode()) or {} for it in (data, done))
    assert [it for it in after["project"]["dependencies"] if it != one.text] == before["project"]["dependencies"]
    assert len(after["project"]["dependencies"]) == len(before["project"]["dependencies"]) + 1
    assert (b"\n" in done.replace(b"\r\n", b"")) is not crlf
