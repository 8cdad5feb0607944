"""What is read of packages in a site-packages folder of their own, whose modules must never run."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from devsec import signature
from devsec.installed import Installed, folders
from devsec.signature import Callee, Missing, lookup, lookup_method, refuses

RUNS = "raise SystemExit('it was imported')\n"
FILES = {
    "acme/__init__.py": """\
from .deep import far as near, Vault as Safe
from . import deep, tools
from .stars import *
from .listed import *
from json import dumps
import acme.deep as below
import acme.tools
plain = far_alias = near
quote = dumps
twice = plain
try:
    from .fast import either
except ImportError:
    from .slow import either
if flag:
    def sometimes(a): ...
else:
    sometimes = None
for loop in (): ...
with open(__file__) as handle: ...
one, two = 1, 2
vault = Safe("x")
moved(far, name="old_name", module=__name__)
read = vault.read
def replaced(a, b=(walrus := 1)): ...
replaced = wrapped(replaced)
def sets():
    global late
    late = 1
__all__ = ["near"]
""",
    "acme/deep.py": """\
def far(name, *, default=None): ...
class Vault:
    def __init__(self, url, token=None): self.url = url
    def read(self, name): ...
    @classmethod
    def open(cls, path): ...
    @staticmethod
    def check(path): ...
    @property
    def state(self): ...
    own = far
""",
    "acme/fast.py": "def either(a): ...\n",
    "acme/slow.py": "def either(a, b): ...\n",
    "acme/stars.py": "def starred(a): ...\ndef _hidden(a): ...\n",
    "acme/listed.py": "__all__ = ['_told']\ndef _told(a): ...\ndef untold(a): ...\n",
    "acme/tools.py": """\
import functools
import typing
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, overload
def only(a, b=1, /, c=2): ...
def words(*, key, other=None): ...
def rest(a, *args): ...
def many(a, **more): ...
async def later(a): ...
@overload
def over(a: int) -> int: ...
@overload
def over(a: str, b: int) -> str: ...
@functools.lru_cache
def cached(a): ...
partial = functools.partial(only, 1)
@dataclass
class Data:
    a: int
class Base:
    def __init__(self, a): ...
    def shared(self, a): ...
class Child(Base):
    def __init_sub(self): ...
class Both(Child, typing.Generic[T]): ...
class Empty: ...
class New:
    def __new__(cls, a): ...
class NewAndInit(Base):
    def __new__(cls, *args): ...
class Meta(type):
    def __call__(cls, *args): ...
class Made(metaclass=Meta):
    def __init__(self, a): ...
class Heir(Made): ...
class Tuple(NamedTuple):
    a: int
class Colour(Enum):
    RED = 1
class Stranger(unknown.Base):
    def __init__(self, a): ...
class Registers:
    def __init_subclass__(cls): cls.__init__ = print
class Registered(Registers):
    def __init__(self, a): ...
class Patched:
    def __init__(self, a): ...
Patched.__init__ = only
class Wraps:
    def __getattr__(self, name): ...
class Sets:
    def __init__(self): self.hook = print
    def hook(self, a): ...
class Speaks(typing.Protocol): ...
class Slots:
    __slots__ = ("slot",)
""",
    "lazy.py": "def __getattr__(name): ...\ndef known(a): return name\n",
    "magic.py": "def make():\n    globals()['x'] = 1\ndef known(a): ...\n",
    "magical.py": "globals().update(x=1)\ndef known(a): ...\n",
    "circle.py": "from circle2 import a\nfrom circle2 import *\n",
    "circle2.py": "from circle import a\nfrom circle import *\n",
    "broken.py": "def (\n",
    "withstar.py": "from nowhere import *\ndef known(a): ...\n",
    "space/inner.py": "def known(a): ...\n",
    "native/__init__.py": "from ._core import seal, other\nfrom ._bare import thing\nfrom .under import under\n",
    "native/under.py": "class Under: ...\nunder = Under()\ndef thing(a): ...\n",
    f"native/_core{EXTENSION_SUFFIXES[0]}": "",
    "native/_core.pyi": "def seal(data: bytes, /) -> bytes: ...\n",
    f"native/_bare{EXTENSION_SUFFIXES[0]}": "",
    "stubbed.py": "import functools\n@functools.cache\ndef known(a): ...\n",
    "stubbed.pyi": "def known(a: int) -> int: ...\n",
    "named.pth": "import sys; sys.exit('a .pth ran')\n",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site-packages of its own. Each of its modules would end the test if it ran."""
    for path, text in FILES.items():
        file = tmp_path / "site" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + RUNS if path.endswith(".py") and path != "broken.py" else text)
    installed = Installed([str(tmp_path / "site")], signature._of_library)
    monkeypatch.setattr(signature, "_installed", lambda: installed)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))  # so that an import would find them
    lookup.cache_clear()
    lookup_method.cache_clear()
    yield tmp_path / "site"
    assert not {path.split("/")[0].removesuffix(".py") for path in FILES} & set(sys.modules), "it was imported"
    lookup.cache_clear()
    lookup_method.cache_clear()


