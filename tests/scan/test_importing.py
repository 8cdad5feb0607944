"""Where a new import goes. What ruff's rule I (isort's) had nothing to say about before, it has nothing to say about after.

Where no tool can be asked, whole texts are compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from devsec.fix.plan import Patch, plan
from devsec.levels import Safety
from devsec.scan import spell
from devsec.scan.engine import Scanner
from devsec.sources.source import Source
from tests.scan.kit import Cured, cured, scanner

# Before every other, after every other, in the middle; a module in a package; several from one and from two.
WANTED = (
    ("abc.thing", "abc"),
    ("zipfile.thing", "zipfile"),
    ("logging.handlers.thing", "logging.handlers"),
    ("aaa.thing", "aaa"),
    ("numpy.testing.thing", "numpy.testing"),
    ("zzz.thing", "zzz"),
    ("collections.Counter", "collections"),
    ("yaml.SafeLoader", "yaml"),
    ("yaml.dump", "yaml"),
    ("yaml.Z10", "yaml"),
)
CODE = "\n\ndef f(x):\n    return hasattr(x, 'y')\n"


def new_name(qualified: str, module: str) -> Scanner:
    """A scanner whose cure puts a name in place of `hasattr`."""
    return scanner("call: builtins.hasattr", f"{{title: t, safety: safe, call: {qualified}, imports: [{module}]}}")


def written(text: str, scan: Scanner, path: str = "app.py") -> Patch:
    found = scan.scan(Source(path, text.encode()))
    assert isinstance(found, tuple), found
    assert found, text
    assert all(finding.fixes[0].safety is not Safety.ADVICE for finding in found), found
    patch = plan(Source(path, text.encode()), found, scan, hardening=True)
    assert isinstance(patch, Patch), patch
    assert not patch.refused
    return patch


# --- what ruff says ------------------------------------------------------------------------------------------------------

STDLIB = "import json\nimport os\nimport sys\n"
FROM_STDLIB = "from collections import OrderedDict\nfrom os import path\nfrom typing import Any\n"
THIRD = "import requests\nimport yaml\n"
FROM_THIRD = "from flask import Flask, g\nfrom yaml import CLoader, load\n"
USUAL = f"{STDLIB}{FROM_STDLIB}\n{THIRD}{FROM_THIRD}"

DEFAULT = [
    pytest.param("app.py", USUAL + CODE, id="two sections, both kinds"),
    pytest.param("app.py", STDLIB + CODE, id="only import"),
    pytest.param("app.py", FROM_STDLIB + CODE, id="only from"),
    pytest.param("app.py", THIRD + CODE, id="only third-party"),
    pytest.param("app.py", FROM_THIRD + CODE, id="only third-party, only from"),
    pytest.param("app.py", "import m\n" + CODE, id="a single import"),
    pytest.param("app.py", "import json\n\nimport m\n\nx = hasattr(1, '')\n", id="one of each, and code"),
    pytest.param("app.py", "x = hasattr(1, '')\n", id="none"),
    pytest.param("app.py", CODE.lstrip(), id="none, a function"),
    pytest.param("app.py", '"""What."""\n\nx = hasattr(1, "")\n', id="docstring only"),
    pytest.param("app.py", '"""What."""\n' + CODE, id="docstring only, a function"),
    pytest.param("app.py", '"""What."""\nx = hasattr(1, "")\n', id="docstring only, nothing blank"),
    pytest.param("app.py", '"""What."""\n\n# Why.\nx = hasattr(1, "")\n', id="docstring, a comment"),
    pytest.param("app.py", "# Licence: free.\n# Really.\n\nx = hasattr(1, '')\n", id="licence"),
    pytest.param("app.py", "# Licence: free.\n# Really.\n\nimport os\n\nx = hasattr(1, '')\n", id="licence and import"),
    pytest.param("app.py", "# Licence: free.\nimport os\n\nx = hasattr(1, '')\n", id="licence on an import"),
    pytest.param("app.py", f"#!/usr/bin/env python\n# coding: utf-8\n{USUAL}{CODE}", id="shebang and cookie"),
    pytest.param("app.py", f"#!/usr/bin/env python\n# coding: utf-8\n{CODE}", id="shebang and cookie, none"),
    pytest.param(
        "app.py", "from __future__ import annotations\n\nx = hasattr(1, '')\n", id="__future__ alone, then code"
    ),
    pytest.param("app.py", f"from __future__ import annotations\n{CODE}", id="__future__ alone, then a function"),
    pytest.param(
        "app.py",
        "from __future__ import annotations\n\n# About f.\n\n\ndef f(x):\n    return hasattr(x, 'y')\n",
        id="__future__ alone, then a comment",
    ),
    pytest.param("app.py", f"from __future__ import annotations\n\n{USUAL}{CODE}", id="__future__ and imports"),
    pytest.param("app.py", f'"""What."""\n\nfrom __future__ import annotations\n\n{THIRD}{CODE}', id="all of the head"),
    pytest.param("app.py", (USUAL + CODE).replace("\n", "\r\n"), id="CRLF"),
    pytest.param("app.py", f"from __future__ import annotations\n{CODE}".replace("\n", "\r\n"), id="CRLF, __future__"),
    pytest.param("app.py", f"# Ours.\n\n# The standard ones:\n{STDLIB}\n# Others:\n{THIRD}{CODE}", id="comments above"),
    pytest.param("app.py", f"{STDLIB}\n# requests is slow\n{THIRD}{CODE}", id="a comment about a module"),
    pytest.param("app.py", f"{STDLIB}\nimport m\n\n# yaml is slow\nimport yaml\n{CODE}", id="a comment in a section"),
    pytest.param("app.py", f"import os\n\n# Slow.\nfrom sys import path\n{CODE}", id="a comment between the kinds"),
    pytest.param("app.py", "import os\nimport sys  # noqa\n\nimport yaml  # type: ignore\n" + CODE, id="pragmas"),
    pytest.param(
        "app.py",
        f"import json\nfrom typing import TYPE_CHECKING\n\nimport m\n\nif TYPE_CHECKING:\n    import yaml\n{CODE}",
        id="TYPE_CHECKING",
    ),
    pytest.param(
        "app.py",
        f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from yaml import Loader\n{CODE}",
        id="TYPE_CHECKING behind a single import",
    ),
    pytest.param(
        "app.py",
        f"import os\nimport sys\n\nsys.path.insert(0, os.getcwd())\n\nimport m\n\nfrom .x import y\n{CODE}",
        id="sys.path between imports",
    ),
    pytest.param("app.py", f"__version__ = '1'\n\n{USUAL}{CODE}", id="__version__ first"),
    pytest.param("app.py", f"__version__ = '1'\n{CODE}", id="__version__ and no import"),
    pytest.param("app.py", f"{USUAL}\nfrom . import x\nfrom .a import b\n{CODE}", id="relative at the end"),
    pytest.param("app.py", f"from . import x\nfrom .a import b\n{CODE}", id="only relative"),
    pytest.param(
        "app.py", f"import os\nimport sys\n\ntry:\n    import m\nexcept ImportError:\n    m = None\n{CODE}", id="try"
    ),
    pytest.param("src/acme/db.py", f"{USUAL}\nfrom acme.models import Model\n{CODE}", id="first-party, src layout"),
    pytest.param("src/acme/db.py", f"import logging\n\nfrom acme.models import Model\n{CODE}", id="first-party alone"),
    pytest.param(
        "acme/yaml/db.py", f"{THIRD}\nfrom acme import models\n{CODE}", id="a folder named as what it is about"
    ),
    pytest.param("acme/db.py", f"import logging\n\nfrom acme import models\n{CODE}", id="first-party, flat layout"),
    pytest.param(
        "acme/db.py",
        f"{THIRD}\nimport acme\nfrom acme import models\n\nfrom . import x\n{CODE}",
        id="all but stdlib",
    ),
    pytest.param(
        "app.py",
        f"from typing import (\n    Any,\n    List,\n)\n\nfrom yaml import (\n    CLoader,\n    load,\n)\n{CODE}",
        id="a line each",
    ),
    pytest.param(
        "app.py", "import os; import sys\n" + CODE, id="two on one line", marks=pytest.mark.xfail(strict=True)
    ),
    pytest.param("app.py", f"import a1\nimport a2\nimport a10\nimport B\nimport c\n{CODE}", id="numbers and capitals"),
    pytest.param("app.py", f"import requests as r\nimport yaml as y\nfrom m import n as o\n{CODE}", id="aliases"),
    pytest.param("app.py", f"import os\nimport sys\n\n{'x = 1' + chr(10)}{CODE}", id="code right behind"),
]

MIXED = "import abc\nfrom collections import OrderedDict\nimport json\nfrom os import path\nimport sys\n"
MIXED_THIRD = "import flask\nfrom flask import Flask\nimport requests\nfrom yaml import load\n"
OTHERWISE = [
    ("force-sort-within-sections=true", f"{MIXED}\n{MIXED_THIRD}{CODE}", "two sections"),
    ("force-sort-within-sections=true", f"{MIXED}{CODE}", "one section"),
    ("from-first=true", f"{FROM_STDLIB}{STDLIB}\n{FROM_THIRD}{THIRD}{CODE}", "two sections"),
    ("from-first=true", f"{FROM_THIRD}{THIRD}{CODE}", "one section"),
    (
        "force-single-line=true",
        f"{STDLIB}from os import path\nfrom typing import Any\nfrom typing import List\n\n"
        f"{THIRD}from flask import Flask\nfrom yaml import CLoader\nfrom yaml import load\n{CODE}",
        "two sections",
    ),
    ("lines-between-types=1", f"{STDLIB}\n{FROM_STDLIB}\n{THIRD}\n{FROM_THIRD}{CODE}", "two sections"),
    ("lines-between-types=1", f"{STDLIB}\n{FROM_STDLIB}{CODE}", "one section"),
    ("lines-between-types=1", f"{STDLIB}\n{FROM_STDLIB}\n{FROM_THIRD}{CODE}", "no import in the second section"),
    ("case-sensitive=true", f"import B\nimport Z\nimport a\nimport y\n{CODE}", "capitals first"),
    ("no-sections=true", f"import flask\nimport json\nimport os\nimport requests\nimport sys\n{CODE}", "one block"),
    ("order-by-type=false", f"from yaml import CLoader, load, SafeDumper, scan\n{CODE}", "members"),
    ('known-first-party=["ours"]', f"{USUAL}\nimport ours\nfrom ours.db import x\n{CODE}", "three groups"),
    ('known-first-party=["ours"]', f"{THIRD}\nimport ours\nfrom ours.db import x\n{CODE}", "two groups"),
]


def unsorted(top: Path, paths: Sequence[str], *settings: str) -> dict[str, str]:
    """path -> what ruff says of its imports, of those it says something of."""
    config = [part for setting in settings for part in ("--config", f"lint.isort.{setting}")]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "I", *config]
    done = subprocess.run(
        [*command, "--output-format", "json", "--", *paths], cwd=top, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    said = {Path(one["filename"]).relative_to(top.resolve()).as_posix() for one in json.loads(done.stdout)}
    return {path: (top / path).read_bytes().decode() for path in said}


def still_sorted(cases: Sequence[tuple[str, str]], top: Path, *settings: str) -> None:
    """Each case with each of the wanted names: sorted before, and sorted after. ruff is asked once for all."""
    here, after = top / "before", top / "after"
    paths: list[str] = []
    for number, (place, text) in enumerate(cases):
        for qualified, module in WANTED:
            path = str(Path(place).with_name(f"case{number}_{qualified.replace('.', '_')}.py"))
            for folder, data in (
                (here, text.encode()),
                (after, written(text, new_name(qualified, module), path).after),
            ):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                if "/" in path:  # without it ruff does not take the folder for a package
                    for parent in (it for it in Path(path).parents[:-1] if it.name != "src"):
                        (folder / parent / "__init__.py").touch()
                (folder / path).write_bytes(data)
            paths.append(path)
    assert not unsorted(here, paths, *settings), "the example is not sorted to begin with"
    said = unsorted(after, paths, *settings)
    assert not said, "\n".join(f"--- {path}\n{text}" for path, text in said.items())


@pytest.mark.parametrize(("path", "text"), DEFAULT)
def test_sorted_imports_stay_sorted(path: str, text: str, tmp_path: Path) -> None:
    still_sorted([(path, text)], tmp_path)


@pytest.mark.parametrize(
    ("setting", "text"), [pytest.param(s, t, id=f"{s.split('=')[0]}, {name}") for s, t, name in OTHERWISE]
)
def test_imports_sorted_in_another_way_stay_so(setting: str, text: str, tmp_path: Path) -> None:
    still_sorted([("app.py", text)], tmp_path, setting)


@pytest.mark.parametrize(
    ("path", "text", "settings"),
    [
        pytest.param(
            "poems/app.py",
            f"import os\n\nfrom typing import Any\n\nimport requests\n\nfrom cleo.io import x\nfrom poems.core import y\n{CODE}",
            ["lines-between-types=1", 'known-third-party=["poems"]'],
            id="a namespace that many share",
        ),
        pytest.param(
            "tests/app.py",
            f"import os\n\nfrom acme.core import y\nfrom tests.kit import x\n{CODE}",
            ['known-first-party=["acme", "tests"]'],
            id="tests and what they test",
        ),
        pytest.param(
            "acme/app.py",
            f"import os\n\nfrom typing import Any\n\nimport requests\n\nfrom acme.core import y\n{CODE}",
            ["lines-between-types=1"],
            id="import of others, from of one's own",
        ),
        pytest.param(
            "app.py",
            f"from os import path\nfrom typing import Any\nfrom typing import List\n\nimport m\n\nfrom m import x\n{CODE}",
            ["lines-between-types=1", "force-single-line=true"],
            id="the kinds apart, a statement for each name",
        ),
    ],
)
def test_sorted_with_several_settings(path: str, text: str, settings: list[str], tmp_path: Path) -> None:
    still_sorted([(path, text)], tmp_path, *settings)


# --- whole texts ---------------------------------------------------------------------------------------------------------

DUMP = new_name("yaml.dump", "yaml")
FITS, LONG = (
    "from yaml import Loader, a_name_of_some_length, one, three, two, under_li\n",
    "from yaml import Loader, a_name_of_some_length, one, three, two, under_lin\n",
)
ITS_LINE = (
    "from yaml import (\n    CLoader,  # fast\n    load,\n)\n",
    "from yaml import (\n    CLoader,  # fast\n    dump,\n    load,\n)\n",
)
F, G = "def f(x): return hasattr(x)\n", "def f(x): return dump(x)\n"
H = "def f(x): return yaml.dump(x)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("from yaml import load\n" + F, "from yaml import dump, load\n" + G, id="sorted before"),
        pytest.param("from yaml import Loader\n" + F, "from yaml import Loader, dump\n" + G, id="a function last"),
        pytest.param("from yaml import b, a\n" + F, "from yaml import b, a, dump\n" + G, id="not sorted"),
        pytest.param(
            "from yaml import a as b, z\n" + F, "from yaml import a as b, dump, z\n" + G, id="beside an alias"
        ),
        pytest.param(
            "from yaml import a as b\n" + F, "from yaml import a as b\nfrom yaml import dump\n" + G, id="only an alias"
        ),
        pytest.param("from yaml import (a, z)\n" + F, "from yaml import (a, dump, z)\n" + G, id="in brackets"),
        pytest.param(ITS_LINE[0] + F, ITS_LINE[1] + G, id="a line each"),
        pytest.param(
            "from yaml import (\n    a,\n    b\n)\n" + F,
            "from yaml import (\n    a,\n    b,\n    dump\n)\n" + G,
            id="a line each, no comma at the end",
        ),
        pytest.param(
            "from yaml import (\n    a,\n    b)\n" + F,
            "from yaml import (\n    a,\n    b,\n    dump)\n" + G,
            id="a line each, the bracket behind the last",
        ),
        pytest.param(
            "from yaml import load  # noqa\n" + F, "from yaml import dump, load  # noqa\n" + G, id="with a pragma"
        ),
        pytest.param(
            "from yaml import load  # slow\n" + F,
            "import yaml\nfrom yaml import load  # slow\n" + H,
            id="a comment on it",
        ),
        pytest.param(LONG + F, "import yaml\n" + LONG + H, id="the line would be too long"),
        pytest.param(FITS + F, FITS.replace("one", "dump, one") + G, id="a line of just 79"),
        pytest.param("from yaml import *\n" + F, "import yaml\nfrom yaml import *\n" + H, id="a star"),
        pytest.param(
            "from yaml import load\n\ndump = 1\n" + F,
            "import yaml\nfrom yaml import load\n\ndump = 1\n" + H,
            id="the name is taken",
        ),
        pytest.param(
            "from yaml import load\ndef f(dump): return hasattr(1)\n",
            "import yaml\nfrom yaml import load\ndef f(dump): return yaml.dump(1)\n",
            id="the name is a parameter",
        ),
        pytest.param(
            "from yaml import load\ndef f(dump, yaml): return hasattr(1)\n",
            "import yaml as _yaml\nfrom yaml import load\ndef f(dump, yaml): return _yaml.dump(1)\n",
            id="both names are taken",
        ),
        pytest.param("import yaml\nimport yaml\n" + F, "import yaml\nimport yaml\n" + H, id="imported twice"),
        pytest.param(
            "import yaml\nif x:\n    import yaml\n" + F, "import yaml\nif x:\n    import yaml\n" + H, id="and once more"
        ),
        pytest.param(
            "from yaml import dump\nfrom yaml import dump\n" + F,
            "from yaml import dump\nfrom yaml import dump\n" + G,
            id="from, twice",
        ),
        pytest.param(
            "import yaml.x\nimport yaml\nimport yaml.z\n" + F,
            "import yaml.x\nimport yaml\nimport yaml.z\n" + H,
            id="and what is in it",
        ),
        pytest.param(F + "import yaml\n", H + "import yaml\n", id="imported below, in time for a function"),
        pytest.param(
            "x = hasattr(1)\nimport yaml\n",
            "import yaml\n\nx = yaml.dump(1)\nimport yaml\n",
            id="imported too late: twice is needed",
        ),
        pytest.param(
            "from yaml import load\nx = hasattr(1), hasattr(2)\n",
            "from yaml import dump, load\nx = dump(1), dump(2)\n",
            id="two cures, one name",
        ),
        pytest.param(
            "try:\n    import yaml\nexcept ImportError:\n    yaml = None\n" + F,
            "import yaml as _yaml\n\ntry:\n    import yaml\nexcept ImportError:\n    yaml = None\n"
            "def f(x): return _yaml.dump(x)\n",
            id="optional",
        ),
        pytest.param(
            "try:\n    from yaml import load\nexcept ImportError:\n    from ruamel import load\n" + F,
            "import yaml\n\ntry:\n    from yaml import load\nexcept ImportError:\n    from ruamel import load\n" + H,
            id="optional, from",
        ),
        pytest.param(
            "def f(x):\n    import yaml\n    return hasattr(x)\n",
            "def f(x):\n    import yaml\n    return yaml.dump(x)\n",
            id="in the function",
        ),
        pytest.param(
            "def f(x):\n    from yaml import load\n    return hasattr(x)\n",
            "def f(x):\n    from yaml import dump, load\n    return dump(x)\n",
            id="in the function, from",
        ),
        pytest.param(
            "def f(x):\n    y = hasattr(x)\n    from yaml import load\n",
            "import yaml\n\n\ndef f(x):\n    y = yaml.dump(x)\n    from yaml import load\n",
            id="in the function, too late",
        ),
        pytest.param(
            "if x:\n    from yaml import load\n" + F,
            "import yaml\n\nif x:\n    from yaml import load\n" + H,
            id="under a condition",
        ),
        pytest.param(
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from yaml import load\n" + F,
            "from typing import TYPE_CHECKING\n\nimport yaml\n\nif TYPE_CHECKING:\n    from yaml import load\n" + H,
            id="for type checking only",
        ),
        pytest.param(
            "from .yaml import load\nfrom . import yaml\n" + F,
            "import yaml as _yaml\n\nfrom .yaml import load\nfrom . import yaml\ndef f(x): return _yaml.dump(x)\n",
            id="relative",
        ),
    ],
)
def test_a_name_added(before: str, after: str) -> None:
    assert written(before, DUMP).after.decode() == after


def test_a_package_keeps_what_it_passes_on() -> None:
    """Nothing goes from `__init__.py`, and what it exports stays a list of what its author put there."""
    before = 'from yaml import load\n\nfrom .a import b\n\n__all__ = ["b", "load"]\n\nload = hasattr(load)\n'
    after = (
        'import yaml\nfrom yaml import load\n\nfrom .a import b\n\n__all__ = ["b", "load"]\n\nload = yaml.dump(load)\n'
    )
    assert written(before, DUMP, "acme/__init__.py").after.decode() in (
        after,
        after.replace("import yaml\nfrom yaml import load", "from yaml import dump, load").replace("yaml.dump", "dump"),
    )


def test_two_names_for_one_list() -> None:
    result = cured(
        "call: m.f",
        "{title: t, safety: safe, call: 'yaml.dump(yaml.load(yaml.x))', imports: [yaml]}",
        "import m\nfrom yaml import a, k, z\nm.f()\n",
    )
    assert result == Cured("import m\nfrom yaml import a, dump, k, load, x, z\ndump(load(x))\n")


def test_the_first_third_party_module_beside_ones_own() -> None:
    before = f"import logging\n\nfrom scrapy.utils import x\n{CODE}"
    after = before.replace("\n\n", "\n\nimport structlog.stdlib\n\n", 1).replace(
        "hasattr", "structlog.stdlib.get_logger"
    )
    patch = written(before, new_name("structlog.stdlib.get_logger", "structlog.stdlib"), "scrapy/addons.py")
    assert patch.after.decode() == after


def test_of_many_names_for_other_things_none_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand calls by a thousand names: who asks each name for each call waits for minutes."""
    asked = 0
    usable = spell._usable

    def counted(*args: Any) -> bool:
        nonlocal asked
        asked += 1
        return usable(*args)

    monkeypatch.setattr(spell, "_usable", counted)
    many = 30
    source = "".join(f"from yaml import load as l{i}\n" for i in range(many)) + "from yaml import SafeLoader\n"
    source += "".join(f"def f{i}(a):\n    hasattr(l{i}, a)\n" for i in range(many))
    assert len(new_name("yaml.SafeLoader", "yaml").scan(Source("a.py", source.encode()))) == many  # type: ignore[arg-type]
    assert many <= asked < 3 * many
