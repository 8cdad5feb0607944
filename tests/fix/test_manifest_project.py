"""Which manifest is it, what does it declare already, and what is said where nothing can be added?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_manifest import WANTED, made, needing

from devsec.fix.manifest.files import Disk
from devsec.fix.manifest.need import declaring
from devsec.fix.manifest.requirement import leaves_room, poetry_ranges, wanted

LIST = '[project]\nname = "app"\ndependencies = ["zoo"]\n'
ONLY_TOOLS = "[tool.devsec]\n"
POETRY = '[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\npython = "*"\n'

# The files, and the one that the package goes into.
CHOSEN = {
    "tools only, and a list": ({"pyproject.toml": ONLY_TOOLS, "requirements.txt": "zoo\n"}, "requirements.txt"),
    "a project with a list, and a list beside it": ({"pyproject.toml": LIST, "requirements.txt": "zoo\n"}, "pyproject.toml"),
    "a project without a list, and a list beside it": (
        {"pyproject.toml": '[project]\nname = "app"\n', "requirements.txt": "zoo\n"},
        "requirements.txt",
    ),
    "a project without a list, lists for development": (
        {"pyproject.toml": '[project]\nname = "app"\n', "requirements-dev.txt": "pytest\n"},
        "pyproject.toml",
    ),
    "what it is compiled from": ({"requirements.in": "zoo\n", "requirements.txt": "zoo==1\n"}, "requirements.in"),
    "the main one of several": (
        {"requirements.txt": "zoo\n", "requirements-dev.txt": "-r requirements.txt\n", "requirements-gpu.txt": "cuda\n"},
        "requirements.txt",
    ),
    "a folder of them": (
        {"requirements/base.txt": "zoo\n", "requirements/dev.txt": "-r base.txt\n", "requirements/prod.txt": "-r base.txt\n"},
        "requirements/base.txt",
    ),
    "a folder of compiled ones": (
        {"requirements/main.in": "zoo\n", "requirements/main.txt": "zoo==1\n", "requirements/test.in": "pytest\n"},
        "requirements/main.in",
    ),
    "one that only points to another": (
        {"requirements.txt": "-r requirements/prod.txt\n", "requirements/prod.txt": "zoo\n", "requirements/x.txt": "y\n"},
        "requirements/prod.txt",
    ),
    "the nearest of a monorepo": (
        {"pyproject.toml": LIST, "src/requirements.txt": "zoo\n", "src/lib/pyproject.toml": LIST},
        "src/requirements.txt",
    ),
    "one with tools only is no project": (
        {"pyproject.toml": LIST, "src/app/pyproject.toml": ONLY_TOOLS, "src/setup.cfg": "[flake8]\nmax = 1\n"},
        "pyproject.toml",
    ),
    "dynamic, by setuptools": (
        {
            "pyproject.toml": '[project]\nname = "app"\ndynamic = ["version", "dependencies"]\n'
            '[tool.setuptools.dynamic]\ndependencies = {file = ["deps/run.txt"]}\n',
            "deps/run.txt": "zoo\n",
            "requirements.txt": "zoo\n",
        },
        "deps/run.txt",
    ),
    "dynamic, in setup.cfg": (
        {
            "pyproject.toml": '[project]\nname = "app"\ndynamic = ["dependencies"]\n',
            "setup.cfg": "[options]\ninstall_requires =\n  zoo\n",
        },
        "setup.cfg",
    ),
    "setup.cfg that names a file": (
        {"setup.cfg": "[metadata]\nname = app\n[options]\ninstall_requires = file: run.txt\n", "run.txt": "zoo\n"},
        "run.txt",
    ),
    "setup.py that reads a list": (
        {"setup.py": "from setuptools import setup\nsetup(install_requires=open('requirements.txt').read())", "requirements.txt": "zoo\n"},
        "requirements.txt",
    ),
    "setup.py that says nothing of it": ({"setup.py": "from setuptools import setup\nsetup()", "requirements.txt": "zoo\n"}, "requirements.txt"),
    "Pipfile, and what is exported from it": ({"Pipfile": "[packages]\n", "requirements.txt": "zoo\n"}, "Pipfile"),
    "poetry, and what is exported from it": ({"pyproject.toml": POETRY, "requirements.txt": "zoo\n"}, "pyproject.toml"),
    "a module by the name of setup.py": (
        {"pyproject.toml": LIST, "src/app/setup.py": "def setup(install_requires): pass\n"},
        "pyproject.toml",
    ),
    "a list for something else beside a project without any": (
        {"pyproject.toml": '[project]\nname = "app"\n', "wasm-requirements.txt": "zoo\n"},
        "pyproject.toml",
    ),
    "lists for documentation are no project": (
        {"pyproject.toml": LIST, "src/requirements-docs.txt": "sphinx\n"},
        "pyproject.toml",
    ),
    "only a constraint": ({"requirements.txt": "-c limits.txt\nzoo\n", "limits.txt": "acme-vault==3.1\n"}, "requirements.txt"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_the_manifest_of_a_file(tmp_path: Path, name: str) -> None:
    files, chosen = CHOSEN[name]
    done = made(tmp_path, files)
    assert [(need.manifest, need.added) for need in done.needs] == [(chosen, True)]
    assert [patch.path for patch in done.patches] == [chosen]


DECLARED = {
    "pyproject": {"pyproject.toml": '[project]\nname = "app"\ndependencies = ["acme-vault>=2"]\n'},
    "another spelling": {"pyproject.toml": '[project]\nname = "app"\ndependencies = ["Acme_Vault [fast]"]\n'},
    "poetry": {"pyproject.toml": POETRY + 'Acme_Vault = "^3.1"\n'},
    "poetry, a table": {"pyproject.toml": POETRY + 'acme-vault = {git = "https://x.example"}\n'},
    "poetry, several": {"pyproject.toml": POETRY + 'acme-vault = [{version = "^2"}, {version = "^3"}]\n'},
    "requirements": {"requirements.txt": "acme.vault == 3.2 \\\n  --hash=sha256:0\n"},
    "an include": {"requirements.txt": "-r deps/run.txt\nzoo\n", "deps/run.txt": "--requirement=more.txt\n", "deps/more.txt": "acme-vault"},
    "an include of itself": {"requirements.txt": "-r requirements.txt\nacme-vault\n"},
    "a url": {"requirements.txt": "acme-vault @ https://x.example/acme.whl\n"},
    "an egg": {"requirements.txt": "-e git+https://x.example/acme.git#egg=acme_vault\n"},
    "setup.cfg": {"setup.cfg": "[options]\ninstall_requires = zoo; acme-vault\n"},
    "Pipfile": {"Pipfile": '[packages]\nacme-vault = "*"\n'},
    "a list beside": {"pyproject.toml": LIST, "requirements.txt": "acme-vault==3.1\n"},
    "also for development": {"requirements.txt": "acme-vault\n", "requirements-dev.txt": "acme-vault==3\n"},
    "for development, and the code is too": {"pyproject.toml": LIST, "src/dev-requirements.txt": "acme-vault\n"},
    "the project is it": {"pyproject.toml": '[project]\nname = "Acme.Vault"\ndependencies = []\n'},
    "only groups": {"pyproject.toml": '[dependency-groups]\na = ["acme-vault"]\nb = []\n'},
}  # fmt: skip


@pytest.mark.parametrize("name", DECLARED)
def test_what_is_declared_needs_no_word(tmp_path: Path, name: str) -> None:
    done = made(tmp_path, DECLARED[name])
    assert (done.needs, done.patches) == ((), ())


HASHED = "zoo==1 \\\n    --hash=sha256:00\n"
# The files, where it is said to belong, words of what is said.
TOLD = {
    "no manifest": ({"pyproject.toml": ONLY_TOOLS}, "", ""),
    "hashes": ({"requirements.txt": HASHED}, "requirements.txt", "pins hashes, which devsec does not know: add it there with its own"),
    "hashes in what is named": ({"setup.cfg": "[options]\ninstall_requires = file: r.txt\n", "r.txt": HASHED}, "r.txt", "pins hashes"),
    "setup.py": ({"setup.py": "from setuptools import setup\nsetup(install_requires=['zoo'])"}, "setup.py", "does not change: add it to install_requires there"),
    "setup.py and a list": (
        {"setup.py": "from setuptools import setup\nsetup(install_requires=['zoo'])", "requirements.txt": "zoo\n"}, "setup.py", "a program"
    ),
    "dynamic, who knows where": (
        {"pyproject.toml": '[project]\nname = "app"\ndynamic = ["dependencies"]\n'}, "pyproject.toml", "are dynamic"
    ),
    "dynamic, several files": (
        {"pyproject.toml": '[project]\nname = "app"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
         'dependencies = {file = ["a.txt", "b.txt"]}\n', "a.txt": "", "b.txt": ""},
        "pyproject.toml", "takes its dependencies from a.txt and b.txt: add it to the one that is",
    ),
    "not TOML": ({"pyproject.toml": "[project\n", "requirements.txt": "zoo\n"}, "pyproject.toml", "is not TOML"),
    "Pipfile is not TOML": ({"Pipfile": "[packages\n"}, "Pipfile", "is not TOML"),
    "lists for development alone": ({"dev-requirements.txt": "x\n"}, "dev-requirements.txt", "is for development: add it to the one"),
    "two lists": ({"requirements/a.txt": "x\n", "requirements/b.txt": "y\n"}, "requirements/a.txt", "a.txt and requirements/b.txt may be the one"),
    "pyproject and Pipfile": ({"pyproject.toml": LIST, "Pipfile": "[packages]\n"}, "pyproject.toml", "and Pipfile may both be the list"),
    "two groups": ({"pyproject.toml": "[dependency-groups]\na = []\nb = []\n"}, "pyproject.toml", "has 2 groups"),
    "compiled from nothing we know": (
        {"requirements.txt": "#\n# This file is autogenerated by pip-compile with Python 3.11\n#\nzoo==1\n"},
        "requirements.txt", "requirements.txt is written by a tool",
    ),
    "one line of setup.cfg": ({"setup.cfg": "[options]\ninstall_requires = zoo\n"}, "setup.cfg", "(its list stands on one line): add it to [options] install_requires there"),
    "a group for development": (
        {"pyproject.toml": LIST + '[dependency-groups]\ndev = ["acme-vault"]\n'}, "pyproject.toml", "declares it for development only, in its group dev"
    ),
    "an extra": ({"pyproject.toml": LIST + '[project.optional-dependencies]\nv = ["acme-vault"]\n'}, "pyproject.toml", "in its extra v only"),
    "a poetry group": ({"pyproject.toml": POETRY + '[tool.poetry.group.dev.dependencies]\nacme-vault = "*"\n'}, "pyproject.toml", "in its group dev"),
    "poetry, optional": ({"pyproject.toml": POETRY + 'acme-vault = {version = "*", optional = true}\n'}, "pyproject.toml", "as optional"),
    "a file for development": ({"requirements.txt": "zoo\n", "requirements-dev.txt": "acme-vault\n"}, "requirements-dev.txt", "for development only"),
    "dev-packages": ({"Pipfile": '[packages]\n[dev-packages]\nacme-vault = "*"\n'}, "Pipfile", "for development only"),
    "too old": ({"requirements.txt": "acme-vault<3\n"}, "requirements.txt", "declares acme-vault<3, which leaves no version that will do"),
    "too old, poetry": ({"pyproject.toml": POETRY + 'acme-vault = "^2.4"\n'}, "pyproject.toml", "declares acme-vault ^2.4, which"),
    "too old by a constraint": (
        {"requirements.txt": "-c limits.txt\nacme-vault\n", "limits.txt": "acme-vault==2.9\n"}, "limits.txt", "declares acme-vault==2.9"
    ),
    "somewhere only": ({"requirements.txt": "acme-vault; sys_platform == 'win32'\n"}, "requirements.txt", 'only where sys_platform == "win32"'),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_added_is_told(tmp_path: Path, name: str) -> None:
    files, manifest, words = TOLD[name]
    done = made(tmp_path, files)
    assert done.patches == ()
    (need,) = done.needs
    assert (need.package, need.manifest, need.added, need.can) == (WANTED, manifest, False, False)
    assert words in need.reason
    assert not need.reason.endswith((".", ": ")) and "  " not in need.reason  # noqa: PT018


def test_no_url_is_shown(tmp_path: Path) -> None:
    (need,) = made(
        tmp_path,
        {"requirements-dev.txt": "acme-vault @ https://me:canary@x.example/a.whl\n", "requirements.txt": "zoo\n"},
    ).needs
    assert "canary" not in str(need)
    assert "for development only" in need.reason


@pytest.mark.parametrize(
    ("files", "then"),
    [
        ({"pyproject.toml": LIST, "uv.lock": ""}, ("uv lock",)),
        ({"pyproject.toml": POETRY, "poetry.lock": ""}, ("poetry lock",)),
        ({"pyproject.toml": LIST, "pdm.lock": ""}, ("pdm lock",)),
        ({"Pipfile": "[packages]\n", "Pipfile.lock": "{}"}, ("pipenv lock",)),
        ({"requirements.in": "zoo\n", "requirements.txt": "zoo==1\n"}, ("pip-compile requirements.in",)),
        (
            {"requirements.in": "", "requirements.txt": "# by: uv pip compile requirements.in\nzoo==1\n"},
            ("uv pip compile requirements.in -o requirements.txt",),
        ),
        ({"src/pyproject.toml": LIST, "uv.lock": ""}, ("uv lock",)),
        (
            {"pyproject.toml": LIST, "requirements.txt": "# This file is autogenerated by pip-compile with\nzoo==1\n"},
            ("make requirements.txt anew",),
        ),
    ],
    ids=["uv", "poetry", "pdm", "pipenv", "pip-tools", "uv pip", "a workspace", "compiled from pyproject"],
)
def test_what_is_left_to_do(tmp_path: Path, files: dict[str, str], then: tuple[str, ...]) -> None:
    done = made(tmp_path, files)
    assert [(need.added, need.then) for need in done.needs] == [(True, then)]
    assert len(done.patches) == 1, "locks are left alone"


def test_once_for_each_project(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text("zoo\n")
    patches = [needing(WANTED, WANTED, path=path) for path in ("a/one.py", "a/two/three.py", "b/one.py")]
    done = declaring(patches, Disk(str(tmp_path)), write=True)
    assert [(need.manifest, need.package) for need in done.needs] == [
        ("a/requirements.txt", WANTED),
        ("b/requirements.txt", WANTED),
    ]
    assert [patch.after for patch in done.patches] == [b"zoo\nacme-vault>=3\n"] * 2
    only_told = declaring(patches, Disk(str(tmp_path)), write=False)
    assert [(need.can, need.added) for need in only_told.needs] == [(True, False)] * 2
    assert only_told.patches == ()


def test_never_above_the_root(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("zoo\n")
    (tmp_path / "repo").mkdir()
    for path in ("app.py", "../app.py", str(tmp_path / "app.py")):
        (need,) = declaring([needing(WANTED, path=path)], Disk(str(tmp_path / "repo")), write=True).needs
        assert (need.manifest, need.added) == ("", False)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("zoo\n")
    (tmp_path / "repo").mkdir()
    os.symlink("../requirements.txt", tmp_path / "repo" / "requirements.txt")
    done = made(tmp_path / "repo", {}, path="app.py")
    assert done.patches == ()
    assert "a link out of the project" in done.needs[0].reason


def test_a_manifest_that_is_cured_itself(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("zoo\n")
    done = declaring([needing(WANTED, path="a.py")], Disk(str(tmp_path)), True, cured=["requirements.txt"])
    assert done.patches == ()
    assert "is being cured itself" in done.needs[0].reason


def test_a_requirement_that_is_none(tmp_path: Path) -> None:
    done = made(tmp_path, {"requirements.txt": "zoo\n"}, "our vault, ask Ada")
    assert done.patches == ()
    assert (done.needs[0].package, done.needs[0].manifest) == ("our vault, ask Ada", "requirements.txt")


@pytest.mark.parametrize(
    ("ranges", "versions", "room"),
    [
        ((), ">=3", True),
        ((">=2",), ">=3", True),
        (("<3",), ">=3", False),
        (("<=3",), ">=3", True),
        (("==2.*",), ">=3", False),
        (("==3.*",), ">=3.4", True),
        ((">3,<3.0.1",), ">=3", True),
        (("!=3",), "==3", False),
        (("~=3.1",), "<3.1", False),
        (("~=3.1",), "<4", True),
        (("==2", "==3"), ">=3", True),
        (("==2", "==2.5"), ">=3", False),
        ((">=3",), "", True),
        (("what?",), ">=3", True),
        (("==3.1+local",), ">=3", True),
    ],
)
def test_room(ranges: tuple[str, ...], versions: str, room: bool) -> None:
    assert leaves_room(ranges, versions) is room


@pytest.mark.parametrize(
    ("constraint", "ranges"),
    [
        ("*", ()),
        ("^1.2.3", (">=1.2.3,<2",)),
        ("^0.2.3", (">=0.2.3,<0.3",)),
        ("^0.0.3", (">=0.0.3,<0.0.4",)),
        ("^0", (">=0,<1",)),
        ("~1.2.3", (">=1.2.3,<1.3",)),
        ("~1", (">=1,<2",)),
        ("1.2", ("==1.2",)),
        ("1.*", ("==1.*",)),
        (">=1, <3", (">=1,<3",)),
        (">= 1 < 3", (">=1,<3",)),
        ("~=1.2", ("~=1.2",)),
        ("^2 || ^3", (">=2,<3", ">=3,<4")),
        ("^1.0b1", ()),
        ("whatever", ()),
    ],
)
def test_constraints_of_poetry(constraint: str, ranges: tuple[str, ...]) -> None:
    assert poetry_ranges(constraint) == ranges


def test_several_requirements_of_one_package() -> None:
    both = wanted(["acme[b]>=3", "Acme[a]>=4", "acme[b]>=3"])
    assert both is not None
    assert both.text == "acme[a,b]>=3,>=4"
    assert wanted(["acme @ https://x.example/a.whl"]) is None
