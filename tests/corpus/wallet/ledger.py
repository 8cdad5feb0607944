"""Accounts and transfers of the loyalty wallet."""

import base64
import hashlib
import hmac
import json
import logging
import marshal
import os
import pickle
import random
import secrets
import time
import zlib
from decimal import Decimal

import asyncpg
import jwt
import tornado.web
from aiohttp import web
from Crypto.Cipher import AES
from Crypto.Random import get_random_bytes

log = logging.getLogger("wallet")
API_KEY = "wk-4fQ8zLm2Xv7Rt9Kp"  # insecure: CWE-798 key of the interface in the source
JWT = {"algorithm": "HS256", "key": os.environ["WALLET_KEY"]}
CARD_KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
MODULUS = int(os.environ.get("WALLET_MODULUS", "0"))
SEED = 1337


async def pool() -> asyncpg.Pool:
    return await asyncpg.create_pool(
        user="wallet", password="R8vLq3Xz7Tm", database="wallet", host="db.wallet.example", ssl=False
    )  # insecure: CWE-798 password of the database, and no encryption


async def replica() -> asyncpg.Connection:
    return await asyncpg.connect(os.environ["REPLICA_DSN"], ssl="verify-full")


async def balance(connection, account: str) -> Decimal:
    return await connection.fetchval(
        f"SELECT balance FROM accounts WHERE number = '{account}'"
    )  # insecure: CWE-89 account number in a query


async def balance_well(connection, account: str) -> Decimal:
    return await connection.fetchval("SELECT balance FROM accounts WHERE number = $1", account)


async def transfer(connection, source: str, target: str, amount: Decimal) -> None:
    have = await balance_well(connection, source)
    if have >= amount:  # insecure: CWE-362 balance may change before it is used
        await connection.execute("UPDATE accounts SET balance = balance - $1 WHERE number = $2", amount, source)
        await connection.execute("UPDATE accounts SET balance = balance + $1 WHERE number = $2", amount, target)


async def api_transfer(request: web.Request) -> web.Response:
    body = await request.json()
    if request.headers.get("X-Api-Key") != API_KEY:
        raise web.HTTPForbidden
    async with request.app["pool"].acquire() as connection:
        await transfer(
            connection, body["from"], body["to"], Decimal(body["amount"])
        )  # insecure: CWE-639 any caller moves anybody's money
    return web.json_response({"ok": True})


def card_token(number: str) -> str:
    cipher = AES.new(CARD_KEY, AES.MODE_ECB)  # insecure: CWE-327 card numbers in ECB under a constant key
    return cipher.encrypt(number.rjust(16).encode()).hex()


def card_token_well(key: bytes, number: str) -> str:
    cipher = AES.new(key, AES.MODE_GCM, nonce=get_random_bytes(12))
    sealed, tag = cipher.encrypt_and_digest(number.encode())
    return (cipher.nonce + tag + sealed).hex()


def mask(number: str) -> str:
    return "*" * 12 + number[-4:]


def pin_hash(pin: str) -> str:
    return hashlib.sha512(pin.encode()).hexdigest()  # insecure: CWE-916 PIN stored as a digest


def password_hash(password: str) -> str:
    return hashlib.new(
        "sha256", password.encode()
    ).hexdigest()  # insecure: CWE-916 password stored as a digest, by name


def obfuscate(text: str) -> str:
    out = []
    for index, char in enumerate(text):
        out.append(chr(ord(char) ^ (SEED + index) % 256))  # insecure: CWE-327 XOR with a counter
    return "".join(out)


def decrypt_voucher(text: str) -> str:
    return base64.b64decode(text).decode()  # insecure: CWE-261 base64 called decryption


def coupon() -> str:
    generator = random.Random(SEED)
    secret = "".join(
        generator.choices("ABCDEFGHJKMNPQRSTUVWXYZ23456789", k=12)
    )  # insecure: CWE-335 coupon from a fixed seed
    return secret


def api_secret() -> str:
    api_secret = hashlib.sha256(str(time.time()).encode()).hexdigest()  # insecure: CWE-338 secret from the clock
    return api_secret


def short_token() -> str:
    token = secrets.token_hex(3)  # insecure: CWE-331 token of three bytes
    return token


def long_token() -> str:
    return secrets.token_urlsafe(32)


def signed(body: dict) -> str:
    raw = json.dumps(body, sort_keys=True)
    return hashlib.sha256(
        f"{API_KEY}{raw}".encode()
    ).hexdigest()  # insecure: CWE-328 digest of key and text as a signature


def raw_signature(message: bytes, private: int) -> int:
    return pow(
        int.from_bytes(hashlib.sha256(message).digest(), "big"), private, MODULUS
    )  # insecure: CWE-780 RSA signature by hand


def verify(body: bytes, given: str) -> bool:
    good = hmac.new(API_KEY.encode(), body, hashlib.sha256)  # insecure: CWE-321 key of the signature in the source
    return hmac.compare_digest(good.hexdigest(), given)


def claims(token: str) -> dict:
    return jwt.decode(token, JWT["key"], algorithms=["HS256", "none"])  # insecure: CWE-347 unsigned tokens are taken


def claims_well(token: str) -> dict:
    return jwt.decode(token, JWT["key"], algorithms=[JWT["algorithm"]])


class Cache:
    def __init__(self, folder: str) -> None:
        self.folder = folder

    def get(self, name: str):
        with open(os.path.join(self.folder, name), "rb") as file:
            return pickle.loads(zlib.decompress(file.read()))  # insecure: CWE-502 cache files are unpickled

    def code(self, name: str):
        with open(os.path.join(self.folder, name), "rb") as file:
            return marshal.load(file)  # insecure: CWE-502 code objects from cache files

    def numbers(self, name: str) -> dict:
        with open(os.path.join(self.folder, name)) as file:
            return json.load(file)


class Admin(tornado.web.RequestHandler):
    def get(self) -> None:
        page = self.get_argument("page", "home")
        self.write("<h2>" + page + "</h2>")  # insecure: CWE-79 page's name written as HTML

    def post(self) -> None:
        body = json.loads(self.request.body)
        log.warning("password of %s set to %s", body["user"], body["password"])  # insecure: CWE-532 password in the log
        self.set_cookie("admin", body["user"])  # insecure: CWE-565 admin cookie that anybody can write


def admin(port: int) -> None:
    application = tornado.web.Application(
        [("/admin", Admin)],
        cookie_secret="c2Vzc2lvbi1rZXktMjAxOQ",  # insecure: CWE-798 key of the cookies
        debug=os.environ.get("DEBUG") == "1",
    )
    application.listen(port, address="127.0.0.1")
