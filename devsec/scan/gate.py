"""Could any rule match? Bytes only: this runs on every staged file of every commit.

What a rule needs is derived from the rule. A shape needs *groups* of words: of each group at least one word must stand
somewhere in the file. `requests.get(verify=False)` needs `requests`, `get`, `verify` and `False`, however it is
spelled, since names are resolved inside the file only. A `text` shape needs its own regex. Nothing here may be
stricter than the matcher: a file the gate lets go is called clean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devsec.globs import matches
from devsec.scan.file_names import Quick, begins, is_named
from devsec.scan.formats.by_name import could_be_strong, could_hold, format_of
from devsec.scan.words import ONLY_WORDS, any_assigned, any_ends
from devsec.sources.source import is_notebook, is_python

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any

    from devsec.catalog.rule import Catalogue
    from devsec.scan.sieve import Sieve

# A sign of a rule in a file that is not worth much: these words stand in half of all files.
_COMMON = frozenset(
    [
        "False",
        "True",
        "None",
        "get",
        "post",
        "put",
        "new",
        "load",
        "loads",
        "run",
        "call",
        "open",
        "connect",
        "execute",
        "encode",
        "decode",
        "request",
        "delete",
        "patch",
        "head",
        "options",
        "random",
        "choice",
        "set",
        "path",
        "read",
        "write",
        "key",
        "name",
        "os",
        "sys",
        "re",
        "time",
        "json",
        "data",
        "value",
        "id",
        "type",
        "url",
        "text",
        "send",
    ]
)


RUN = "~"  # before a word that may stand inside another one
CALL = "("  # before a word that ends the name of what is called
TARGET = "="  # before a word that ends the name of what is given a value
LONG = 16  # characters of a token: in code few words are as long
# Where the words of a `text` shape stand.
ANYWHERE, IN_TOKEN = 0, 1  # in_token: in a long one
STARTS = 2  # at the start of a long token, or of what may be one: no letter, digit or underscore stands before it
LOGIN = "://…@"  # an address with an `@` in the same line: `://` by itself stands in most files


class Gate:
    """Tells from bytes and path which rules are worth a closer look."""

    def __init__(self, needs: Sequence[Sequence[Any]]) -> None:
        """`needs` as scan/needs.py derives them: (rule id, globs, groups of words) of what is looked for in Python,
        (rule id, globs, regex, words of which every match holds one, where those stand, words of which one stands near
        every match) of what is looked for in any text; (rule id, globs, None, formats, whether only names of secrets count,
        and only strong values) of settings; (rule id, globs, {names: globs, starts: how its bytes begin}) of files."""
        # Many shapes share globs and groups of words: both are kept, asked and written down once.
        globs: dict[tuple[str, ...], int] = {}
        groups: dict[tuple[str, ...], int] = {}
        self._shapes: list[Any] = []
        self._texts: list[Any] = []
        self._settings: list[Any] = []
        self._files: list[Any] = []
        self._quick: list[Quick] = []
        self._named: Quick | None = None  # by any of them
        for rule, where, need, *words in needs:
            at = globs.setdefault(tuple(where), len(globs))
            if isinstance(need, str):
                self._texts.append((rule, at, need, *words))
            elif isinstance(need, dict):
                names = globs.setdefault(tuple(need["names"]), len(globs))
                self._files.append((rule, at, names, need["starts"]))
            elif need is None:
                self._settings.append((rule, at, *words))
            else:
                rarest_first = sorted(need, key=rarity, reverse=True)
                wanted = [groups.setdefault(tuple(group), len(groups)) for group in rarest_first]
                self._shapes.append((rule, at, wanted))
        self._globs: list[Any] = list(globs)
        self._groups: list[Any] = list(groups)
        self._groups_of: dict[bytes, list[int]] | None = None  # by word
        self._words: frozenset[bytes] = frozenset()
        self._runs: dict[int, list[bytes]] = {}  # by group
        self._calls: dict[int, list[bytes]] = {}  # as all words of a group are, or none
        self._targets: dict[int, list[bytes]] = {}
        self._any_run: Any = None
        self._by_rarest: dict[int | None, list[Any]] | None = None
        self._seen = 0  # bytes
        self._first: Any = None
        self._regexes: dict[str, Any] = {}
        self._any_text = self._wordless = self._logins = False
        self._sieve: Sieve | None = None
        self._texts_of: dict[str, list[int]] = {}  # by word; "" for those that ask for none
        self._token_words: list[tuple[str, bytes]] = []
        self._plain_words: list[tuple[str, bytes]] = []
        self._starts = _Starts(())
        self._stems: dict[bytes, list[tuple[str, bytes]]] = {}

    @classmethod
    def build(cls, catalogue: Catalogue) -> Gate:
        """Derives the gate from the rules. Takes milliseconds; `dump` and `restore` save even those."""
        from devsec.scan.needs import needs  # only when the catalogue changed

        return cls(needs(catalogue))

    def rules(self) -> frozenset[str]:
        """The ids of the rules there are."""
        return frozenset(one[0] for one in (*self._shapes, *self._texts, *self._settings, *self._files))

    @property
    def has_seen_much(self) -> bool:
        """Whether so many bytes came by that what takes some ms to get ready was worth it."""
        return self._seen >= _MUCH

    def dump(self) -> list[Any]:
        """What `restore` takes, made of lists and strings."""
        return [_FORMAT, self._globs, self._groups, self._shapes, self._texts, self._settings, self._files]

    @classmethod
    def restore(cls, data: Any) -> Gate:
        """Raises ValueError, TypeError or IndexError when `data` is not what `dump` gives."""
        gate = cls([])
        form, gate._globs, gate._groups, gate._shapes, gate._texts, gate._settings, gate._files = data
        if form != _FORMAT:
            raise ValueError("a gate of another form")
        words = {str}
        for table in (gate._globs, gate._groups):
            for entry in table:
                if not words.issuperset(map(type, entry)):
                    raise TypeError("not a gate")
        last = len(gate._groups)
        for rule, at, wanted in gate._shapes:
            gate._globs[at]
            if type(rule) is not str or not all(type(number) is int and 0 <= number < last for number in wanted):
                raise TypeError("not a gate")
        for rule, at, regex, needles, where, near in gate._texts:
            gate._globs[at]
            if not words.issuperset(map(type, (rule, regex, *needles, *near))) or type(where) is not int:
                raise TypeError("not a gate")
        for rule, at, formats, named, strong in gate._settings:
            gate._globs[at]
            if not words.issuperset(map(type, (rule, *formats))) or type(named) is not bool or type(strong) is not bool:
                raise TypeError("not a gate")
        for rule, at, names, starts in gate._files:
            gate._globs[at], gate._globs[names]
            if not words.issuperset(map(type, (rule, *starts))):
                raise TypeError("not a gate")
        return gate

    def hits(self, data: bytes, path: str) -> tuple[str, ...]:
        """Ids of the rules that could match, sorted; () means that there is nothing to do.

        `data` are the bytes of the file as they are; `path` decides which rules apply at all.
        """
        found: set[str] = set()
        self._seen += len(data)
        if is_notebook(path):
            from devsec.scan.formats.json_words import without_pictures  # a regex, for notebooks only

            data = without_pictures(data)
        if self._shapes and is_python(path, data) and self._any_word(data):
            found.update(self.in_code(data, path))
        elif self._shapes and is_notebook(path):
            from devsec.scan.formats.json_words import unescaped  # a regex, for notebooks only

            found.update(self.in_code(unescaped(_readable(data)), path))
        if self._texts:
            found.update(self._in_text(data, path))
        if self._settings:
            found.update(self._in_settings(data, path))
        if self._files and data:
            found.update(self._by_name(data, path))
        return tuple(sorted(found))

    def alike(self, path: str, other: str) -> bool:
        """Whether a text says the same to every rule at both paths."""
        if path == other:
            return True
        if is_python(path, b"") != is_python(other, b"") or format_of(path) != format_of(other):
            return False
        here, there = path.lower(), other.lower()  # names of files are asked for in any case
        if any(
            is_named(here, self._globs[names]) != is_named(there, self._globs[names]) for _, _, names, _ in self._files
        ):
            return False
        return all(matches(path, globs) == matches(other, globs) for globs in self._globs)

    def in_code(self, code: bytes, path: str, beside: bytes = b"") -> set[str]:
        """Rules that look for something in Python, and could find it in `code`, when a part of what they need may also stand
        `beside` it."""
        own = self._groups_in(code)
        there = _Groups(own.words | self._groups_in(beside).words, (*own.texts, beside)) if beside else own
        own.any_place = there.any_place = is_notebook(path)  # a name may end where JSON does
        found: set[str] = set()
        for rule, at, whole, runs in self._shapes_of(there.words):
            if rule in found or not whole <= there.words or not all(self._is_there(group, there) for group in runs):
                continue
            words = [*whole, *(group for group in runs if group in self._runs)]
            if beside and words and not any(self._is_there(group, own) for group in words):
                continue
            if matches(path, self._globs[at]):
                found.add(rule)
        return found

    def _shapes_of(self, words: set[int]) -> Iterator[tuple[str, int, frozenset[int], Sequence[int]]]:
        """The shapes whose rarest group is there, of those that hold whole words only: few of all, in most files. Each with its
        groups that hold whole words only, and the others."""
        if self._by_rarest is None:
            self._by_rarest = {}
            plain = set(range(len(self._groups))) - self._runs.keys() - self._calls.keys() - self._targets.keys()
            for rule, at, wanted in self._shapes:
                whole = [group for group in wanted if group in plain]
                others = [group for group in wanted if group not in plain]
                shape = (rule, at, frozenset(whole), others)
                self._by_rarest.setdefault(whole[0] if whole else None, []).append(shape)
        yield from self._by_rarest.get(None, ())
        for group in words & self._by_rarest.keys():
            yield from self._by_rarest[group]

    def _is_there(self, group: int, there: _Groups) -> bool:
        """Whether a word of the group is: as a whole word, as a run anywhere, or where a call or a target may be."""
        if group in there.words:
            return True
        known = there.known.get(group)
        if known is None:
            if there.any_place and (group in self._calls or group in self._targets):
                known = True  # as whole words they are asked, too
            elif group in self._calls:
                known = any(any_ends(self._calls[group], text) for text in there.texts)
            elif group in self._targets:
                known = any(any_assigned(self._targets[group], text) for text in there.texts)
            else:
                runs = self._runs.get(group, ())
                known = any(run in text for run in runs for text in there.texts) if self._some_run(there) else False
            there.known[group] = known
        return known

    def _some_run(self, there: _Groups) -> bool:
        """Whether any group's run may be there. As `_any_word`: for a commit RE2 is not worth while."""
        if there.some is None:
            there.some = True
            if self.has_seen_much:
                if self._any_run is None:
                    runs = sorted({run.decode() for runs in self._runs.values() for run in runs})
                    self._any_run = _compile("|".join(map(quote, runs)) or "[^\\s\\S]")
                there.some = any(self._any_run.search(text) for text in there.texts)
                if not there.some:
                    there.known.update(dict.fromkeys(self._runs, False))
        return there.some

    def _by_name(self, data: bytes, path: str) -> Iterator[str]:
        if self._named is None:
            self._quick = [Quick.of(self._globs[names]) for _, _, names, _ in self._files]
            self._named = Quick.of([glob for _, _, names, _ in self._files for glob in self._globs[names]])
        lower = path.lower()
        if not self._named.admits(lower):
            return
        for quick, (rule, at, names, starts) in zip(self._quick, self._files, strict=True):
            there = quick.admits(lower) and begins(data, starts) and is_named(lower, self._globs[names])
            if there and matches(path, self._globs[at]):
                yield rule

    def _groups_in(self, data: bytes) -> _Groups:
        """The groups of which a word is there. Names stand in a file as whole words, and are looked up; a run of a literal's
        text may stand inside one, and is searched for when it is asked for."""
        if self._groups_of is None:
            self._groups_of = {}
            for number, group in enumerate(self._groups):
                for word in group:
                    if word.startswith(RUN):
                        self._runs.setdefault(number, []).append(word[1:].encode())
                    elif word.startswith(CALL):
                        self._calls.setdefault(number, []).append(word[1:].encode())
                    elif word.startswith(TARGET):
                        self._targets.setdefault(number, []).append(word[1:].encode())
                    else:
                        self._groups_of.setdefault(word.encode(), []).append(number)
            self._words = frozenset(self._groups_of)
        words = self._words.intersection(data.translate(ONLY_WORDS).split())  # five times as fast as a regex
        return _Groups({number for word in words for number in self._groups_of[word]}, (data,))

    def _in_text(self, data: bytes, path: str) -> Iterator[str]:
        """Rules whose regex matches somewhere. Most files hold none of the words all those regexes need."""
        text = _readable(data)
        there = self._needles_in(text)
        if not there and not self._wordless:
            return
        text = _as_utf8(text)
        python = is_python(path, data) and (self._sieve is None or self._sieve.any_goes_on(text))
        for number in {number for word in ("", *there) for number in self._texts_of.get(word, ())}:
            rule, at, regex, words, where, near = self._texts[number]
            if near and there.isdisjoint(near):
                continue
            if matches(path, self._globs[at]) and (
                self._regex(regex).search(text) or (python and words and self._goes_on(words, where == STARTS, text))
            ):
                yield rule

    def _in_settings(self, data: bytes, path: str) -> Iterator[str]:
        kind = "python" if is_python(path, data) else format_of(path)
        if not kind:
            return
        text = _readable(data)
        named = could_hold(text)
        strong = named and (kind != "python" or self._could_be_strong(text))
        for rule, at, formats, only_named, only_strong in self._settings:
            if only_named and not (strong if only_strong else named):
                continue
            if text and (not formats or kind in formats) and matches(path, self._globs[at]):
                yield rule

    def _could_be_strong(self, text: bytes) -> bool:
        if not self.has_seen_much:
            return could_be_strong(text)
        from devsec.scan.formats import strong_in_many  # RE2

        return strong_in_many.could_be_strong(text)

    def _needles_in(self, text: bytes) -> set[str]:
        """Which words of the `text` shapes there are.

        In a large repository one pass of RE2 tells (sieve.py). For a commit that takes too long to get ready (5 ms): most words are the
        start of a token, and are looked up; the rest is looked for, in the long tokens where it stands in one.
        """
        self._read_needles()
        if not self.has_seen_much:
            tokens = b" ".join([word for word in text.translate(_ONLY_TOKENS).split() if len(word) >= LONG])
            there = self._starts.which(tokens, text)
            there.update(word for word, needle in self._token_words if needle in tokens)
            there.update(self._plain_in(text))
            return there | _login(text) if self._logins else there
        if self._sieve is None:
            from devsec.scan.sieve import Sieve  # for many files

            # Of words that must stand near others those decide: `AKIA` is rarer than `secret`.
            deciding = {word for _, _, _, words, _, near in self._texts for word in near or words}
            others = [word for word, _ in (*self._token_words, *self._plain_words)] + [LOGIN] * self._logins
            self._sieve = Sieve(
                [word for word, _ in self._starts.words],
                [word for word in others if word in deciding],
                [word for word in others if word not in deciding],
            )
        return self._sieve.words_in(text)

    def _plain_in(self, text: bytes) -> Iterator[str]:
        """Words that stand anywhere. Many are one in other letters, or hold a shorter one: that is looked for first."""
        lower = text.lower()
        for stem, words in self._stems.items():
            if stem in lower:
                for word, needle in words:
                    if needle in text:
                        yield word

    def _read_needles(self) -> None:
        if self._any_text:
            return
        self._any_text = True
        stands: dict[str, int] = {}
        for _, _, _, words, where, near in self._texts:
            for word in words:
                stands[word] = min(stands.get(word, STARTS), where)
            for word in near:
                stands[word] = min(stands.get(word, STARTS), IN_TOKEN)
        self._logins = stands.pop(LOGIN, None) is not None
        self._starts = _Starts([(word, word.encode()) for word, where in stands.items() if where == STARTS])
        self._token_words = [(word, word.encode()) for word, where in stands.items() if where == IN_TOKEN]
        self._plain_words = [(word, word.encode()) for word, where in stands.items() if where == ANYWHERE]
        for word, needle in sorted(self._plain_words, key=lambda one: len(one[1])):
            lower = needle.lower()
            stem = next((stem for stem in self._stems if stem in lower), lower)
            self._stems.setdefault(stem, []).append((word, needle))
        for number, (_, _, _, words, _, _) in enumerate(self._texts):
            for word in words or ("",):
                self._texts_of.setdefault(word, []).append(number)
        self._wordless = "" in self._texts_of

    def _goes_on(self, words: Sequence[str], start: bool, text: bytes) -> bool:
        """Whether a literal with one of the words is followed by another one, so that what is looked for may stand in
        both: Python makes one string of them. A prefix by itself (`"ghp_" + …`) is split on purpose, and none of the long
        tokens."""
        return self._regex(going_on(words, start)).search(text) is not None

    def _any_word(self, data: bytes) -> bool:
        """In a large repository one pass over the bytes for the rarest word of every shape: a third of the files ends
        there. A commit is too small for that: RE2 takes 5 ms to get ready, as long as the words of 300 KB."""
        if not self.has_seen_much:
            return True
        if self._first is None:
            self._first = _compile(self._rarest_words())
        return self._first.search(data) is not None

    def _rarest_words(self) -> str:
        if not all(wanted for _, _, wanted in self._shapes):
            return "(?:)"  # a shape that needs nothing in particular: every file is a candidate
        words = {word.removeprefix(RUN) for _, _, wanted in self._shapes for word in self._groups[wanted[0]]}
        return "|".join(quote(word) for word in sorted(words))

    def _regex(self, source: str) -> Any:
        if source not in self._regexes:
            self._regexes[source] = _compile(source)
        return self._regexes[source]


