"""What may an engineer's file look like? Programs made from a grammar, with calls that leave the road anywhere in them, and
laid out in every way Python allows.

Written against `random.Random`, so that hypothesis can drive it (and shrink what it finds) and a plain seed can, too.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"


class Plant(NamedTuple):
    """A call that leaves the road. In `args`, `{}` is any expression, and `@a.b` a name of an imported module."""

    callee: str
    args: str


PLANTS = (
    Plant("requests.get", "{}, verify=False"),
    Plant("requests.post", "{}, json={}, verify=False, timeout=3"),
    Plant("requests.put", "verify=False, url={}, **options"),
    Plant("requests.get", "{}, *parts, verify=False"),
    Plant("httpx.get", "{}, verify=False, timeout={}"),
    Plant("yaml.load", "{}"),
    Plant("yaml.load", "{}, @yaml.Loader"),
    Plant("yaml.load", "{}, Loader=@yaml.UnsafeLoader"),
    Plant("hashlib.md5", "{}"),
    Plant("hashlib.sha1", ""),
    Plant("hashlib.new", "'md5', {}"),
    Plant("ssl._create_unverified_context", ""),
    Plant("tempfile.mktemp", ""),
    Plant("tempfile.mktemp", "{}"),
    Plant("subprocess.run", "f'ls {{name}}', shell=True"),
    Plant("subprocess.call", "['ls', {}], shell=True"),
    Plant("jinja2.Environment", "loader={}"),
    Plant("jinja2.Environment", "loader={}, autoescape=False"),
    Plant("jwt.decode", "{}, key, options={{'verify_signature': False}}"),
    Plant("os.environ.get", "'SECRET_KEY', 'dev'"),
    Plant("os.getenv", "'JWT_SECRET', default='change-me'"),
    Plant("os.chmod", "{}, 0o777"),
    Plant("torch.load", "{}"),
    Plant("random.choice", "{}"),
)

# Statements, for cures that need one: a value that is assigned, a statement that goes.
STATEMENTS = (
    "token = @random.choice({})",
    "session_token = ''.join(@random.choice(letters) for _ in {})",
    "@urllib3.disable_warnings()",
    "context = @ssl.create_default_context()",
    "context.check_hostname = False",
    "context.verify_mode = @ssl.CERT_NONE",
    "@ssl._create_default_https_context = @ssl._create_unverified_context",
    "session = @requests.Session()",
    "session.verify = False",
    "SESSION_COOKIE_HTTPONLY = False",
    "same = @hmac.new(key, {}, 'sha256').hexdigest() == {}",
    "if @hmac.new(key, {}, 'sha256').digest() != {}: raise SystemExit",
    "rows = @sqlite3.connect(path).cursor().execute(f'select a from t where b = {{name}}')",
    "client = @paramiko.SSHClient()",
    "client.set_missing_host_key_policy(@paramiko.AutoAddPolicy())",
    "app = @flask.Flask(__name__)",
    "app.secret_key = 'a key that everybody can read'",
    "app.run(debug=True)",
)

NAMES = ("x", "y", "données", "ключ", "self_", "_", "name", "url")
LATIN = ("x", "y", "données", "ß", "name", "url")
ATOMS = (
    "1",
    "0x_ff",
    "'text'",
    '"é"',
    "b'bytes'",
    "None",
    "...",
    "[]",
    "{}",
    "()",
    "r'\\d'",
    "'''two\nlines'''",
    "1e3",
)


def program(rnd: Random, examples: Sequence[str] = (), version: tuple[int, int] = (3, 10)) -> bytes:
    """The bytes of a file. `examples` are texts whose statements may be planted as they are."""
    encoding = rnd.choice(("utf-8",) * 5 + ("latin-1", "cp1252"))
    maker = _Maker(rnd, LATIN if encoding != "utf-8" else NAMES, version)
    lines = maker.module(examples)
    text = "\n".join(lines) + rnd.choice(("\n", "\n", "\n\n", ""))
    text = laid_out(rnd, text)
    head = rnd.choice(("", "", "", "#!/usr/bin/env python3\n"))
    if encoding != "utf-8":
        head += f"# -*- coding: {encoding} -*-\n"
    text = _ended(rnd, head + text)
    bom = encoding == "utf-8" and not rnd.randrange(6)
    return (BOM if bom else b"") + text.encode(encoding, "replace")


def _ended(rnd: Random, text: str) -> str:
    kind = rnd.choice(("\n",) * 6 + ("\r\n",) * 2 + ("\r", "mixed"))
    if kind == "mixed":
        return "".join(part + rnd.choice(("\n", "\r\n")) for part in text.split("\n")[:-1]) + text.split("\n")[-1]
    return text.replace("\n", kind)


class _Maker:
    def __init__(self, rnd: Random, names: Sequence[str], version: tuple[int, int]) -> None:
        self.rnd = rnd
        self.names = names
        self.version = version
        self.spelled: dict[str, str] = {}  # module -> how the file says it
        self.imports: dict[str, str] = {}  # module or module.name -> the line
        self.quotes = ["'", '"']  # those that are free: inside an f-string one is taken
        self.in_async = False
        self.size = 60

    # --- names -----------------------------------------------------------------------------------------------------------

    def spell(self, dotted: str) -> str:
        """As this file says it; the import is noted."""
        if dotted in self.spelled:
            return self.spelled[dotted]
        module, _, rest = dotted.partition(".")
        style = self.rnd.randrange(6)
        first = rest.split(".")[0]
        if style == 0:
            self.spelled[dotted] = rest
            self.imports[f"{module}.{first}"] = f"from {module} import {first}"
        elif style == 1:
            local = f"{module}_{first}"
            self.spelled[dotted] = local + rest[len(first) :]
            self.imports[f"{module}.{first}"] = f"from {module} import {first} as {local}"
        elif style == 2 and module not in self.imports:
            self.imports[f"{module} as"] = f"import {module} as {module[0]}{module[-1]}_"
            return f"{module[0]}{module[-1]}_.{rest}"
        else:
            self.imports[module] = f"import {module}"
            return dotted
        return self.spelled[dotted]

    def filled(self, template: str, depth: int) -> str:
        """A template with its names spelled and its holes filled."""
        parts = template.replace("{{", "\0").replace("}}", "\1").split("{}")
        out = parts[0]
        for part in parts[1:]:
            out += self.expression(depth - 1) + part
        words = out.split("@")
        text = words[0]
        for word in words[1:]:
            end = next((i for i, c in enumerate(word) if not (c.isalnum() or c in "._")), len(word))
            name, rest = word[:end], word[end:]
            text += self.spell(name) + rest
        return text.replace("\0", "{").replace("\1", "}")

    # --- expressions -----------------------------------------------------------------------------------------------------

    def plant(self, depth: int) -> str:
        plant = self.rnd.choice(PLANTS)
        call = f"{self.spell(plant.callee)}({self.filled(plant.args, depth)})"
        return self._requoted(call)

    def _requoted(self, text: str) -> str:
        """With the quotes that are free here."""
        if "'" in text and '"' not in text and self.quotes == ['"']:
            return text.replace("'", '"')
        return text

    def atom(self) -> str:
        if self.rnd.randrange(2):
            return self.rnd.choice(self.names)
        atom = self.rnd.choice(ATOMS)
        if len(self.quotes) < 2 and ("'" in atom or '"' in atom or "\\" in atom or "\n" in atom or atom == "{}"):
            return "7"
        return atom

    def expression(self, depth: int) -> str:
        self.size -= 1
        if depth <= 0 or self.size < 0:
            return self.atom()
        e = self.expression
        kind = self.rnd.randrange(22)
        if kind < 8:
            return self.plant(depth)
        if kind == 8:
            return f"{e(depth - 1)} + {e(depth - 1)}"
        if kind == 9:
            return f"({e(depth - 1)} if {e(depth - 1)} else {e(depth - 1)})"
        if kind == 10:
            return f"[{e(depth - 1)} for {self.rnd.choice(self.names)} in {e(depth - 1)} if {e(depth - 1)}]"
        if kind == 11:
            return f"(lambda a, b={e(depth - 1)}: {e(depth - 1)})"
        if kind == 12:
            return f"(w := {e(depth - 1)})" if "class" not in self.names else e(depth - 1)
        if kind == 13:
            return f"({e(depth - 1)} < {e(depth - 1)} <= {e(depth - 1)})"
        if kind == 14 and (len(self.quotes) == 2 or self.version >= (3, 12)):
            return self.fstring(depth)
        if kind == 15:
            return f"print({e(depth - 1)}, *{e(depth - 1)}, end={e(depth - 1)}, **options)"
        if kind == 16 and self.in_async:
            return f"(await {e(depth - 1)})"
        if kind == 17 and self.in_async:
            return f"[{e(depth - 1)} async for i in {e(depth - 1)}]"
        if kind == 18:
            return f"{{{e(depth - 1)}: {e(depth - 1)}, **options}}" if len(self.quotes) == 2 else e(depth - 1)
        if kind == 19:
            return f"{self.rnd.choice(self.names)}[{e(depth - 1)}:{e(depth - 1)}].get({e(depth - 1)})"
        if kind == 20:
            return f"(not {e(depth - 1)})"
        if kind == 21:
            return f"({e(depth - 1)}, )"
        return self.atom()

    def fstring(self, depth: int) -> str:
        quotes, self.quotes = self.quotes, ['"'] if self.version < (3, 12) else self.quotes
        try:
            inner = self.expression(depth - 1)
        finally:
            self.quotes = quotes
        if self.version < (3, 12) and ("'" in inner or "\\" in inner or "\n" in inner or "#" in inner):
            inner = self.names[0]
        spec = self.rnd.choice(("", "!r", ":>10", "=", ":{name}"))
        blank = " " if inner.startswith("{") else ""
        inner = f"({inner})" if "lambda" in inner or ":=" in inner or "!=" in inner else inner
        return f"f'{{{{text}}}} {{{blank}{inner}{spec}}} é'" if "'" in quotes else f'f"{{{blank}{inner}}}"'

    # --- statements ------------------------------------------------------------------------------------------------------

    def module(self, examples: Sequence[str]) -> list[str]:
        rnd = self.rnd
        body: list[str] = []
        for _ in range(rnd.randrange(1, 5)):
            if examples and not rnd.randrange(3):
                body += self.example(rnd.choice(examples))
            else:
                body += self.block(3, 1, "")
        out = []
        if not rnd.randrange(4):
            out += rnd.choice((['"""What it is."""'], ["'''Two", "lines.'''", ""], ["# a comment", ""]))
        if not rnd.randrange(5):
            out.append("from __future__ import annotations")
        lines = list(self.imports.values())
        rnd.shuffle(lines)
        for line in lines:
            where = rnd.randrange(10)
            if where == 0:
                out += ["try:", f"    {line}", "except ImportError:", "    raise"]
            elif where == 1:
                out.append(f"{line}  # needed")
            elif where == 2 and out and out[-1].startswith(("import ", "from ")) and "#" not in out[-1]:
                out[-1] += f"; {line}"
            else:
                out.append(line)
        return [*out, *[""] * rnd.randrange(3), *body]

    def example(self, text: str) -> list[str]:
        """A rule's bad example, perhaps in a block."""
        lines = text.rstrip("\n").split("\n")
        if self.rnd.randrange(2) or "'''" in text or '"""' in text or "import *" in text or "__future__" in text:
            return lines
        head = self.rnd.choice(("if x:", "def f(self):", "try:", "class C:", "for x in y:", "with x as z:"))
        tail = ["finally:", "    pass"] if head == "try:" else []
        return [head, *("    " + line if line else "" for line in lines), *tail]

    def simple(self) -> str:
        e = self.expression
        rnd = self.rnd
        kind = rnd.randrange(10)
        if kind < 3:
            return self.filled(rnd.choice(STATEMENTS[:1] + tuple(s for s in STATEMENTS if not s.startswith("if "))), 2)
        if kind == 3:
            return f"{rnd.choice(self.names)} = {e(3)}"
        if kind == 4:
            return f"{rnd.choice(self.names)}: 'int' = {e(2)}"
        if kind == 5:
            return f"assert {e(2)}, {e(2)}"
        if kind == 6:
            return f"{rnd.choice(self.names)} += {e(2)}"
        if kind == 7:
            return f"{rnd.choice(self.names)} = {rnd.choice(self.names)} = {e(2)}"
        if kind == 8 and self.version >= (3, 12):
            return f"type Alias[T: {e(1)}] = {e(2)}".replace("await ", "").replace(" async ", " ").replace(":=", "<")
        return e(4)

    def suite(self, depth: int, indent: str) -> list[str]:
        """What follows a colon: on the same line, or a block."""
        rnd = self.rnd
        if not rnd.randrange(3):
            return [" " + rnd.choice(("; ", ";")).join(self.simple() for _ in range(rnd.randrange(1, 4)))]
        return ["", *self.block(depth - 1, rnd.randrange(1, 4), indent + "    ")]

    def headed(self, head: str, depth: int, indent: str) -> list[str]:
        first, *rest = self.suite(depth, indent)
        return [indent + head + first, *rest]

    def block(self, depth: int, count: int, indent: str) -> list[str]:
        out: list[str] = []
        for _ in range(count):
            out += self.statement(depth, indent)
            if not self.rnd.randrange(5):
                out.append(self.rnd.choice(("", indent + "# why not", "\x0c")))
        return out

    def statement(self, depth: int, indent: str) -> list[str]:
        rnd, e = self.rnd, self.expression
        kind = rnd.randrange(14) if depth > 0 and self.size > 0 else 0
        if kind < 4:
            count = rnd.choice((1, 1, 1, 2, 3))
            line = rnd.choice(("; ", ";", " ;  ")).join(self.simple() for _ in range(count))
            return [indent + line + rnd.choice(("", "", "", ";", "  # a remark", "  # noqa: S501"))]
        if kind == 4:
            lines = self.headed(f"if {e(2)}:", depth, indent)
            if rnd.randrange(2):
                lines += self.headed(f"elif {e(1)}:", depth, indent)
            return lines + (self.headed("else:", depth, indent) if rnd.randrange(2) else [])
        if kind == 5:
            head = f"with {e(2)} as {rnd.choice(self.names)}:"
            return self.headed("async " + head if self.in_async and rnd.randrange(2) else head, depth, indent)
        if kind == 6:
            return self.headed(f"for {rnd.choice(self.names)} in {e(2)}:", depth, indent)
        if kind == 7:
            return self.headed(f"while {e(2)}:", depth, indent)
        if kind in (8, 9):
            decorators = [f"{indent}@wrapped({e(2)})"] if not rnd.randrange(3) else []
            was, self.in_async = self.in_async, bool(rnd.randrange(2))
            word = "async def" if self.in_async else "def"
            now, self.in_async = self.in_async, was
            head = f"{word} f{rnd.randrange(9)}(a, b={e(2)}, *, c={e(1)}, **options):"
            head = head.replace("await ", "").replace(" async for", " for")
            self.in_async = now
            lines = self.headed(head, depth, indent)
            self.in_async = was
            decorators = [line.replace("await ", "").replace(" async for", " for") for line in decorators]
            return [*decorators, *lines]
        if kind == 10:
            was, self.in_async = self.in_async, False
            lines = self.headed(f"class C{rnd.randrange(9)}(Base, key={self.atom()}):", depth, indent)
            self.in_async = was
            return lines
        if kind == 11:
            return [
                *self.headed("try:", depth, indent),
                *self.headed("except ValueError as error:", depth, indent),
                *(self.headed("finally:", depth, indent) if rnd.randrange(2) else []),
            ]
        if kind == 12:
            inner = indent + "    "
            first = self.headed(f"case [1, rest] if {e(1)}:", depth - 1, inner)
            return [f"{indent}match {e(2)}:", *first, *self.headed("case _:", depth - 1, inner)]
        return [indent + self.filled(rnd.choice(STATEMENTS), 2)]


