"""The checkout: carts, payments, the payment provider's webhooks."""

import hashlib
import hmac
import json
import logging
import random
import sqlite3
import subprocess
from decimal import Decimal

import requests
from flask import Flask, abort, jsonify, make_response, redirect, render_template_string, request, send_file, session
from markupsafe import Markup, escape
from sqlalchemy import create_engine, text

from shop import config

log = logging.getLogger(__name__)
app = Flask(__name__)
app.config.from_object("shop.config.Production")
engine = create_engine(config.DATABASE_URL, pool_pre_ping=True)
provider = requests.Session()
provider.headers["Authorization"] = f"Bearer {config.STRIPE_KEY}"
rates = requests.Session()
rates.verify = "/etc/ssl/shop-ca.pem"

PROVIDER = "https://payments.provider.example/v1"
WAREHOUSE = {"base": "https://warehouse.shop.internal", "timeout": 5}
SORTABLE = {"price": "price", "name": "name"}


def order_number() -> str:
    # shown to the customer; the id in the database is what counts
    return f"{random.randint(10_000, 99_999)}-{random.randint(100, 999)}"


def voucher_code(length=10):
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    code = "".join(
        random.choice(alphabet) for _ in range(length)
    )  # insecure: CWE-338 voucher worth money from a guessable generator
    return code


def reset_token(user_id):
    seed = f"{user_id}:{random.random()}"
    return hashlib.md5(seed.encode()).hexdigest()  # insecure: CWE-338 reset token from a digest of a random float


def etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def cache_key(*parts) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@app.post("/webhooks/payment")
def payment_webhook():
    given = request.headers.get("X-Signature", "")
    expected = hmac.new(config.WEBHOOK_SECRET.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if given != expected:  # insecure: CWE-208 signature compared with !=
        abort(400)
    event = json.loads(request.data)
    log.info("payment event %s", event["id"])
    return "", 204


@app.post("/webhooks/carrier")
def carrier_webhook():
    given = request.headers.get("X-Carrier-Signature", "")
    expected = hmac.new(config.WEBHOOK_SECRET.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        abort(400)
    return "", 204


@app.get("/products")
def products():
    column = SORTABLE.get(request.args.get("sort", "name"), "name")
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT id, name, price FROM products ORDER BY {column}"))
        return jsonify([dict(row._mapping) for row in rows])


@app.get("/search")
def search():
    term = request.args.get("q", "")
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                f"SELECT id, name, price FROM products WHERE name LIKE '%{term}%'"
            )  # insecure: CWE-89 search term in the text of a query
        )
        return jsonify([dict(row._mapping) for row in rows])


@app.get("/orders/<int:order_id>")
def order(order_id):
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT * FROM orders WHERE id = :id"), {"id": order_id}
        ).first()  # insecure: CWE-639 anybody's order is shown to anybody
    if row is None:
        abort(404)
    return jsonify(dict(row._mapping))


@app.get("/thanks")
def thanks():
    name = request.args.get("name", "you")
    page = "<h1>Thank you, " + name + "</h1><p>Your order is on its way.</p>"
    return render_template_string(page)  # insecure: CWE-1336 name of the customer becomes a template


@app.get("/badge")
def badge():
    label = request.args.get("label", "")
    return str(Markup("<span class=badge>%s</span>" % label))  # insecure: CWE-79 label in markup without escaping


@app.get("/badge/safe")
def safe_badge():
    return str(Markup("<span class=badge>{}</span>").format(escape(request.args.get("label", ""))))


@app.get("/login/done")
def login_done():
    session["seen"] = True
    return redirect(request.args.get("next") or "/")  # insecure: CWE-601 where to go next comes from the address


@app.get("/invoice")
def invoice():
    return send_file(
        "/srv/invoices/" + request.args["file"]
    )  # insecure: CWE-22 name of the file comes from the address


@app.get("/logo")
def logo():
    return send_file("/srv/static/logo.png", max_age=86400)


@app.get("/preview")
def preview():
    answer = requests.get(request.args["url"], timeout=5)  # insecure: CWE-918 the server fetches what it is told to
    return make_response(answer.content, 200, {"Content-Type": "image/png"})


def stock(sku: str) -> int:
    answer = requests.get(
        f"{WAREHOUSE['base']}/stock/{sku}", verify=not app.debug and False, timeout=WAREHOUSE["timeout"]
    )  # insecure: CWE-295 an expression that is always False
    return answer.json()["count"]


def exchange_rate(currency: str) -> Decimal:
    answer = rates.get(f"https://rates.shop.internal/{currency}", timeout=3)
    return Decimal(answer.json()["rate"])


def charge(amount: Decimal, source: str) -> str:
    options = {
        "json": {"amount": str(amount), "source": source},
        "verify": False,
    }  # insecure: CWE-295 certificate check off through a dict of options
    answer = provider.post(f"{PROVIDER}/charges", timeout=10, **options)
    answer.raise_for_status()
    return answer.json()["id"]


def label(order_id: int, printer: str) -> None:
    subprocess.run(
        f"lp -d {printer} /srv/labels/{order_id}.pdf", shell=True, check=True
    )  # insecure: CWE-78 printer's name reaches a shell


def thumbnails(folder: str) -> None:
    subprocess.run(["mogrify", "-resize", "200x200", "--", folder], check=True)


def remember(answer, token):
    answer.set_cookie(
        "remember", token, max_age=30 * 86400, httponly=False
    )  # insecure: CWE-1004 login cookie that scripts can read
    answer.set_cookie("theme", "dark", httponly=False, secure=True)
    return answer


def local_totals(path: str, day: str):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT sum(total) FROM sales WHERE day = ?", (day,)).fetchone()


def apply_voucher(cart, code):
    with engine.begin() as connection:
        row = connection.execute(text("SELECT value, used FROM vouchers WHERE code = :code"), {"code": code}).first()
        if row and not row.used:
            cart["total"] -= row.value
            connection.execute(
                text("UPDATE vouchers SET used = true WHERE code = :code"), {"code": code}
            )  # insecure: CWE-362 two requests at once use one voucher twice
    return cart


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)  # insecure: CWE-489 debugger on every interface