class _Starts:
    """Which of many words does a token begin with? Looked up by their first run of letters, digits and underscores."""

    def __init__(self, words: Sequence[tuple[str, bytes]]) -> None:
        self.words = words
        self._whole: dict[bytes, list[tuple[str, bytes]]] = {}  # by first runs that end in the word
        self._begun: dict[bytes, list[tuple[str, bytes]]] = {}  # by first runs that may go on after it
        for word, needle in words:
            run = needle.translate(ONLY_WORDS).split(b" ", 1)[0]
            (self._begun if run == needle else self._whole).setdefault(run, []).append((word, needle))
        self._lengths = sorted({len(run) for run in self._begun})

    def which(self, tokens: bytes, text: bytes) -> set[str]:
        """Those in `tokens`, the long tokens of `text` side by side."""
        runs = set(tokens.translate(ONLY_WORDS).split())
        if b"\\" in text:  # `\n` may stand before one
            runs.update([run[1:] for run in runs if run[:1] in _ESCAPES and run[1:]])
        if b"%" in tokens:  # `%3D`, too
            runs.update([run[2:] for run in runs if run[0] in _HEX and run[1:2] and run[1] in _HEX])
        found = [one for run in self._whole.keys() & runs for one in self._whole[run]]
        for length in self._lengths:
            found += [one for run in self._begun.keys() & {run[:length] for run in runs} for one in self._begun[run]]
        return {word for word, needle in found if needle in tokens}


