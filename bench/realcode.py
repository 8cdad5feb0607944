"""What devsec says about code nobody here wrote, and whether its patches hold.

    python bench/realcode.py [--packages N] [--findings FILE] [--new] [--table FILE]

Downloads packages from PyPI (sdists and wheels are data: nothing of them is run or installed), runs every rule over every
text file, applies every fix (hardening included) in memory, and checks that

- nothing crashes,
- no file is skipped without a reason,
- every patched file parses and compiles, and a second run has nothing left to apply.

Prints a table: files, lines of Python, findings by level, fixes applied and refused, milliseconds of processor. `--findings` writes
each finding as a line, to be read by a person. What that person thought of the blocking ones stands in judged.tsv; with
`--table` both go into one page, docs/precision.md, and findings nobody has looked at yet are counted as such.
"""

from __future__ import annotations

import argparse
import ast
import collections
import pathlib
import sys
import time
import warnings

import sections
from packages import PACKAGES, fetch, files

JUDGED = pathlib.Path(__file__).parent / "judged.tsv"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=len(PACKAGES), help="how many of the list (default: all)")
    parser.add_argument("--only", action="append", default=[], help="only these packages")
    parser.add_argument("--findings", type=pathlib.Path, help="write each finding as a line")
    parser.add_argument("--new", action="store_true", help="print the blocking findings judged.tsv does not have")
    parser.add_argument("--table", type=pathlib.Path, help="write docs/precision.md there")
    args = parser.parse_args()

    from devsec.catalog.load import load
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate
    from devsec.sources.source import is_python

    catalogue = load()
    scanner = Scanner(catalogue, Gate.build(catalogue))
    wanted = [p for p in PACKAGES if not args.only or p.split("==")[0] in args.only][: args.packages]
    rows, said, broken, blocked = [], [], [], []
    for requirement in wanted:
        archive = fetch(requirement)
        if archive is None:
            print(f"{requirement}: not to be had here", file=sys.stderr)
            continue
        row = collections.Counter(package=0)
        start = time.process_time()
        for path, data in files(archive):
            row["files"] += 1
            if is_python(path, data):
                row["lines"] += data.count(b"\n")
            look(path, data, scanner, row, said, broken, blocked, requirement)
        row["ms"] = round((time.process_time() - start) * 1000)
        rows.append((requirement, row))
        print(line(requirement, row), flush=True)
    total = collections.Counter()
    for _, row in rows:
        total.update(row)
    print(line("total", total))
    for why in broken:
        print("BROKEN", why)
    if args.new:
        judged, _ = verdicts()
        for finding in blocked:
            if finding not in judged:
                print("\t".join(("?", *finding, "")))
    if args.findings:
        args.findings.write_text("".join(f"{text}\n" for text in sorted(said)))
    if args.table:
        # What make secrets wrote there stays.
        before = args.table.read_text() if args.table.exists() else ""
        whole = page(rows, total, blocked)
        args.table.write_text(sections.put(whole, "secrets", sections.held(before, "secrets")))
    return 1 if broken else 0


