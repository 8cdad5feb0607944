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
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile

PACKAGES = [
    "requests==2.32.3",
    "urllib3==2.2.3",
    "httpx==0.28.0",
    "aiohttp==3.11.9",
    "flask==3.1.0",
    "django==5.1.3",
    "fastapi==0.115.6",
    "starlette==0.41.3",
    "sqlalchemy==2.0.36",
    "celery==5.4.0",
    "paramiko==3.5.0",
    "fabric==3.2.2",
    "ansible-core==2.18.1",
    "boto3==1.35.70",
    "botocore==1.35.70",
    "cryptography==44.0.0",
    "pyjwt==2.10.1",
    "python-jose==3.3.0",
    "authlib==1.3.2",
    "redis==5.2.0",
    "pymongo==4.10.1",
    "psycopg==3.2.3",
    "pymysql==1.1.1",
    "pyyaml==6.0.2",
    "ruamel.yaml==0.18.6",
    "jinja2==3.1.4",
    "werkzeug==3.1.3",
    "tornado==6.4.2",
    "twisted==24.10.0",
    "scrapy==2.12.0",
    "pip==24.3.1",
    "setuptools==75.6.0",
    "poetry==1.8.4",
    "virtualenv==20.28.0",
    "buildbot==4.1.0",
    "home-assistant-frontend==20241127.0",
    "youtube-dl==2021.12.17",
    "certbot==3.0.1",
    "mitmproxy==11.0.1",
    "sentry-sdk==2.19.0",
    "apache-airflow==2.10.3",
    "streamlit==1.40.2",
    "gradio-client==1.5.0",
    "transformers==4.46.3",
    "scikit-learn==1.5.2",
    "pandas==2.2.3",
    "matplotlib==3.9.3",
    "octoprint==1.11.8",
    "apache-superset==6.1.0",
    "calibreweb==0.6.27",
    "dash==4.4.1",
    "django-allauth==65.21.1",
    "django-oscar==4.2.1",
    "djangorestframework==3.18.3",
    "docker==7.2.0",
    "elasticsearch==9.5.1",
    "esphome==2026.6.5",
    "flask-appbuilder==5.3.0",
    "glances==4.5.8",
    "gradio==6.31.0",
    "homeassistant==2024.3.3",
    "httpie==3.2.4",
    "indico==3.2.9",
    "jupyterhub==6.1.1",
    "keystone==30.0.0",
    "kubernetes==37.0.2",
    "label-studio==1.23.2",
    "langchain-community==0.4.2",
    "ldap3==2.9.1",
    "litellm==1.109.1",
    "locust==2.47.0",
    "mailman==3.3.10",
    "mlflow==3.18.0",
    "nautobot==3.2.7",
    "nova==34.0.0",
    "open-webui==0.12.4",
    "pgadmin4==9.18",
    "prefect==3.9.1",
    "pulpcore==3.123.1",
    "pysaml2==7.5.5",
    "snowflake-connector-python==5.2.0",
    "wagtail==8.0.1",
    "weblate==5.14.3",
    "yt-dlp==2026.10.26",
]

WORK = pathlib.Path(__file__).parent / ".work" / "packages"
JUDGED = pathlib.Path(__file__).parent / "judged.tsv"
_TEXT_LIMIT = 16 << 20


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
        args.table.write_text(page(rows, total, blocked))
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


def fetch(requirement: str) -> pathlib.Path | None:
    """The package's archive, downloaded once; sdists first, since they hold the tests as well."""
    name = requirement.replace("==", "-").lower()
    folder = WORK / name
    if not folder.is_dir():
        folder.mkdir(parents=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-d",
            str(folder),
        ]
        # A wheel never runs code when it is downloaded; pip would run an sdist's build backend for its metadata.
        subprocess.run([*command, "--only-binary=:all:", requirement], check=False, stderr=subprocess.DEVNULL)
    return next(iter(sorted(folder.iterdir())), None)


def files(archive: pathlib.Path):
    """(path, bytes) of the regular files in a wheel or sdist, sorted."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as zipped:
            for name in sorted(zipped.namelist()):
                if not name.endswith("/") and zipped.getinfo(name).file_size <= _TEXT_LIMIT:
                    yield name, zipped.read(name)
        return
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            if member.isreg() and member.size <= _TEXT_LIMIT:
                handle = tar.extractfile(member)
                if handle is not None:
                    yield member.name, handle.read()


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
    out += ["", "## Disputed and wrong\n", *(notes or ["None."]), "", "## Packages\n", table(rows, total)]
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
