"""Each way in which a rule's own proof can fail, by its name, with the real scanner."""

from __future__ import annotations

from typing import Any

import pytest

from devsec.catalog.rule import Catalogue, Cure, Example, Literal, Rule, Shape, Template
from devsec.catalog.rule import Test as Asked  # pytest would collect it under its own name
from devsec.levels import Confidence, Level, Safety, Severity
from devsec.prove import Ending, Proved, prove
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate

SHELL = Shape("call", ("subprocess.run",), args=(("shell", (Asked(equals=(True,)),)),))
DROP = Cure("Run without a shell", Safety.HARDENING, drop=("shell",))
BAD = "import subprocess\nsubprocess.run(['ls'], shell=True)\n"
GOOD = "import subprocess\nsubprocess.run(['ls'])\n"


def rule(*examples: Example, find: Shape = SHELL, cures: tuple[Cure, ...] = (DROP,), id: str = "a-rule") -> Rule:
    return Rule(id, "Title", ("CWE-1",), Severity.HIGH, Confidence.HIGH, Level.BLOCK, "Why.", (find,), cures, examples)


def proved(one: Rule, *others: Rule) -> tuple[Proved, ...]:
    catalogue = Catalogue(tuple(sorted((one, *others), key=lambda r: r.id)), ())
    return prove(one, Scanner(catalogue, Gate.build(catalogue)))


def first(*args: Any, **more: Any) -> tuple[str, str]:
    (answer,) = proved(*args, **more)
    return answer.outcome.value, answer.told


def bad(good: str = GOOD, text: str = BAD, title: str = DROP.title, **more: Any) -> Example:
    return Example(bad=text, good=((title, good),), **more)


def to(name: str, title: str = "Cure", **more: Any) -> Cure:
    return Cure(title, Safety.SAFE, call=Template(name), **more)


def test_what_holds_holds() -> None:
    one = rule(
        bad(line=7),
        Example(bad="from subprocess import run as r\nr(x,\n  shell=True)\n", lines=(2,), line=12),
        Example(fine="def f(subprocess): subprocess.run(x, shell=True)\n", line=16),
    )
    assert proved(one) == (
        Proved("a-rule", 7, Ending.HOLDS),
        Proved("a-rule", 12, Ending.HOLDS),
        Proved("a-rule", 16, Ending.HOLDS),
    )


def test_several_titled_cures_are_each_proved() -> None:
    other = Cure("Say it", Safety.SAFE, set=(("shell", Template("False")),))
    said = GOOD.replace("]", "], shell=False")
    both = Example(bad=BAD, good=((DROP.title, GOOD), (other.title, said)))
    assert first(rule(both, cures=(DROP, other))) == ("holds", "")
    swapped = Example(bad=BAD, good=((DROP.title, GOOD), (other.title, GOOD)))
    assert first(rule(swapped, cures=(DROP, other)))[0] == "wrong fix"


def test_every_finding_is_cured_nested_ones_too() -> None:
    text = "import subprocess as s\ns.run(s.run(x, shell=True), shell=True)\ns.run(y, shell=True)\n"
    assert first(rule(bad(text.replace(", shell=True", ""), text)))[0] == "holds"


def test_a_cure_that_advises_needs_no_good() -> None:
    assert first(rule(Example(bad=BAD), cures=(Cure("Think", Safety.ADVICE),)))[0] == "holds"