def look(path, data, scanner, row, said, broken, blocked, requirement) -> None:
    """Scan one file, cure it, and look at the result."""
    from devsec.fix.plan import plan
    from devsec.sources.source import Skipped, Source

    source = Source(path, data)
    try:
        found = scanner.scan(source)
    except Exception as fault:
        broken.append(f"{requirement} {path}: {type(fault).__name__}: {fault}")
        return
    if isinstance(found, Skipped):
        row["skipped"] += 1
        said.append(f"skipped {requirement} {path}: {found.reason}")
        return
    if not found:
        return
    for finding in found:
        row[finding.level.value] += 1
        if finding.level.value == "block":
            blocked.append((finding.rule, requirement.split("==")[0], path, finding.snippet[:80]))
        said.append(
            f"{finding.level.value} {finding.rule} {requirement} {path}:{finding.start.line}: {finding.snippet[:160]}"
        )
    patch = plan(source, found, scanner, hardening=True)
    if isinstance(patch, Skipped):
        broken.append(f"{requirement} {path}: no plan: {patch.reason}")
        return
    row["applied"] += len(patch.applied)
    row["refused"] += len(patch.refused)
    for refused in patch.refused:
        said.append(f"refused {refused.rule} {requirement} {path}: {refused.reason}")
    if not patch.applied:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(ast.parse(patch.after), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as why:
        broken.append(f"{requirement} {path}: the patched file does not compile: {why}")
        return
    after = Source(path, patch.after)
    again = scanner.scan(after)
    if isinstance(again, Skipped):
        broken.append(f"{requirement} {path}: the patched file is skipped: {again.reason}")
        return
    second = plan(after, again, scanner, hardening=True)
    if isinstance(second, Skipped) or second.applied:
        broken.append(f"{requirement} {path}: a second run changes the file again")


_COLUMNS = ("files", "lines", "block", "warn", "note", "skipped", "applied", "refused", "ms")


def line(name: str, row) -> str:
    return f"{name:32}" + "".join(f"{column} {row[column]:>7}  " for column in _COLUMNS)


def page(rows, total, blocked) -> str:
    """docs/precision.md: what the rules said, what a person thought of it, and where."""
    judged, remarks = verdicts()
    by_rule: dict[str, collections.Counter] = {}
    notes = []
    for rule, package, path, snippet in blocked:
        verdict = judged.get((rule, package, path, snippet), "not looked at")
        by_rule.setdefault(rule, collections.Counter())[verdict] += 1
        if verdict in ("disputed", "wrong"):
            notes.append(f"- {verdict}: `{rule}` in {package}, `{path}`: {remarks[rule, package, path, snippet]}")
    whole = sum(by_rule.values(), collections.Counter())
    out = [
        INTRODUCTION.format(
            packages=len(rows),
            lines=total["lines"] / 1_000_000,
            block=total["block"],
            rate=1000 * total["block"] / max(total["lines"], 1),
            wrong=whole["wrong"],
            disputed=whole["disputed"],
            applied=total["applied"],
        ),
        "## Blocking findings, rule by rule\n",
        "| rule | findings | agreed | disputed | wrong | not looked at |",
        "|---|---|---|---|---|---|",
    ]
    for rule, counts in [*sorted(by_rule.items()), ("**all**", whole)]:
        cells = (sum(counts.values()), *(counts[v] for v in ("agreed", "disputed", "wrong", "not looked at")))
        out.append(f"| {rule} | " + " | ".join(str(cell) for cell in cells) + " |")
    out += [
        "",
        "## Disputed and wrong\n",
        *(notes or ["None."]),
        "",
        sections.empty("secrets"),
        "## Packages\n",
        table(rows, total),
    ]
    return "\n".join(out)


INTRODUCTION = """# What devsec says about code nobody here wrote

Made by `make precision`: it downloads {packages} packages from PyPI, runs every rule over every text file in them
({lines:.1f} million lines of Python), applies every fix in memory, hardening included, and checks that each patched file
compiles and that a second run changes nothing. {applied} fixes were applied.

{block} findings would have blocked a commit: {rate:.4f} in a thousand lines. A person read each with the code around it and
said whether the author would agree: {disputed} are disputed, {wrong} wrong. The verdicts stand in `bench/judged.tsv`; a
finding that is not there shows up below as not looked at. Wheels rarely hold a package's tests, so this is the code that
is shipped.
"""


def verdicts():
    """(rule, package, path, snippet) -> agreed | disputed | wrong, and the remark, of judged.tsv."""
    judged, remarks = {}, {}
    if JUDGED.exists():
        for text in JUDGED.read_text().splitlines():
            verdict, rule, package, path, snippet, remark = (text.split("\t") + [""] * 6)[:6]
            judged[rule, package, path, snippet] = verdict
            remarks[rule, package, path, snippet] = remark
    return judged, remarks


def table(rows, total) -> str:
    out = ["| package | " + " | ".join(_COLUMNS) + " |", "|---" * (len(_COLUMNS) + 1) + "|"]
    for name, row in [*rows, ("**total**", total)]:
        out.append(f"| {name} | " + " | ".join(f"{row[c]:,}" for c in _COLUMNS) + " |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    sys.exit(main())
