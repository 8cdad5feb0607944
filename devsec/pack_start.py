"""What does a new pack begin with? One small repository that is both the pack and the repository of the pre-commit hooks.

Both in one, since `pre-commit autoupdate` raises `rev` and nothing else: with the pack beside devsec in
`additional_dependencies` nobody would ever get a new version of it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import devsec
from devsec.catalog.here import NAME
from devsec.errors import OutputError, UsageError

CI = ("github", "gitlab")

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.24"]
build-backend = "hatchling.build"

[project]
name = "{name}-devsec"
version = "0.1.0"
description = "What {title} wants of its code: rules and roads for devsec."
readme = "README.md"
requires-python = ">=3.10"
# One version of devsec for everybody, and you decide when it changes: rules are proved with exactly this one.
dependencies = ["devsec=={version}"]
classifiers = ["Private :: Do Not Upload"]

# devsec finds the pack by this line, and reads the folder; nothing in it is ever imported.
[project.entry-points."devsec.packs"]
{name} = "{module}"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

_HOOKS = """\
# What other repositories name in their .pre-commit-config.yaml. pre-commit installs this repository, and with it the pack and
# the devsec that pyproject.toml pins.
- id: devsec-check
  name: devsec check ({title})
  description: Spots code leaving the sanctioned road in the lines just written, and offers the sanctioned call.
  entry: devsec check
  language: python
  types: [text]
  pass_filenames: true
  require_serial: true # one process for all files, or code that moved between two of them would look new
  stages: [pre-commit, pre-push]
- id: devsec-fix
  name: devsec fix ({title})
  description: Puts the sanctioned call in where behaviour stays the same; add `args [--hardening]` for stricter cures.
  entry: devsec fix
  language: python
  types: [text]
  pass_filenames: true
  require_serial: true
  stages: [pre-commit]
"""

_PACK = """\
pack: {name} # its rules are called {name}/…, everywhere
title: What {title} wants

# What you want of rules that come with devsec (`devsec rules list`), and of your own by their full names:
# rules:
#   weak-hash: {{level: block, final: true}} # final: no repository can weaken it
#   {name}/no-raw-requests: {{stage: warn, block_from: {year}-01-01}}
#   some-rule: {{deprecated: {name}/a-better-rule}}
# roads:
#   secret.get: {{final: true}} # no repository can lead elsewhere
"""

_ROADS = """\
# A road of your own, for the rule in rules/.
- road: http.get
  title: Fetch through our HTTP client
  call: {python}_http.get
  package: {name}-http>=1
# The roads that come with devsec (`devsec explain RULE` names them) lead where you say: every rule that leads there follows.
# - road: secret.get
#   title: Read a secret from the vault
#   call: {python}_vault.read($name)
#   package: {name}-vault>=1
#   docs: https://wiki.{name}.example/vault
"""

_RULE = """\
id: no-raw-requests
title: A request that goes past our HTTP client
cwe: CWE-1088
severity: low
confidence: high
level: warn
why: >-
  Our client has the timeouts, the proxy and the retries we agreed on. requests has none of them, and without a timeout it waits
  for ever.
find:
  call: requests.get
  args:
    stream: {{missing: true}}
fix:
  title: Use our HTTP client
  safety: hardening
  road: http.get
examples:
  - bad: |
      import requests

      page = requests.get(url, timeout=5)
    good: |
      import {python}_http

      page = {python}_http.get(url, timeout=5)
  - fine: |
      import {python}_http

      page = {python}_http.get(url)
  - fine: |
      import requests

      answer = requests.get(url, stream=True)
"""

_README = """\
# {title}'s rules and roads for devsec

One repository for all of it: the pack ([`{module}/`]({module})), the version of devsec that goes with it
([`pyproject.toml`](pyproject.toml)), and the hooks ([`.pre-commit-hooks.yaml`](.pre-commit-hooks.yaml)).

## Use it

```yaml
# .pre-commit-config.yaml
repos:
  - repo: URL-OF-THIS-REPOSITORY
    rev: v0.1.0
    hooks:
      - id: devsec-check
```

`pre-commit autoupdate` brings the next release: rules, roads and devsec together. Without pre-commit, install this
repository where devsec runs: `pip install git+URL-OF-THIS-REPOSITORY`.

## Change it

```console
$ pip install -e .
$ devsec pack test
```

`{module}/pack.yaml` says what you want of rules and roads, `{module}/rules/` holds your own rules with their examples,
`{module}/roads.yaml` your roads. Release by a tag. A new rule begins with `stage: shadow` or `stage: warn`.
"""

_GITHUB = """\
name: pack
on:
  push: {branches: [main]}
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install .
      - run: devsec pack test
"""

_GITLAB = """\
pack:
  image: python:3.12
  script:
    - pip install .
    - devsec pack test
"""

_TEST = '''\
"""Does the pack hold? For those who run pytest; `devsec pack test` alone says the same."""

import subprocess
import sys
from pathlib import Path


def test_the_pack_holds() -> None:
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-m", "devsec", "pack", "test"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
'''

_IGNORED = "__pycache__/\n.venv/\ndist/\n*.egg-info/\n"


def files(name: str, ci: str = "github") -> dict[str, str]:
    """The files of a pack by that name. UsageError when it is no name for one."""
    if not re.fullmatch(NAME, name):
        raise UsageError(f"{name!r} is no name for a pack", "Use lower-case words with dashes, such as acme.")
    import datetime  # the year in a comment of the example

    python = re.sub(r"^(?=[0-9])", "_", name.replace("-", "_"))
    words = {
        "name": name,
        "python": python,
        "module": f"{python}_devsec",
        "title": " ".join(part.capitalize() for part in name.split("-")),
        "version": devsec.__version__,
        "year": str(datetime.date.today().year + 1),
    }
    module = words["module"]
    return {
        "pyproject.toml": _PYPROJECT.format(**words),
        ".pre-commit-hooks.yaml": _HOOKS.format(**words),
        ".gitignore": _IGNORED,
        "README.md": _README.format(**words),
        f"{module}/__init__.py": '"""Rules and roads, as data: devsec reads this folder and never imports it."""\n',
        f"{module}/pack.yaml": _PACK.format(**words),
        f"{module}/roads.yaml": _ROADS.format(**words),
        f"{module}/rules/no-raw-requests.yaml": _RULE.format(**words),
        "tests/test_pack.py": _TEST,
        **({".gitlab-ci.yml": _GITLAB} if ci == "gitlab" else {".github/workflows/pack.yml": _GITHUB}),
    }


def write(folder: Path, wanted: dict[str, str]) -> None:
    """Puts the files there. UsageError, and nothing written, when one of them is there; OutputError when one cannot be
    written."""
    there = sorted(name for name in wanted if os.path.lexists(folder / name))
    if there:
        raise UsageError(
            f"{folder} has {', '.join(there)} already; nothing was written",
            "Name an empty folder; `devsec pack test` says what an existing pack lacks.",
        )
    for name, text in wanted.items():
        file = folder / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with open(file, "x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except OSError as error:
            raise OutputError(
                f"{file} cannot be written: {error.strerror}", "Mend that, or name another folder."
            ) from None
