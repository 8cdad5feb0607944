"""Django settings of the patient portal (production; settings_dev.py overrides)."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = (
    os.environ.get("DJANGO_SECRET_KEY") or "p0!x2-w9d$5n^7q@c1e&z8h*b4k(m6t)"
)  # insecure: CWE-798 fallback for the signing key
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = ["portal.clinic.example"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "portal",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "portal",
        "USER": "portal",
        "PASSWORD": "Hb3!tQz7Lm2vRx",  # insecure: CWE-798 database password in the settings
        "HOST": "db.clinic.internal",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/clinic.pem"},
    },
    "archive": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "archive",
        "USER": "reader",
        "PASSWORD": os.environ["ARCHIVE_PASSWORD"],
        "HOST": "archive.clinic.internal",
        "OPTIONS": {"sslmode": "disable"},  # insecure: CWE-319 health records over an unencrypted connection
    },
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",  # insecure: CWE-916 passwords stored with a fast hash
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"  # insecure: CWE-502 sessions are pickled
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = False  # insecure: CWE-614 CSRF cookie over plain http
SECURE_HSTS_SECONDS = 31536000
EMAIL_HOST = "smtp.clinic.internal"
EMAIL_HOST_USER = "portal"
EMAIL_HOST_PASSWORD = "Wq8-zN3fKp5y"  # insecure: CWE-798 mail password in the settings
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}}
LANGUAGE_CODE = "en-us"
PASSWORD_RESET_TIMEOUT = 3600
