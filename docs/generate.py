"""Writes docs/rules/ and docs/roads.md from the YAML in rules/: one page a rule, an index, and the roads.

python docs/generate.py            writes what is missing or stale, and removes what has no rule any more
python docs/generate.py --check    only says so, with exit code 1
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import words
from marks import Item, bullets, code, fence, link, linked, listed, plain, table

from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue, Cure, Example, Road, Rule, Template
from devsec.catalog.terms import terms_of
from devsec.errors import DevsecError
from devsec.policy.level import in_words

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made by docs/generate.py; change the YAML and run `make docs`. -->"

_TOPICS = {"ml": "Machine learning", "ssh": "SSH", "tls": "TLS", "xml": "XML"}  # others are the folder's name
_LEVELS = {
    "block": "blocks the commit",
    "warn": "warns",
    "note": "is only counted as a note",
    "off": "does nothing until it is switched on",
}
_SAFETY = {
    "safe": "behaviour stays the same; `devsec fix` writes it",
    "hardening": "stricter on purpose; `devsec fix --hardening` writes it",
    "advice": "shown, never written",
}
_COMMANDS = {"safe": "`devsec fix`", "hardening": "`devsec fix --hardening`", "advice": "advice", "": "none"}
_PARTS = {"match": "what is found", "value": "the value", "left": "the left side", "right": "the right side"}
_LANGUAGES = {
    ".py": "python", ".pyi": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json",
    ".sh": "sh", ".ini": "ini", ".html": "html", ".js": "js", ".ts": "ts", ".tf": "hcl", ".xml": "xml",
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    try:
        catalogue = load([ROOT / "rules"], with_bundled=False)
    except DevsecError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return 2
    wanted = pages(catalogue, ROOT / "rules")
    wrong = differences(wanted, ROOT / "docs")
    if "--check" not in arguments:
        return write(wanted, wrong, ROOT / "docs")
    for path, word in wrong.items():
        print(f"{word}: docs/{path}")
    print("`make docs` mends this" if wrong else f"{len(wanted)} pages are up to date")
    return 1 if wrong else 0


def differences(wanted: Mapping[str, str], docs: Path) -> dict[str, str]:
    """Path below docs/ -> missing, stale or extra."""
    there = {file.relative_to(docs).as_posix() for file in (docs / "rules").rglob("*") if file.is_file()}
    wrong = dict.fromkeys(sorted(there - set(wanted)), "extra")
    for path, text in wanted.items():
        if not (docs / path).is_file():
            wrong[path] = "missing"
        elif (docs / path).read_bytes() != text.encode():
            wrong[path] = "stale"
    return dict(sorted(wrong.items()))


def write(wanted: Mapping[str, str], wrong: Mapping[str, str], docs: Path) -> int:
    """Makes docs/ what it should be. What this script did not make, it does not remove either."""
    kept = 0
    for path, word in wrong.items():
        file = docs / path
        if word != "extra":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(wanted[path].encode())
            print(f"written: docs/{path}")
        elif MADE.encode() in file.read_bytes():
            file.unlink()
            print(f"removed: docs/{path}")
        else:
            print(f"docs/{path} was not made here: move it elsewhere", file=sys.stderr)
            kept += 1
    return 1 if kept else 0


def pages(catalogue: Catalogue, rules: Path) -> dict[str, str]:
    """Path below docs/ -> text. A rule's page is named by its id alone, which never changes; its topic may."""
    made = {f"rules/{rule.id}.md": rule_page(rule, catalogue, rules) for rule in catalogue.rules}
    return {**made, "rules/README.md": index_page(catalogue, rules), "roads.md": roads_page(catalogue)}


