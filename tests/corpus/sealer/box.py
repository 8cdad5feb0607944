"""Encrypts backups and documents, signs licences. Grown over ten years."""

import base64
import hashlib
import hmac
import itertools
import os
import secrets
import struct
import zlib

from Crypto.Cipher import AES as PyAES
from Crypto.Cipher import ARC4, DES3
from Crypto.PublicKey import RSA
from Crypto.Util.Padding import pad, unpad
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

MASTER = b"K7s-backup-master-key-2016-v1.0!"
IV = b"\x00" * 16
box = Fernet(b"3vG0t6X1mB8rKq2nYw5pLz9cHd4sJf7aTe0uViQoR1E=")  # insecure: CWE-321 Fernet key in the source
MAGIC = b"SEAL\x01"


class OldBackups:
    """Format of before 2019."""

    def __init__(self, key: bytes = MASTER) -> None:
        self.key = key

    def encrypt(self, data: bytes) -> bytes:
        cipher = PyAES.new(self.key, PyAES.MODE_CBC, IV)  # insecure: CWE-329 same initialisation vector always
        return cipher.encrypt(pad(data, 16))

    def encrypt_block(self, data: bytes) -> bytes:
        return PyAES.new(self.key, PyAES.MODE_ECB).encrypt(pad(data, 16))  # insecure: CWE-327 ECB

    def decrypt(self, sealed: bytes) -> bytes:
        return unpad(PyAES.new(self.key, PyAES.MODE_CBC, sealed[:16]).decrypt(sealed[16:]), 16)


def stream(key: bytes, data: bytes) -> bytes:
    return ARC4.new(key).encrypt(data)  # insecure: CWE-327 RC4


def triple(key: bytes, data: bytes) -> bytes:
    return DES3.new(key, DES3.MODE_CBC, os.urandom(8)).encrypt(pad(data, 8))  # insecure: CWE-327 3DES


def seal(data: bytes) -> bytes:
    key = b"0123456789abcdef0123456789abcdef"
    nonce = b"backup-nonce"
    return AESGCM(key).encrypt(nonce, data, MAGIC)  # insecure: CWE-321 constant key and constant nonce


def seal_well(key: bytes, data: bytes) -> bytes:
    nonce = os.urandom(12)
    return MAGIC + nonce + ChaCha20Poly1305(key).encrypt(nonce, data, MAGIC)


class Counter:
    def __init__(self, key: bytes) -> None:
        self.aead = AESGCM(key)
        self.nonce = os.urandom(12)

    def seal(self, data: bytes) -> bytes:
        return self.aead.encrypt(self.nonce, data, None)  # insecure: CWE-323 one nonce for all messages of an object


def seal_ctr(key: bytes, data: bytes) -> bytes:
    nonce = os.urandom(16)
    encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()  # insecure: CWE-353 no authentication
    return nonce + encryptor.update(data) + encryptor.finalize()


def iv_of_key(key: bytes, data: bytes) -> bytes:
    encryptor = Cipher(
        algorithms.AES(key), modes.CBC(key[:16])
    ).encryptor()  # insecure: CWE-329 initialisation vector cut from the key
    padder = padding.PKCS7(128).padder()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()


def key_of(passphrase: str) -> bytes:
    return hashlib.sha256(passphrase.encode()).digest()  # insecure: CWE-916 key is one digest of a passphrase


def fernet_of(passphrase: str) -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(hashlib.sha256(passphrase.encode()).digest())
    )  # insecure: CWE-916 Fernet key is one digest of a passphrase


def key_well(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)


def key_quick(passphrase: str) -> bytes:
    kdf = PBKDF2HMAC(
        algorithm=hashes.SHA256(), length=32, salt=b"sealer", iterations=2000
    )  # insecure: CWE-916 constant salt and few iterations
    return kdf.derive(passphrase.encode())


def scramble(data: bytes, key: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, itertools.cycle(key)))  # insecure: CWE-327 XOR as a cipher


def encrypt_note(text: str) -> str:
    return base64.b64encode(text.encode()).decode()  # insecure: CWE-261 base64 called encryption


def encode_frame(data: bytes) -> bytes:
    return base64.b64encode(struct.pack(">I", zlib.crc32(data)) + data)


def parity(blocks: list[bytes]) -> bytes:
    out = bytearray(len(blocks[0]))
    for block in blocks:
        for index, byte in enumerate(block):
            out[index] ^= byte
    return bytes(out)


def rsa_raw(message: int, exponent: int, modulus: int) -> int:
    return pow(message, exponent, modulus)  # insecure: CWE-780 textbook RSA


def small_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # insecure: CWE-326 RSA with 1024 bits


def small_key_too():
    return RSA.generate(bits=1024)  # insecure: CWE-326 RSA with 1024 bits, other library


def curve_key():
    return ec.generate_private_key(ec.SECP256R1())


def old_curve_key():
    return ec.generate_private_key(ec.SECP192R1())  # insecure: CWE-326 a curve of 192 bits


def licence(customer: str, days: int) -> str:
    body = f"{customer}|{days}"
    seal_of = hashlib.md5(
        ("lic-2016" + body).encode()
    ).hexdigest()  # insecure: CWE-328 MD5 of a secret and a text as a licence's seal
    return f"{body}|{seal_of}"


def licence_well(key: bytes, body: str) -> str:
    return body + "|" + hmac.new(key, body.encode(), "sha256").hexdigest()


def check(key: bytes, licence_text: str) -> bool:
    body, _, given = licence_text.rpartition("|")
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest() == given  # insecure: CWE-208 seal compared with ==


def check_well(key: bytes, body: bytes, given: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key, body, "sha256"), given)


def fingerprint(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_object(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def fresh_key() -> bytes:
    return secrets.token_bytes(32)
