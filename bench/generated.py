"""Files that tools write and people commit: full of random text, and without a secret.

Lock files, bundles, notebooks with pictures, tables with ids, certificates and checksums. Everything is drawn from a seed; nothing
in them opens anything, so every finding is a false alarm.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterator
from random import Random

from tokens import ALNUM, BASE36, BASE64, HEX, WORD, b64

WORDS = """account access action adapter admin agent api app array async auth backend base batch block body bot branch bridge broker
browser buffer build bundle cache call cart channel chart check client cloud code color column commit config connect consumer
content context cookie core count credential cursor data database date debug default delay deploy digest driver editor element
encode engine env error event export fetch field file filter flag font form format frame gateway graph grid group handler hash
header helper host hook icon image index input integrity item job key label layer layout license link list loader local lock
log login map mark master match media menu message meta method mode model module name network node number object option order
package page parser password patch path plugin policy port prefix proxy public query queue range reader record region registry
release render report request resource result role root route rule runner schema scope script search secret section select
server service session shape shared signature size socket source space stage state status storage store stream string style
sync table tag target task template text theme thread time title token tool tree type unit update upload url user util value
vector version view volume watch web widget window worker writer zone""".split()


def files(seed: int, lines: int = 60_000) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of one file after another: about that many lines of each kind."""
    for name, kind in KINDS.items():
        random = Random(f"{seed} {name}")
        made = number = 0
        while made < lines:
            number += 1
            path, text = kind(random)
            # A minified line holds what a hundred lines of source do.
            made += max(text.count("\n"), len(text) // 80)
            yield f"{name}/{number}/{path}", text.encode()


def _text(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choices(alphabet, k=length))


def _digest(random: Random, name: str) -> bytes:
    return hashlib.new(name, random.randbytes(8)).digest()


def _name(random: Random, most: int = 3) -> str:
    return "-".join(random.sample(WORDS, random.randint(1, most)))


def _camel(random: Random) -> str:
    first, *rest = random.sample(WORDS, random.randint(1, 3))
    return first + "".join(word.title() for word in rest)


def _version(random: Random) -> str:
    return ".".join(str(random.randrange(30)) for _ in range(3))


def package_lock(random: Random) -> tuple[str, str]:
    packages = {}
    for _ in range(400):
        name, version = f"@{_name(random, 1)}/{_name(random)}", _version(random)
        packages[f"node_modules/{name}"] = {
            "version": version,
            "resolved": f"https://registry.npmjs.org/{name}/-/{name.rpartition('/')[2]}-{version}.tgz",
            "integrity": "sha512-" + b64(_digest(random, "sha512")),
            "dev": True,
            "engines": {"node": f">={random.randrange(22)}"},
        }
    whole = {"name": "shop", "lockfileVersion": 3, "requires": True, "packages": packages}
    return "package-lock.json", json.dumps(whole, indent=2) + "\n"


def yarn_lock(random: Random) -> tuple[str, str]:
    out = ["# yarn lockfile v1\n"]
    for _ in range(400):
        name, version = _name(random), _version(random)
        sha = _digest(random, "sha1").hex()
        out.append(
            f'{name}@^{version}:\n  version "{version}"\n  resolved "https://registry.yarnpkg.com/{name}/-/{name}-{version}.tgz#{sha}"\n'
            f"  integrity sha512-{b64(_digest(random, 'sha512'))}\n"
        )
    return "yarn.lock", "\n".join(out)


def pnpm_lock(random: Random) -> tuple[str, str]:
    out = ["lockfileVersion: '9.0'\n\npackages:\n"]
    for _ in range(400):
        out.append(
            f"  {_name(random)}@{_version(random)}:\n    resolution: {{integrity: sha512-{b64(_digest(random, 'sha512'))}}}\n"
        )
    return "pnpm-lock.yaml", "\n".join(out)


def poetry_lock(random: Random) -> tuple[str, str]:
    out = []
    for _ in range(60):
        name, version = _name(random), _version(random)
        hashes = "".join(
            f'    {{file = "{name}-{version}-{random.choice(["py3-none-any", "cp311-cp311-win_amd64"])}.whl", hash = "sha256:{_digest(random, "sha256").hex()}"}},\n'
            for _ in range(12)
        )
        out.append(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\nfiles = [\n{hashes}]\n\n[package.extras]\n{_name(random, 1)} = ["{_name(random)} (>={version})"]\n'
        )
    out.append(f'[metadata]\nlock-version = "2.0"\ncontent-hash = "{_digest(random, "sha256").hex()}"\n')
    return "poetry.lock", "\n".join(out)


def uv_lock(random: Random) -> tuple[str, str]:
    out = ["version = 1\n"]
    for _ in range(80):
        name, version = _name(random), _version(random)

        def at(end: str, name: str = name, version: str = version) -> str:
            sha = _digest(random, "sha256").hex()
            return f'{{ url = "https://files.pythonhosted.org/packages/{sha[:2]}/{sha[2:4]}/{_text(random, HEX, 60)}/{name}-{version}{end}", hash = "sha256:{sha}", size = {random.randrange(10**6)} }}'

        wheels = "".join(f"    {at(f'-cp3{minor}-none-any.whl')},\n" for minor in range(9, 14))
        out.append(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "https://pypi.org/simple" }}\nsdist = {at(".tar.gz")}\nwheels = [\n{wheels}]\n'
        )
    return "uv.lock", "\n".join(out)