_FORMAT = 3  # of what is dumped; changes with what the words in it mean
_MUCH = 300_000
_ESCAPES = (b"n", b"r", b"t")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_PART = "[0-9A-Za-z_.-]"
_NEXT_LITERAL = r"""["'][ \t]*(?:\\?\r?\n[ \t]*|\+[ \t]*)*[rbuRBU]{0,2}["']"""
# The same with no text but in the last of them, which begins with what may be a part of a token: a byte of one, an escape, or a
# part that is put in.
_LITERALS = r"""["'](?:["' \t+rbuRBU]|\\?\r?\n)*["']"""
_JOINS = r"[{\\\x1b]"
# What tokens, keys in base64 and addresses are made of. Blanks, quotes and brackets end them.
TOKEN_BYTES = frozenset(byte for byte in range(33, 127) if chr(byte) not in "\"'`()[]{}<>,|\\^!*#")
_ONLY_TOKENS = bytes(byte if byte in TOKEN_BYTES else 32 for byte in range(256))


class _Groups:
    """The groups of words that stand in some texts, `words` as whole words. The others are asked one by one, and `known` then."""

    def __init__(self, words: set[int], texts: tuple[bytes, ...]) -> None:
        self.words = words
        self.texts = texts
        self.any_place = False  # words count wherever they stand
        self.known: dict[int, bool] = {}
        self.some: bool | None = None  # whether there is any run


