"""Are the secrets found, and is anything else taken for one?

    python bench/secrets_found.py [--tokens N] [--seed N] [--packages N] [--only NAME] [--new] [--findings FILE] [--table FILE]

*Recall*: of each format of bench/tokens.py (and bench/tokens_saas.py) N new tokens, each in every kind of file of
bench/carriers.py; what nearly is one must stay silent, and one whose check digits do not hold is told a level lower.

*False alarms*: the rules of rules/secrets over the source archives of bench/sdists.py, tests, documents and settings included, and
over the files of bench/generated.py. A person read each finding above a note with the code around it: the verdicts stand in
judged_secrets.tsv (package, path:line, rule, verdict, remark; never the secret). `--new` prints those that nobody has read.

`--table` writes both into a section of docs/precision.md. A run prints its seed; `--seed` makes the same tokens and files again.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import os
import pathlib
import sys
from dataclasses import dataclass, field, replace
from random import Random
from typing import NamedTuple

import sections
from carriers import FILE_RULES, carried, told_by
from sdists import SDISTS, fetch_sdist, in_order
from tokens import FORMATS, Format

try:
    from tokens_saas import FORMATS as SAAS
except ModuleNotFoundError:
    SAAS = ()

BENCH = pathlib.Path(__file__).parent
JUDGED = BENCH / "judged_secrets.tsv"
SECRETS = frozenset(path.stem for path in (BENCH.parent / "rules" / "secrets").glob("*.yaml"))
PROCESSES = 2
LEVELS = ("block", "warn", "note")
VERDICTS = ("agreed", "disputed", "wrong", "not looked at")
GENERATED = "generated"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=100, help="tokens of each format (0: no recall)")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--packages", type=int, default=len(SDISTS), help="how many of the list (default: all)")
    parser.add_argument(
        "--only", action="append", default=[], help="only these packages (`generated` for what the seed makes)"
    )
    parser.add_argument("--new", action="store_true", help="print the findings judged_secrets.tsv does not have")
    parser.add_argument("--findings", type=pathlib.Path, help="write each finding as a line")
    parser.add_argument("--table", type=pathlib.Path, help="write the section of docs/precision.md there")
    args = parser.parse_args()
    print(f"seed {args.seed}")

    global scanner
    scanner = _scanner()
    # Forked, so that each has the rules without loading them.
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        jobs = [(number, args.seed, args.tokens) for number in range(len(ALL))] if args.tokens else []
        recalls = list(_told(pool.imap(recall, jobs), len(jobs), "formats"))
        wanted = [p for p in SDISTS if not args.only or p.split("==")[0] in args.only][: args.packages]
        wanted += [GENERATED] if args.packages and (not args.only or GENERATED in args.only) else []
        read = list(_told(pool.imap(look, [(one, args.seed) for one in wanted]), len(wanted), "packages"))
    scans = [scan for scan in read if scan is not None]
    for missing in sorted(set(wanted) - {scan.name for scan in scans}):
        print(f"{missing}: not to be had here", file=sys.stderr)
    alarms = [alarm for scan in scans for alarm in scan.alarms]
    judged = verdicts() | {a.key: ("wrong", "drawn from a seed") for a in alarms if a.name == GENERATED}
    if args.new:
        for alarm in alarms:
            if alarm.level != "note" and alarm.key not in judged:
                print("\t".join((*alarm.key, "?", "")))
    if args.findings:
        args.findings.write_text("".join(f"{a.level}\t{a.name}\t{a.place}\t{a.rule}\t{a.snippet}\n" for a in alarms))
    text = section(recalls, scans, judged, args)
    if args.table:
        args.table.write_text(sections.put(args.table.read_text(), "secrets", text))
    else:
        print(text)
    return 0


def _scanner():
    from devsec.catalog.load import load
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate

    catalogue = load()
    return Scanner(catalogue, Gate.build(catalogue))


def _told(results, total, what):
    """The same, and on a terminal how far it is."""
    for number, result in enumerate(results, 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {total} {what}", end="\n" if number == total else "", file=sys.stderr, flush=True)
        yield result


# --- recall

ALL: tuple[Format, ...] = (*FORMATS, *SAAS)
_OURS = {format.rule for format in ALL}
_LOWER = {"block": "warn", "warn": "note", "note": "note"}


@dataclass
class Recall:
    """Of one format: how many texts were drawn, and in how many what was expected was said."""

    rule: str
    name: str
    drawn: int = 0
    found: int = 0
    near: int = 0
    reported: int = 0  # of `near`
    doubtful: int = 0
    lowered: int = 0
    missed: list[str] = field(default_factory=list)  # paths


def recall(job: tuple[int, int, int]) -> Recall:
    number, seed, tokens = job
    format = ALL[number]
    out = Recall(format.rule, format.name)
    random = Random(f"{seed} {format.rule} {format.name}")
    level = scanner.catalogue.rule(format.rule).level.value
    for _ in range(tokens):
        made = format.draw(random)
        for path, text in carried(format, made):
            out.drawn += 1
            place = text.encode().find(format.secret(made).encode())
            whole = (place, place + len(format.secret(made)))
            mine = [f for f in _found(path, text) if f.rule in told_by(format, path) | FILE_RULES]
            if any(format.block or whole in [(s.start, s.end) for s in f.secrets] for f in mine):
                out.found += 1
            else:
                out.missed.append(path)
        for _, make in format.near:
            # One kind of file for each: the tests put every one in all of them.
            path, text = random.choice(carried(format, make(random)))
            beside = text.encode().find(format.beside.encode()) if format.beside else -1
            out.near += 1
            out.reported += any(
                f.rule in _OURS and not beside <= f.span.start < beside + len(format.beside) for f in _found(path, text)
            )
        if format.doubtful is not None:
            wrong = replace(format, make=format.doubtful).draw(random)
            for path, text in carried(format, wrong):
                if len(told_by(format, path)) > 1:
                    continue  # the other rule does not ask for a check
                out.doubtful += 1
                out.lowered += [f.level.value for f in _found(path, text) if f.rule == format.rule] == [_LOWER[level]]
    return out


def _found(path: str, text: str):
    from devsec.sources.source import Skipped, Source

    found = scanner.scan(Source(path, text.encode()))
    if isinstance(found, Skipped):
        raise RuntimeError(f"{path}: {found.reason}")
    return found


# --- false alarms


class Alarm(NamedTuple):
    """A finding of a rule about secrets; `place` is path:line."""

    name: str
    place: str
    rule: str
    level: str
    snippet: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.place, self.rule


class Scan(NamedTuple):
    name: str
    files: int
    lines: int
    skipped: int
    alarms: list[Alarm]


def look(job: tuple[str, int]) -> Scan | None:
    """One package, or what the seed makes: every text in it."""
    from devsec.sources.source import Skipped, Source

    requirement, seed = job
    if requirement == GENERATED:
        from generated import files as generated

        contents = generated(seed)
    else:
        archive = fetch_sdist(requirement)
        if archive is None:
            return None
        contents = in_order(archive)
    name = requirement.split("==")[0]
    count = lines = skipped = 0
    alarms = []
    for path, data in contents:
        count += 1
        if b"\0" not in data[:8000]:
            lines += data.count(b"\n") + 1
        # The first folder is the archive's own, with the version in it.
        path = path if requirement == GENERATED else path.partition("/")[2] or path
        found = scanner.scan(Source(path, data), _about_secrets(path, data))
        if isinstance(found, Skipped):
            skipped += b"\0" not in data[:8000]
            continue
        for f in found:
            if f.rule in SECRETS:
                alarms.append(Alarm(name, f"{path}:{f.start.line}", f.rule, f.level.value, f.snippet[:120]))
    return Scan(requirement, count, lines, skipped, alarms)


def _about_secrets(path: str, data: bytes) -> list[str]:
    """Those the gate lets through. One outside rules/secrets may have the better word on the same secret."""
    return [id for id in scanner.gate.hits(data, path) if id in SECRETS or scanner.catalogue.rule(id).secret]


def verdicts() -> dict[tuple[str, str, str], tuple[str, str]]:
    """(package, path:line, rule) -> agreed | disputed | wrong, and the remark."""
    judged = {}
    for number, text in enumerate(JUDGED.read_text().splitlines() if JUDGED.exists() else (), 1):
        parts = text.split("\t")
        if len(parts) != 5 or parts[3] not in VERDICTS[:3]:
            raise SystemExit(f"{JUDGED.name}, line {number}: not package, path:line, rule, verdict and remark")
        judged[parts[0], parts[1], parts[2]] = parts[3], parts[4]
    return judged


# --- the page


def section(recalls, scans, judged, args) -> str:
    return "\n".join([*_alarms(scans, judged), "", *_recalls(recalls, args)]) + "\n"


def _alarms(scans, judged) -> list[str]:
    lines = sum(scan.lines for scan in scans)
    alarms = [alarm for scan in scans for alarm in scan.alarms]
    loud = [alarm for alarm in alarms if alarm.level != "note"]

    def verdict(alarm):
        return judged.get(alarm.key, ("not looked at", ""))[0] if alarm.level != "note" else "note"

    by_rule: dict[str, collections.Counter] = {}
    for alarm in alarms:
        by_rule.setdefault(alarm.rule, collections.Counter()).update((alarm.level, verdict(alarm)) if alarm.level != "note" else ("note",))  # fmt: skip
    whole = sum(by_rule.values(), collections.Counter())
    made = next((scan for scan in scans if scan.name == GENERATED), None)
    packages = [scan for scan in scans if scan.name != GENERATED]
    out = [
        "## Secrets\n",
        f"Made by `make secrets`. The rules about secrets over the source archives of {len(packages)} packages from PyPI, with their tests, documents",
        f"and settings ({sum(s.files for s in packages):,} files, {sum(s.lines for s in packages) / 1e6:.1f} million lines of text)"
        + (
            f", and over {made.files:,} files as tools write\nthem ({made.lines / 1e6:.1f} million lines: lock files, minified JavaScript, notebooks with pictures, tables of ids; {len(made.alarms)} findings)."
            if made
            else "."
        ),
        f"They found {len(loud)} secrets in {lines / 1e6:.1f} million lines, {whole['block']} of them at a level that blocks, and {whole['note']} notes, which nobody is shown.",
        f"A person read each with the code around it: {whole['wrong']} are wrong, **{1e5 * whole['wrong'] / max(lines, 1):.2f} in 100,000 lines**, and {whole['disputed']} disputed",
        "(a key or a password is there, and its author had a reason to leave it). The verdicts stand in `bench/judged_secrets.tsv`.\n",
        "| rule | block | warn | note | agreed | disputed | wrong | not looked at |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule, counts in [*sorted(by_rule.items()), ("**all**", whole)]:
        out.append(f"| {rule} | " + " | ".join(str(counts[cell]) for cell in (*LEVELS, *VERDICTS)) + " |")
    notes = [
        f"- {said}: `{a.rule}` in {a.name}, `{a.place}`: {judged[a.key][1]}"
        for a in loud
        for said in [verdict(a)]
        if said == "wrong"
    ]
    skipped = sum(scan.skipped for scan in scans)
    return [*out, "", "### Wrong\n", *(notes or ["None."]), "", f"{skipped} files of text could not be read, each said with its reason."]  # fmt: skip


def _recalls(recalls, args) -> list[str]:
    if not recalls:
        return []
    drawn, found = sum(r.drawn for r in recalls), sum(r.found for r in recalls)
    near, reported = sum(r.near for r in recalls), sum(r.reported for r in recalls)
    worst = min(100 * r.found / max(r.drawn, 1) for r in recalls)
    out = [
        "### Tokens, format by format\n",
        f"{args.tokens} new tokens of each of {len(recalls)} formats, made as their vendors make them (seed {args.seed}), each in every kind of file",
        f"that people leave one in: {100 * found / max(drawn, 1):.2f} % of {drawn:,} found, all of the token and nothing else, no format below {worst:.1f} %. Of",
        f"{near:,} texts that nearly are one, {reported} were taken for one. A token whose check digits do not hold is told one level lower. One of some ten thousand",
        "tokens spells a word such as `fake` or a run such as `abcdef` by chance, and is then held to be made up: those are drawn again here.\n",
        "| rule | format | drawn | found % | near misses | reported | wrong check told lower % |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in sorted(recalls, key=lambda r: (r.rule, r.name)):
        lower = f"{100 * r.lowered / r.doubtful:.1f}" if r.doubtful else ""
        out.append(f"| {r.rule} | {r.name} | {r.drawn} | {100 * r.found / max(r.drawn, 1):.1f} | {r.near} | {r.reported} | {lower} |")  # fmt: skip
    return out


if __name__ == "__main__":
    sys.exit(main())