def _joined(blocks: Iterator[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


# --- one rule ------------------------------------------------------------------------------------------------------------


def rule_page(rule: Rule, catalogue: Catalogue, rules: Path) -> str:
    return _joined(_rule_blocks(rule, catalogue, rules))


def _rule_blocks(rule: Rule, catalogue: Catalogue, rules: Path) -> Iterator[str]:
    source = Path(rule.source).relative_to(rules).as_posix()
    yield MADE
    yield f"# {plain(rule.title)}"
    yield f"{code(rule.id)} · {link(_topic(rule, rules), f'README.md#{_anchor(_topic(rule, rules))}')}"
    yield table(
        ("a finding", "severity", "confidence", "weakness", "cure"),
        [
            (
                _LEVELS[rule.level.value],
                rule.severity.value,
                rule.confidence.value,
                ", ".join(map(_cwe, rule.cwe)),
                _COMMANDS[_strongest(rule)],
            )
        ],
    )
    yield from _terms(rule)
    yield "## Why"
    yield linked(rule.why)
    yield "## What it finds"
    yield from _found(rule, source)
    yield from _proof(rule)
    yield from _cures(rule, catalogue)
    yield from _silence(rule)
    if rule.references:
        yield "## References"
        yield bullets(Item(f"<{address}>") for address in rule.references)


_VERBS = {**_LEVELS, "block": "it blocks", "warn": "it warns", "note": "it is a note", "off": "it does nothing"}


def _terms(rule: Rule) -> Iterator[str]:
    """What a path's context makes of its level."""
    terms = terms_of(rule)
    if terms.when:
        yield f"Where the {link('context', '../configuration.md#contexts')} of a path says so, the strongest of these counts instead:"
        yield bullets(Item(f"{in_words(when)}: {_VERBS[when.level.value]}") for when in terms.when)
    if terms.in_tests:
        yield f"It counts in {link('tests', '../configuration.md#contexts')} as everywhere: a secret that works, works there."


def _found(rule: Rule, source: str) -> Iterator[str]:
    if not rule.find:
        yield (
            "Not a text, but a change: of the configuration, of a pack or of a rule's terms, compared with what was asked "
            f"for before ({link('how', '../configuration.md#weakening')})."
        )
        yield f"The rule itself: {link(code(f'rules/{source}'), f'../../rules/{source}')}."
        return
    shapes = words.shapes(rule)
    yield "Any of these:" if len(shapes) > 1 else "This:"
    yield bullets(shapes)
    conditions = words.conditions(rule)
    if conditions:
        yield "Where it counts:"
        yield bullets(conditions)
    if rule.secret:
        parts = listed([_PARTS.get(label, code(label)) for label in rule.secret], "and")
        yield f"The text of {parts} may be a secret: no output shows it."
    yield f"The rule itself, to the letter: {link(code(f'rules/{source}'), f'../../rules/{source}')}."


def _proof(rule: Rule) -> Iterator[str]:
    """The examples. devsec proves each of them, so that what the page shows is what happens."""
    cured = [example for example in rule.examples if example.good]
    others = [example for example in rule.examples if example.bad and not example.good]
    fine = [example for example in rule.examples if example.fine]
    for heading, examples in (("Before and after", cured), ("Also found" if cured else "For example", others)):
        if examples:
            yield f"## {heading}"
        for number, example in enumerate(examples):
            yield "---" if number and example.good else ""
            yield from _bad(example, several=len(rule.cures) > 1)
    yield "## Not found" if fine else ""
    for example in fine:
        yield from _placed(example, example.fine)


def _bad(example: Example, several: bool) -> Iterator[str]:
    yield from _placed(example, example.bad)
    for title, good in example.good:
        yield "becomes" + (f" ({plain(title)})" if several else "") + ":"
        yield fence(good, _language(example.path))


def _placed(example: Example, source: str) -> Iterator[str]:
    if example.path != "example.py":
        yield f"In {code(example.path)}:"
    yield fence(source, _language(example.path))


def _language(path: str) -> str:
    return _LANGUAGES.get(Path(path).suffix, "")


def _cures(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    if not rule.cures:
        return
    yield "## What to do"
    yield bullets(_cure(cure, catalogue) for cure in rule.cures)


def _cure(cure: Cure, catalogue: Catalogue) -> Item:
    below = [Item(linked(cure.note))] if cure.note else []
    below += [_road_item(road) for name in _roads_of(cure) if (road := catalogue.road(name))]
    return Item(f"**{plain(cure.title)}**: {_SAFETY[cure.safety.value]}.", tuple(below))


def _road_item(road: Road) -> Item:
    """One line: the call, what it needs, where it is described."""
    said = f"The road is {link(code(road.name), f'../roads.md#{_anchor(road.name)}')}: {code(road.call)}"
    said += f", from {code(road.package)}" if road.package else ""
    return Item(said + (f" ({link('documentation', road.docs)})" if road.docs else "") + ".")


def _silence(rule: Rule) -> Iterator[str]:
    """Kept true by a test that reads the comment the way devsec does."""
    if not rule.find:
        yield f"No comment silences it. How much it does is set in `devsec.toml` ({link('configuration', '../configuration.md')}):"
        yield fence(
            f'[levels]  # in pyproject.toml: [tool.devsec.levels]\n{rule.id} = "off"  # or note, warn, block', "toml"
        )
        return
    yield "## To keep a line as it is"
    if terms_of(rule).unsilenceable:
        yield "This rule cannot be silenced."
        return
    yield (
        "Say why, on any line of the statement or on a line of its own right above it; "
        "`devsec ignore FILE:LINE` writes it. Instead of `false-positive`: `test`, `fix-later(2027-01-31)` or "
        "`accepted-risk(TICKET)`. Without one of them the comment silences nothing, and devsec says so."
    )
    if any(shape.kind == "file" for shape in rule.find):
        yield (
            "It is about the file, so the comment may stand on any line of it. What cannot hold a comment is silenced by its path: "
            f"`[[ignore]]` in the {link('configuration', '../configuration.md')}."
        )
    elif any(shape.kind == "text" for shape in rule.find):
        yield "In files that are not Python: on the line itself or, alone, on the line before, as that file's comments are."
    yield fence(f"# devsec: ignore[{rule.id}] false-positive the reason, for whoever reads this next year", "python")
    yield f"For the whole repository, in `devsec.toml` ({link('configuration', '../configuration.md')}):"
    setting = f'{rule.id} = "off"  # or note, warn, block'
    yield fence(f"[levels]  # in pyproject.toml: [tool.devsec.levels]\n{setting}", "toml")


def _cwe(cwe: str) -> str:
    return link(cwe, f"https://cwe.mitre.org/data/definitions/{cwe.removeprefix('CWE-')}.html")


def _strongest(rule: Rule) -> str:
    """What `devsec fix` can do at best."""
    offered = {cure.safety.value if cure.edits else "advice" for cure in rule.cures}
    return next((safety for safety in ("safe", "hardening", "advice") if safety in offered), "")


# --- all rules -----------------------------------------------------------------------------------------------------------


def index_page(catalogue: Catalogue, rules: Path) -> str:
    return _joined(_index_blocks(catalogue, rules))


def _index_blocks(catalogue: Catalogue, rules: Path) -> Iterator[str]:
    topics: dict[str, list[Rule]] = {}
    for rule in catalogue.rules:
        topics.setdefault(_topic(rule, rules), []).append(rule)
    ordered = sorted(topics, key=str.lower)
    yield MADE
    yield "# Rules"
    yield (
        f"{len(catalogue.rules)} rules in {len(topics)} topics. A page says why the rule exists, what it finds and what it "
        "leaves alone, what to do, and how to keep a line as it is. Every example on it is proved by `devsec rules test`."
    )
    yield (
        "*block* refuses the commit, *warn* speaks and lets it pass, *note* is only counted. "
        f"{link('Configuration', '../configuration.md')} changes that for a repository; "
        f"{link('roads', '../roads.md')} are what the cures lead to; "
        f"{link('the rule language', '../rule-language.md')} is how to write one more."
    )
    yield " · ".join(link(f"{topic} ({len(topics[topic])})", f"#{_anchor(topic)}") for topic in ordered)
    for topic in ordered:
        yield f"## {topic}"
        yield table(("rule", "level", "cure", "weakness"), [_index_row(rule) for rule in topics[topic]])


def _index_row(rule: Rule) -> tuple[str, ...]:
    title = f"{link(code(rule.id), f'{rule.id}.md')}<br>{plain(rule.title)}"
    return title, rule.level.value, _COMMANDS[_strongest(rule)], ", ".join(map(_cwe, rule.cwe))


def _topic(rule: Rule, rules: Path) -> str:
    folder = Path(rule.source).relative_to(rules).parent.as_posix()
    return _TOPICS.get(folder, folder.capitalize() if folder != "." else "Other")


def _anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- roads ---------------------------------------------------------------------------------------------------------------


def roads_page(catalogue: Catalogue) -> str:
    return _joined(_roads_blocks(catalogue))


def _roads_blocks(catalogue: Catalogue) -> Iterator[str]:
    leading: dict[str, list[Rule]] = {road.name: [] for road in catalogue.roads}
    for rule in catalogue.rules:
        for name in {name for cure in rule.cures for name in _roads_of(cure)}:
            leading[name].append(rule)
    yield MADE
    yield "# Roads"
    yield (
        "A road is a capability and the call that provides it. Rules lead to roads, not to libraries, so a repository or an "
        f"organisation that replaces a road changes the cure of every rule that leads there: {link('how', 'organisation.md')}."
    )
    yield (
        "The defaults take the standard library where it does the job, and else the library whose plain call leaves the "
        f"least to choose wrongly. {code('$name')} and the like are filled in by the rule."
    )
    yield table(
        ("capability", "road", "call", "package"),
        [
            (plain(road.title), link(code(road.name), f"#{_anchor(road.name)}"), code(road.call), _package(road))
            for road in catalogue.roads
        ],
    )
    for road in catalogue.roads:
        yield from _road_blocks(road, leading[road.name])


def _road_blocks(road: Road, rules: Sequence[Rule]) -> Iterator[str]:
    yield f"## {road.name}"
    yield f"{plain(road.title)}: {code(road.call)}, from {_package(road)}."
    yield linked(road.why)
    if road.docs:
        yield f"Documentation: <{road.docs}>"
    links = ", ".join(link(code(rule.id), f"rules/{rule.id}.md") for rule in rules)
    yield f"Rules that lead here: {links}." if links else "No rule leads here yet; a rule of your own can."


def _package(road: Road) -> str:
    return code(road.package) if road.package else "the standard library"


def _roads_of(part: object) -> list[str]:
    """The roads named anywhere in a cure, in their order. Found wherever it stands, so that a cure that learns another key
    needs no change here."""
    found: list[str] = []
    if isinstance(part, (Cure, Template)) and part.road:
        found.append(part.road)
    if isinstance(part, tuple):
        found += [name for one in part for name in _roads_of(one)]
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
