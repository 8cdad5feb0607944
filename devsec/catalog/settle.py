"""What holds after all packs have spoken: of each rule its terms, of each road its call? Who said it is kept.

Installed packs are one voice, the organisation's: where two of them say different things, somebody has to decide, and it is
not devsec. What a repository's own folder says comes last, and cannot weaken what is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devsec.catalog.agreed import refined
from devsec.catalog.pack import Pack
from devsec.catalog.rule import Road, Rule
from devsec.catalog.terms import Said, Terms, terms_of
from devsec.catalog.yaml_read import Node
from devsec.errors import RuleError
from devsec.levels import Level, weaker
from devsec.nearest import did_you_mean
from devsec.record import Record

BUNDLED = ""  # the pack that devsec itself is
_STRICTER = ("final", "unsilenceable", "in_tests")  # what anybody may add


class Offer(Record):
    """A road as a folder has it. `pack` is None for a repository's own folder that is no pack."""

    road: Road
    node: Node
    pack: Pack | None
    bundled: bool = False

    @property
    def ours(self) -> bool:
        """Whether it is the repository's."""
        return not self.bundled and (self.pack is None or self.pack.installed is None)

    @property
    def place(self) -> str:
        return f"{self.node.source}:{self.node.line}"


class _Statement(Record):
    """What a pack says about a rule."""

    pack: Pack
    keys: Mapping[str, Node]


def settled(rules: Mapping[str, tuple[Rule, Node]], packs: Iterable[Pack]) -> dict[str, tuple[Rule, Node]]:
    """The rules with the terms that count for them. `packs` in the order of their words, the installed ones first. Raises
    RuleError with the place for what cannot be meant."""
    packs = tuple(packs)
    said: dict[str, list[_Statement]] = {}
    for pack in packs:
        for id, said_of_it in pack.rules.items():
            if id not in rules:
                raise said_of_it.wrong_key(*_unknown(id, pack, rules))
            keys = said_of_it.value if isinstance(said_of_it.value, dict) else {}
            said.setdefault(id, []).append(_Statement(pack, keys))
    out = dict(rules)
    for id, statements in said.items():
        rule, node = rules[id]
        _refuse_contradictions(id, [one for one in statements if one.pack.installed])
        terms = _agreed(rule, statements)
        out[id] = (rule._replace(level=terms.level, terms=terms), node)
    names = {pack.name for pack in packs}
    for id, (rule, node) in out.items():
        if rule.terms is not None and rule.terms.deprecated:
            terms = rule.terms._replace(deprecated=_successor(id, out, names))
            out[id] = (rule._replace(terms=terms), node)
    return out


def _agreed(rule: Rule, statements: list[_Statement]) -> Terms:
    terms = terms_of(rule)
    own = rule.id.rpartition("/")[0]
    # Who locks it speaks first: by their word the others are measured.
    locks = [one for one in statements if one.pack.installed and "final" in one.keys]
    lockers = {one.pack.name for one in locks} | ({own} if terms.final else set())
    for one in (*locks, *(it for it in statements if it not in locks)):
        if one.pack.installed is None:
            bound = own != one.pack.name
        else:
            # What is final in a rule that comes with devsec is so for repositories; an organisation may see it differently.
            bound = bool(lockers - {BUNDLED, one.pack.name})
        if terms.final and bound:
            _refuse_weaker(rule.id, terms, one)
        terms = refined(terms, one.keys)
    return terms


def _refuse_weaker(id: str, terms: Terms, statement: _Statement) -> None:
    lock = next((said for said in reversed(terms.said) if said.what == "final"), Said("final", "", 0))
    for key, node in statement.keys.items():
        level = node.plain() if key == "level" else ""
        same = key == "level" and level in [one.value for one in Level] and not weaker(Level(level), terms.level)
        if not same and key not in _STRICTER:
            raise node.wrong_key(
                f"`{key}` cannot be changed here: {lock.file}:{lock.line} makes `{id}` final",
                f"a stronger level than {terms.level.value} can be asked for; else talk to who owns that file",
            )


