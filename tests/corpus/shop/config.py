"""Settings of the checkout service. Values come from the environment; the rest are defaults for a laptop."""

import os

DATABASE_URL = os.environ.get(
    "DATABASE_URL", "postgresql://shop:kV9wqLr2Tz@db.shop.internal:5432/shop"
)  # insecure: CWE-798 password in the default of a connection URL
STRIPE_KEY = os.environ["STRIPE_KEY"]
SESSION_LIFETIME = int(os.environ.get("SESSION_LIFETIME", "3600"))
WEBHOOK_SECRET = os.getenv("WEBHOOK_SECRET", "wh-9f2c71b04ae86d53")  # insecure: CWE-798 default for a webhook secret
RATE_CACHE_SECONDS = 300
SUPPORT_MAIL = os.environ.get("SUPPORT_MAIL", "help@shop.example")


class Production:
    SECRET_KEY = "r7Jq0mT5vXc1LpZs8BnE4yGd"  # insecure: CWE-798 session key in a config class
    SESSION_COOKIE_SECURE = False  # insecure: CWE-614 session cookie over plain http
    SESSION_COOKIE_HTTPONLY = True
    SQLALCHEMY_DATABASE_URI = DATABASE_URL
    JSON_SORT_KEYS = False


class Testing(Production):
    SECRET_KEY = "not-used-outside-tests"
    TESTING = True