def shown(answer: Callee | Missing | None) -> str:
    """Signatures as text (a default is shown as None), "missing", or "unknown"."""
    if isinstance(answer, Callee):
        return " or ".join(map(str, answer.signatures))
    return "missing" if answer else "unknown"


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        pytest.param("acme.deep.far", "(name, *, default=None)", id="a function in a submodule"),
        pytest.param("acme.near", "(name, *, default=None)", id="a re-export under another name"),
        pytest.param("acme.plain", "(name, *, default=None)", id="an alias"),
        pytest.param("acme.twice", "(name, *, default=None)", id="an alias of an alias"),
        pytest.param("acme.below.far", "(name, *, default=None)", id="import as"),
        pytest.param("acme.acme.deep.far", "(name, *, default=None)", id="import binds the first part"),
        pytest.param("acme.Safe", "(url, token=None)", id="a class"),
        pytest.param("acme.Safe.read", "(self, name)", id="a method of the class itself"),
        pytest.param("acme.Safe.open", "(path)", id="a class method"),
        pytest.param("acme.Safe.check", "(path)", id="a static method"),
        pytest.param("acme.read", "(name)", id="a method of an instance the module has"),
        pytest.param("acme.Safe.state", "unknown", id="a property"),
        pytest.param("acme.Safe.url", "missing", id="only instances have it"),
        pytest.param("acme.starred", "(a)", id="through a star"),
        pytest.param("acme._hidden", "missing", id="a star leaves what begins with an underscore"),
        pytest.param("acme._told", "(a)", id="a star brings what __all__ lists"),
        pytest.param("acme.untold", "missing", id="a star leaves what __all__ does not list"),
        pytest.param("acme.dumps.nothing", "missing", id="of the standard library, not there"),
        pytest.param("acme.either", "(a) or (a, b)", id="a try: any of them"),
        pytest.param("acme.sometimes", "unknown", id="an if: one of them is not to be seen"),
        pytest.param("acme.replaced", "unknown", id="replaced later"),
        pytest.param("acme.loop", "unknown", id="bound by a loop"),
        pytest.param("acme.handle", "unknown", id="bound by a with"),
        pytest.param("acme.two", "unknown", id="unpacked"),
        pytest.param("acme.walrus", "unknown", id="bound by a default"),
        pytest.param("acme.late", "unknown", id="bound by a function"),
        pytest.param("acme.tools", "unknown", id="a module"),
        pytest.param("acme.stars", "unknown", id="a submodule that nothing imports"),
        pytest.param("acme.stars.starred", "(a)", id="a name in such a submodule"),
        pytest.param("acme.old_name", "unknown", id="named in a string: somebody may make it"),
        pytest.param("acme.neer", "missing", id="a typo"),
        pytest.param("acme.deeep.far", "missing", id="a typo in a module"),
        pytest.param("acme.deep.far.name", "unknown", id="an attribute of a function"),
        pytest.param("acme.__version__", "unknown", id="what Python or the installer may add"),
        pytest.param("acme.tools.only", "(a, b=None, /, c=None)", id="positional only"),
        pytest.param("acme.tools.words", "(*, key, other=None)", id="by keyword only"),
        pytest.param("acme.tools.rest", "(a, *args)", id="any number"),
        pytest.param("acme.tools.many", "(a, **more)", id="any keyword"),
        pytest.param("acme.tools.later", "(a)", id="async"),
        pytest.param("acme.tools.over", "(a) or (a, b)", id="overloads"),
        pytest.param("acme.tools.cached", "unknown", id="decorated"),
        pytest.param("acme.tools.partial", "unknown", id="made by a call"),
        pytest.param("acme.tools.Data", "unknown", id="a dataclass"),
        pytest.param("acme.tools.Child", "(a)", id="an inherited init"),
        pytest.param("acme.tools.Both", "(a)", id="beside a base of the standard library"),
        pytest.param("acme.tools.Child.shared", "(self, a)", id="an inherited method"),
        pytest.param("acme.tools.Child.shard", "missing", id="a typo in a method"),
        pytest.param("acme.tools.Empty", "()", id="neither init nor new"),
        pytest.param("acme.tools.New", "(a)", id="new"),
        pytest.param("acme.tools.NewAndInit", "unknown", id="new and init"),
        pytest.param("acme.tools.Made", "unknown", id="a metaclass"),
        pytest.param("acme.tools.Heir", "unknown", id="an inherited metaclass"),
        pytest.param("acme.tools.Tuple", "unknown", id="a named tuple"),
        pytest.param("acme.tools.Slots.slot", "unknown", id="a slot"),
        pytest.param("acme.tools.Speaks", "unknown", id="a protocol"),
        pytest.param("acme.tools.Colour", "unknown", id="an enum"),
        pytest.param("acme.tools.Stranger", "unknown", id="a base that is not to be seen"),
        pytest.param("acme.tools.Stranger.read", "unknown", id="may be in such a base"),
        pytest.param("acme.tools.Registered", "unknown", id="a base that changes its heirs"),
        pytest.param("acme.tools.Patched", "unknown", id="changed from outside"),
        pytest.param("lazy.known", "(a)", id="a def beside a module's getattr"),
        pytest.param("lazy.unknown", "unknown", id="a module's getattr"),
        pytest.param("magic.known", "(a)", id="a def in a module with a function that makes names"),
        pytest.param("magic.x", "unknown", id="a function makes names"),
        pytest.param("magical.known", "unknown", id="the module makes names as it is imported"),
        pytest.param("circle.a", "unknown", id="in a circle"),
        pytest.param("circle.b", "unknown", id="stars in a circle"),
        pytest.param("broken.a", "unknown", id="not Python"),
        pytest.param("withstar.known", "(a)", id="defined after the star"),
        pytest.param("withstar.other", "unknown", id="a star from nowhere"),
        pytest.param("space.inner.known", "(a)", id="a namespace package"),
        pytest.param("space.outer", "unknown", id="another part of it may be elsewhere"),
        pytest.param("native.under.thing", "unknown", id="a module hidden by what the package calls so"),
        pytest.param("native.seal", "(data=None, /)", id="an extension module with a stub beside it"),
        pytest.param("native.other", "unknown", id="what the stub forgot"),
        pytest.param("native.thing", "unknown", id="an extension module"),
        pytest.param("stubbed.known", "(a=None)", id="a stub beside what cannot be read"),
        pytest.param("nowhere.at.all", "unknown", id="not installed"),
    ],
)  # fmt: skip
def test_what_a_name_takes(site: Path, name: str, takes: str) -> None:
    assert shown(lookup(name)) == takes