# --- layout --------------------------------------------------------------------------------------------------------------

_BLANKS = ("", " ", "  ", "\t", "\n", "\n  ", "\n\t", " # why\n", " # é (\n\n    ", "\\\n", " \\\n  ", "\n\x0c")
_OUTSIDE = (" ", "  ", "\t", " \\\n", " \\\n    ", "\\\n")


def laid_out(rnd: Random, text: str) -> str:
    """The same program with other blanks between its tokens; the text as it is where it cannot be told apart."""
    if not rnd.randrange(3):
        return text
    often = rnd.choice((3, 8, 20))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return text
    tabs = not rnd.randrange(4)
    out: list[str] = []
    depth = fstrings = 0
    at = (1, 0)
    lines = text.split("\n")
    fresh = True
    start_f, end_f = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)
    for token in tokens:
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            continue
        gap = _between(lines, at, token.start)
        plain = token.type not in (tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT) and not fstrings
        if fresh and tabs and "\n" not in gap:
            gap = gap.replace("    ", "\t")
        elif plain and not fresh and not rnd.randrange(often) and gap.strip() == "":
            if depth:
                new = rnd.choice(_BLANKS)
                gap = new if new or not gap else gap
            elif gap:
                gap = rnd.choice(_OUTSIDE)
        out.append(gap)
        if token.type == start_f:
            fstrings += 1
        elif token.type == end_f:
            fstrings -= 1
        out.append(_raw(lines, token.start, token.end))
        if token.type == tokenize.OP and not fstrings:
            depth += (token.string in "([{") - (token.string in ")]}")
        fresh = token.type in (tokenize.NEWLINE, tokenize.NL) and depth == 0
        at = token.end
        if token.type in (tokenize.NEWLINE, tokenize.NL) and token.string:
            at = (token.start[0] + 1, 0)
    return "".join(out)


def _between(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    return _raw(lines, start, end) if start < end else ""


def _raw(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    (first, a), (last, b) = start, end
    if first > len(lines):
        return ""
    if first == last:
        line = lines[first - 1]
        return line[a:b] + ("\n" if b > len(line) and first < len(lines) else "")
    middle = lines[first : last - 1]
    tail = lines[last - 1][:b] if last <= len(lines) else ""
    return "\n".join([lines[first - 1][a:], *middle, tail])
