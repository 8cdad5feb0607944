"""Plan, proof and the real scanner together: what an engineer's file looks like afterwards."""

from __future__ import annotations

import pytest

from devsec.catalog.rule import Catalogue, Cure, Rule, Shape, Template
from devsec.catalog.rule import Test as Asked  # pytest would collect it under its own name
from devsec.fix.plan import Patch, plan
from devsec.levels import Confidence, Level, Safety, Severity
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Source


def rule(id: str, shape: Shape, *cures: Cure) -> Rule:
    return Rule(id, "T", ("CWE-1",), Severity.HIGH, Confidence.HIGH, Level.BLOCK, "Why.", (shape,), cures)


RULES = (
    rule("digest", Shape("call", ("operator.eq",)), Cure("Compare", Safety.SAFE, call=Template("hmac.compare_digest"))),
    rule("md5", Shape("call", ("hashlib.md5",)), Cure("Use SHA-256", Safety.SAFE, call=Template("hashlib.sha256"))),
    rule(
        "random",
        Shape("call", ("random.random",)),
        Cure("Roll", Safety.SAFE, call=Template("secrets.SystemRandom().random()")),
    ),
    rule(
        "shell",
        Shape("call", ("subprocess.run", "subprocess.call"), args=(("shell", (Asked(equals=(True,)),)),)),
        Cure("No shell", Safety.SAFE, drop=("shell",)),
    ),
)
CATALOGUE = Catalogue(RULES, ())
SCANNER = Scanner(CATALOGUE, Gate.build(CATALOGUE))


def fixed(data: bytes) -> Patch:
    source = Source("app.py", data)
    findings = SCANNER.scan(source)
    assert isinstance(findings, tuple)
    assert findings
    patch = plan(source, findings, SCANNER)
    assert isinstance(patch, Patch)
    assert len(patch.applied) + len(patch.refused) == len(findings)
    again = SCANNER.scan(Source("app.py", patch.after))
    assert isinstance(again, tuple)
    assert len(again) == len(patch.refused)
    return patch


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "import hashlib\nhashlib.md5(hashlib.md5(x).digest())\n",
            "import hashlib\nhashlib.sha256(hashlib.sha256(x).digest())\n", id="nested",
        ),
        pytest.param(
            "import hashlib, subprocess\nsubprocess.run(hashlib.md5(a), shell=True); hashlib.md5(b)\n",
            "import hashlib, subprocess\nsubprocess.run(hashlib.sha256(a)); hashlib.sha256(b)\n", id="two rules on one line",
        ),
        pytest.param(
            "import operator\noperator.eq(a, b)\noperator.eq(c, d)\n",
            "import hmac\nhmac.compare_digest(a, b)\nhmac.compare_digest(c, d)\n", id="one import for two",
        ),
        pytest.param(
            "import operator\nimport random\nx = operator.eq(random.random(), random.random())\n",
            "import hmac\nimport secrets\n"
            "x = hmac.compare_digest(secrets.SystemRandom().random(), secrets.SystemRandom().random())\n",
            id="two imports, nested, whole expressions",
        ),
        pytest.param(
            "from hashlib import md5 as m\nif m(x): y = [m(z) for z in m(y)]; w = f'{m(1)}'\n",
            "from hashlib import sha256\n"
            "if sha256(x): y = [sha256(z) for z in sha256(y)]; w = f'{sha256(1)}'\n",
            id="from-import with alias",
        ),
        pytest.param(
            "from operator import eq\n\ndef f(hmac):\n\treturn eq(hmac, 1)\n",
            "import hmac as _hmac\n\ndef f(hmac):\n\treturn _hmac.compare_digest(hmac, 1)\n",
            id="the name is taken: an alias",
        ),
        pytest.param("import hashlib\n\x0c\nhashlib.md5(  # why\n\tx\n)", "import hashlib\n\x0c\nhashlib.sha256(  # why\n\tx\n)",
                     id="form feed, tab, comment, no final newline"),
        pytest.param("import hashlib\nx = lambda a=hashlib.md5(b''): hashlib.md5(a) \\\n  .digest()\n",
                     "import hashlib\nx = lambda a=hashlib.sha256(b''): hashlib.sha256(a) \\\n  .digest()\n", id="lambda, default"),
        pytest.param(
            "import hashlib, subprocess as s\nwhile (h := hashlib.md5(x)): s.call(h, shell=True,); s.run((), shell=True)\n",
            "import hashlib, subprocess as s\nwhile (h := hashlib.sha256(x)): s.call(h,); s.run(())\n",
            id="walrus, one-line suite, trailing comma",
        ),
        pytest.param(
            "import hashlib\n@d(hashlib.md5(a))\nasync def f(x=hashlib.md5(b)):\n    match hashlib.md5(await c):\n"
            "        case 1: return f'{hashlib.md5(d)!r:>{hashlib.md5(e)}}'\n",
            "import hashlib\n@d(hashlib.sha256(a))\nasync def f(x=hashlib.sha256(b)):\n    match hashlib.sha256(await c):\n"
            "        case 1: return f'{hashlib.sha256(d)!r:>{hashlib.sha256(e)}}'\n",
            id="decorator, async, match, nested f-string",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
def test_cured(before: str, after: str, ending: str, bom: bytes) -> None:
    patch = fixed(bom + before.replace("\n", ending).encode())
    assert patch.refused == ()
    assert patch.after == bom + after.replace("\n", ending).encode()


def test_latin_1() -> None:
    before = "# -*- coding: latin-1 -*-\nimport operator\nx = 'é'; operator.eq('ü', b'')\n".encode("latin-1")
    after = "# -*- coding: latin-1 -*-\nimport hmac\nx = 'é'; hmac.compare_digest('ü', b'')\n"
    assert fixed(before).after == after.encode("latin-1")
