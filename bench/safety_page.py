"""docs/fix-safety.md: what was measured about fixes, in one page. Numbers come from .work/realfix, words from here."""

from __future__ import annotations

import json
from collections import Counter

import strain
import suites
from packages import PACKAGES, WORK

KEPT = WORK / "realfix"
_NUMBERS = ("files", "lines", "findings", "safe", "hardening", "more", "advice", "unproved", "changed", "sorted", "cpu")


def page() -> str:
    """The whole page; a package or suite that was not measured is not in it."""
    rows = _rows("", PACKAGES)
    strained = _rows("strain-", [p for p in PACKAGES if p.split("==")[0] in strain.PACKAGES])
    ran = _rows("suite-", [suite.requirement for suite in suites.SUITES])
    total = _total(rows.values())
    broken = [why for row in (*rows.values(), *strained.values()) for why in row["broken"] if _breaks(why)]
    parts = [
        INTRODUCTION.format(
            packages=len(rows),
            million=total["lines"] / 1_000_000,
            files=total["files"],
            applied=total["safe"] + total["hardening"],
            safe=total["safe"],
            hardening=total["hardening"],
            more=total["more"],
            changed=total["changed"],
            broken=_how_many(broken, "file is broken", "files are broken"),
            minutes=total["cpu"] / 60,
            wall=total["seconds"] / 60,
        ),
        PROVED,
        CHECKED.format(sorted=total["sorted"], unsorted=_how_many_left(total["unsorted"])),
        *([f"- {why}" for why in broken] + [""] if broken else []),
        "## Cures made, by rule\n",
        _by_rule(rows.values()),
        "## Cures refused\n",
        REFUSED.format(advice=total["advice"], unproved=total["unproved"]),
        _strain(strained),
        _suites(ran),
        LIMITS,
        "## Packages\n",
        LEGEND,
        _table(rows, total),
    ]
    return "\n".join(parts)


def _rows(prefix: str, requirements) -> dict[str, dict]:
    files = ((name, KEPT / f"{prefix}{name}.json") for name in requirements)
    return {name: json.loads(file.read_text()) for name, file in files if file.exists()}


def _total(rows) -> Counter:
    total: Counter = Counter()
    for row in rows:
        total.update({k: v for k, v in row.items() if isinstance(v, (int, float))})
    return total


def _breaks(why: str) -> bool:
    """Imports out of order are counted by themselves: they hurt the eye, and no program."""
    return not why.endswith("its imports were sorted, and are not any more")


def _how_many(some: list[str], one: str, many: str) -> str:
    return f"{len(some)} {one if len(some) == 1 else many}"