@pytest.mark.parametrize(
    ("example", "cures", "outcome", "words"),
    [
        pytest.param(bad(text="import os\nos.run(1)\n"), (DROP,), "missed", "nothing is found", id="missed"),
        pytest.param(Example(fine=BAD), (DROP,), "noisy", "found on line 2", id="noisy"),
        pytest.param(bad(lines=(1,)), (DROP,), "broken", "found on line 2, but `lines` says 1", id="other line"),
        pytest.param(bad(lines=(2, 3)), (DROP,), "broken", "found on line 2, but `lines` says 2, 3", id="a line less"),
        pytest.param(bad(text=BAD + "x = (\n"), (DROP,), "broken", "does not compile", id="bad is not Python"),
        pytest.param(Example(fine="x = (\n"), (DROP,), "broken", "does not compile", id="fine is not Python"),
        pytest.param(bad(GOOD.replace("ls", "ll")), (DROP,), "wrong fix", "-subprocess.run(['ll'])", id="other text"),
        pytest.param(bad(GOOD.rstrip("\n")), (DROP,), "wrong fix", "+", id="only the final newline differs"),
        pytest.param(bad(title="Typo"), (DROP,), "wrong fix", "there is no cure titled 'Typo'", id="no such title"),
        pytest.param(
            bad(text=BAD.replace("shell", "*a, shell")), (Cure(DROP.title, Safety.SAFE, set=(("cwd", Template("x")),)),),
            "wrong fix", "may hold it already", id="demoted",
        ),
        pytest.param(
            bad(BAD), (Cure(DROP.title, Safety.SAFE, set=(("shell", Template("1 == 1")),)),),
            "wrong fix", "+subprocess.run(['ls'], shell=1 == 1)", id="the good was forgotten",
        ),
        pytest.param(
            bad(BAD), (Cure(DROP.title, Safety.SAFE, set=(("cwd", Template("None")),)),),
            "not clean", "a-rule", id="not silent, and so not written",
        ),
        pytest.param(
            bad("import subprocess\nsubprocess.rum(['ls'], shell=True)\n"), (to("subprocess.rum", DROP.title),),
            "wrong fix", "has no subprocess.rum", id="what it calls does not exist",
        ),
        pytest.param(
            bad("import os.path\nos.path.join(['ls'], shell=True)\n"),
            (to("os.path.join", DROP.title),), "wrong fix", "os.path.join cannot be called so (line 2)", id="keyword",
        ),
        pytest.param(
            bad("import hmac\nhmac.compare_digest(['ls'])\n"),
            (Cure(DROP.title, Safety.SAFE, call=Template("hmac.compare_digest"), drop=("shell",)),),
            "wrong fix", "hmac.compare_digest cannot be called so", id="an argument too few",
        ),
        pytest.param(
            bad("import hmac\nhmac.compare_digest(*a)\n", BAD.replace("['ls']", "*a")),
            (Cure(DROP.title, Safety.SAFE, call=Template("hmac.compare_digest"), drop=("shell",)),),
            "holds", "", id="nobody knows how many a star holds",
        ),
        pytest.param(
            bad("import hmac\nhmac.compare_digest(a, b)\nhmac.compare_digest()\n",
                "import hmac\nimport subprocess\nsubprocess.run(a, b, shell=True)\nhmac.compare_digest()\n"),
            (Cure(DROP.title, Safety.SAFE, call=Template("hmac.compare_digest"), drop=("shell",)),),
            "holds", "", id="calls that were there before are not the cure's",
        ),
        pytest.param(
            bad("import subprocess\nsubprocess.run(['ls'], shell=False, bogus=1)\n"),
            (Cure(DROP.title, Safety.SAFE, set=(("shell", Template("False")), ("bogus", Template("1")))),),
            "holds", "", id="a callee that takes any keyword",
        ),
    ],
)  # fmt: skip
def test_endings(example: Example, cures: tuple[Cure, ...], outcome: str, words: str) -> None:
    ending, detail = first(rule(example, cures=cures))
    assert (ending, words in detail) == (outcome, True), detail


def test_a_cure_that_only_sets_an_argument_is_held_to_the_callee() -> None:
    find = Shape("call", ("shutil.copy",))
    cure = Cure("Do not follow", Safety.SAFE, set=(("follow_symlink", Template("False")),))
    wrong = bad(
        "import shutil\nshutil.copy(a, b, follow_symlink=False)\n", "import shutil\nshutil.copy(a, b)\n", cure.title
    )
    one = rule(wrong, find=Shape("call", find.names, args=(("follow_symlink", (Asked(missing=True),)),)), cures=(cure,))
    assert first(one) == (
        "wrong fix",
        "shutil.copy cannot be called so (line 2): got an unexpected keyword argument 'follow_symlink'",
    )


