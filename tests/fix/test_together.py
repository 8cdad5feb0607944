"""Many fixes in one file, in every corner of the grammar: the whole text is compared, and what is not cured is named.

With the bundled rules, because cures that work alone can still stand in each other's way.
"""

from __future__ import annotations

import sys
from functools import cache

import pytest
from invariants import patched

from devsec.catalog.load import load
from devsec.fix.plan import Patch
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source

SAME = None  # nothing is changed
BOM = b"\xef\xbb\xbf"


@cache
def scanner() -> Scanner:
    catalogue = load()
    return Scanner(catalogue, Gate.build(catalogue))


def fixed(data: bytes) -> Patch:
    """The patch, of which everything holds that must hold of any."""
    answer = patched(Source("app.py", data), scanner(), hardening=True)
    assert answer is not None
    findings, patch = answer
    assert findings, "the example must hold a finding"
    return patch


def check(before: bytes, after: bytes | None, refused: dict[str, str]) -> None:
    patch = fixed(before)
    assert patch.after == (before if after is SAME else after)
    assert {it.rule: it.reason[: len(refused.get(it.rule, it.reason))] for it in patch.refused} == refused


TABLE = [
    pytest.param(
        "import hashlib\nd = hashlib.md5(hashlib.sha1(x).digest())\n",
        "import hashlib\nd = hashlib.md5(hashlib.sha1(x, usedforsecurity=False).digest(), usedforsecurity=False)\n",
        {}, id='nested, both found',
    ),
    pytest.param(
        "import hashlib, requests, yaml\nr = requests.get(yaml.load(hashlib.md5(x).digest(), yaml.Loader), verify=False, timeout=3)\n",
        "import hashlib, requests, yaml\nr = requests.get(yaml.safe_load(hashlib.md5(x, usedforsecurity=False).digest()), timeout=3)\n",
        {}, id='nested three deep, three rules',
    ),
    pytest.param(
        "import yaml\na = yaml.load(x), yaml.load(y)\n",
        "import yaml\na = yaml.safe_load(x), yaml.safe_load(y)\n",
        {}, id='two on one line',
    ),
    pytest.param(
        "import requests\nrequests.get(url, verify=False)\n",
        "import requests\nrequests.get(url, timeout=30)\n",
        {}, id='two rules on one call',
    ),
    pytest.param(
        "import os, tempfile\nkey = os.environ.get('SECRET_KEY') or 'dev'; p = tempfile.mktemp()\n",
        "import os, tempfile\nkey = os.environ['SECRET_KEY']; p = tempfile.NamedTemporaryFile(delete=False).name\n",
        {}, id='overlapping: one inside what the other replaces',
    ),
    pytest.param(
        "import hmac\nok = (hmac.new(k, b, 'sha256').digest() == given) == (hmac.new(k, c, 'sha256').digest() == other)\n",
        "import hmac\nok = (hmac.compare_digest(hmac.new(k, b, 'sha256').digest(), given)) == (hmac.compare_digest(hmac.new(k, c, 'sha256').digest(), other))\n",
        {}, id='overlapping: comparison of a comparison',
    ),
    pytest.param(
        "import yaml\ns = f'{yaml.load(x)}'\n",
        "import yaml\ns = f'{yaml.safe_load(x)}'\n",
        {}, id='f-string',
    ),
    pytest.param(
        "import hashlib\ns = f'{hashlib.md5(x)!r:>{width}} {{literal}}'\n",
        "import hashlib\ns = f'{hashlib.md5(x, usedforsecurity=False)!r:>{width}} {{literal}}'\n",
        {}, id='f-string, format and conversion',
    ),
    pytest.param(
        "import requests\ns = f'''\n{requests.get(url, timeout=1,\n   verify=False)}\n'''\n",
        "import requests\ns = f'''\n{requests.get(url, timeout=1)}\n'''\n",
        {}, id='f-string of many lines',
    ),
    pytest.param(
        'import os\ns = f\'{os.environ.get("SECRET_KEY", "dev")}\'\n',
        'import os\ns = f\'{os.environ["SECRET_KEY"]}\'\n',
        {}, id='f-string whose quote the cure needs',
    ),
    pytest.param(
        "import yaml\n\n@cached(yaml.load(text))\ndef f():\n    pass\n",
        "import yaml\n\n@cached(yaml.safe_load(text))\ndef f():\n    pass\n",
        {}, id='decorator',
    ),
    pytest.param(
        "import hashlib\n\n@a(hashlib.md5(b'1'))\n@b(hashlib.md5(b'2'))\nclass C:\n    x = hashlib.md5(b'3')\n",
        "import hashlib\n\n@a(hashlib.md5(b'1', usedforsecurity=False))\n@b(hashlib.md5(b'2', usedforsecurity=False))\nclass C:\n    x = hashlib.md5(b'3', usedforsecurity=False)\n",
        {}, id='decorators, several',
    ),
    pytest.param(
        "import yaml\nwhile chunk := yaml.load(stream):\n    print(chunk)\n",
        "import yaml\nwhile chunk := yaml.safe_load(stream):\n    print(chunk)\n",
        {}, id='walrus',
    ),
    pytest.param(
        "import os\nif (key := os.environ.get('SECRET_KEY', 'dev')) and ready: pass\n",
        "import os\nif (key := os.environ['SECRET_KEY']) and ready: pass\n",
        {}, id='walrus in brackets',
    ),
    pytest.param(
        "import yaml\nmatch yaml.load(x):\n    case {'a': a} if yaml.load(a): yaml.load(a)\n    case _:\n        yaml.load(x)\n",
        "import yaml\nmatch yaml.safe_load(x):\n    case {'a': a} if yaml.safe_load(a): yaml.safe_load(a)\n    case _:\n        yaml.safe_load(x)\n",
        {}, id='match',
    ),
    pytest.param(
        "import yaml\nx = \\\n  yaml. \\\n  load \\\n  (text)\n",
        "import yaml\nx = \\\n  yaml.safe_load \\\n  (text)\n",
        {}, id='backslashes',
    ),
    pytest.param(
        "import requests\nrequests.get(url, timeout=3, \\\n    verify=False)\n",
        "import requests\nrequests.get(url, timeout=3)\n",
        {}, id='backslash before what is dropped',
    ),
    pytest.param(
        "import os\nSECRET_KEY = \\\n    os.environ.get('SECRET_KEY', 'dev')\n",
        "import os\nSECRET_KEY = \\\n    os.environ['SECRET_KEY']\n",
        {}, id='backslash assignment',
    ),
    pytest.param(
        "import yaml\nif x: y = yaml.load(x)\n",
        "import yaml\nif x: y = yaml.safe_load(x)\n",
        {}, id='one-line if',
    ),
    pytest.param(
        "import yaml\nif x: yaml.load(x)\nelif yaml.load(y): yaml.load(z)\nelse: yaml.load(w)\n",
        "import yaml\nif x: yaml.safe_load(x)\nelif yaml.safe_load(y): yaml.safe_load(z)\nelse: yaml.safe_load(w)\n",
        {}, id='one-line if, else',
    ),
    pytest.param(
        "import requests\nwith requests.get(a, timeout=1, verify=False) as r: r.raise_for_status(); requests.get(b, timeout=1, verify=False)\n",
        "import requests\nwith requests.get(a, timeout=1) as r: r.raise_for_status(); requests.get(b, timeout=1)\n",
        {}, id='one-line with',
    ),
    pytest.param(
        "import yaml\ndef f(x): return yaml.load(x)\nclass C: y = yaml.load(z); z = 1\n",
        "import yaml\ndef f(x): return yaml.safe_load(x)\nclass C: y = yaml.safe_load(z); z = 1\n",
        {}, id='one-line def and class',
    ),
    pytest.param(
        "import yaml\nfor x in yaml.load(a): yaml.load(x)\nwhile yaml.load(b): yaml.load(c); break\ntry: yaml.load(d)\nexcept E: yaml.load(e)\nfinally: yaml.load(f)\n",
        "import yaml\nfor x in yaml.safe_load(a): yaml.safe_load(x)\nwhile yaml.safe_load(b): yaml.safe_load(c); break\ntry: yaml.safe_load(d)\nexcept E: yaml.safe_load(e)\nfinally: yaml.safe_load(f)\n",
        {}, id='one-line for, while, try',
    ),
    pytest.param(
        "import yaml; a = yaml.load(x); b = yaml.load(y);\n",
        "import yaml; a = yaml.safe_load(x); b = yaml.safe_load(y);\n",
        {}, id='semicolons',
    ),
    pytest.param(
        "import urllib3\nurllib3.disable_warnings(); x = 1\n",
        "x = 1\n",
        {}, id='delete, first of a line',
    ),
    pytest.param(
        "import urllib3\nx = 1; urllib3.disable_warnings(); y = 2\n",
        "x = 1; y = 2\n",
        {}, id='delete, between',
    ),
    pytest.param(
        "import urllib3\nx = 1; urllib3.disable_warnings()\n",
        "x = 1\n",
        {}, id='delete, last of a line',
    ),
    pytest.param(
        "import urllib3\nx = 1; urllib3.disable_warnings();\n",
        "x = 1;\n",
        {}, id='delete, before a last semicolon',
    ),
    pytest.param(
        "import urllib3\nurllib3.disable_warnings();\n",
        "",
        {}, id='delete, alone before a semicolon',
    ),
    pytest.param(
        "import urllib3\nurllib3.disable_warnings(); urllib3.disable_warnings()\n",
        "",
        {}, id='delete, two on one line',
    ),
    pytest.param(
        "import urllib3\nurllib3.disable_warnings(); urllib3.disable_warnings(); urllib3.disable_warnings()\nx = 1\n",
        "x = 1\n",
        {}, id='delete, three on one line',
    ),
    pytest.param(
        "import urllib3\n\ndef f():\n    urllib3.disable_warnings()\n    urllib3.disable_warnings()\n",
        "def f():\n    pass\n",
        {}, id='delete, all of a block',
    ),
    pytest.param(
        "import urllib3\n\ndef f():\n    'Why.'\n    urllib3.disable_warnings()\n",
        "def f():\n    'Why.'\n",
        {}, id='delete, all of a block after its docstring',
    ),
    pytest.param(
        "import keras\nclass C:\n    x = 1\n    keras.config.enable_unsafe_deserialization()\n\n\ny = 2\n",
        "class C:\n    x = 1\n\n\ny = 2\n",
        {}, id='delete, the last of a class',
    ),
    pytest.param(
        "import keras\nclass C: keras.config.enable_unsafe_deserialization()\n",
        "class C: pass\n",
        {}, id='delete, the only one of a class',
    ),
    pytest.param(
        "import urllib3\n# quiet\nurllib3.disable_warnings()  # please\nx = 1\n",
        SAME,
        {'urllib3-warnings-silenced': 'only advice: Let the warnings be seen (not written: a comment would be'}, id='delete, comments above and beside',
    ),
    pytest.param(
        "import urllib3\nurllib3.disable_warnings(\n)\nx = 1\n",
        "x = 1\n",
        {}, id='delete, over lines',
    ),
    pytest.param(
        "import urllib3\nx = 1\nurllib3.disable_warnings()",
        "x = 1\n",
        {}, id='delete, no final newline',
    ),
    pytest.param(
        "import yaml\nif x:\n\tif y:\n\t\tz = yaml.load(\n\t\t\tx\n\t\t)\n",
        "import yaml\nif x:\n\tif y:\n\t\tz = yaml.safe_load(\n\t\t\tx\n\t\t)\n",
        {}, id='tabs',
    ),
    pytest.param(
        'import yaml\n\x0c\nx = yaml.load(a)\n\x0cy = yaml.load(b)\n',
        'import yaml\n\x0c\nx = yaml.safe_load(a)\n\x0cy = yaml.safe_load(b)\n',
        {}, id='form feeds',
    ),
    pytest.param(
        "import httpx\n\nasync def f():\n    async with httpx.AsyncClient(verify=False) as c, httpx.AsyncClient(verify=False, http2=True) as d:\n        return await c.get(url), [await d.get(u) async for u in us]\n",
        "import httpx\n\nasync def f():\n    async with httpx.AsyncClient() as c, httpx.AsyncClient(http2=True) as d:\n        return await c.get(url), [await d.get(u) async for u in us]\n",
        {}, id='await',
    ),
    pytest.param(
        "import yaml\n\nasync def f():\n    async for x in yaml.load(y):\n        z = [yaml.load(await a) async for a in b if yaml.load(a)]\n    return await g(yaml.load(z))\n",
        "import yaml\n\nasync def f():\n    async for x in yaml.safe_load(y):\n        z = [yaml.safe_load(await a) async for a in b if yaml.safe_load(a)]\n    return await g(yaml.safe_load(z))\n",
        {}, id='async for and comprehension',
    ),
    pytest.param(
        "import yaml, hashlib\nf = lambda x, y=hashlib.md5(b''): yaml.load(x)\n",
        "import yaml, hashlib\nf = lambda x, y=hashlib.md5(b'', usedforsecurity=False): yaml.safe_load(x)\n",
        {}, id='lambda',
    ),
    pytest.param(
        "import yaml\ndef f(a=yaml.load(x), *, b=yaml.load(y), **k): pass\n",
        "import yaml\ndef f(a=yaml.safe_load(x), *, b=yaml.safe_load(y), **k): pass\n",
        {}, id='defaults',
    ),
    pytest.param(
        "import yaml\ndef f(a: yaml.load(x) = 1) -> yaml.load(y): ...\n",
        "import yaml\ndef f(a: yaml.safe_load(x) = 1) -> yaml.safe_load(y): ...\n",
        {}, id='annotations and return',
    ),
    pytest.param(
        "import yaml\na = [yaml.load(x) for x in yaml.load(xs) if yaml.load(x)]\nb = {yaml.load(k): yaml.load(v) for k, v in c}\nd = (yaml.load(x) for x in y)\ne = {yaml.load(x) for x in y}\n",
        "import yaml\na = [yaml.safe_load(x) for x in yaml.safe_load(xs) if yaml.safe_load(x)]\nb = {yaml.safe_load(k): yaml.safe_load(v) for k, v in c}\nd = (yaml.safe_load(x) for x in y)\ne = {yaml.safe_load(x) for x in y}\n",
        {}, id='comprehensions',
    ),
    pytest.param(
        "import hashlib\nx = hashlib.md5(b for b in c)\n",
        "import hashlib\nx = hashlib.sha256(b for b in c)\n",
        {}, id='a bare generator as the only argument',
    ),
    pytest.param(
        "import yaml\nx = yaml.load(a) if yaml.load(b) else yaml.load(c)\n",
        "import yaml\nx = yaml.safe_load(a) if yaml.safe_load(b) else yaml.safe_load(c)\n",
        {}, id='ternaries',
    ),
    pytest.param(
        "import hmac\nok = not hmac.new(k, b, 'sha256').digest() == given if x else None\n",
        "import hmac\nok = not hmac.compare_digest(hmac.new(k, b, 'sha256').digest(), given) if x else None\n",
        {}, id='ternary that a comparison becomes part of',
    ),
    pytest.param(
        "import hmac\nif ready and hmac.new(k, b, 'sha256').digest() != given and other: pass\n",
        "import hmac\nif ready and (not hmac.compare_digest(hmac.new(k, b, 'sha256').digest(), given)) and other: pass\n",
        {}, id='not equal beside and',
    ),
    pytest.param(
        "import hmac\nx = -1 + (hmac.new(k, b, 'sha256').digest() != given)\n",
        "import hmac\nx = -1 + (not hmac.compare_digest(hmac.new(k, b, 'sha256').digest(), given))\n",
        {}, id='not equal in a comparison of its result',
    ),
    pytest.param(
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None\n\nif yaml:\n    x = yaml.load(y)\n",
        SAME,
        {'yaml-load-without-loader': 'only advice: Load with yaml.safe_load (not written: the name may refer'}, id='conditional import',
    ),
    pytest.param(
        "if fast:\n    import yaml\nx = yaml.load(y)\n",
        SAME,
        {'yaml-load-without-loader': 'only advice: Load with yaml.safe_load (not written: `yaml` is imported'}, id='import under if',
    ),
    pytest.param(
        "def f(x):\n    import yaml\n    def g():\n        return yaml.load(x)\n    return yaml.load(g)\n",
        "def f(x):\n    import yaml\n    def g():\n        return yaml.safe_load(x)\n    return yaml.safe_load(g)\n",
        {}, id='import in the function',
    ),
    pytest.param(
        "import os\nclass Config:\n    SECRET_KEY = os.environ.get('SECRET_KEY', 'dev')\n    JWT = [os.getenv('JWT_SECRET', 'x')]\n",
        "import os\nclass Config:\n    SECRET_KEY = os.environ['SECRET_KEY']\n    JWT = [os.environ['JWT_SECRET']]\n",
        {}, id='class body',
    ),
    pytest.param(
        "import requests\nrequests.get(*a, verify=False)\nrequests.get(u, *a, verify=False, **k)\nrequests.get(u, timeout=1, verify=False, **k)\n",
        "import requests\nrequests.get(*a, verify=False)\nrequests.get(u, *a, **k)\nrequests.get(u, timeout=1, **k)\n",
        {}, id='star arguments',
    ),
    pytest.param(
        "import yaml\nif 1 < yaml.load(a) <= yaml.load(b) != c: pass\n",
        "import yaml\nif 1 < yaml.safe_load(a) <= yaml.safe_load(b) != c: pass\n",
        {}, id='chained comparisons',
    ),
    pytest.param(
        "import requests\nrequests.get(\n    url,  # where\n    timeout=3,  # soon\n    verify=False,  # noqa: S501\n    # the end\n)\n",
        "import requests\nrequests.get(\n    url,  # where\n    timeout=3,  # soon\n    # the end\n)\n",
        {}, id='comments inside',
    ),
    pytest.param(
        "import requests\nx = requests.get(u,  # where\n  verify=False,\n  )\n",
        "import requests\nx = requests.get(u, timeout=30,  # where\n  )\n",
        {}, id='a comment behind the argument before',
    ),
    pytest.param(
        "import requests\nrequests.get(\n    url, timeout=3,\n    verify=False,  # they asked for it\n)\n",
        "import requests\nrequests.get(\n    url, timeout=3,  # they asked for it\n)\n",
        {}, id='a comment behind what is dropped',
    ),
    pytest.param(
        "import requests\nrequests.get(\n    url, timeout=3,\n    verify=  # why\n      False,\n)\nrequests.get(u, timeout=3, verify=False)\n",
        "import requests\nrequests.get(\n    url, timeout=3,\n    verify=  # why\n      False,\n)\nrequests.get(u, timeout=3)\n",
        {'requests-verify-off': 'only advice: Check certificates again (not written: a comment would be'}, id='a comment in what is dropped',
    ),
    pytest.param(
        "import hashlib\nx = (hashlib.sha1  # (\n     ())\n",
        "import hashlib\nx = (hashlib.sha1  # (\n     (usedforsecurity=False))\n",
        {}, id='a comment between callee and bracket',
    ),
    pytest.param(
        "import os\nkey = os.environ.get('SECRET' '_KEY', 'a' 'b'\n 'c')\n",
        "import os\nkey = os.environ['SECRET' '_KEY']\n",
        {}, id='implicit concatenation',
    ),
    pytest.param(
        "import yaml\r\nx = yaml.load(\r\n    a,\r\n    yaml.Loader,\r\n)\r\n",
        "import yaml\r\nx = yaml.safe_load(\r\n    a,\r\n)\r\n",
        {}, id='CRLF',
    ),
    pytest.param(
        "from yaml import load\r\nx = load(a)\r\n",
        "from yaml import safe_load\r\nx = safe_load(a)\r\n",
        {}, id='CRLF, one name for another',
    ),
    pytest.param(
        "import random\r\nimport sys\r\npassword = random.choice(chars)\r\n",
        "import secrets\r\nimport sys\r\npassword = secrets.choice(chars)\r\n",
        {}, id='CRLF, an import is added',
    ),
    pytest.param(
        "from yaml import load\r\nx = load(a)\ny = load(\r\n    b)\n",
        "from yaml import safe_load\r\nx = safe_load(a)\ny = safe_load(\r\n    b)\n",
        {}, id='mixed endings',
    ),
    pytest.param(
        "from yaml import load\rx = load(a)\r",
        "from yaml import safe_load\rx = safe_load(a)\r",
        {}, id='lone CR',
    ),
    pytest.param(
        "import yaml\nx = yaml.load(a)",
        "import yaml\nx = yaml.safe_load(a)",
        {}, id='no final newline',
    ),
    pytest.param(
        "from yaml import load;x = load(a)",
        "from yaml import load, safe_load;x = safe_load(a)",
        {}, id='no final newline, a name added',
    ),
    pytest.param(
        "import random;password = random.choice(chars)",
        "import secrets\n\nimport random;password = secrets.choice(chars)",
        {}, id='no final newline, import added',
    ),
    pytest.param(
        "from __future__ import annotations\nfrom yaml import load\nx = load(a)\n",
        "from __future__ import annotations\nfrom yaml import safe_load\nx = safe_load(a)\n",
        {}, id='future and one import',
    ),
    pytest.param(
        "from __future__ import annotations\n\n\ndef f():\n    import random\n    password = random.choice(chars)\n",
        "from __future__ import annotations\n\nimport secrets\n\n\ndef f():\n    import random\n    password = secrets.choice(chars)\n",
        {}, id='future only',
    ),
    pytest.param(
        '"""What."""\nfrom __future__ import annotations\n\n\ndef f():\n    from yaml import load\n    return load(a)\n',
        '"""What."""\nfrom __future__ import annotations\n\n\ndef f():\n    from yaml import load, safe_load\n    return safe_load(a)\n',
        {}, id='an import in a function',
    ),
    pytest.param(
        '"""What."""\nfrom __future__ import annotations\n\n\ndef f():\n    import random\n    password = random.choice(chars)\n',
        '"""What."""\nfrom __future__ import annotations\n\nimport secrets\n\n\ndef f():\n    import random\n    password = secrets.choice(chars)\n',
        {}, id='future, docstring, no import',
    ),
    pytest.param(
        "import subprocess, yaml\nsubprocess.run('ls -l ' + path, shell=True); subprocess.run(['ls', yaml.load(x)], shell=True)\n",
        'import subprocess, yaml\nsubprocess.run(["ls", "-l", path]); subprocess.run([\'ls\', yaml.safe_load(x)])\n',
        {}, id='shell split beside others',
    ),
    pytest.param(
        "import ssl\ncontext = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE\n",
        "import ssl\ncontext = ssl.create_default_context(); context.check_hostname = False\n",
        {'ssl-hostname-unchecked': 'only advice: Leave the check on (Take this line out, and one that sets'}, id='ssl context in two statements',
    ),
    pytest.param(
        "import yaml\ndonnées = yaml.load(ключ); 変数 = '🔑', yaml.load(données)\n",
        "import yaml\ndonnées = yaml.safe_load(ключ); 変数 = '🔑', yaml.safe_load(données)\n",
        {}, id='unicode names',
    ),
    pytest.param(
        "import yaml\ndef f():\n    global data; data = yaml.load(x); del x\n",
        "import yaml\ndef f():\n    global data; data = yaml.safe_load(x); del x\n",
        {}, id='del and global',
    ),
    pytest.param(
        "import yaml\ndef f():\n    assert yaml.load(a), yaml.load(b)\n    x = yield yaml.load(c)\n    if x: raise E(yaml.load(d)) from yaml.load(e)\n    return *yaml.load(f), 1\n",
        "import yaml\ndef f():\n    assert yaml.safe_load(a), yaml.safe_load(b)\n    x = yield yaml.safe_load(c)\n    if x: raise E(yaml.safe_load(d)) from yaml.safe_load(e)\n    return *yaml.safe_load(f), 1\n",
        {}, id='assert, raise, return, yield',
    ),
    pytest.param(
        "import yaml\nx[yaml.load(a):yaml.load(b)] = y[yaml.load(c)]\n",
        "import yaml\nx[yaml.safe_load(a):yaml.safe_load(b)] = y[yaml.safe_load(c)]\n",
        {}, id='subscripts and slices',
    ),
    pytest.param(
        "import yaml\na += yaml.load(x)\nb = c = yaml.load(y)\nd, *e = yaml.load(z)\n",
        "import yaml\na += yaml.safe_load(x)\nb = c = yaml.safe_load(y)\nd, *e = yaml.safe_load(z)\n",
        {}, id='augmented, chained and starred',
    ),
    pytest.param(
        "import yaml\nx = yaml.load(a)  # type: dict  # noqa: S506\n",
        "import yaml\nx = yaml.safe_load(a)  # type: dict  # noqa: S506\n",
        {}, id='type comment and noqa',
    ),
    pytest.param(
        'import urllib3\n\x0curllib3.disable_warnings()\nx = 1\n',
        "x = 1\n",
        {}, id='delete, a form feed before it',
    ),
    pytest.param(
        "import keras\nif x:\n    keras.config.enable_unsafe_deserialization()\ny = 1\n",
        "if x:\n    pass\ny = 1\n",
        {}, id='delete, the only body',
    ),
    pytest.param(
        "import keras\nif x: keras.config.enable_unsafe_deserialization()\nelse: keras.config.enable_unsafe_deserialization(); y = 1\n",
        "if x: pass\nelse: y = 1\n",
        {}, id='delete, the only body on the line',
    ),
    pytest.param(
        "import keras\nwith a: keras.config.enable_unsafe_deserialization(); keras.config.enable_unsafe_deserialization()\n",
        "with a: pass\n",
        {}, id='delete, all of one line',
    ),
    pytest.param(
        "import keras\ndef f(): keras.config.enable_unsafe_deserialization(); keras.config.enable_unsafe_deserialization(); keras.config.enable_unsafe_deserialization()\n",
        "def f(): pass\n",
        {}, id='delete, all of one line of a function',
    ),
    pytest.param(
        "import keras\ntry:\n    keras.config.enable_unsafe_deserialization()\nexcept E:\n    keras.config.enable_unsafe_deserialization()\nelse:\n    keras.config.enable_unsafe_deserialization()\nfinally:\n    keras.config.enable_unsafe_deserialization()\n",
        "try:\n    pass\nexcept E:\n    pass\nelse:\n    pass\nfinally:\n    pass\n",
        {}, id='delete, the last of a try and of its ends',
    ),
    pytest.param(
        "import keras\nmatch x:\n    case 1: keras.config.enable_unsafe_deserialization()\n    case _:\n        keras.config.enable_unsafe_deserialization()\n",
        "match x:\n    case 1: pass\n    case _:\n        pass\n",
        {}, id='delete, in a case',
    ),
    pytest.param(
        "import keras\nkeras.config \\\n  .enable_unsafe_deserialization()\nx = 1\n",
        "x = 1\n",
        {}, id='delete, with a backslash',
    ),
    pytest.param(
        "import keras\ndef f():\n    x = 1\n    keras.config.enable_unsafe_deserialization()",
        "def f():\n    x = 1\n",
        {}, id='delete, the last line, indented, no newline',
    ),
    pytest.param(
        "import keras\nif x:\n\tx = 1\n\tkeras.config.enable_unsafe_deserialization()  \n\ty = 2\n",
        "if x:\n\tx = 1\n\ty = 2\n",
        {}, id='delete, tabs and blanks behind',
    ),
    pytest.param(
        "import keras\nif x:\n    # why\n    keras.config.enable_unsafe_deserialization()\n    # the end\n",
        "if x:\n    # why\n    pass\n    # the end\n",
        {}, id='delete, after comments of its block',
    ),
    pytest.param(
        "import hashlib\nhashlib.md5(*a)\nhashlib.md5(x, usedforsecurity=True, **k)\n",
        "import hashlib\nhashlib.md5(*a)\nhashlib.md5(x, usedforsecurity=False, **k)\n",
        {}, id='star arguments, nothing is added',
    ),
    pytest.param(
        '"""What."""\nsession_key = 1\napp = Flask(__name__)\n\nfrom flask import Flask\n\napp = Flask(__name__)\napp.secret_key = "a key everybody reads"\n',
        '"""What."""\nsession_key = 1\napp = Flask(__name__)\n\nimport os\n\nfrom flask import Flask\n\napp = Flask(__name__)\napp.secret_key = os.environ["SECRET_KEY"]\n',
        {}, id='docstring, then a secret',
    ),
    pytest.param(
        "#!/usr/bin/env python3\nimport random\npassword = random.choice(chars)\n",
        "#!/usr/bin/env python3\nimport secrets\npassword = secrets.choice(chars)\n",
        {}, id='shebang and a new import',
    ),
    pytest.param(
        "#!/usr/bin/env python3\n# Ours.\nx = 1\n\n\ndef f():\n    import random\n    password = random.choice(chars)\n",
        "#!/usr/bin/env python3\n# Ours.\nimport secrets\n\nx = 1\n\n\ndef f():\n    import random\n    password = secrets.choice(chars)\n",
        {}, id='shebang, comment, new first import',
    ),
    pytest.param(
        "import random\ndef f(secrets):\n    def g():\n        token = random.choice(letters)\n        return token\n    return g\n",
        "import secrets as _secrets\ndef f(secrets):\n    def g():\n        token = _secrets.choice(letters)\n        return token\n    return g\n",
        {}, id='a name that is taken in between',
    ),
    pytest.param(
        "try:\n    from yaml import load\nexcept ImportError:\n    from other import load\nx = load(y)\n",
        SAME,
        {'yaml-load-without-loader': 'only advice: Load with yaml.safe_load (not written: the name may refer'}, id='a fallback of another package',
    ),
    pytest.param(
        "import sqlite3\nc = sqlite3.connect(p).cursor()\nc.execute(f'select a from t where b = {b}'); c.execute('select a from t where b = %s' % b)\n",
        "import sqlite3\nc = sqlite3.connect(p).cursor()\nc.execute('select a from t where b = ?', (b,)); c.execute('select a from t where b = ?', (b,))\n",
        {}, id='sql beside others',
    ),
    pytest.param(
        "import sqlite3\nc = sqlite3.connect(p).cursor()\nq = f'select a from t where b = {b}'\nc.execute(q); n = 1\n",
        SAME,
        {'sql-built-by-hand': 'only advice: Pass the values beside the text (not written: the query i'}, id='sql over two statements',
    ),
    pytest.param(
        "import yaml\nx = yaml.load(yaml.load(y, Loader=yaml.Loader), yaml.UnsafeLoader)\n",
        "import yaml\nx = yaml.safe_load(yaml.safe_load(y))\n",
        {}, id='callee and arguments of one call',
    ),
    pytest.param(
        "from yaml import load\nx = load(a)\n\n\ndef f():\n    return load(b)\n",
        "from yaml import safe_load\nx = safe_load(a)\n\n\ndef f():\n    return safe_load(b)\n",
        {}, id='two cures want one name',
    ),
    pytest.param(
        "import random\npassword = random.choice(chars)\n\n\ndef f():\n    token = random.choice(chars)\n",
        "import secrets\npassword = secrets.choice(chars)\n\n\ndef f():\n    token = secrets.choice(chars)\n",
        {}, id='two cures want one import',
    ),
    pytest.param(
        "from tempfile import mktemp\nfrom yaml import load\nx = load(mktemp())\n",
        "from tempfile import NamedTemporaryFile\nfrom yaml import safe_load\nx = safe_load(NamedTemporaryFile(delete=False).name)\n",
        {}, id='two cures want two names',
    ),
    pytest.param(
        "import random\nimport subprocess\n\npassword = random.choice(chars)\ns = f\"{subprocess.run('ls ' + password, shell=True)}\"\n",
        "import secrets\nimport shlex\nimport subprocess\n\npassword = secrets.choice(chars)\ns = f\"{subprocess.run('ls ' + shlex.quote(password), shell=True)}\"\n",
        {}, id='two cures want two imports',
    ),
    pytest.param(
        "import requests\ns = requests.Session()\ns.verify = False; s.get(url, verify=False)\n",
        "import requests\ns = requests.Session()\ns.verify = True; s.get(url)\n",
        {}, id='a receiver in another cure',
    ),
    pytest.param(
        "import requests\nwith (\n    requests.get(a, timeout=1, verify=False) as r,\n    requests.get(b, timeout=1, verify=False),\n):\n    pass\n",
        "import requests\nwith (\n    requests.get(a, timeout=1) as r,\n    requests.get(b, timeout=1),\n):\n    pass\n",
        {}, id='with in brackets',
    ),
    pytest.param(
        "import yaml\n\n\ndef f(x):\n    if x:\n        pass\n      # one\n     # two\n    return yaml.load(x)\n",
        "import yaml\n\n\ndef f(x):\n    if x:\n        pass\n      # one\n     # two\n    return yaml.safe_load(x)\n",
        {}, id='comments less and less indented',
    ),
    pytest.param(
        'import yaml\nif x:\n    y = yaml.load(a)\n\x0c    z = yaml.load(b)\n    w = yaml.load(c)\n',
        'import yaml\nif x:\n    y = yaml.safe_load(a)\n\x0c    z = yaml.safe_load(b)\n    w = yaml.safe_load(c)\n',
        {}, id='form feed in an indentation',
    ),
    pytest.param(
        "import requests\nrequests.get(url, *a, # why\n  verify=False)\nrequests.put(\n    url  # why\n    , verify=False)\n",
        "import requests\nrequests.get(url, *a, # why\n  verify=False)\nrequests.put(\n    url  # why\n    , timeout=30)\n",
        {'requests-verify-off': 'only advice: Check certificates again (not written: a comment would be'}, id='a fix that another makes possible',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "refused"), TABLE)