def _how_many_left(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'} not any more"


def _by_rule(rows) -> str:
    rules: Counter[str] = Counter()
    for row in rows:
        rules.update(row["rules"])
    own = [(rule, n) for rule, n in rules.most_common() if ": " not in rule]
    out = ["| rule | cures |", "|---|---|", *(f"| [{rule}](rules/{rule}.md) | {n} |" for rule, n in own), ""]
    further = ", ".join(f"{name} ({n})" for name, n in rules.most_common() if ": " in name)
    return "\n".join([*out, f"Further cures of the same findings: {further}.", ""])


def _strain(rows: dict[str, dict]) -> str:
    total = _total(rows.values())
    broken = [why for row in rows.values() for why in row["broken"] if _breaks(why)]
    reasons: Counter[str] = Counter()
    for row in rows.values():
        reasons.update(row["reasons"])
    why = "".join(f"- {n} × {reason}\n" for reason, n in sorted(reasons.items(), key=lambda it: (-it[1], it[0])))
    return STRAIN.format(
        otherwise=total["otherwise"],
        packages=len(rows),
        lines=total["lines"],
        made=total["safe"],
        changed=total["changed"],
        broken=_how_many(broken, "break", "breaks"),
        refused=total["advice"] + total["unproved"],
        sorted=total["sorted"],
        unsorted=_how_many_left(total["unsorted"]),
        why=why or "- none\n",
        cpu=total["cpu"] / 60,
    )


def _suites(ran: dict[str, dict]) -> str:
    good = {name: row for name, row in ran.items() if not row.get("trouble")}
    out = [
        SUITES.format(
            count=len(good),
            tests=sum(sum(row["tests"].values()) for row in good.values()),
            safe=sum(sum(row["fixes"]["safe"].values()) for row in good.values()),
            changed=_how_many(
                [change for row in good.values() for change in row["differences"].get("safe", ())],
                "test says something else",
                "tests say something else",
            ),
        ),
        "| package | passed | failed | skipped | flaky | safe | differences | hardening | differences | further | differences |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in good.items():
        tests, fixes, said = row["tests"], row["fixes"], row["differences"]
        cells: list[object] = [tests.get("passed", 0), tests.get("failed", 0) + tests.get("error", 0)]
        cells += [tests.get("skipped", 0), len(row["flaky"])]
        safe = sum(fixes["safe"].values())
        cells += [safe, len(said["safe"]) if "safe" in said else "-"]
        cells += [sum(fixes["hardening"].values()) - safe, len(said["hardening"]) if "hardening" in said else "-"]
        cells += [sum(fixes["further"].values()), len(said["further"]) if "further" in said else "-"]
        out.append(
            f"| {name} | " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"
        )
    out += ["", SUITES_LEGEND, "### What changed, and why\n"]
    for name, row in good.items():
        for stage in ("safe", "hardening", "further"):
            changes = row["differences"].get(stage, [])
            if changes:
                cures = ", ".join(f"{what} ({n})" for what, n in row["fixes"][stage].items())
                remark = suites.REMARKS.get((name.split("==")[0], stage), "nobody has looked at these yet")
                out.append(f"- **{name}**, {stage}: {cures}. {remark}")
                out += [f"  - `{change}`" for change in changes[:6]]
                out += [f"  - and {len(changes) - 6} more of the kind"] * (len(changes) > 6)
    failing = [f"{name}: {why}" for name, why in suites.FAILING.items() if any(n.startswith(name + "==") for n in good)]
    if failing:
        out += ["", "### What fails with and without the cures\n", *(f"- {text}" for text in failing)]
    lost = [f"- {name}: {' '.join(row['trouble'].split())[:80]}" for name, row in ran.items() if row.get("trouble")]
    return "\n".join([*out, "", *(["Not measured:\n", *lost, ""] if lost else [])])


def _table(rows: dict[str, dict], total: Counter) -> str:
    out = ["| package | " + " | ".join(_NUMBERS) + " | broken |", "|---" * (len(_NUMBERS) + 2) + "|"]
    for name, row in rows.items():
        cells = [f"{row.get(c, 0):,.0f}" for c in _NUMBERS]
        out.append(f"| {name} | " + " | ".join(cells) + f" | {sum(map(_breaks, row['broken']))} |")
    broken = sum(_breaks(why) for row in rows.values() for why in row["broken"])
    out.append("| **total** | " + " | ".join(f"{total[c]:,.0f}" for c in _NUMBERS) + f" | {broken} |")
    return "\n".join(out) + "\n"


INTRODUCTION = """# Can you let it write?

Made by `make realfix`. It downloads {packages} packages from PyPI ({files:,} files, {million:.1f} million lines of Python),
makes every cure that may be written, hardening included, and looks at each changed file in ways that are not devsec's own.

**{applied} cures in {changed} files ({safe} safe, {hardening} hardening), {more} more as second choices of the same findings:
{broken}.**

It took {minutes:.0f} minutes of processor ({wall:.0f} minutes by the clock, on a machine doing other things).
"""

PROVED = """## What is proved before anything is written

For each cure, every time, on the text that would be written:

1. It decodes with the file's own encoding cookie and BOM, parses, and compiles with the Python that runs devsec.
2. Every name the cure brings is bound, where it is used, to what it should be: the file's own alias is used where there is
   one, and where the name means something else there, an alias is imported or the cure is only shown.
3. The rule is silent about the place, and no rule finds anything new in the file.
4. A second run changes nothing.
5. Every byte outside the edits is the same: line endings, form feeds, a missing final newline. A comment inside what would
   be replaced survives, or the cure is only shown.
6. With `*args` or `**kwargs` in a call nothing is taken to be missing and nothing is put in.
7. Of cures that overlap one is made, and the others are looked at again on the new text. What is left is named.
8. A file that does not compile as it is, or does not come back byte for byte from its own encoding, is not touched.

What fails any of these is not written: it is listed with the reason. Then the file is replaced in one step, if it is
still what was read ([tests](../tests/fix/test_write.py)).
"""

CHECKED = """## What was checked here

Not by asking devsec again, apart from the second run:

- each changed file that compiled before compiles after; one that did not is not changed;
- lines (compared with difflib) and statements (compared as syntax trees) without a cure in them are the same, and no comment
  is gone but those beside imports that went;
- BOM, encoding, kinds of line ending and the end of the last line are the same;
- the same cures once more change nothing;
- `devsec fix --hardening`, run as a command on the unpacked package with every rule named, leaves on disk what was expected,
  byte for byte: the result where something was cured, the archive's bytes in every other file, nothing beside them. Run
  again on what it changed, it changes nothing;
- of the changed files, {sorted} had their imports sorted in the eyes of `ruff check --select I --isolated`; {unsorted}.

That these checks notice damage has [its own tests](../tests/bench/test_untouched.py).
"""

REFUSED = """{advice} findings have a cure that is only shown: the rule has no edit for them, or the code around leaves no room for
it (`**kwargs`, a comment in the way, values from elsewhere). {unproved} cures were tried and failed the proof.
"""

STRAIN = """## Under strain

Real findings are rare: that is the point of them, and the table above says little about odd code. So the same was done with
[rules that nobody wants](../bench/strain.py): a dozen cures for calls that everybody makes (`os.path.join`, `re.compile`,
`logging.getLogger`, `hasattr`…), each with a new import, in {packages} of the packages ({lines:,} lines of Python), in memory.

{made:,} cures in {changed:,} files, {broken}, in {cpu:.0f} minutes of processor. {otherwise:,} of the files were cured
once more as another editor would save them, with a BOM and CRLF: the result is the same but for these. Of {sorted:,} files with sorted imports
{unsorted}, nearly always because a third-party import went among the project's own: devsec sees one file, and does not
know which packages are the project's. {refused:,} cures were refused:

{why}"""

SUITES = """## Test suites before and after

`make realfix-suites` takes packages whose tests come with the sdist, runs them twice (what differs is flaky and left out),
cures the package's own code, not its tests, and runs them again, without a network where the system allows it.

**{count} suites, {tests:,} tests, {safe} safe cures: {changed}.**
"""

SUITES_LEGEND = """*hardening*: what `--hardening` made beyond the safe cures; `-` where there was nothing to make, and so nothing to run.
*further*: the second cure of a finding that offers two, which `devsec fix -i` makes when asked (for `weak-hash`: SHA-256
instead of saying that it is not for security). Those are meant to change something, and show that the tests run the lines.
"""

LIMITS = """## What is not proved

- That a hardening cure is what you want: it is stricter on purpose, and somebody may have relied on what it forbids. What a
  timeout or a checked certificate breaks at run time, no proof on the text can tell.
- That a safe cure keeps the behaviour is argued in each rule and tried on the suites above; the proof itself is about
  the text. `usedforsecurity=False` needs Python 3.9: a package that runs on less should not take it.
- Names that other modules import *from* the changed one: an import the cure made unused goes, though never in an
  `__init__.py`, in `__all__`, or beside a `noqa`.
- Other versions of Python than the one that runs devsec: it compiles with that one.
- Half of the cures above are of one rule, a timeout added to a call. Wheels rarely hold tests, so this is the code that is
  shipped. *Under strain* is there for what this leaves out.

To repeat it: `make realfix` for the packages and the page, `make realfix-suites` for the test suites (that one installs and
runs code from PyPI in environments of its own below `bench/.work`).
"""

LEGEND = """*safe*, *hardening*: cures made; *more*: second choices of the same findings, tried beside them; *advice*: only shown;
*unproved*: tried, failed the proof, not written; *sorted*: changed files whose imports were sorted before; *cpu*: seconds.
"""