def _login(text: bytes) -> set[str]:
    at = text.find(b"://")
    while at != -1:
        end = text.find(b"\n", at)
        if text.find(b"@", at, end if end != -1 else len(text)) != -1:
            return {LOGIN}
        at = text.find(b"://", end) if end != -1 else -1
    return set()


def going_on(words: Sequence[str], start: bool = False) -> str:
    """The regex of a literal with one of the words that is followed by another literal. `start`: tokens begin with the words, so that
    one which is not long enough yet must be able to go on in there."""
    either = "|".join(map(quote, words))
    if not start:
        return f"(?:{either}){_PART}*{_NEXT_LITERAL}"
    missing = max(LONG - max(map(len, words), default=0), 0)  # with so many more it is long enough, whatever follows
    return f"(?:{either})(?:{_PART}{{{missing},}}{_NEXT_LITERAL}|{rest_in_next()})"


def token_byte() -> str:
    """The regex of a byte of a token."""
    return "[" + "".join(quote(chr(byte)) for byte in sorted(TOKEN_BYTES)) + "]"


def rest_in_next() -> str:
    """The regex of what stands after a word that a token begins with, when the token goes on in the next literal, or behind empty
    ones. The end of a docstring is no such thing."""
    return f"{_PART}*{_LITERALS}(?:{token_byte()}|{_JOINS})"


