"""How notifications leave the house: mail, SMS gateway, chat, queue."""

import ftplib
import imaplib
import os
import poplib
import smtplib
import ssl
from email.message import EmailMessage

import aiohttp
import boto3
import httpx
import pika
import redis
import urllib3
from elasticsearch import Elasticsearch

RELAY = "smtp.relay.example"
SMS = "https://sms.gateway.example/send"
INSECURE = {"verify": False}


def context() -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=os.environ.get("RELAY_CA"))
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def lenient_context() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname = False  # insecure: CWE-297 a context that takes any name
    made.verify_mode = ssl.CERT_NONE  # insecure: CWE-295 a context that trusts everybody
    return made


class Relay:
    def __init__(self, host: str = RELAY, port: int = 587) -> None:
        self.server = smtplib.SMTP(host, port, timeout=10)

    def login(self) -> None:
        self.server.starttls()  # insecure: CWE-295 STARTTLS without a context
        self.server.login("mailer", "Jx4#vPq9Lt2w")  # insecure: CWE-798 password of the mail relay

    def send(self, message: EmailMessage) -> None:
        self.server.send_message(message)


def relay_ssl() -> smtplib.SMTP_SSL:
    server = smtplib.SMTP_SSL(RELAY, 465, context=context(), timeout=10)
    server.login(os.environ["RELAY_USER"], os.environ["RELAY_PASSWORD"])
    return server


def bounces(host: str, user: str, password: str) -> list[bytes]:
    with imaplib.IMAP4_SSL(host) as box:  # insecure: CWE-295 IMAP over TLS without a context
        box.login(user, password)
        box.select("INBOX")
        _, found = box.search(None, "SUBJECT", '"Undelivered"')
        return found[0].split()


def old_bounces(host: str, user: str, password: str) -> int:
    box = poplib.POP3_SSL(host, context=context())
    box.user(user)
    box.pass_(password)
    return box.stat()[0]


def deliver_file(host: str, path: str) -> None:
    with ftplib.FTP_TLS(host) as server:  # insecure: CWE-295 FTP over TLS without a context
        server.login(os.environ["FTP_USER"], os.environ["FTP_PASSWORD"])
        server.prot_p()
        with open(path, "rb") as file:
            server.storbinary(f"STOR {os.path.basename(path)}", file)


async def sms(number: str, text: str) -> int:
    connector = aiohttp.TCPConnector(ssl=False, limit=20)  # insecure: CWE-295 aiohttp connector without checks
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.post(SMS, json={"to": number, "text": text}) as answer:
            return answer.status


async def sms_status(ident: str) -> str:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{SMS}/{ident}", ssl=context()) as answer:
            return await answer.text()


async def chat(room: str, text: str) -> None:
    async with httpx.AsyncClient(verify=False, timeout=5) as client:  # insecure: CWE-295 httpx client without checks
        await client.post(f"https://chat.corp.example/rooms/{room}", json={"text": text})


async def chat_history(room: str) -> dict:
    async with httpx.AsyncClient(verify=context()) as client:
        return (await client.get(f"https://chat.corp.example/rooms/{room}")).json()


def presence(room: str) -> dict:
    return httpx.get(
        f"https://chat.corp.example/presence/{room}", **INSECURE
    ).json()  # insecure: CWE-295 checks off through a constant dict


def paging() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        num_pools=4, cert_reqs="CERT_NONE", assert_hostname=False
    )  # insecure: CWE-295 urllib3 pool without checks


def attachments():
    return boto3.client("s3", region_name="eu-west-1", verify=False)  # insecure: CWE-295 S3 without certificate check


def attachments_minio():
    return boto3.client("s3", endpoint_url="http://localhost:9000", use_ssl=False)


def queue() -> pika.BlockingConnection:
    credentials = pika.PlainCredentials("mailer", "t7Rk2xVw9Qm4")  # insecure: CWE-798 password of the queue
    parameters = pika.ConnectionParameters(
        "queue.corp.example", 5671, credentials=credentials, ssl_options=pika.SSLOptions(context())
    )
    return pika.BlockingConnection(parameters)


def throttle() -> redis.Redis:
    return redis.Redis(
        host="cache.corp.example", port=6380, ssl=True, ssl_cert_reqs=None
    )  # insecure: CWE-295 redis accepts any certificate


def local_throttle() -> redis.Redis:
    return redis.Redis(host="127.0.0.1", port=6379)


def journal() -> Elasticsearch:
    return Elasticsearch(
        "https://logs.corp.example:9200", verify_certs=False, api_key=os.environ["ES_KEY"]
    )  # insecure: CWE-295 Elasticsearch without checks
