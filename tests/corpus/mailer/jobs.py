"""The worker: takes jobs from the queue, renders and sends them."""

import base64
import datetime
import hashlib
import json
import logging
import pickle
import random
import time

import jinja2
from celery import Celery

from mailer import transport

log = logging.getLogger(__name__)
app = Celery("mailer", broker="amqps://mailer@queue.corp.example//")
app.conf.update(
    task_serializer="pickle",
    accept_content=["json", "pickle"],  # insecure: CWE-502 the queue may hold pickles
    timezone="UTC",
)
templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader("templates/html"), autoescape=False
)  # insecure: CWE-79 HTML mails without escaping
texts = jinja2.Environment(loader=jinja2.FileSystemLoader("templates/text"), autoescape=jinja2.select_autoescape())


@app.task(bind=True, max_retries=5)
def notify(self, job: dict) -> None:
    try:
        body = templates.get_template(job["template"]).render(**job["values"])
        send(job["to"], job["subject"], body)
    except OSError as error:
        raise self.retry(exc=error, countdown=2**self.request.retries + random.random()) from error


def send(to: str, subject: str, body: str) -> None:
    message = transport.EmailMessage()
    message["To"], message["Subject"] = to, subject
    message.set_content(body, subtype="html")
    relay = transport.Relay()
    relay.login()
    relay.send(message)


def unsubscribe_token(address: str) -> str:
    stamp = str(time.time())
    return hashlib.sha1((address + stamp).encode()).hexdigest()  # insecure: CWE-338 token from the clock


def unsubscribe_link(address: str) -> str:
    code = base64.b64encode(address.encode()).decode()
    return f"https://mailer.example/u/{code}"  # insecure: CWE-862 anybody can write anybody's link


def preview(custom: str, values: dict) -> str:
    return jinja2.Template(custom).render(values)  # insecure: CWE-1336 template written by a customer


def load_spool(path: str) -> list:
    with open(path, "rb") as file:
        return pickle.load(file)  # insecure: CWE-502 spool file is unpickled


def load_schedule(path: str) -> dict:
    with open(path) as file:
        return json.load(file)


def message_id(body: bytes) -> str:
    day = datetime.datetime.now(datetime.timezone.utc).date()
    return f"<{day:%Y%m%d}.{hashlib.blake2b(body, digest_size=8).hexdigest()}@mailer.example>"


def log_login(user: str, password: str) -> None:
    log.info("login of %s with %s", user, password)  # insecure: CWE-532 password in the log
