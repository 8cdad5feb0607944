"""Does a fix ever break a file? Every fix, hardening included, on packages nobody here wrote.

    python bench/realfix.py [--only PACKAGE] [--suites] [--table FILE]

For each package of packages.py (wheels, which are data: nothing of them is run) it

- finds everything and applies every cure in memory, and once more for each further cure a finding offers,
- asks of each changed file, without devsec's own proof: does it compile (did it before)? does a second run change nothing?
  do lines, statements and comments away from the cures stand as they stood (untouched.py)? are encoding, BOM and line
  endings kept?
- unpacks the package, runs `devsec fix` on it as a person would, and compares every file on disk with what was expected:
  the result in memory where something was cured, the bytes of the archive elsewhere; then runs it again on what changed,
- asks ruff which files whose imports were sorted before are not any more.

With `--suites` it runs test suites before and after instead (suites.py). What both measured is kept in .work/realfix, and
`--table` writes docs/fix-safety.md from it. The exit code is 1 when any check fails.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import time

from packages import PACKAGES, WORK, fetch, files
from untouched import compiles, complaints

BOM = b"\xef\xbb\xbf"
KEPT = WORK / "realfix"
COLUMNS = ("files", "lines", "findings", "safe", "hardening", "more", "advice", "unproved", "changed", "unsorted")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="only these packages")
    parser.add_argument("--strain", action="store_true", help="the rules of strain.py, in memory, instead of devsec's")
    parser.add_argument("--suites", action="store_true", help="run test suites before and after, instead")
    parser.add_argument("--table", type=pathlib.Path, help="write the page there, from what was measured last")
    args = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    if args.suites:
        import suites

        broken = suites.run(args.only)
    else:
        broken = run(args.only, args.strain)
    if args.table:
        import safety_page

        args.table.write_text(safety_page.page())
    for why in broken:
        print("BROKEN", why)
    return 1 if broken else 0


def run(only: list[str], straining: bool) -> list[str]:
    """Looks at each package, keeps a row of numbers of each, and returns what is broken."""
    import strain

    from devsec.catalog.load import load
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate

    catalogue = strain.catalogue() if straining else load()
    scanner = Scanner(catalogue, Gate.build(catalogue))
    broken: list[str] = []
    for requirement in PACKAGES:
        name = requirement.split("==")[0]
        if (only and name not in only) or (straining and name not in strain.PACKAGES):
            continue
        archive = fetch(requirement)
        if archive is None:
            print(f"{requirement}: not to be had here", file=sys.stderr)
            continue
        started, cpu = time.monotonic(), _cpu()
        row, why = package(requirement, archive, scanner, by_command=not straining)
        row["seconds"], row["cpu"] = round(time.monotonic() - started, 1), round(_cpu() - cpu, 1)
        row["broken"] = why
        (KEPT / f"{'strain-' * straining}{requirement}.json").write_text(json.dumps(row))
        broken += why
        print(f"{requirement:38}" + "".join(f"{c} {row[c]:>8}  " for c in (*COLUMNS, "cpu")), *why, flush=True)
    return broken


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def package(requirement: str, archive: pathlib.Path, scanner, by_command: bool) -> tuple[dict, list[str]]:
    """A row of numbers about one package, and what is broken."""
    from devsec.sources.source import is_python

    row: dict = dict.fromkeys(COLUMNS, 0)
    row["reasons"], row["rules"] = collections.Counter(), collections.Counter()
    broken: list[str] = []
    expected: dict[str, bytes] = {}
    for path, data in files(archive):
        row["files"] += 1
        row["lines"] += data.count(b"\n") if is_python(path, data) else 0
        try:
            made, why = cured(path, data, scanner, row)
            if not by_command and made != data and b"\r" not in data and not data.startswith(BOM):
                why += otherwise_written(path, data, made, scanner, row)
        except Exception as fault:  # whatever it is, the next file is looked at too
            made, why = data, [f"{type(fault).__name__}: {fault}"]
        broken += [f"{requirement} {path}: {text}" for text in why]
        if made != data:
            expected[path] = made
    row["changed"] = len(expected)
    if expected:
        broken += [f"{requirement} {text}" for text in on_disk(archive, expected, scanner, row, by_command)]
    return row, broken


# --- in memory -----------------------------------------------------------------------------------------------------------


def cured(path: str, data: bytes, scanner, row) -> tuple[bytes, list[str]]:
    """The file with every cure made, and what is wrong with it. Further cures of a finding are tried beside it."""
    from devsec.fix.plan import cure, plan
    from devsec.levels import Safety
    from devsec.sources.source import Skipped, Source

    source = Source(path, data)
    found = scanner.scan(source)
    if isinstance(found, Skipped):
        row["reasons"][f"not looked at: {found.reason}"] += 1
        return data, []
    if not found:
        return data, []
    row["findings"] += len(found)
    patch = plan(source, found, scanner, hardening=True)
    if isinstance(patch, Skipped):
        return data, [f"found, but no plan: {patch.reason}"]
    for done in patch.applied:
        row["safe" if done.safety is Safety.SAFE else "hardening"] += 1
        row["rules"][done.rule] += 1
    for left in patch.refused:
        kind = "advice" if left.reason.startswith(("only advice", "the rule has no cure")) else "unproved"
        row[kind] += 1
        row["reasons"][class_of(left.reason)] += 1
    broken = []
    if len(patch.applied) + len(patch.refused) != len(found):
        broken.append(f"{len(found)} findings, {len(patch.applied)} cured, {len(patch.refused)} refused")
    broken += wrong(source, patch, found, scanner, lambda s, f: plan(s, f, scanner, hardening=True))

    writable = {f: [fix for fix in f.fixes if fix.edits and fix.safety is not Safety.ADVICE] for f in found}
    for nth in range(1, max(len(fixes) for fixes in writable.values())):
        some = [f for f, fixes in writable.items() if len(fixes) > nth]

        def choose(_, now, nth=nth):
            fixes = [fix for fix in now.fixes if fix.edits and fix.safety is not Safety.ADVICE]
            return fixes[nth] if len(fixes) > nth else "it has no such cure any more"

        other = cure(source, some, scanner, choose)
        if isinstance(other, Skipped):
            broken.append(f"cure {nth + 1}: found, but no plan: {other.reason}")
            continue
        row["more"] += len(other.applied)
        for done in other.applied:
            row["rules"][f"{done.rule}: {done.title}"] += 1

        def again(s, f, choose=choose, nth=nth):
            return cure(s, [it for it in f if len(it.fixes) > nth and choose(it, it)], scanner, choose)

        broken += [f"cure {nth + 1}: {text}" for text in wrong(source, other, found, scanner, again)]
    return patch.after, broken


def otherwise_written(path: str, data: bytes, made: bytes, scanner, row) -> list[str]:
    """The same file as another editor saves it, with a BOM and CRLF: the result must be the same but for these."""
    from devsec.fix.plan import plan
    from devsec.sources.source import Skipped, Source

    source = Source(path, BOM + data.replace(b"\n", b"\r\n"))
    if compiles(source.data):  # a cookie that says something else than UTF-8
        return []
    found = scanner.scan(source)
    patch = found if isinstance(found, Skipped) else plan(source, found, scanner, hardening=True)
    if isinstance(patch, Skipped):
        return [f"with CRLF and a BOM: {patch.reason}"]
    row["otherwise"] = row.get("otherwise", 0) + 1
    same = patch.after == BOM + made.replace(b"\n", b"\r\n")
    return [] if same else ["with CRLF and a BOM the result is another one"]


def wrong(source, patch, found, scanner, again) -> list[str]:
    """What is wrong with a patched file; `again` is the same cure once more."""
    from devsec.sources.source import Skipped, Source, is_python

    if patch.after == patch.before:
        return ["cured, and yet the same"] if patch.applied else []
    python = is_python(source.path, source.data)
    if python and not compiles(patch.before):
        why = compiles(patch.after)
        if why:
            return [f"does not compile: {why}"]
    elif python:
        return ["did not compile before, and was changed"]
    out = complaints(patch.before, patch.after, places(patch, found, source), python)
    after = Source(source.path, patch.after)
    then = scanner.scan(after)
    if isinstance(then, Skipped):
        return [*out, f"is skipped afterwards: {then.reason}"]
    second = again(after, then)
    if isinstance(second, Skipped) or second.applied:
        out.append("a second run changes it again")
    return out


def places(patch, found, source) -> list[tuple[int, int]]:
    """The lines of the findings that were cured and of the edits that were proposed for them."""
    from devsec.sources.decode import decode
    from devsec.text import Lines

    lines = Lines(decode(source).text)
    done = {(applied.rule, applied.place) for applied in patch.applied}
    out = []
    for finding in found:
        if (finding.rule, finding.start) in done:
            spans = [finding.span, *(edit.span for fix in finding.fixes for edit in fix.edits)]
            out += [(lines.place(s.start).line, lines.place(max(s.start, s.end - 1)).line) for s in spans]
    return out


def class_of(reason: str) -> str:
    """A reason without what differs from file to file."""
    for start in (
        "only advice",
        "the rule has no cure",
        "the file does not compile as it is",
        "the result would not compile",
        "it would bring a new finding",
        "it still overlaps",
    ):
        if reason.startswith(start):
            return start
    return "still found afterwards" if reason.endswith("still finds it afterwards") else reason


# --- on disk -------------------------------------------------------------------------------------------------------------


def on_disk(archive: pathlib.Path, expected: dict[str, bytes], scanner, row, by_command: bool) -> list[str]:
    """`devsec fix` on the unpacked package, or what it would have written: what differs from what was expected."""
    from devsec.sources.tree import TOOL_FOLDERS

    top = WORK / "trees" / archive.stem
    shutil.rmtree(top, ignore_errors=True)
    was: dict[str, bytes] = {}
    for path, data in files(archive):
        inside = (top / path).resolve()
        if inside.is_relative_to(top.resolve()):
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.write_bytes(data)
            was[path] = data
    # What lies in folders of tools is nobody's own code for a walk, though it is code for us.
    for path in (
        [] if not by_command else [path for path in expected if TOOL_FOLDERS.intersection(path.split("/")[:-1])]
    ):
        del expected[path]
    sorted_before = _sorted(top, expected)
    out = _as_expected(top, was, expected, scanner) if by_command else []
    for path, data in expected.items():
        (top / path).write_bytes(data)
    unsorted = sorted(sorted_before - _sorted(top, expected))
    row["unsorted"] = len(unsorted)
    row["sorted"] = len(sorted_before)
    out += [f"{path}: its imports were sorted, and are not any more" for path in unsorted]
    shutil.rmtree(top)
    return out


def _as_expected(top: pathlib.Path, was: dict[str, bytes], expected: dict[str, bytes], scanner) -> list[str]:
    out = []
    code, said = _devsec(top, ["."], scanner)
    if code not in (0, 1, 2) or "not fixed" in said:
        out.append(f"devsec fix: exit code {code}: {said[-300:]}")
    for path, data in was.items():
        if (top / path).read_bytes() != expected.get(path, data):
            out.append(f"{path}: not on disk what was expected")
    for extra in {str(p.relative_to(top)) for p in top.rglob("*") if p.is_file()} - set(was):
        out.append(f"{extra}: left behind on disk")
    if expected:
        _devsec(top, sorted(expected), scanner)
    out += [
        f"{p}: a second devsec fix changes it again" for p, data in expected.items() if (top / p).read_bytes() != data
    ]
    return out


def _devsec(top: pathlib.Path, paths: list[str], scanner) -> tuple[int, str]:
    """All rules by name, so that silent notes are cured as well."""
    rules = [part for rule in scanner.catalogue.rules for part in ("--only", rule.id)]
    command = [sys.executable, "-m", "devsec", "fix", "--no-config", "--hardening", *rules, "--", *paths]
    done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False, errors="replace")
    return done.returncode, done.stdout + done.stderr


def _sorted(top: pathlib.Path, paths) -> set[str]:
    """Those of the files whose imports ruff has nothing to say about."""
    python = [path for path in paths if path.endswith((".py", ".pyi", ".pyw"))]
    if not python:
        return set()
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "I", "--output-format"]
    done = subprocess.run(
        [*command, "json", "--", *python], cwd=top, capture_output=True, text=True, check=False, errors="replace"
    )
    said = {str(pathlib.Path(one["filename"]).relative_to(top.resolve())) for one in json.loads(done.stdout or "[]")}
    return set(python) - said


if __name__ == "__main__":
    sys.exit(main())
