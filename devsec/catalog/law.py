"""Which words of a repository do not count as they stand? Those that would weaken what is final, and those about rules that have
another name by now.

Asked by a commit only when the configuration names rules, or when something was found: it is a small file of its own in the
cache beside the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from devsec.config import Config
from devsec.levels import Level, weaker
from devsec.record import Record

if TYPE_CHECKING:
    from devsec.catalog.rule import Catalogue


class Law(Record):
    """`final`: rule -> (the level it has at least, where that is said). `instead`: deprecated rule -> the one that counts."""

    final: dict[str, tuple[Level, str]]
    instead: dict[str, str]

    def over(self, config: Config) -> tuple[Config, tuple[str, ...]]:
        """The configuration as it counts, and what its author should know about that."""
        if not self.final and not self.instead:
            return config, ()
        remarks: list[str] = []
        levels = dict(config.levels)
        for rule, level in config.levels:
            new = self.instead.get(rule)
            if new is not None:
                del levels[rule]
                levels.setdefault(new, level)
                remarks.append(f"levels: the rule {rule} has become {new}; write that")
        for rule, level in sorted(levels.items()):
            if rule in self.final and weaker(level, self.final[rule][0]):
                least, where = self.final[rule]
                del levels[rule]
                remarks.append(
                    f'levels: {rule} = "{level.value}" does not count: {where} makes it final, '
                    f"and it stays at {least.value}"
                )
        apply = []
        for name in config.apply:
            new = self.instead.get(name)
            if new is not None:
                remarks.append(f"fix.apply: the rule {name} has become {new}; write that")
            apply.append(new or name)
        return config._replace(levels=tuple(sorted(levels.items())), apply=tuple(apply)), tuple(remarks)

    def renamed(self, rules: Iterable[str]) -> tuple[str, ...]:
        """These rules, and after them the ones that count in their place."""
        rules = tuple(rules)
        return (*rules, *(self.instead[rule] for rule in rules if rule in self.instead))

    def dump(self) -> Any:
        """What `restored` takes."""
        return {
            "final": {rule: [level.value, where] for rule, (level, where) in self.final.items()},
            "instead": self.instead,
        }


def law_of(catalogue: Catalogue) -> Law:
    """What the rules say of that."""
    from devsec.catalog.terms import terms_of  # the law comes from the cache, but for the first time

    final, instead = {}, {}
    for rule in catalogue.rules:
        terms = terms_of(rule)
        if terms.final:
            said = next(one for one in reversed(terms.said) if one.what == "final")
            final[rule.id] = (terms.level, f"{said.file}:{said.line}")
        if terms.deprecated:
            instead[rule.id] = terms.deprecated
    return Law(final, instead)


def restored(data: Any) -> Law | None:
    """The law that was dumped; None for anything else."""
    try:
        final = {str(rule): (Level(level), str(where)) for rule, (level, where) in data["final"].items()}
        return Law(final, {str(old): str(new) for old, new in data["instead"].items()})
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