def test_a_new_callee_is_not_held_to_the_old_one() -> None:
    find = Shape("call", ("hmac.compare_digest",))
    cure = Cure("Print", Safety.SAFE, call=Template("print"), set=(("sep", Template("''")),))
    example = bad("print(a, b, sep='')\n", "import hmac\nhmac.compare_digest(a, b)\n", cure.title)
    assert first(rule(example, find=find, cures=(cure,))) == ("holds", "")


def test_a_cure_that_leads_to_another_rule_is_not_clean() -> None:
    other = rule(Example(fine="x"), find=Shape("call", ("os.system",)), cures=(), id="other")
    one = rule(bad(BAD, title="Cure"), cures=(to("os.system"),))
    assert first(one, other) == ("not clean", "line 2: it would bring a new finding: other on line 3")


def test_gated() -> None:
    one = rule(bad())
    catalogue = Catalogue((one,), ())
    (answer,) = prove(one, Scanner(catalogue, Gate([])))
    assert answer.outcome is Ending.GATED


def test_a_rule_that_makes_devsec_fail_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def scan(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by a rule")

    monkeypatch.setattr(Scanner, "scan", scan)
    assert first(rule(bad())) == ("broken", "ZeroDivisionError: by a rule")


def test_text_rules_need_not_be_python() -> None:
    find = Shape("text", literal=Literal(regex="BEGIN PRIVATE"))
    one = rule(
        Example(bad="-- (BEGIN PRIVATE\n", path="key.pem", lines=(1,)),
        Example(fine="-- (END\n", path="key.pem"),
        find=find,
        cures=(),
    )
    assert [answer.outcome for answer in proved(one)] == [Ending.HOLDS, Ending.HOLDS]


@pytest.mark.parametrize(
    ("example", "diff"),
    [
        pytest.param(
            bad(text="import os\n\nos.run(1)\n"),
            "--- expected\n+++ got\n@@ -1,3 +1,3 @@\n   import os\n   \n-? os.run(1)\n+  os.run(1)",
            id="missed, on a line that nobody named",
        ),
        pytest.param(
            bad(text="import os\nos.run(1)\nx()\n", lines=(2,)),
            "--- expected\n+++ got\n@@ -1,3 +1,3 @@\n   import os\n-> os.run(1)\n+  os.run(1)\n   x()",
            id="missed, on that line",
        ),
        pytest.param(
            Example(fine=BAD),
            "--- expected\n+++ got\n@@ -1,2 +1,2 @@\n   import subprocess\n"
            "-  subprocess.run(['ls'], shell=True)\n+> subprocess.run(['ls'], shell=True)",
            id="noisy",
        ),
        pytest.param(
            bad(lines=(1,)),
            "--- expected\n+++ got\n@@ -1,2 +1,2 @@\n-> import subprocess\n-  subprocess.run(['ls'], shell=True)\n"
            "+  import subprocess\n+> subprocess.run(['ls'], shell=True)",
            id="another line",
        ),
        pytest.param(
            bad(GOOD.replace("ls", "ll")),
            "--- expected: good\n+++ got: the cure\n@@ -1,3 +1,3 @@\n import subprocess\n"
            "-subprocess.run(['ll'])\n+subprocess.run(['ls'])\n ",
            id="wrong fix",
        ),
        pytest.param(bad(), "", id="holds"),
    ],
)  # fmt: skip
def test_what_was_expected_against_what_came(example: Example, diff: str) -> None:
    (answer,) = proved(rule(example))
    assert answer.diff == diff


def test_no_diff_shows_a_secret() -> None:
    text = "import vendor\nvendor.login(password='hunter2-hunter2')\n"
    find = Shape("call", ("vendor.login",), args=(("password", (Asked(present=True),)),))
    cure = Cure("Elsewhere", Safety.SAFE, call=Template("vendor.enter"))
    for example in (Example(fine=text), Example(bad=text, good=((cure.title, text),))):
        (answer,) = proved(rule(example, find=find, cures=(cure,))._replace(secret=("password",)))
        assert answer.outcome is not Ending.HOLDS
        assert answer.diff
        assert "hunter2-hunter2" not in answer.told
