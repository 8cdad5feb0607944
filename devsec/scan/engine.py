"""One text in, findings with their cures out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from devsec import watch
from devsec.blake import blake2b
from devsec.catalog.rule import IN_ANY_FILE, Literal, Rule, Rules, Shape
from devsec.finding import Finding, Fix
from devsec.globs import matches
from devsec.levels import Confidence, Level
from devsec.record import Record
from devsec.scan import libcst_soon
from devsec.scan.gate import Gate
from devsec.scan.proofs import Proof
from devsec.scan.spot import Place, Spot
from devsec.sources.decode import Text, decode
from devsec.sources.source import Skipped, Source, is_binary, is_notebook, is_python
from devsec.text import Lines, Span

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    import libcst as cst

    from devsec.scan.candidates import Candidates
    from devsec.scan.match import Match
    from devsec.scan.names import Names
    from devsec.scan.notebook import Notebook
    from devsec.scan.outline import Outline

_FINGERPRINT_KEY = b"devsec/fingerprint/1"
LARGE = 16_000  # bytes of Python of which even one file is worth the regexes that tell bodies
MAX_BYTES = 16 << 20  # of Python that has candidates; a file without, and text for the regexes, is never too large


class Scanner:
    """Looks at texts for the rules of a catalogue. Holds no state of the texts it has seen."""

    def __init__(self, catalogue: Rules, gate: Gate) -> None:
        self.catalogue = catalogue
        self.gate = gate

    def scan(
        self,
        source: Source,
        hits: Sequence[str] | None = None,
        was: Callable[[], Iterable[Source]] = tuple,
        all_the_same: bool = False,
    ) -> tuple[Finding, ...] | Skipped:
        """Findings in `source`, in the order of the text. `hits` are the rules to look for (default: what the gate
        lets through); () costs nothing.

        `was` gives what stood there before, where only news is asked for: what surely is none may be missing then.
        `all_the_same`: also those of a notebook that has cells which cannot be read.
        """
        with watch.step(watch.RULES):
            rules = [
                self.catalogue.rule(id) for id in (self.gate.hits(source.data, source.path) if hits is None else hits)
            ]
        if not rules:
            return ()
        in_python = [rule for rule in rules if any(shape.kind not in IN_ANY_FILE for shape in rule.find)]
        cells = is_notebook(source.path)
        if in_python and not cells and not is_python(source.path, source.data):
            in_python = []
        if in_python and not cells and len(source.data) > MAX_BYTES:
            return Skipped(
                source.path, f"Python of more than {MAX_BYTES >> 20} MB, and something in it needs a closer look"
            )
        of_file = [(rule, shape) for rule in rules for shape in rule.find if shape.kind == "file"]
        text = decode(source)
        if of_file and is_binary(source.data):
            text = Text(b"")  # it has no places to tell
        if isinstance(text, Skipped):
            if any(shape.kind != "file" for rule in rules for shape in rule.find):
                return text
            text = Text(b"")
        found = _Found(source.path, text)
        if of_file:
            skipped = self._scan_file(of_file, source, found)
            if skipped is not None:
                return skipped
        in_text = [(rule, shape) for rule in rules for shape in rule.find if shape.kind in ("text", "setting")]
        if in_text:
            with watch.step(watch.TEXT):
                skipped = self._scan_text(in_text, found)
            if skipped is not None:
                return skipped
        if in_python:
            skipped = self._scan_cells(in_python, found) if cells else self._scan_python(in_python, found, was)
            if skipped is not None and not (cells and all_the_same):
                return skipped
        return found.finished()

    def all_the_same(self, source: Source, hits: Sequence[str]) -> tuple[Finding, ...]:
        """What is found in a file that was not checked as a whole: by rules that ask nothing of it but its text, for they can
        be looked for where it does not parse; and in those cells of a notebook that do."""
        if not is_notebook(source.path):
            hits = [id for id in hits if all(shape.kind in ("text", "file") for shape in self.catalogue.rule(id).find)]
        found = self.scan(source, hits, all_the_same=True) if hits else ()
        return () if isinstance(found, Skipped) else found

    def unbound(self, source: Source, wanted: Sequence[tuple[Span, str]]) -> tuple[str, ...]:
        """Of names at places of a text (spans, and the qualified name each must refer to) those that do not, as
        sentences."""
        text = decode(source)
        if isinstance(text, Skipped):
            return (text.reason,)
        libcst_soon.load()
        from devsec.scan.bound import unbound

        return unbound(text.text, wanted)

    def _scan_file(self, pairs: Sequence[tuple[Rule, Shape]], source: Source, found: _Found) -> Skipped | None:
        from devsec.scan.file_names import begins, is_named
        from devsec.scan.held import HOLDS, found_by
        from devsec.scan.instead import out_of_git

        for rule, shape in pairs:
            if not (
                source.data
                and is_named(source.path.lower(), shape.names)
                and matches(source.path, shape.context.paths)
                and begins(source.data, shape.starts)
                and (shape.literal is None or found_by(shape.literal.regex, source.data))
            ):
                continue
            places = HOLDS[shape.holds](source.path, source.data, found.text.text) if shape.holds else [Span(0, 0)]
            if isinstance(places, Skipped):
                return places
            cures = tuple(out_of_git(cure, source.path) for cure in rule.cures)
            for place in places:
                found.add(rule, place, cures, (place,) if place.end else (), whole=True)
        return None

    def _scan_text(self, pairs: Sequence[tuple[Rule, Shape]], found: _Found) -> Skipped | None:
        text = found.text.text
        pairs = [pair for pair in pairs if matches(found.path, pair[1].context.paths)]
        here: list[Spot] = []
        of_settings = [pair for pair in pairs if pair[1].setting]
        if of_settings:
            from devsec.scan.settled import spots  # the readers of formats

            those = spots(found.path, text, of_settings)
            if isinstance(those, Skipped):
                return those
            here += those
        pairs = [pair for pair in pairs if pair[1].literal]
        if pairs:
            from devsec.scan.lines import places  # re2 behind it

            here += [
                Spot(rule, shape, place) for rule, shape in pairs for place in places(shape.literal or Literal(), text)
            ]
        if not here and not pairs:
            return None
        if is_notebook(found.path):
            curable = self._curable_in_cells(here, pairs, found)
        elif is_python(found.path, text):
            if not here and not _could_be_joined(pairs, text):
                return None
            libcst_soon.load()
            from devsec.scan.tokens import in_literals  # the literals they stand in

            curable = in_literals(here, pairs, text, self.catalogue)
        else:
            from devsec.scan.instead import instead

            curable = [(spot, tuple(instead(cure, found.path, spot.name) for cure in spot.rule.cures)) for spot in here]
        for spot, cures in curable:
            secrets = (spot.place.value,) if spot.rule.secret else ()
            found.add(spot.rule, spot.place.match, cures, secrets, spot.place.proof)
        return None

    def _curable_in_cells(
        self, here: Sequence[Spot], pairs: Sequence[tuple[Rule, Shape]], found: _Found
    ) -> list[tuple[Spot, tuple[Fix, ...]]]:
        """What stands in the code of a notebook has the cures of code; all else those of text."""
        libcst_soon.load()
        from devsec.scan.cells import in_file
        from devsec.scan.instead import instead
        from devsec.scan.notebook import notebook
        from devsec.scan.tokens import in_literals

        text = found.text.text
        book = notebook(text)
        found.book = None if isinstance(book, str) else book
        out: list[tuple[Spot, tuple[Fix, ...]]] = []
        left = list(here)
        for script in found.book.scripts if found.book is not None else ():
            inside, others = [], []
            for spot in left:
                match, value = script.inside(spot.place.match), script.inside(spot.place.value)
                if match is None or value is None:
                    others.append(spot)
                else:
                    inside.append(spot._replace(place=spot.place._replace(match=match, value=value)))
            left = others
            for spot, cures in in_literals(inside, pairs, script.text, self.catalogue):
                place = Place(script.outside(spot.place.match), script.outside(spot.place.value), spot.place.proof)
                out.append((spot._replace(place=place), tuple(in_file(fix, script, text) for fix in cures)))
        return out + [(s, tuple(instead(cure, found.path, s.name) for cure in s.rule.cures)) for s in left]

    def _scan_python(
        self, rules: Sequence[Rule], found: _Found, was: Callable[[], Iterable[Source]] = tuple
    ) -> Skipped | None:
        from devsec.scan.outline import Unparsable

        text = found.text.text
        lines = Lines(text)
        try:
            hastily = len(text) >= LARGE or self.gate.has_seen_much
            sketch, likely = _looked_over(text, lines, rules, hastily)
            if likely.statements and not any(self._as_it_was(one, found, sketch, likely) for one in was()):
                for index in likely.statements:
                    span = sketch.statements[index].span
                    watch.count(watch.LIBCST, span.end - span.start)
                with watch.step(watch.LIBCST):
                    self._match(likely, found, sketch, lines)
        except Unparsable as why:
            return Skipped(found.path, f"could not be read: {why}")
        except RecursionError:
            return Skipped(found.path, "could not be read: nested too deeply")
        return None

    def _as_it_was(self, was: Source, found: _Found, sketch: Outline, likely: Candidates) -> bool:
        from devsec.scan.outline import Unparsable, outline
        from devsec.scan.unchanged import nothing_new

        before = decode(was) if self.gate.alike(was.path, found.path) else None
        if not isinstance(before, Text):
            return False
        try:  # names and texts of statements are compared, and no bodies
            there = outline(before.text, Lines(before.text), hastily=True)
            return nothing_new(sketch, found.text.text, likely.statements, likely.rules, there, before.text)
        except Unparsable:
            return False

    def _scan_cells(self, rules: Sequence[Rule], found: _Found) -> Skipped | None:
        """The Python of a notebook. Every cell that can be read is, whatever the others are."""
        from devsec.scan.cells import in_file
        from devsec.scan.notebook import beside, notebook  # json behind it

        book = notebook(found.text.text)
        if isinstance(book, str):
            return Skipped(found.path, f"could not be read: {book}")
        found.book = book
        reasons = []
        for script in book.scripts:
            if len(script.text) > MAX_BYTES:
                return Skipped(found.path, f"Python of more than {MAX_BYTES >> 20} MB in its cells")
            inside = _Found(found.path, Text(script.text))
            skipped = self._scan_python(rules, inside)
            if skipped is not None:
                reasons.append(f"{skipped.reason} (lines of all its cells counted as one file)")
            for rule, span, cures, secrets in inside.entries():
                fixes = tuple(in_file(fix, script, found.text.text) for fix in cures)
                found.add(rule, script.outside(span), fixes, tuple(script.outside(secret) for secret in secrets))
        asked = {rule.id for rule in rules}
        imports, bound = beside(book) if book.broken else (b"", b"")
        for cell in book.broken:
            near = self.gate.in_code(cell.text, found.path, imports)
            # What needs a name bound elsewhere counts where the other cells have not all of its words without this one.
            far = self.gate.in_code(cell.text, found.path, bound) - self.gate.in_code(bound, found.path)
            if asked & (near | far):
                reasons.append(f"cell {cell.number} could not be read: {cell.reason}")
        return Skipped(found.path, "; ".join(reasons)) if reasons else None

    def _match(self, likely: Candidates, found: _Found, sketch: Outline, lines: Lines) -> None:
        libcst_soon.load()  # 80 ms: paid once, and only when a statement has a candidate
        from devsec.scan.match import Matcher
        from devsec.scan.module import Module
        from devsec.scan.names import Names
        from devsec.scan.rewrite import fixes

        module = Module(found.text.text, sketch, lines, found.path, likely.statements)
        names = Names(module)
        matcher = Matcher(module, names, likely.rules)
        for index in likely.statements:
            for node in module.piece(index).nodes:
                for match in matcher.matches(node):
                    if matches(found.path, match.shape.context.paths):
                        secrets = tuple(_secrets(match, names))
                        found.add(match.rule, _span(match, names), fixes(match, names, self.catalogue), secrets)


def _looked_over(text: bytes, lines: Lines, rules: Sequence[Rule], hastily: bool) -> tuple[Outline, Candidates]:
    """The outline, and what in it is worth LibCST. Raises Unparsable."""
    from devsec.scan.candidates import candidates
    from devsec.scan.outline import Unparsable, outline

    with watch.step(watch.PARSE):
        sketch = outline(text, lines, hastily)
    watch.count(watch.PARSE, sketch.parsed)
    try:
        with watch.step(watch.CANDIDATES):
            return sketch, candidates(sketch, text, lines, rules)
    except Unparsable:
        if not sketch.unread:
            raise
    with watch.step(watch.PARSE):
        sketch = outline(text, lines)  # what is wrong, and where, the text as a whole tells
    with watch.step(watch.CANDIDATES):
        return sketch, candidates(sketch, text, lines, rules)


class _Found:
    """The findings of one text while they are collected."""

    def __init__(self, path: str, text: Text) -> None:
        self.path = path
        self.text = text
        self.book: Notebook | None = None
        self._found: dict[tuple[str, Span], _Entry] = {}

    def entries(self) -> Iterator[tuple[Rule, Span, tuple[Fix, ...], tuple[Span, ...]]]:
        for (_, span), entry in self._found.items():
            yield entry.rule, span, entry.cures, entry.secrets

    def _as_code(self, span: Span, secrets: Sequence[Span]) -> tuple[bytes, Span, Sequence[Span], str]:
        """The text that shows what was found, the place and the secrets in it, and how a person finds that place. A cell is
        shown as it runs, not as JSON writes it."""
        there = self.book.holding(span) if self.book is not None else None
        if there is None:
            return self.text.text, span, secrets, ""
        script, place = there
        here = [secret for secret in secrets if secret.start < secret.end and secret.overlaps(span)]
        # Of a secret that no cell has as a whole nothing may be shown.
        hidden = sorted(script.inside(secret) or place for secret in here)
        return script.text, place, hidden, script.where(place.start)

    def add(
        self,
        rule: Rule,
        span: Span,
        cures: tuple[Fix, ...],
        secrets: tuple[Span, ...],
        proof: Proof | None = None,
        whole: bool = False,
    ) -> None:
        self._found.setdefault((rule.id, span), _Entry(rule, cures, secrets, proof, whole))

    def _twice(self) -> set[tuple[str, Span]]:
        """The findings that say nothing more. One secret, one finding: by its own shape, which tells who gave it out; else
        by the file it makes one that should not be there; else by its place in code; else by a line of text; else by the name it
        stands under."""
        of_file = any(entry.whole for entry in self._found.values())
        ranked = [
            (_rank(entry.rule, of_file), key, entry.secrets) for key, entry in self._found.items() if entry.secrets
        ]
        ranks = {rank for rank, _, _ in ranked}
        lower = {
            rank: [theirs for other, _, theirs in ranked if other < rank] for rank in ranks
        }  # few ranks, many findings
        better = {key for rank, key, secrets in ranked if any(_overlap(secrets, theirs) for theirs in lower[rank])}
        # Two shapes of one rule may meet in one token: by its name, and by what stands beside it.
        first: dict[tuple[str, tuple[Span, ...]], tuple[str, Span]] = {}
        again = {key for _, key, secrets in ranked if first.setdefault((key[0], secrets), key) != key}
        # Of the rules about the file one speaks, the one that does most.
        about = {entry.rule for entry in self._found.values() if entry.whole}
        first_rule = min(about, key=lambda rule: (_LEVELS.index(rule.level), rule.id), default=None)
        others = {key for key, entry in self._found.items() if entry.whole and entry.rule is not first_rule}
        return better | again | others

    def _cures(self, entry: _Entry, wholes: Sequence[_Entry]) -> tuple[Fix, ...]:
        """Where a token is told instead of its file: what to do about the file first."""
        if entry.whole or not entry.secrets:
            return entry.cures
        for other in wholes:
            if other.rule.level is not Level.NOTE and _overlap(other.secrets, entry.secrets):
                return (*other.cures, *entry.cures)
        return entry.cures

    def finished(self) -> tuple[Finding, ...]:
        if not self._found:
            return ()
        lines = Lines(self.text.text)
        twice = self._twice()
        everything = sorted({secret for entry in self._found.values() for secret in entry.secrets})
        wholes = [entry for entry in self._found.values() if entry.whole]
        ordinal: dict[tuple[str, str], int] = {}
        out = []
        for (id, span), entry in sorted(self._found.items(), key=lambda i: (i[0][1], i[0][0])):
            if (id, span) in twice:
                continue
            rule, _, secrets, proof, whole = entry
            cures = self._cures(entry, wholes)
            level, confidence, remark = _graded(rule, proof)
            code, at, hidden, where = self._as_code(span, everything)
            shown = _masked(code, at, hidden)
            normal = _normalised(shown)
            if whole:  # of a file there is one finding
                shown, normal = "", "file"
                ordinal[id, normal] = 0
            else:
                ordinal[id, normal] = ordinal.get((id, normal), -1) + 1
            out.append(
                Finding(
                    rule=id,
                    title=rule.title,
                    message=rule.why,
                    path=self.path,
                    span=span,
                    start=lines.place(span.start),
                    end=lines.place(span.end),
                    cwe=rule.cwe,
                    severity=rule.severity,
                    confidence=confidence,
                    level=level,
                    road=next((fix.road for fix in cures if fix.road), ""),
                    snippet=" ".join(shown.split()),
                    key=_normalised(code[at.start : at.end].decode("utf-8")),
                    fingerprint=fingerprint(id, self.path, normal, str(ordinal[id, normal])),
                    fixes=cures,
                    secrets=secrets,
                    remark=remark,
                    revoke=rule.revoke,
                    where=where,
                    whole=whole,
                )
            )
        return tuple(out)


# What these say is that there is some secret, as the rule about its file does.
_OF_ANYBODY = frozenset(
    ["pem", "putty", "base64-of-pem", "password", "user-password", "url-credentials", "connection-string", "basic-auth"]
) | {"docker-auth", "bearer", "secret-manifest"}


def _could_be_joined(pairs: Sequence[tuple[Rule, Shape]], text: bytes) -> bool:
    from devsec.scan.joined import could_join
    from devsec.scan.outline import Unparsable, outline

    try:
        return any(True for _ in could_join(pairs, text, outline(text, Lines(text))))
    except Unparsable:
        return False  # as in_literals


def _rank(rule: Rule, of_file: bool) -> int:
    """`of_file` when there is a finding about the file, too."""
    if any(shape.kind == "file" for shape in rule.find):
        return 1 if rule.level is not Level.NOTE else 5
    if all(shape.kind == "setting" for shape in rule.find):
        return 4  # only its name told
    texts = [shape.literal for shape in rule.find if shape.kind == "text"]
    if any(literal and literal.token for literal in texts):
        return 0
    if of_file and any(literal and literal.proof not in _OF_ANYBODY for literal in texts):
        return 0
    return 3 if texts else 2


def _overlap(some: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(one.overlaps(other) for one in some for other in others)


class _Entry(Record):
    rule: Rule
    cures: tuple[Fix, ...]
    secrets: tuple[Span, ...]
    proof: Proof | None
    whole: bool = False


_LEVELS = (Level.BLOCK, Level.WARN, Level.NOTE, Level.OFF)
_WEAKER = {Level.BLOCK: Level.WARN, Level.WARN: Level.NOTE}


def _graded(rule: Rule, proof: Proof | None) -> tuple[Level, Confidence, str]:
    """A good checksum makes it sure, a bad one less so; neither hides it."""
    if proof is Proof.PROVED:
        return rule.level, Confidence.HIGH, "Its check digits or its structure hold: it was given out, not made up."
    if proof is Proof.DOUBTFUL:
        remark = "Its check digits or its structure do not hold: made up, cut short, mistyped, or of no use any more."
        return _WEAKER.get(rule.level, rule.level), Confidence.MEDIUM, remark
    return rule.level, rule.confidence, ""


def _span(match: Match, names: Names) -> Span:
    import libcst as cst

    if isinstance(match.node, cst.Decorator):
        return names.module.span(match.node.decorator)
    return names.module.span(match.node)


def _secrets(match: Match, names: Names) -> list[Span]:
    """Where the texts stand that the rule calls secret: the literals of those parts, wherever they are assigned."""
    found: list[Span] = []
    for label in match.rule.secret:
        if label == "match":
            nodes: list[cst.CSTNode] = [match.node]
        elif label in match.parts:
            nodes = [match.parts[label]]
        elif (
            match.arguments is not None
            and (arg := match.arguments.get(label, dict(match.shape.args).get(label, ()))) is not None
        ):
            nodes = [arg.value]
        else:
            continue
        for node in nodes:
            found.extend(_literals(node, names))
    return sorted(set(found))


def _literals(node: cst.CSTNode, names: Names, hops: int = 8) -> list[Span]:
    import libcst as cst

    from devsec.scan.module import children

    found: list[Span] = []
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, cst.SimpleString):
            span = names.module.span(at)
            skip = len(at.prefix) + len(at.quote)
            found.append(Span(span.start + skip, max(span.end - len(at.quote), span.start + skip)))
        elif isinstance(at, cst.FormattedStringText):
            found.append(names.module.span(at))
        elif isinstance(at, (cst.Name, cst.Attribute)) and hops > 0:
            value = names.value(at)
            if value is not at:
                found.extend(_literals(value, names, hops - 1))
        elif isinstance(at, cst.DictElement):
            stack.append(at.value)  # a key is a name
        else:
            stack.extend(children(at))
    return found


def _masked(text: bytes, span: Span, secrets: Sequence[Span]) -> str:
    out = []
    at = span.start
    for secret in secrets:
        if secret.end <= at or secret.start >= span.end:
            continue
        out.append(text[at : max(secret.start, at)])
        out.append("…".encode())
        at = min(secret.end, span.end)
    out.append(text[at : span.end])
    return b"".join(out).decode("utf-8", "replace")


def _normalised(source: str) -> str:
    """The same for code that differs in layout, quotes and trailing commas only: re-formatting is no news."""
    text = "".join(source.split()).replace("'", '"')
    for close in ")]}":
        text = text.replace("," + close, close)
    return text


def fingerprint(*parts: str) -> str:
    raw = "\0".join(parts).encode("utf-8", "surrogateescape")
    return blake2b(raw, digest_size=16, key=_FINGERPRINT_KEY).hexdigest()
