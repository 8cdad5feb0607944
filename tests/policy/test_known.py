"""What was there before is subtracted, once for each time it was there."""

from __future__ import annotations

from conftest import MakeFinding

from devsec.policy.known import changed_lines, counts, lost, subtract, together


def test_counted_with_multiplicity(finding: MakeFinding) -> None:
    text = b"f(1)\nf(1)\nf(2)\n"
    first, second = finding(text, "f(1)"), finding(text, "f(1)", nth=1)
    other = finding(text, "f(2)")
    allowed = counts([finding(b"f(1)\n", "f(1)")])
    assert subtract([first, second, other], allowed) == {first}
    assert not +allowed, "used up"


def test_another_rule_at_the_same_place_is_another_finding(finding: MakeFinding) -> None:
    text = b"f(1)\n"
    assert subtract([finding(text, "f(1)", rule="x")], counts([finding(text, "f(1)", rule="y")])) == frozenset()


def test_of_several_the_one_on_a_changed_line_is_the_new_one(finding: MakeFinding) -> None:
    before, after = b"a\nf(1)\n", b"f(1)\na\nf(1)\n"
    old, new = finding(after, "f(1)", nth=1), finding(after, "f(1)")
    changed = changed_lines(before, after)
    assert changed == {1}
    assert subtract([new, old], counts([finding(before, "f(1)")]), changed) == {old}


def test_lost_is_what_a_file_no_longer_has(finding: MakeFinding) -> None:
    text = b"f(1)\nf(1)\nf(2)\n"
    one, two, three = finding(text, "f(1)"), finding(text, "f(1)", nth=1), finding(text, "f(2)")
    assert lost(counts([one, two]), counts([one, three])) == counts([one])


def test_a_merge_may_have_what_each_side_added(finding: MakeFinding) -> None:
    text = b"f(1)\n" * 3
    one, two, three = (finding(text, "f(1)", nth=n) for n in range(3))
    assert together([counts([one]), counts([two])]) == counts([one])
    assert together([counts([one]), counts([two])], counts([])) == counts([one, two])
    assert together([counts([one, two]), counts([one])], counts([one])) == counts([one, two])
    assert together([counts([one, two]), counts([one, three])], counts([one])) == counts([one, two, three])
