"""Do the rules still find in tests/corpus/ what they found, and nothing that is right?"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import recall

from devsec.catalog.load import load
from devsec.levels import Level
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate


@cache
def corpus() -> tuple[recall.Read, ...]:
    return recall.read_corpus()


def test_every_mark_is_written_so_that_it_counts() -> None:
    for file in recall.CORPUS.rglob("*.py"):
        text = file.read_text()
        marks = list(recall.marks_of(file.name, text))
        assert len(marks) == len(re.findall("insecure:", text)), f"{file}: a mark is not `# insecure: CWE-n words`"
        twice = [words for words, times in Counter(mark.words for mark in marks).items() if times > 1]
        assert not twice, f"{file}: say apart {twice}"


def test_what_is_right_is_left_in_peace() -> None:
    loud = [
        f"{one.path}:{finding.start.line} {finding.rule}"
        for one in corpus()
        for finding in one.unmarked
        if finding.level in (Level.BLOCK, Level.WARN)
    ]
    assert not loud


def test_each_missed_flaw_has_its_reason_and_no_found_one_has() -> None:
    missed = {(mark.path, mark.words) for one in corpus() for mark, found in one.found if not found}
    rows = recall.missed_rows()
    assert {(row.path, row.words) for row in rows} == missed
    assert {row.reason for row in rows} <= set(recall.REASONS)
    assert all(row.because.strip() for row in rows)


def test_a_mark_counts_for_its_statement_only(tmp_path: Path) -> None:
    (tmp_path / "svc").mkdir()
    file = tmp_path / "svc" / "a.py"
    file.write_text(
        "import requests\n"
        "def f(u):\n"
        "    requests.get(\n"
        "        u, timeout=3,\n"
        "        verify=False,  # insecure: CWE-295 in the call\n"
        "    )\n"
        "    print(u)  # insecure: CWE-532 beside it\n"
        "    requests.post(u, verify=False, timeout=3)\n"
    )
    catalogue = load()
    read = recall.read_file(file, tmp_path, Scanner(catalogue, Gate.build(catalogue)))
    assert [(mark.words, [f.rule for f in found]) for mark, found in read.found] == [
        ("in the call", ["requests-verify-off"]),
        ("beside it", []),
    ]
    assert [finding.start.line for finding in read.unmarked] == [8]