def rarity(group: Sequence[str]) -> float:
    """How unlikely it is that a file has a word of the group by chance."""
    if any(word.startswith((CALL, TARGET)) for word in group):
        return -1  # its words are those of another group
    return min((0 if word in _COMMON else 2) + min(len(word), 12) / 12 for word in group)


def _compile(source: str) -> Any:
    import re2  # 4 ms; a commit without files to look at does not pay them

    return re2.compile(source.encode(), automaton())


def automaton(of_bytes: bool = False) -> Any:
    """How RE2 is to make one. `of_bytes`: of bytes, whatever they mean, for what asks for ASCII only."""
    import re2

    options = re2.Options()
    options.max_mem = 64 << 20  # thousands of rules in one automaton
    options.log_errors = False
    if of_bytes:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


def quote(word: str) -> str:
    return "".join(c if c.isalnum() or c == "_" or ord(c) > 127 else "\\" + c for c in word)


def _readable(data: bytes) -> bytes:
    """The bytes with words of ASCII as they are; b"" for binary data."""
    for bom, name in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(bom):
            return data.decode(name, "replace").encode("utf-8", "replace")
    return b"" if b"\0" in data[:8000] else data


def _as_utf8(data: bytes) -> bytes:
    """The text in UTF-8, which is what RE2 reads. Offsets are not kept."""
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").encode("utf-8")
    return data


def restore_or_none(data: Any) -> Gate | None:
    """A gate from what a cache gave back; None when that is missing or not a gate."""
    if not isinstance(data, list):
        return None
    try:
        return Gate.restore(data)
    except (TypeError, ValueError, IndexError):
        return None
