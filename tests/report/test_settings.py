"""What is to be set after a cure: names, never values."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsec.report.settings import to_set


@pytest.mark.parametrize(
    ("example", "says"),
    [
        pytest.param(None, "set A, B where the code runs; a .env.example with `A=`, `B=` would tell others", id="none"),
        pytest.param("A=\n", "set A, B where the code runs; .env.example has no line for it: `B=`", id="one of two"),
        pytest.param(
            "AB=\n", "set A, B where the code runs; .env.example has no lines for them: `A=`, `B=`", id="near"
        ),
        pytest.param("export A=1\n# B = 2\n", "set A, B where the code runs", id="exported, commented out"),
    ],
)
def test_names(tmp_path: Path, example: str | None, says: str) -> None:
    if example is not None:
        (tmp_path / ".env.example").write_text(example)
    assert to_set(["B", "A", "B"], str(tmp_path)) == [says]


def test_nothing_read_is_nothing_said(tmp_path: Path) -> None:
    assert to_set([], str(tmp_path)) == []