@pytest.mark.parametrize(
    ("name", "method", "takes"),
    [
        pytest.param("acme.Safe", "read", "(name)", id="self is given"),
        pytest.param("acme.Safe", "open", "(path)", id="a class method"),
        pytest.param("acme.Safe", "check", "(path)", id="a static method"),
        pytest.param("acme.Safe", "own", "(*, default=None)", id="a function the class took"),
        pytest.param("acme.Safe", "raed", "missing", id="a typo"),
        pytest.param("acme.Safe", "url", "unknown", id="an attribute of the instance"),
        pytest.param("acme.tools.Both", "shared", "(a)", id="inherited"),
        pytest.param("acme.tools.Wraps", "anything", "unknown", id="a class's getattr"),
        pytest.param("acme.tools.Sets", "hook", "unknown", id="the instance has its own"),
        pytest.param("acme.tools.Slots", "slot", "unknown", id="a slot"),
        pytest.param("acme.tools.Slots", "slit", "missing", id="not a slot"),
        pytest.param("acme.tools.New", "anything", "unknown", id="new may give anything"),
        pytest.param("acme.tools.Made", "anything", "unknown", id="a metaclass may give anything"),
        pytest.param("acme.near", "anything", "unknown", id="what a function gives"),
        pytest.param("pathlib.PurePath", "joinpath", None, id="of the standard library"),
        pytest.param("json.dumps", "encode", "unknown", id="what a function of it gives"),
        pytest.param("pathlib.PurePath", "nothing", "unknown", id="its instances may have more"),
    ],
)  # fmt: skip
def test_what_a_method_takes(site: Path, name: str, method: str, takes: str | None) -> None:
    answer = shown(lookup_method(name, method))
    assert answer == takes if takes else answer.startswith("(*"), answer