def cargo_lock(random: Random) -> tuple[str, str]:
    out = ["version = 3\n"]
    for _ in range(300):
        out.append(
            f'[[package]]\nname = "{_name(random)}"\nversion = "{_version(random)}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{_digest(random, "sha256").hex()}"\n'
        )
    return "Cargo.lock", "\n".join(out)


def go_sum(random: Random) -> tuple[str, str]:
    return "go.sum", "".join(
        f"github.com/{_name(random)}/{_name(random)} v{_version(random)}{end} h1:{b64(_digest(random, 'sha256'))}\n"
        for _ in range(500)
        for end in ("", "/go.mod")
    )


def requirements(random: Random) -> tuple[str, str]:
    return "requirements.txt", "".join(
        f"{_name(random)}=={_version(random)} \\\n" + "".join(f"    --hash=sha256:{_digest(random, 'sha256').hex()} \\\n" for _ in range(4)) + f"    --hash=sha256:{_digest(random, 'sha256').hex()}\n"
        for _ in range(100)
    )  # fmt: skip


def minified(random: Random) -> tuple[str, str]:
    """A bundle: short names, long lines, the strings of a shop front, a picture and a source map."""

    def short() -> str:
        return random.choice(ALNUM[10:]) + _text(random, ALNUM, random.randrange(3))

    def piece() -> str:
        return random.choice(
            (
                lambda: (
                    f'function {short()}({short()},{short()}){{return {short()}.{_camel(random)}("{_name(random)}")||{short()}[{random.randrange(99)}]}}'
                ),
                lambda: (
                    f'{short()}.{_camel(random)}={{{_camel(random)}:"{_camel(random)}",{_camel(random)}:!{random.randrange(2)},{_camel(random)}:"{_name(random)}"}};'
                ),
                lambda: (
                    f'var {short()}="{_text(random, HEX, random.choice((8, 20, 32, 40)))}",{short()}="{_name(random)}";'
                ),
                lambda: f'{random.randrange(10**4)}:"{_text(random, HEX, 20)}",',
                lambda: (
                    f'__webpack_require__("{_text(random, ALNUM + "+/", 4)}"),{short()}.d({short()},"{short()}",(function(){{return {short()}}}));'
                ),
                lambda: (
                    f'className:"{_camel(random)}_{_text(random, WORD, 5)} {_name(random)}-{_text(random, BASE36, 6)}",'
                ),
                lambda: (
                    f'{short()}=e=>{short()}?.{_camel(random)}??"{_camel(random)}",{short()}.password.{_camel(random)}={short()}(token,{short()});'
                ),
                lambda: (
                    f'case"{_camel(random)}":return{{token:{short()},secret:{short()}.key,password:e.target.value,apiKey:{short()}}};'
                ),
                lambda: (
                    f'i("{_text(random, BASE64, 12)}"),"data:font/woff2;base64,d09GMgABAAAAA{b64(random.randbytes(600))}",'
                ),
            )
        )()

    lines = ["".join(piece() for _ in range(1500)) for _ in range(3)]
    mapped = b64(json.dumps({"version": 3, "mappings": _text(random, BASE64, 4000)}))
    return f"static/js/main.{_text(random, HEX, 8)}.chunk.js", "\n".join(lines) + f"\n//# sourceMappingURL=data:application/json;base64,{mapped}\n"  # fmt: skip


def source_map(random: Random) -> tuple[str, str]:
    mappings = ";".join(",".join(_text(random, BASE64, random.choice((4, 5))) for _ in range(20)) for _ in range(1000))
    whole = {"version": 3, "sources": [f"./{_name(random)}.ts" for _ in range(20)], "names": [_camel(random) for _ in range(300)], "mappings": mappings}  # fmt: skip
    return "static/js/main.js.map", json.dumps(whole)


def notebook(random: Random) -> tuple[str, str]:
    cells = []
    for number in range(40):
        picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.randbytes(random.randrange(2000, 9000))
        cells.append(
            {
                "cell_type": "code",
                "execution_count": number,
                "id": str(uuid.UUID(int=random.getrandbits(128), version=4))[:8],
                "metadata": {"nbpresent": {"id": str(uuid.UUID(int=random.getrandbits(128), version=4))}},
                "source": [f"{_name(random, 1)} = load('{_name(random)}.csv')\n", "plot(key=token, x='user_key')"],
                "outputs": [
                    {
                        "data": {
                            "image/png": base64.encodebytes(picture).decode(),
                            "text/html": [
                                f"<tr><td>{_text(random, HEX, 32)}</td><td>{_text(random, ALNUM, 20)}</td></tr>\n"
                                for _ in range(20)
                            ],
                            "application/vnd.jupyter.widget-view+json": {"model_id": _text(random, HEX, 32)},
                            "text/plain": [f"<Axes at 0x{_text(random, HEX, 12)}: title={_camel(random)}>"],
                        },
                        "metadata": {},
                        "output_type": "display_data",
                    }
                ],
            }
        )
    whole = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return "analysis.ipynb", json.dumps(whole, indent=1) + "\n"


