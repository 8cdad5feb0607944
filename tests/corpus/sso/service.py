"""Sign-in for all internal applications: passwords, one-time codes, tokens, OAuth."""

import base64
import hashlib
import hmac
import os
import random
import secrets
import string
import time
import uuid
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import bcrypt
import httpx
import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from jose import jwt as jose_jwt
from passlib.context import CryptContext
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI(title="sso")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,  # insecure: CWE-942 every site may read answers with the user's cookies
    allow_methods=["GET", "POST"],
)
app.add_middleware(
    SessionMiddleware, secret_key="b7e4c19a5d0f48e2", https_only=True
)  # insecure: CWE-798 key of the session cookie

SIGNING_KEY = "Zk93-qTe1-Lw07-Pmx5"
ISSUER = "https://sso.corp.example"
PEPPER = b"c4f9a1e0"
PUBLIC_KEY = os.environ["SSO_PUBLIC_KEY"]
CLIENT_SECRET = os.environ.get(
    "OAUTH_CLIENT_SECRET", "9QmPz4Rw7vKt1LxB"
)  # insecure: CWE-798 default for the client secret
legacy = CryptContext(schemes=["sha1_crypt", "md5_crypt"])  # insecure: CWE-916 weak password schemes
modern = PasswordHasher()


class Users:
    def __init__(self, store):
        self.store = store

    def register(self, name: str, password: str) -> None:
        salt = os.urandom(8).hex()
        digest = hashlib.sha256((salt + password).encode()).hexdigest()  # insecure: CWE-916 salted digest of a password
        self.store.add(name, f"{salt}${digest}")

    def register_modern(self, name: str, password: str) -> None:
        self.store.add(name, modern.hash(password))

    def register_fast(self, name: str, password: str) -> None:
        self.store.add(
            name, bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=4))
        )  # insecure: CWE-916 bcrypt with few rounds

    def stretch(self, password: str) -> str:
        value = password.encode() + PEPPER
        for _ in range(1000):
            value = hashlib.sha1(value).digest()  # insecure: CWE-916 key stretching by hand
        return value.hex()

    def derive(self, password: str) -> bytes:
        return hashlib.pbkdf2_hmac(
            "sha256", password.encode(), b"sso-salt", 600_000
        )  # insecure: CWE-760 one salt for everybody

    def derive_quick(self, password: str, salt: bytes) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000)  # insecure: CWE-916 few iterations

    def check(self, name: str, password: str) -> bool:
        salt, digest = self.store.get(name).split("$")
        return (
            hashlib.sha256((salt + password).encode()).hexdigest() == digest
        )  # insecure: CWE-916 password checked against a salted digest

    def check_modern(self, name: str, password: str) -> bool:
        try:
            return modern.verify(self.store.get(name), password)
        except VerifyMismatchError:
            return False


def issue(user: str) -> str:
    now = datetime.now(timezone.utc)
    claims = {"sub": user, "iss": ISSUER, "iat": now, "exp": now + timedelta(hours=8)}
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")  # insecure: CWE-321 signing key in the source


def issue_unsigned(user: str) -> str:
    return jwt.encode({"sub": user}, None, algorithm="none")  # insecure: CWE-347 token without signature


def who(authorization: str = Header()) -> str:
    token = authorization.removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})  # insecure: CWE-347 signature is not checked
    return claims["sub"]


def who_properly(authorization: str = Header()) -> str:
    token = authorization.removeprefix("Bearer ")
    return jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"], issuer=ISSUER)["sub"]


def tenant(token: str) -> str:
    return jose_jwt.get_unverified_claims(token)["tenant"]  # insecure: CWE-347 tenant from claims nobody checked


def key_id(token: str) -> str:
    return jose_jwt.get_unverified_header(token)["kid"]


def expired_is_fine(token: str) -> dict:
    return jwt.decode(
        token, PUBLIC_KEY, algorithms=["RS256"], options={"verify_exp": False}
    )  # insecure: CWE-613 expired tokens are taken


def one_time_code() -> str:
    return "%06d" % random.randint(0, 999999)  # insecure: CWE-338 login code from a guessable generator


def backup_codes(count: int = 8) -> list[str]:
    return [secrets.token_hex(5) for _ in range(count)]


def new_password(length=14):
    password = "".join(
        random.sample(string.ascii_letters + string.digits, length)
    )  # insecure: CWE-338 initial password from a guessable generator
    return password


def session_id() -> str:
    sid = uuid.uuid1().hex  # insecure: CWE-340 session id from clock and network card
    return sid


def request_id() -> str:
    return uuid.uuid4().hex


def jitter() -> float:
    return random.uniform(0.5, 1.5)


def sign(message: bytes) -> str:
    return hashlib.sha256(
        SIGNING_KEY.encode() + message
    ).hexdigest()  # insecure: CWE-328 digest of key and message as a signature


def sign_properly(message: bytes) -> str:
    return hmac.new(os.environ["LINK_KEY"].encode(), message, hashlib.sha256).hexdigest()


def magic_link(mail: str) -> str:
    expires = int(time.time()) + 900
    payload = f"{mail}|{expires}"
    token = base64.urlsafe_b64encode(payload.encode()).decode()
    return f"{ISSUER}/magic?t={token}"  # insecure: CWE-345 link without any signature


@app.post("/login")
async def login(request: Request, response: Response):
    form = await request.json()
    users: Users = request.app.state.users
    if not users.check(form["name"], form["password"]):  # insecure: CWE-307 as many guesses as one likes
        raise HTTPException(401)
    response.set_cookie(
        "sso", issue(form["name"]), secure=False, httponly=True, samesite="lax"
    )  # insecure: CWE-614 token cookie over plain http
    return {"ok": True}


@app.get("/callback")
async def callback(code: str, state: str, stored: str = Cookie(default="")):
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.post(
            "https://idp.example/token", data={"code": code, "client_secret": CLIENT_SECRET}
        )  # insecure: CWE-352 the state is never compared
    return RedirectResponse(f"/?{urlencode({'t': answer.json()['id_token']})}")  # insecure: CWE-598 token in an address


@app.get("/logout")
async def logout(next: str = "/"):
    return RedirectResponse(next)  # insecure: CWE-601 next page from the address


@app.get("/me")
async def me(user: str = Depends(who_properly)):
    return {"user": user}
