"""Imports point only backwards along the flow."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "devsec"
LAYERS = (
    "record",
    "blake brought errors levels text globs nearest today reasons watch",
    "installed",
    "signature",
    "finding contexts ignored owners config sources",
    "catalog",
    "scan",
    "policy",
    "outcome",
    "fix",
    "prove selection config_lines desk explaining crew woven clean many comments silences ignoring news run history putting fixing "
    "weakening suggest setup trying scaffold report pack_start pack_proof",
    "cli",
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}


def imported(file: Path) -> set[str]:
    """The parts of devsec a file imports from, also inside functions and for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == "devsec":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("devsec."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("devsec.")}
    return found - {"__version__"}


def test_every_part_has_a_layer_and_imports_nothing_above_it() -> None:
    for file in sorted(PACKAGE.rglob("*.py")):
        part = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if part in ("__init__", "__main__", "_rules"):
            continue
        assert part in RANK, f"{part}: which question does it answer, and after whom?"
        above = {other for other in imported(file) if RANK[other] > RANK[part]}
        assert not above, f"{file.relative_to(PACKAGE)} imports {sorted(above)} from a layer above"


def test_report_and_run_do_not_know_each_other() -> None:
    assert "report" not in imported(PACKAGE / "run.py")
    assert not any("run" in imported(file) for file in (PACKAGE / "report").glob("*.py"))


def test_processes_are_started_in_few_places() -> None:
    """git in one; who cleans up after us when we are killed; devsec itself where it plays a person, and where it is timed as
    a hook starts it."""
    starts = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if any(
            (isinstance(node, ast.Import) and any(alias.name == "subprocess" for alias in node.names))
            or (isinstance(node, ast.ImportFrom) and node.module == "subprocess")
            for node in ast.walk(ast.parse(file.read_bytes()))
        )
    }
    assert starts == {"sources/child.py", "sources/git.py", "sources/guard.py", "cli/demo.py", "setup/clock.py"}
    spawns = {
        file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if b"posix_spawn" in file.read_bytes()
    }
    assert spawns == {"sources/child.py"}
    asks = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if b"devsec.sources.child" in file.read_bytes()
    }
    assert asks == {"sources/git.py"}