def table(random: Random) -> tuple[str, str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "uuid", "user_key", "session", "sha256", "etag", "token_count", "score"])
    for number in range(2000):
        writer.writerow(
            [
                number,
                str(uuid.UUID(int=random.getrandbits(128), version=4)),
                _text(random, ALNUM, random.choice((16, 20, 24, 32, 40))),
                _text(random, WORD, random.choice((22, 32, 43))),
                _digest(random, "sha256").hex(),
                _digest(random, "md5").hex(),
                random.randrange(10**6),
                round(random.random(), 6),
            ]
        )
    return "data/events.csv", out.getvalue()


def lines_of_json(random: Random) -> tuple[str, str]:
    """Records of a log: ids and keys of rows, no keys of doors."""
    return "data/events.jsonl", "".join(
        json.dumps(
            {
                "_id": _text(random, HEX, 24),
                "partition_key": _text(random, HEX, 32),
                "idempotency_key": str(uuid.UUID(int=random.getrandbits(128), version=4)),
                "next_page_token": b64(random.randbytes(24)),
                "cursor": b64(random.randbytes(30)),
                "etag": f'W/"{_text(random, HEX, 32)}"',
                "trace": f"00-{_text(random, HEX, 32)}-{_text(random, HEX, 16)}-01",
                "s3": f"s3://shop/{_text(random, HEX, 8)}/{_text(random, ALNUM, 22)}.parquet",
                "password_hash": "$2b$12$" + _text(random, ALNUM + "./", 53),
                "csrf_token": _text(random, ALNUM, 32),
            }
        )
        + "\n"
        for _ in range(1000)
    )


def checksums(random: Random) -> tuple[str, str]:
    return "SHA256SUMS", "".join(f"{_digest(random, 'sha256').hex()}  {_name(random)}.tar.gz\n" for _ in range(1000))


def certificates(random: Random) -> tuple[str, str]:
    out = []
    for _ in range(40):
        body = b64(b"\x30\x82\x05\x00" + random.randbytes(1100))
        rows = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        out.append(f"# {_name(random)} authority\n-----BEGIN CERTIFICATE-----\n{rows}\n-----END CERTIFICATE-----\n")
    return "cacert.pem", "\n".join(out)


def constants(random: Random) -> tuple[str, str]:
    """Python that a program wrote: digests of wheels, a picture, test vectors."""
    out = ['"""Generated."""\n\nHASHES = {']
    out += [f'    "{_name(random)}": "{_digest(random, "sha256").hex()}",' for _ in range(300)]
    out += ["}", "VECTORS = ["]
    out += [f'    (bytes.fromhex("{_text(random, HEX, 32)}"), "{b64(random.randbytes(30))}"),' for _ in range(300)]
    out += ["]", f'LOGO = "data:image/png;base64,iVBORw0KGgo{b64(random.randbytes(900))}"', ""]
    return "shop/_generated.py", "\n".join(out)


def sealed(random: Random) -> tuple[str, str]:
    """Secrets as one may commit them: encrypted, hashed, or only named."""

    def enc() -> str:
        return f"ENC[AES256_GCM,data:{b64(random.randbytes(20))},iv:{b64(random.randbytes(32))},tag:{b64(random.randbytes(16))},type:str]"

    rows = []
    for _ in range(120):
        name = _name(random).replace("-", "_")
        rows += [
            f"{name}_password: {enc()}",
            f"{name}_token: ${{{name.upper()}_TOKEN}}",
            f"{name}_api_key: \"{{{{ lookup('env', '{name.upper()}_API_KEY') }}}}\"",
            f"{name}_secret: vault:v1:{b64(random.randbytes(40))}",
            f"{name}_password_hash: $argon2id$v=19$m=65536,t=3,p=4${b64(random.randbytes(16)).rstrip('=')}${b64(random.randbytes(32)).rstrip('=')}",
            f"{name}_secret_name: {_name(random)}-{_text(random, BASE36, 5)}",
        ]
    return "group_vars/production.yaml", "\n".join(rows) + "\n"


KINDS = {
    "package-lock.json": package_lock,
    "yarn.lock": yarn_lock,
    "pnpm-lock.yaml": pnpm_lock,
    "poetry.lock": poetry_lock,
    "uv.lock": uv_lock,
    "Cargo.lock": cargo_lock,
    "go.sum": go_sum,
    "requirements with hashes": requirements,
    "minified JavaScript": minified,
    "source maps": source_map,
    "notebooks with pictures": notebook,
    "CSV with ids": table,
    "JSON lines": lines_of_json,
    "checksums": checksums,
    "certificates": certificates,
    "generated Python": constants,
    "sealed secrets": sealed,
}