@pytest.mark.parametrize(
    ("name", "call", "reason"),
    [
        pytest.param("acme.near", "f('x', default=1)", "", id="fits"),
        pytest.param("acme.near", "f('x', 1)", "too many positional arguments", id="one too many"),
        pytest.param("acme.near", "f(default=1)", "missing a required argument: 'name'", id="one too few"),
        pytest.param("acme.near", "f('x', defalt=1)", "got an unexpected keyword argument 'defalt'", id="a typo"),
        pytest.param("acme.near", "f(*x, defalt=1)", "", id="nobody knows what a star holds"),
        pytest.param("acme.tools.over", "f(1, 2)", "", id="the second overload"),
        pytest.param("acme.tools.over", "f(1, 2, 3)", "too many positional arguments", id="no overload"),
        pytest.param("acme.tools.words", "f(other=1)", "missing a required", id="a keyword that has to be there"),
        pytest.param("acme.tools.many", "f(1, anything=2)", "", id="takes any keyword"),
        pytest.param("acme.quote", "f(1, bogus=2)", "", id="the standard library, through a package"),
        pytest.param("hmac.compare_digest", "f(1)", "expected", id="the standard library"),
    ],
)  # fmt: skip
def test_calls(site: Path, name: str, call: str, reason: str) -> None:
    callee = lookup(name)
    assert isinstance(callee, Callee)
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    said = refuses(callee, node)
    assert said.startswith(reason) if reason and reason != "expected" else bool(said) == bool(reason), said


def test_says_where_it_looked(site: Path) -> None:
    assert lookup("acme.neer") == Missing("the installed acme")
    assert lookup("hmac.nothing") == Missing(
        f"the standard library of Python {sys.version_info.major}.{sys.version_info.minor}"
    )


def test_only_site_packages_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "evil.py").write_text("def f(): ...\n")
    monkeypatch.chdir(tmp_path / "repo")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "repo"), *sys.path])
    assert sysconfig.get_path("purelib") in folders()
    assert not any(place in ("", ".", str(tmp_path / "repo")) for place in folders())
    assert lookup("evil.g") is None
    assert all(os.path.isabs(place) for place in folders())


RULE = """\
id: vault
title: The vault is passed by
cwe: CWE-1
severity: high
confidence: high
level: block
why: The old call leaves the road. It always did.
find:
  call: legacy.read
  args: {name: {at: 0, present: true}}
fix:
  title: Read it from the vault
  safety: safe
  road: acme.read
examples:
  - bad: |
      import legacy
      legacy.read("x")
    good: |
      import acme_vault
      GOOD
  - fine: |
      import legacy
"""
ROAD = "road: acme.read\ntitle: Read it from the vault\ncall: CALL\nimports: [acme_vault]\npackage: acme-vault>=3\n"
VAULT = """\
raise SystemExit("it was imported")
def read(name, *, default=None): ...
class Client:
    def __init__(self, url): ...
    def get(self, name): ...
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment in which acme_vault is installed. Gives its interpreter."""
    root = tmp_path_factory.mktemp("venv")
    venv.create(root, symlinks=os.name != "nt")
    paths = sysconfig.get_paths("venv", {"base": str(root), "platbase": str(root)})
    Path(paths["purelib"], "acme_vault.py").write_text(VAULT)
    return Path(paths["scripts"], "python")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        pytest.param("acme_vault.read($name, default=None)", "", id="right"),
        pytest.param(
            "acme_vault.read($name, fallback=None)",
            "acme_vault.read cannot be called so (line 2): got an unexpected keyword argument 'fallback'",
            id="a wrong keyword",
        ),
        pytest.param("acme_vault.raed($name)", "the installed acme_vault has no acme_vault.raed", id="no such name"),
        pytest.param("acme_vault.Client('u').get($name)", "", id="right method"),
        pytest.param(
            "acme_vault.Client('u').get($name, 1)",
            "acme_vault.Client(…).get cannot be called so (line 2): too many positional arguments",
            id="an argument too many for a method",
        ),
        pytest.param(
            "acme_vault.Client('u').git($name)",
            "the installed acme_vault has no acme_vault.Client(…).git",
            id="no such method",
        ),
    ],
)  # fmt: skip
def test_a_road_into_an_installed_package(environment: Path, tmp_path: Path, call: str, says: str) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "roads.yaml").write_text(ROAD.replace("CALL", call))
    (tmp_path / "pack" / "vault.yaml").write_text(RULE.replace("GOOD", call.replace("$name", '"x"')))
    (tmp_path / "acme_vault.py").write_text(
        VAULT.replace("read", "fallback").replace("Client", "Other")
    )  # not this one
    ours = [str(Path(signature.__file__).parent.parent), *(path for path in sys.path if "site-packages" in path)]
    done = subprocess.run(
        [str(environment), "-m", "devsec", "rules", "test", "pack"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(ours)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == (1 if says else 0), done.stdout + done.stderr
    assert ("wrong fix  vault" in done.stdout, says in " ".join(done.stdout.split())) == (bool(says), True), done.stdout