def test_cured(before: str, after: str | None, refused: dict[str, str]) -> None:
    check(before.encode(), None if after is SAME else after.encode(), refused)


NEW = [
    pytest.param(
        "import yaml\ntype A = yaml.load(x)\ntype B[T: yaml.load(y)] = list[T]\n",
        "import yaml\ntype A = yaml.safe_load(x)\ntype B[T: yaml.safe_load(y)] = list[T]\n",
        {}, id='type alias',
    ),
    pytest.param(
        "import yaml\ndef f[T: yaml.load(x)](a: T = yaml.load(y)) -> T: return yaml.load(a)\nclass C[T: yaml.load(z)]: pass\n",
        "import yaml\ndef f[T: yaml.safe_load(x)](a: T = yaml.safe_load(y)) -> T: return yaml.safe_load(a)\nclass C[T: yaml.safe_load(z)]: pass\n",
        {}, id='type parameters',
    ),
    pytest.param(
        "import os\ns = f'{os.environ.get('SECRET_KEY', 'dev')} {f'{os.getenv('JWT_SECRET', 'x')}'}'\n",
        "import os\ns = f'{os.environ['SECRET_KEY']} {f'{os.environ['JWT_SECRET']}'}'\n",
        {}, id='f-string, the same quotes',
    ),
    pytest.param(
        "import yaml\ns = f'{\n  yaml.load(x)  # why\n}'\n",
        "import yaml\ns = f'{\n  yaml.safe_load(x)  # why\n}'\n",
        {}, id='f-string, comment and lines',
    ),
    pytest.param(
        "import yaml\ns = f'{yaml.load('\\n')}'\n",
        "import yaml\ns = f'{yaml.safe_load('\\n')}'\n",
        {}, id='f-string, backslash',
    ),
    pytest.param(
        "import requests\ns = f'{requests.get(\n    url,\n    timeout=1,\n    verify=False,\n)}'\n",
        "import requests\ns = f'{requests.get(\n    url,\n    timeout=1,\n)}'\n",
        {}, id='f-string, an argument over lines',
    ),
]  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 brought these: run the tests with it")
@pytest.mark.parametrize(("before", "after", "refused"), NEW)
def test_cured_in_newer_grammar(before: str, after: str | None, refused: dict[str, str]) -> None:
    check(before.encode(), None if after is SAME else after.encode(), refused)


