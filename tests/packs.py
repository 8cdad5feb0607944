"""Packs as an installer leaves them: a folder on the path with a package in it, and what the package says of itself."""

from __future__ import annotations

from pathlib import Path

RULE = """\
id: {name}
title: A request that goes past our client
cwe: CWE-1088
severity: low
confidence: high
level: warn
why: Ours has timeouts.
{more}find:
  call: requests.get
fix:
  title: Use our client
  safety: hardening
  call: acme_http.get
examples:
  - bad: |
      import requests
      requests.get(url)
    good: |
      import acme_http
      acme_http.get(url)
  - fine: |
      import acme_http
      acme_http.get(url)
"""
PACK = "pack: {name}\ntitle: What {name} wants\n"


def rule(name: str = "no-raw-requests", more: str = "") -> str:
    return RULE.format(name=name, more=more)


def site(folder: Path, name: str = "acme", files: dict[str, str] | None = None, value: str = "") -> Path:
    """Installs a pack into a folder for PYTHONPATH: `files` by their names in the package; pack.yaml is there anyhow."""
    package = f"{name.replace('-', '_')}_devsec"
    here = {"pack.yaml": PACK.format(name=name), "__init__.py": "raise RuntimeError('imported')\n", **(files or {})}
    for file, text in here.items():
        path = folder / package / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    entry_points(folder, package, f"{name} = {value or package}\n")
    return folder


def entry_points(folder: Path, package: str, lines: str, version: str = "1.2") -> Path:
    info = folder / f"{package}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    file = info / "entry_points.txt"
    file.write_text(f"[console_scripts]\nacme = acme:main\n\n[devsec.packs]\n{lines}", encoding="utf-8")
    return file