def _refuse_contradictions(id: str, statements: list[_Statement]) -> None:
    seen: dict[str, tuple[Node, Pack]] = {}
    for statement in statements:
        for key, node in statement.keys.items():
            other, pack = seen.setdefault(key, (node, statement.pack))
            if other.plain() != node.plain():
                raise node.wrong_key(
                    f"the packs `{pack.name}` and `{statement.pack.name}` contradict each other about `{key}` of `{id}`: "
                    f"the other one is {other.source}:{other.line}",
                    "one of them has to leave it out, or both to say the same",
                )


def _unknown(id: str, pack: Pack, rules: Mapping[str, object]) -> tuple[str, str]:
    prefix, _, name = id.rpartition("/")
    if f"{pack.name}/{name}" in rules and not prefix:
        return f"there is no rule `{id}`", f"this pack's own is called {pack.name}/{name}, here as everywhere"
    known = {one.rpartition("/")[0] for one in rules}
    hint = "" if prefix in known else f"is the pack {prefix!r} installed? "
    return f"there is no rule `{id}`", hint + did_you_mean(id, rules)


def _successor(id: str, rules: Mapping[str, tuple[Rule, Node]], packs: set[str]) -> str:
    """The rule that counts in the end in place of a deprecated one; "" while that is in a pack that is not here: then the old
    one goes on."""
    seen = [id]
    while True:
        rule = rules[seen[-1]][0]
        terms = terms_of(rule)
        if not terms.deprecated:
            return seen[-1]
        said = next(one for one in reversed(terms.said) if one.what.startswith("deprecated"))
        if terms.deprecated in seen:
            raise RuleError(
                f"{said.file}:{said.line}:1: `{seen[-1]}` is deprecated for `{terms.deprecated}`, and so on in a circle",
                "one of them has to stay",
            )
        if terms.deprecated not in rules:
            prefix = terms.deprecated.rpartition("/")[0]
            if prefix and prefix not in packs:
                return "" if len(seen) == 1 else seen[-1]
            raise RuleError(
                f"{said.file}:{said.line}:1: `{seen[-1]}` is deprecated for `{terms.deprecated}`, and there is no such rule",
                did_you_mean(terms.deprecated, rules),
            )
        seen.append(terms.deprecated)


def roads_of(offers: Iterable[Offer], packs: Iterable[Pack]) -> dict[str, Road]:
    """The roads that count, by name. `offers` in the order of the folders: later ones replace earlier ones. Raises RuleError where
    packs contradict each other, and where a road that is final is replaced."""
    by_name: dict[str, list[Offer]] = {}
    for offer in offers:
        by_name.setdefault(offer.road.name, []).append(offer)
    locks: dict[str, tuple[Pack, Node]] = {}
    for pack in packs:
        for name, node in pack.roads.items():
            if name not in by_name:
                raise node.wrong_key(f"there is no road `{name}`", did_you_mean(name, by_name))
            locks.setdefault(name, (pack, node))
    return {name: _road(name, some, locks.get(name)) for name, some in by_name.items()}


def _road(name: str, offers: list[Offer], lock: tuple[Pack, Node] | None) -> Road:
    installed = [offer for offer in offers if not offer.bundled and not offer.ours]
    for other in installed[1:]:
        if not _same(installed[0].road, other.road):
            raise other.node.wrong(
                f"the road `{name}` leads somewhere else in {installed[0].place}, which is installed as well",
                "one of the two packs has to leave it out",
            )
    if lock is None:
        return offers[-1].road
    pack, at = lock
    before = [offer for offer in offers if not offer.ours] or offers
    held = next((it for it in offers if it.pack is pack), before[0] if pack.installed else before[-1])
    for offer in offers[offers.index(held) + 1 :]:
        if not _same(held.road, offer.road):
            raise offer.node.wrong(
                f"the road `{name}` cannot be replaced here: {at.source}:{at.key[0]} makes it final",
                f"leave it out: it leads to {held.road.call}",
            )
    return held.road


def _same(one: Road, other: Road) -> bool:
    return (one.call, one.imports, one.package) == (other.call, other.imports, other.package)