def test_an_f_string_that_the_first_cure_would_end_gets_the_second() -> None:
    """A list of words needs the quotes the f-string has (before Python 3.12 they do not nest); shlex.quote needs none."""
    check(
        b"import subprocess\ns = f\"{subprocess.run('ls ' + path, shell=True)}\"\n",
        b"import shlex\nimport subprocess\ns = f\"{subprocess.run('ls ' + shlex.quote(path), shell=True)}\"\n",
        {},
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BOM + b"from yaml import load\nx = load(a)\n", BOM + b"from yaml import safe_load\nx = safe_load(a)\n", id="BOM"),
        pytest.param(BOM + "# -*- coding: utf-8 -*-\r\nimport yaml\r\nx = 'é'; yaml.load(x)".encode(),
                     BOM + "# -*- coding: utf-8 -*-\r\nimport yaml\r\nx = 'é'; yaml.safe_load(x)".encode(), id="BOM, cookie, CRLF"),
        pytest.param("# coding: latin-1\nfrom yaml import load\né = 'ü'; load('ß')  # ñ\n".encode("latin-1"),
                     "# coding: latin-1\nfrom yaml import safe_load\né = 'ü'; safe_load('ß')  # ñ\n".encode("latin-1"), id="latin-1"),
        pytest.param("#!/usr/bin/python\n# vim: fileencoding=cp1252\nimport yaml\nx = '€', yaml.load(y)\n".encode("cp1252"),
                     "#!/usr/bin/python\n# vim: fileencoding=cp1252\nimport yaml\nx = '€', yaml.safe_load(y)\n".encode("cp1252"),
                     id="cp1252 after a shebang"),
        pytest.param("# coding: shift_jis\nimport yaml\nx = '表', yaml.load(y)\n".encode("shift_jis"),
                     "# coding: shift_jis\nimport yaml\nx = '表', yaml.safe_load(y)\n".encode("shift_jis"),
                     id="Shift JIS, a backslash in the second byte"),
    ],
)  # fmt: skip
def test_encodings(before: bytes, after: bytes) -> None:
    check(before, after, {})


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
@pytest.mark.parametrize(
    ("before", "after", "refused"),
    # In a form feed's company and before a backslash a \\r is what Python itself reads in several ways.
    [row for row in TABLE if "\x0c" not in row.values[0] and "no final newline" not in str(row.id)],
)
def test_line_endings(before: str, after: str | None, refused: dict[str, str], ending: str) -> None:
    old, new = (None if text is SAME else text.replace("\r\n", "\n").replace("\r", "\n") for text in (before, after))
    assert old is not None
    check(old.replace("\n", ending).encode(), None if new is SAME else new.replace("\n", ending).encode(), refused)


def test_more_levels_than_passes_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each level is replaced as a whole, and so takes a pass of its own."""
    monkeypatch.setattr("devsec.fix.plan.PASSES", 3)
    given = "b"
    for _ in range(5):
        given = f"bytes([hmac.new(k, {given}, 'sha256').digest() == g])"
    patch = fixed(f"import hmac\nx = {given}\n".encode())
    assert len(patch.applied) == 3
    assert [it.reason for it in patch.refused] == ["it still overlaps with other fixes after 3 passes"] * 2


def test_a_statement_that_libcst_fails_on_is_not_looked_at() -> None:
    """It reads `async` and `for` on two lines and then trips over itself: that is no fault of devsec, and not clean."""
    answer = scanner().scan(
        Source("a.py", b"import yaml\nasync def f():\n  return [yaml.load(a) async\n    for a in b]\n")
    )
    assert answer == Skipped("a.py", "could not be read: LibCST fails on the statement at line 2: AttributeError")
