"""Tokens as vendors make them, and what nearly is one: language models, services, messaging, payment, keys, addresses.

The second half of bench/tokens.py, where the form of an entry is explained. What vendors say and what their sources do goes before
what the rules ask for; but whoever wrote this had read the rules. Where a vendor publishes nothing, a length is what is seen of
tokens in public code, or what was known of it, and for some the rule's own: those entries show that a rule does what it says, and
not that it says the right thing.
"""

from __future__ import annotations

import binascii
import importlib.util
import json
import re
import string
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType


def _beside_this_file(name: str) -> ModuleType:
    """bench/ is no package; whoever has read bench/tokens.py already has put it under this name."""
    known = f"bench_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


_tokens = _beside_this_file("tokens")
Format, Make = _tokens.Format, _tokens.Make
fixed, some, spoiled, stuck = _tokens.fixed, _tokens.some, _tokens.spoiled, _tokens.stuck
ALNUM, BASE32, BASE36, BASE64 = _tokens.ALNUM, _tokens.BASE32, _tokens.BASE36, _tokens.BASE64
DIGITS, HEX, WORD = _tokens.DIGITS, _tokens.HEX, _tokens.WORD
a_uuid, b64, b64url, crc, jwt = _tokens.a_uuid, _tokens.b64, _tokens.b64url, _tokens.crc, _tokens.jwt
key_of_service_account = _tokens.key_of_service_account

UPPER36 = DIGITS + string.ascii_uppercase


def drawn(random: Random, alphabet: str, size: int) -> str:
    """Of any alphabet: `some` waits for a digit."""
    return some(random, alphabet, size) if "7" in alphabet else letters(random, alphabet, size)


def letters(random: Random, alphabet: str, size: int) -> str:
    while True:
        text = "".join(random.choice(alphabet) for _ in range(size))
        if len(set(text.lower())) >= 8 or size < 16:
            return text


Part = str | tuple[str, int] | tuple[str, int, int] | Make


def pieced(
    rule: str,
    name: str,
    *parts: Part,
    beside: str = "",
    key: str = "value",
    after: str = "",
    short: bool = True,
    long: bool = True,
) -> Format:
    """Of parts that are written as they stand, drawn (an alphabet and a length, or the least and the most) or made. What ends a
    character early, goes on for one more, or stands behind a letter, is none. `short` and `long` are off where its vendor
    does not say how long it is, or another format is."""

    def one(random: Random, part: Part) -> str:
        if isinstance(part, str):
            return part
        if callable(part):
            return part(random)
        alphabet, least, most = part if len(part) == 3 else (*part, part[1])
        while True:
            text = drawn(random, alphabet, random.randint(least, most))
            if text[-1] not in "-_" and text[0] not in "-_":
                return text

    def make(random: Random) -> str:
        return "".join(one(random, part) for part in parts)

    def shorter(random: Random) -> str:
        *head, last = parts
        if isinstance(last, tuple) and len(last) == 3:
            last = (last[0], last[1] - 1)
            return "".join(one(random, part) for part in (*head, last))
        return make(random)[:-1]

    def longer(random: Random) -> str:
        last = parts[-1]
        alphabet = last[0] if isinstance(last, tuple) else HEX
        if isinstance(last, tuple) and len(last) == 3:
            head, least = parts[:-1], (last[0], last[2])
            start = "".join(one(random, part) for part in (*head, least))
        else:
            start = make(random)
        return start + random.choice([c for c in alphabet if c.isalnum()])

    near = [] if after else [("glued", stuck(make))]
    if short:
        near.append(("short", shorter))
    if long:
        near.append(("long", longer))
    return Format(rule, name, make, tuple(near), None, beside, key, after)


# ---- language models


def openai(prefix: str, size: int, alphabet: str = WORD) -> Make:
    """T3BlbkFJ is base 64 of OpenAI."""

    def make(random: Random) -> str:
        while True:
            before, after = some(random, alphabet, size), some(random, alphabet, size)
            if before[0] not in "-_" and after[-1] not in "-_":
                return f"{prefix}{before}T3BlbkFJ{after}"

    return make


def an_openai(name: str, prefix: str, size: int, alphabet: str = WORD) -> Format:
    make = openai(prefix, size, alphabet)
    return Format(
        "openai-api-key",
        name,
        make,
        (
            ("no infix", lambda r: make(r).replace("T3BlbkFJ", "T3BlbkFx")),
            ("glued", stuck(make)),
            ("short", lambda r: make(r)[: len(prefix) + 36]),
        ),
        (lambda r: make(r)[:-3]) if size > 20 else None,
    )


def huggingface(name: str, prefix: str) -> Format:
    return pieced("huggingface-token", name, prefix, (string.ascii_letters, 34))


MODELS = (
    an_openai("project", "sk-proj-", 74),
    an_openai("project, shorter", "sk-proj-", 58),
    an_openai("project, the first ones", "sk-proj-", 20, ALNUM),
    an_openai("service account", "sk-svcacct-", 74),
    an_openai("administrator", "sk-admin-", 58),
    an_openai("of a user", "sk-", 20, ALNUM),
    an_openai("of a user, with no project", "sk-None-", 20, ALNUM),
    an_openai("of a named service account", "sk-shop-worker-", 20, ALNUM),
    fixed("anthropic-api-key", "API", "sk-ant-api03-", WORD, 93, suffix="AA"),
    fixed("anthropic-api-key", "administrator", "sk-ant-admin01-", WORD, 93, suffix="AA"),
    fixed("anthropic-api-key", "OAuth", "sk-ant-oat01-", WORD, 93, suffix="AA"),
    huggingface("of a user", "hf_"),
    huggingface("of an organisation", "api_org_"),
    fixed("groq-api-key", "Groq", "gsk_", ALNUM, 52),
    fixed("xai-api-key", "xAI", "xai-", ALNUM, 80),
    fixed("openrouter-api-key", "OpenRouter", "sk-or-v1-", HEX, 64),
    fixed("perplexity-api-key", "Perplexity", "pplx-", ALNUM, 48),
    fixed("replicate-token", "Replicate", "r8_", ALNUM, 37),
    pieced("nvidia-api-key", "NVIDIA", "nvapi-", (WORD, 64), short=False, long=False),
    fixed("together-api-key", "Together", "tgp_v1_", WORD, 43),
    pieced("langsmith-api-key", "personal", "lsv2_pt_", (HEX, 32), "_", (HEX, 10)),
    pieced("langsmith-api-key", "service", "lsv2_sk_", (HEX, 32), "_", (HEX, 10)),
    pieced("langfuse-secret-key", "Langfuse", "sk-lf-", a_uuid),
    pieced("pinecone-api-key", "Pinecone", "pcsk_", (ALNUM, 5, 6), "_", (ALNUM, 63)),
    pieced("wandb-api-key", "Weights & Biases", "wandb_v1_", (ALNUM, 27), "_", (ALNUM, 49)),
    fixed("cerebras-api-key", "Cerebras", "csk-", BASE36, 48),
    fixed("deepseek-api-key", "DeepSeek", "sk-", HEX, 32, beside="# deepseek"),
    fixed("elevenlabs-api-key", "ElevenLabs", "sk_", HEX, 48, beside="# ElevenLabs"),
    fixed("tavily-api-key", "first", "tvly-", ALNUM, 32),
    fixed("tavily-api-key", "for development", "tvly-dev-", ALNUM, 32),
    fixed("tavily-api-key", "for production", "tvly-prod-", ALNUM, 32),
    pieced("tavily-api-key", "with its id", "tvly-dev-", (ALNUM, 5, 6), "-", (ALNUM, 42)),
    fixed("llamacloud-api-key", "LlamaCloud", "llx-", ALNUM, 48),
    fixed("firecrawl-api-key", "Firecrawl", "fc-", HEX, 32, beside="# firecrawl"),
    fixed("anyscale-api-key", "Anyscale", "esecret_", BASE36, 26),
    pieced("jina-api-key", "Jina", "jina_", (HEX, 32), (ALNUM, 28)),
    fixed("kaggle-token", "Kaggle", "KGAT_", HEX, 32),
)


# ---- messaging


def number(random: Random, least: int, most: int) -> str:
    size = random.randint(least, most)
    while True:
        text = random.choice("123456789") + "".join(random.choice(DIGITS) for _ in range(size - 1))
        runs = (text[at : at + 5] in "01234567890 09876543210" for at in range(size - 4))
        if len(set(text)) > 4 and not any(runs) and re.search(r"(.)\1{4}", text) is None:
            return text


def digits(least: int, most: int) -> Make:
    return lambda random: number(random, least, most)


def discord(tail: int) -> Make:
    """A snowflake's number in base 64, when the token was made, and a MAC (Discord's documentation; 38 since 2022)."""
    return lambda r: f"{b64url(number(r, 17, 19))}.{some(r, ALNUM, 6)}.{some(r, ALNUM, tail - 1)}{r.choice(WORD[:-2])}"


def a_discord(name: str, tail: int) -> Format:
    make = discord(tail)
    return Format(
        "discord-bot-token",
        name,
        make,
        (
            ("short", lambda r: make(r)[:-14]),
            ("glued", stuck(make)),
            ("no number", lambda r: f"{b64url('an order of ' + some(r, ALNUM, 6))}.{some(r, ALNUM, 6)}.{some(r, ALNUM, tail)}"),
        ),
    )  # fmt: skip


SLACK = "slack-token"
MADE_UP = "12" * 6
MESSAGING = (
    *(
        Format(one.rule, one.name, one.make, one.near, doubtful)
        for one, doubtful in (
            (
                pieced(SLACK, "bot", "xoxb-", digits(10, 13), "-", digits(10, 13), "-", (ALNUM, 24)),
                lambda r: f"xoxb-{MADE_UP}-{number(r, 11, 12)}-{some(r, ALNUM, 24)}",
            ),
            (
                pieced(SLACK, "user", "xoxp-", digits(10, 13), "-", digits(10, 13), "-", digits(12, 13), "-", (HEX, 32), short=False, long=False),
                lambda r: f"xoxp-{MADE_UP}-{number(r, 11, 12)}-{MADE_UP}-{some(r, HEX, 32)}",
            ),
        )
    ),
    pieced(SLACK, "app", "xapp-1-A", (UPPER36, 10), "-", digits(13, 13), "-", (HEX, 64)),
    pieced(SLACK, "rotated, user", "xoxe.xoxp-1-", (ALNUM, 163, 166)),
    pieced(SLACK, "rotated, bot", "xoxe.xoxb-1-", (ALNUM, 163, 166)),
    pieced(SLACK, "to refresh", "xoxe-1-", (ALNUM, 146), short=False, long=False),
    pieced(SLACK, "of a browser", "xoxc-", digits(12, 13), "-", digits(12, 13), "-", digits(12, 13), "-", (HEX, 64), long=False, short=False),
    Format(SLACK, "of a browser's cookie", lambda r: f"xoxd-{some(r, ALNUM, 60)}%2B{some(r, ALNUM, 40)}%2F{some(r, ALNUM, 30)}%3D%3D", (("glued", lambda r: "xoxoxd-" + some(r, ALNUM, 80)),)),
    pieced("slack-webhook", "of an app", "https://hooks.slack.com/services/T", (UPPER36, 8, 10), "/B", (UPPER36, 8, 10), "/", (ALNUM, 24), long=False, short=False),
    pieced("slack-webhook", "of a workflow", "https://hooks.slack.com/workflows/T", (UPPER36, 8, 10), "/A", (UPPER36, 8, 10), "/", digits(17, 18), "/", (ALNUM, 24), long=False, short=False),
    pieced("slack-webhook", "of a trigger", "https://hooks.slack.com/triggers/T", (UPPER36, 8, 10), "/", digits(13, 13), "/", (HEX, 32), long=False, short=False),
    a_discord("of a bot", 38),
    a_discord("of a bot, before 2022", 27),
    pieced("discord-webhook", "a channel's", "https://discord.com/api/webhooks/", digits(17, 19), "/", (WORD, 68), long=False, short=False),
    pieced("discord-webhook", "an older address", "https://discordapp.com/api/webhooks/", digits(17, 19), "/", (WORD, 68), long=False, short=False),
    pieced("discord-webhook", "of an API version", "https://canary.discord.com/api/v10/webhooks/", digits(17, 19), "/", (WORD, 68), long=False, short=False),
    pieced("teams-webhook", "a channel's", "https://shopseven.webhook.office.com/webhookb2/", a_uuid, "@", a_uuid, "/IncomingWebhook/", (HEX, 32), "/", a_uuid),
    pieced("teams-webhook", "a channel's, since 2024", "https://shopseven.webhook.office.com/webhookb2/", a_uuid, "@", a_uuid, "/IncomingWebhook/", (HEX, 32), "/", a_uuid, "/V2", (WORD, 43), long=False, short=False),
    pieced("teams-webhook", "of a flow", "https://prod-17.westeurope.logic.azure.com:443/workflows/", (HEX, 32), "/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=", (WORD, 43), long=False),
    pieced("telegram-bot-token", "Telegram", digits(8, 10), ":AA", (WORD, 33)),
    Format("google-chat-webhook", "a space's", lambda r: f"https://chat.googleapis.com/v1/spaces/{some(r, ALNUM, 11)}/messages?key=AIzaSy{some(r, ALNUM, 33)}&token={some(r, ALNUM, 43)}"),
    fixed("dingtalk-webhook", "a robot's", "https://oapi.dingtalk.com/robot/send?access_token=", HEX, 64),
    pieced("feishu-webhook", "Feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/", a_uuid),
    pieced("feishu-webhook", "Lark", "https://open.larksuite.com/open-apis/bot/v2/hook/", a_uuid),
    pieced("wecom-webhook", "a robot's", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", a_uuid),
    pieced("zapier-webhook", "a catch hook's", "https://hooks.zapier.com/hooks/catch/", digits(6, 8), "/", (BASE36, 7), long=False, short=False),
    pieced("ifttt-webhook", "a service's", "https://maker.ifttt.com/trigger/door_opened/with/key/", (WORD, 43), after="/", short=False, long=False),
    pieced("ifttt-webhook", "an older service's", "https://maker.ifttt.com/trigger/door_opened/json/with/key/", (ALNUM, 21, 22), long=False, after="/", short=False),
    pieced("sendgrid-api-key", "SendGrid", "SG.", (WORD, 22), ".", (WORD, 43)),
    pieced("twilio-api-key", "the id of a key", "SK", (HEX, 32), beside="# twilio"),
    fixed("mailgun-api-key", "first", "key-", HEX, 32, beside="# mailgun"),
    pieced("mailgun-api-key", "private", (HEX, 32), "-", (HEX, 8), "-", (HEX, 8), key="MAILGUN_API_KEY"),
    *(fixed("mailchimp-api-key", f"of {place}", "", HEX, 32, suffix=place) for place in ("-us7", "-us21")),
    pieced("brevo-api-key", "API", "xkeysib-", (HEX, 64), "-", (ALNUM, 16)),
    pieced("brevo-api-key", "SMTP", "xsmtpsib-", (HEX, 64), "-", (ALNUM, 16)),
    pieced("resend-api-key", "Resend", "re_", (ALNUM, 8), "_", (ALNUM, 24)),
    fixed("mailersend-token", "MailerSend", "mlsn.", HEX, 64),
    fixed("klaviyo-private-key", "Klaviyo", "pk_", HEX, 34, beside="# klaviyo"),
)  # fmt: skip


# ---- payment and shops

PAYMENT = (
    fixed("stripe-secret-key", "secret", "sk_live_", ALNUM, 24, long=False),
    pieced("stripe-secret-key", "secret, longer", "sk_live_", (ALNUM, 99), short=False, long=False),
    pieced("stripe-secret-key", "restricted", "rk_live_", (ALNUM, 99), short=False, long=False),
    pieced("stripe-secret-key", "of an organisation", "sk_org_live_", (ALNUM, 96, 110), short=False, long=False),
    fixed("stripe-secret-key", "of a webhook", "whsec_", ALNUM, 32, long=False),
    pieced("stripe-secret-key", "of a webhook, at the command line", "whsec_", (HEX, 64), short=False, long=False),
    Format("stripe-secret-key", "of a standard webhook", lambda r: "whsec_" + b64(r.randbytes(r.choice([24, 32]))), (("short", lambda r: "whsec_" + b64(r.randbytes(18))), ("glued", lambda r: "a" + "whsec_" + b64(r.randbytes(24))))),
    fixed("square-token", "first", "sq0atp-", WORD, 22),
    fixed("square-token", "application", "sq0csp-", WORD, 43),
    fixed("square-token", "access", "EAAA", WORD, 60, beside="# square"),
    pieced("braintree-token", "PayPal", "access_token$production$", (BASE36, 16), "$", (HEX, 32)),
    *(fixed("shopify-token", kind, kind, HEX, 32) for kind in ("shpat_", "shpca_", "shppa_", "shpss_", "shptka_")),
    pieced("plaid-token", "access", "access-production-", a_uuid),
    fixed("razorpay-key", "the id of a key", "rzp_live_", ALNUM, 14),
    pieced("flutterwave-secret-key", "first", "FLWSECK-", (HEX, 32), "-X", long=False),
    pieced("flutterwave-secret-key", "of version 3", "FLWSECK-", (HEX, 32), "-1", (HEX, 10), "vt-X", long=False),
    fixed("easypost-api-key", "EasyPost", "EZAK", ALNUM, 54),
    fixed("duffel-token", "Duffel", "duffel_live_", WORD, 43),
    fixed("shippo-token", "Shippo", "shippo_live_", HEX, 40),
)  # fmt: skip


# ---- observability


def grafana(random: Random) -> str:
    """Its CRC-32, low byte first (grafana's pkg/components/satokengen)."""
    head = "glsa_" + some(random, ALNUM, 32)
    return f"{head}_{crc(head).to_bytes(4, 'little').hex()}"


def grafana_cloud(random: Random) -> str:
    said = {
        "o": number(random, 6, 7),
        "n": f"shop-{some(random, BASE36, 5)}",
        "k": some(random, ALNUM, 24),
        "m": {"r": "eu"},
    }
    return "glc_" + b64(json.dumps(said, separators=(",", ":")))


def grafana_old(random: Random) -> str:
    said = {"k": some(random, ALNUM, 32), "n": f"shop-{some(random, BASE36, 5)}", "id": random.randrange(1, 99)}
    return b64(json.dumps(said, separators=(",", ":")))


OBSERVABILITY = (
    Format("grafana-token", "service account", grafana, (("short", lambda r: grafana(r)[:-1]), ("long", lambda r: grafana(r) + "a"), ("glued", stuck(grafana))), spoiled(grafana, 6, 36)),
    Format("grafana-token", "cloud", grafana_cloud, (("glued", stuck(grafana_cloud)), ("short", lambda r: grafana_cloud(r)[:40])), lambda r: "glc_eyJ" + some(r, ALNUM, 96)),
    Format("grafana-token", "API key", grafana_old, (("glued", stuck(grafana_old)),), lambda r: "eyJrIjoi" + some(r, ALNUM, 88)),
    *(pieced("dynatrace-token", kind, kind, ".", (BASE32, 24), ".", (BASE32, 64)) for kind in ("dt0c01", "dt0s01")),
    *(pieced("dynatrace-token", kind, kind, ".", (BASE32, 8), ".", (BASE32, 64)) for kind in ("dt0s02", "dt0s16")),
    fixed("newrelic-key", "of a user", "NRAK-", UPPER36, 27),
    fixed("newrelic-key", "to insert", "NRII-", WORD, 32),
    pieced("newrelic-key", "licence", (HEX, 32), "FFFFNRAL"),
    pieced("newrelic-key", "licence in Europe", "eu01xx", (HEX, 26), "FFFFNRAL"),
    pieced("newrelic-key", "an older licence", (HEX, 36), "NRAL"),
    fixed("datadog-api-key", "API", "", HEX, 32, key="DD_API_KEY"),
    fixed("datadog-api-key", "application", "", HEX, 40, key="DD_APP_KEY"),
    fixed("datadog-api-key", "application, spelled out", "", HEX, 40, key="DATADOG_APPLICATION_KEY"),
    fixed("datadog-api-key", "application, since 2025", "ddapp_", ALNUM, 34),
    pieced("honeycomb-key", "ingest", "hcaik_", (BASE36, 58)),
    pieced("honeycomb-key", "ingest, another letter", "hcxik_", (BASE36, 58)),
    pieced("honeycomb-key", "management", "hcamk_", (BASE36, 26), ":", (BASE36, 32)),
    pieced("axiom-token", "API", "xaat-", a_uuid),
    pieced("axiom-token", "personal", "xapt-", a_uuid),
    fixed("posthog-personal-key", "a number of 256 bits", "phx_", ALNUM, (42, 43), long=False),
    pieced("posthog-personal-key", "a number of 280 bits", "phx_", (ALNUM, 47, 48), short=False),
    *(pieced("logfire-token", kind, kind, (ALNUM, 43)) for kind in ("pylf_v1_us_", "pylf_v1_eu_", "pylf_v2_us_")),
    pieced("launchdarkly-key", "API", "api-", a_uuid, beside="# launchdarkly"),
    pieced("launchdarkly-key", "SDK", "sdk-", a_uuid, beside="# launchdarkly"),
    Format("unleash-token", "of a project", lambda r: "shop:production." + some(r, HEX, 56), (("short", lambda r: "shop:production." + some(r, HEX, 55)), ("long", lambda r: "shop:production." + some(r, HEX, 57)))),
    pieced("unleash-token", "of all projects", "*:development.", (HEX, 56)),
    pieced("unleash-token", "of an administrator", "*:*.", (HEX, 56)),
)  # fmt: skip


# ---- services

SERVICES = (
    fixed("adafruit-key", "Adafruit IO", "aio_", ALNUM, 28),
    pieced("airtable-token", "personal", "pat", (ALNUM, 14), ".", (HEX, 64)),
    pieced("aiven-password", "of a user", "AVNS_", (WORD, 19), short=False, long=False),
    fixed("apify-token", "Apify", "apify_api_", ALNUM, 36),
    pieced("asana-token", "personal", "1/", digits(16, 16), ":", (HEX, 32), key="ASANA_TOKEN"),
    pieced("asana-token", "personal, new", "2/", digits(16, 16), "/", digits(16, 16), ":", (HEX, 32), key="ASANA_ACCESS_TOKEN"),
    pieced("asana-token", "of an older user", "1/", digits(13, 14), ":", (HEX, 32), key="ASANA_TOKEN"),
    fixed("clickhouse-cloud-secret", "ClickHouse", "4b1d", ALNUM, 38),
    pieced("cloudinary-url", "Cloudinary", "cloudinary://", digits(15, 15), ":", (WORD, 27), "@shop-seven", long=False, short=False),
    fixed("contentful-token", "personal", "CFPAT-", WORD, 43),
    pieced("defined-networking-token", "Defined Networking", "dnkey-", (UPPER36, 26), "-", (UPPER36, 52)),
    *(pieced("deno-deploy-token", kind, kind, (ALNUM, 36)) for kind in ("ddp_", "ddo_", "ddw_")),
    pieced("dropbox-token", "short-lived", "sl.", (WORD, 135, 150), long=False, short=False),
    pieced("dropbox-token", "of a user", "sl.u.", (WORD, 1050, 1400), long=False, short=False),
    pieced("facebook-token", "of a user or page", "EAA", (ALNUM, 160, 220), long=False, short=False),
    pieced("instagram-token", "basic display", "IGQV", (WORD, 140, 180), long=False, short=False),
    pieced("instagram-token", "with its own login", "IGAA", (ALNUM, 140, 180), long=False, short=False),
    fixed("figma-token", "personal", "figd_", WORD, 40, long=False),
    fixed("figma-token", "OAuth", "figu_", WORD, 40, long=False),
    fixed("figma-token", "OAuth, to refresh", "figur_", WORD, 40, long=False),
    fixed("frameio-token", "Frame.io", "fio-u-", WORD, 64),
    *(pieced("hubspot-token", place, f"pat-{place}-", a_uuid) for place in ("na1", "na2", "eu1", "ap1")),
    fixed("infracost-api-key", "Infracost", "ico-", ALNUM, 32),
    fixed("inngest-signing-key", "production", "signkey-prod-", HEX, 64),
    fixed("inngest-signing-key", "branches", "signkey-branch-", HEX, 64),
    fixed("intra42-secret", "of an application", "s-s4t2ud-", HEX, 64),
    fixed("intra42-secret", "of an application, the other kind", "s-s4t2af-", HEX, 64),
    fixed("linear-api-key", "personal", "lin_api_", ALNUM, 40),
    fixed("linear-api-key", "OAuth", "lin_oauth_", HEX, 64),
    pieced("linear-api-key", "of a webhook", "lin_wh_", (ALNUM, 43, 44), short=False, long=False),
    pieced("mapbox-secret-token", "secret", lambda r: "sk." + b64url(json.dumps({"u": "shopseven", "a": "c" + some(r, BASE36, 24)}, separators=(",", ":"))), ".", (WORD, 22)),
    pieced("maxmind-license-key", "MaxMind", (ALNUM, 6), "_", (ALNUM, 29), "_mmk", long=False),
    fixed("nightfall-api-key", "Nightfall", "NF-", ALNUM, 32, beside="# nightfall"),
    pieced("notion-token", "of an integration", "ntn_", digits(11, 11), (ALNUM, 35)),
    fixed("notion-token", "of an older integration", "secret_", ALNUM, 43, beside="# notion"),
    fixed("octopus-api-key", "Octopus Deploy", "API-", UPPER36, 26, beside="# octopus"),
    fixed("okta-token", "by its name", "00", WORD, 40, key="OKTA_API_TOKEN"),
    fixed("okta-token", "by another name", "00", WORD, 40, key="OKTA_CLIENT_TOKEN"),
    pieced("okta-token", "in a header", "SSWS 00", (WORD, 40), after="SSWS "),
    pieced("onfido-token", "in Europe", "api_live.", (WORD, 11), ".", (WORD, 32)),
    pieced("onfido-token", "in the USA", "api_live_us.", (WORD, 11), ".", (WORD, 32)),
    fixed("openshift-token", "OpenShift", "sha256~", WORD, 43),
    pieced("openvsx-token", "Open VSX", "ovsxat_", a_uuid),
    fixed("prefect-api-key", "of a user", "pnu_", ALNUM, 36),
    fixed("prefect-api-key", "of a service account", "pnb_", ALNUM, 36),
    fixed("readme-api-key", "ReadMe", "rdme_", BASE36, 70),
    fixed("render-api-key", "Render", "rnd_", ALNUM, 28, long=False),
    fixed("samsara-token", "Samsara", "samsara_api_", ALNUM, 30),
    fixed("scalingo-token", "Scalingo", "tk-us-", WORD, 48),
    *(fixed("settlemint-token", kind, kind, ALNUM, 16) for kind in ("sm_pat_", "sm_sat_", "sm_aat_")),
    Format("stytch-secret", "live", lambda r: "secret-live-" + some(r, ALNUM, 35) + "=", (("short", lambda r: "secret-live-" + some(r, ALNUM, 30)), ("test", lambda r: "secret-test-" + some(r, ALNUM, 35) + "="))),
    *(fixed("trigger-dev-key", kind, kind, ALNUM, (20, 24), long=False) for kind in ("tr_prod_", "tr_stg_")),
    pieced("trigger-dev-key", "personal", "tr_pat_", (BASE36, 40), short=False),
    pieced("typeform-token", "personal", "tfp_", (WORD, 44), "_", (ALNUM, 14)),
)  # fmt: skip


# ---- keys


def lines(text: str, width: int = 64) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def armour(label: str, body: bytes, head: str = "", width: int = 64, tail: str = "") -> str:
    return f"-----BEGIN {label}-----\n{head}{lines(b64(body), width)}\n{tail}-----END {label}-----\n"


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width, "big") + content


def integer(random: Random, size: int) -> bytes:
    return der(2, b"\0" + bytes((random.randrange(0x80, 0x100),)) + random.randbytes(size - 1))


def rsa(random: Random) -> bytes:
    """PKCS#1 (RFC 8017, A.1.2): nine numbers, of which these are none that fit together."""
    half = random.choice([128, 256])
    big, small = 2 * half, half
    sizes = (big, None, big, small, small, small, small, small)
    numbers = b"".join(b"\x02\x03\x01\x00\x01" if size is None else integer(random, size) for size in sizes)
    return der(0x30, b"\x02\x01\x00" + numbers)


def pkcs8(random: Random) -> bytes:
    return der(0x30, b"\x02\x01\x00" + bytes.fromhex("300d06092a864886f70d0101010500") + der(4, rsa(random)))


def pkcs8_ed25519(random: Random) -> bytes:
    return bytes.fromhex("302e020100300506032b657004220420") + random.randbytes(32)


def sec1(random: Random) -> bytes:
    """RFC 5915, P-256."""
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    public = der(0xA1, der(3, b"\0\x04" + random.randbytes(64)))
    return der(0x30, b"\x02\x01\x01" + der(4, random.randbytes(32)) + curve + public)


def encrypted(random: Random) -> bytes:
    """RFC 5208, EncryptedPrivateKeyInfo."""
    method = bytes.fromhex("06092a864886f70d01050d") + der(0x30, random.randbytes(72))
    return der(0x30, der(0x30, method) + der(4, random.randbytes(1232)))


def openssh(random: Random) -> bytes:
    """OpenSSH's PROTOCOL.key, an Ed25519 key without a passphrase."""

    def text(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    public = random.randbytes(32)
    blob = text(b"ssh-ed25519") + text(public)
    check = random.randbytes(4)
    secret = check * 2 + blob + text(random.randbytes(32) + public) + text(b"deploy@shop")
    secret += bytes(range(1, 1 + -len(secret) % 8))
    return b"openssh-key-v1\0" + text(b"none") + text(b"none") + text(b"") + b"\0\0\0\1" + text(blob) + text(secret)


def pgp(random: Random) -> str:
    """RFC 9580: a secret-key packet (tag 5, in the old form), and the checksum of its armour (6.1.1)."""
    body = b"\x95" + (966).to_bytes(2, "big") + b"\x04" + random.randbytes(965)
    check = 0xB704CE
    for byte in body:
        check ^= byte << 16
        for _ in range(8):
            check <<= 1
            check ^= 0x1864CFB if check & 0x1000000 else 0
    return armour("PGP PRIVATE KEY BLOCK", body, "\n", tail=f"={b64((check & 0xFFFFFF).to_bytes(3, 'big'))}\n")


def old_style(random: Random) -> str:
    """RFC 1421, 4.6: the cipher stands in headers, and the body is its blocks."""
    head = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{random.randbytes(16).hex().upper()}\n\n"
    return armour("RSA PRIVATE KEY", random.randbytes(1200), head)


def putty(version: int) -> Make:
    def make(random: Random) -> str:
        secret = lines(b64(random.randbytes(random.choice([36, 180]))))
        head = (
            f"PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\n"
            f"{lines(b64(b'ssh-ed25519' + random.randbytes(48)))}\n"
        )
        return f"{head}Private-Lines: {secret.count(chr(10)) + 1}\n{secret}\nPrivate-MAC: {some(random, HEX, 64 if version == 3 else 40)}\n"

    return make


def without_a_line(text: str) -> str:
    """As when somebody cut something out in the middle."""
    every = text.split("\n")
    return "\n".join(every[: len(every) // 2] + every[len(every) // 2 + 1 :])


SOURCE = "private-key-in-source"


def a_pem(name: str, label: str, body: Callable[[Random], bytes]) -> Format:
    doubtful = None if label == "OPENSSH PRIVATE KEY" or name.endswith("(Ed25519)") else body
    return Format(
        "private-key-in-text",
        name,
        lambda r: armour(label, body(r)),
        (
            ("a certificate", lambda r: armour("CERTIFICATE", body(r))),
            ("a public key", lambda r: armour("PUBLIC KEY", body(r))),
            ("of nothing", lambda r: armour(label, b"Q" + some(r, ALNUM, 300).encode())),
            ("left out", lambda r: f"-----BEGIN {label}-----\n(94 lines that nobody else sees, and that are kept elsewhere)\n-----END {label}-----\n"),
        ),
        None if doubtful is None else lambda r: without_a_line(armour(label, body(r))),
        block=True,
        in_tests=False,
        python="" if label == "ENCRYPTED PRIVATE KEY" else SOURCE,
    )  # fmt: skip


def a_text_of_a_key(name: str, make: Make, near: tuple[tuple[str, Make], ...] = ()) -> Format:
    return Format("private-key-in-text", name, make, near, block=True, in_tests=False)


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def age(name: str) -> Make:
    """Bech32 (BIP 173) of 32 bytes, in capitals: age-keygen(1) and c2sp.org/age."""

    def polymod(values: list[int]) -> int:
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= generator if top >> bit & 1 else 0
        return check

    def make(random: Random) -> str:
        bits = int.from_bytes(random.randbytes(32), "big") << 4
        data = [bits >> 5 * (51 - at) & 31 for at in range(52)]
        head = [ord(c) >> 5 for c in name] + [0] + [ord(c) & 31 for c in name]
        check = polymod([*head, *data, 0, 0, 0, 0, 0, 0]) ^ 1
        values = data + [check >> 5 * (5 - at) & 31 for at in range(6)]
        return (name + "1" + "".join(BECH32[value] for value in values)).upper()

    return make


def an_age(name: str, prefix: str) -> Format:
    make = age(prefix)
    return Format(
        "age-identity",
        name,
        make,
        (("short", lambda r: make(r)[:70]), ("glued", stuck(make)), ("for all", lambda r: age("age")(r).lower())),
        spoiled(make, len(prefix) + 2, len(prefix) + 50, BECH32.upper()),
    )


def nats(kind: int) -> Make:
    """github.com/nats-io/nkeys: S and the kind, 32 bytes, and their CRC-16, low byte first."""

    def make(random: Random) -> str:
        import base64

        raw = bytes((18 << 3 | kind >> 5, (kind & 31) << 3)) + random.randbytes(32)
        return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")

    return make


USER, ACCOUNT, OPERATOR = 20 << 3, 0, 14 << 3


def a_seed(name: str, kind: int, key: str) -> Format:
    make = nats(kind)
    return Format("nats-seed", name, make, (("short", lambda r: make(r)[:-1]), ("long", lambda r: make(r) + "A"), ("public", lambda r: "U" + make(r)[2:])), spoiled(make, 4, 50, BASE32), key=key)  # fmt: skip


def credentials(random: Random) -> str:
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt(random, sub='U' + some(random, BASE32, 55), exp=4_000_000_000)}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{nats(USER)(random)}\n------END USER NKEY SEED------\n"
    )


KEYS = (
    a_pem("PKCS#8", "PRIVATE KEY", pkcs8),
    a_pem("PKCS#8 (Ed25519)", "PRIVATE KEY", pkcs8_ed25519),
    a_pem("RSA", "RSA PRIVATE KEY", rsa),
    a_pem("EC", "EC PRIVATE KEY", sec1),
    a_pem("encrypted", "ENCRYPTED PRIVATE KEY", encrypted),
    a_pem("OpenSSH", "OPENSSH PRIVATE KEY", openssh),
    a_text_of_a_key("RSA, encrypted with headers", old_style),
    a_text_of_a_key("PGP", pgp),
    a_text_of_a_key("PuTTY 2", putty(2)),
    a_text_of_a_key("PuTTY 3", putty(3), (("no private part", lambda r: putty(3)(r).split("Private-Lines")[0]),)),
    Format("private-key-in-text", "in base 64", lambda r: b64(armour("RSA PRIVATE KEY", rsa(r))), (("a certificate", lambda r: b64(armour("CERTIFICATE", rsa(r)))),), in_tests=False),
    Format("private-key-in-text", "in one line", key_of_service_account, block=True, in_tests=False, python=SOURCE),
    an_age("X25519", "age-secret-key-"),
    an_age("post-quantum", "age-secret-key-pq-"),
    a_seed("a user's", USER, "NATS_USER_SEED"),
    a_seed("an account's", ACCOUNT, "NATS_SEED"),
    a_seed("an operator's", OPERATOR, "nats.operator.nkey"),
    Format("nats-seed", "in a file of credentials", credentials, block=True, path="deploy/shop.creds"),
)  # fmt: skip


# ---- logins


def password(random: Random) -> str:
    """With digits in four places: of those with fewer, three in a thousand read like words and are told one level lower."""
    while True:
        text = some(random, ALNUM, random.randint(16, 24))
        if len(re.findall("[0-9]+", text)) >= 4:
            return text


PEOPLE = ("billing", "shopapp", "svc-deploy", "reporting7")
PLACES = ("db7.qzshop.io", "10.20.7.14", "shop.c9akciq32.eu-west-1.rds.amazonaws.com")
WORDS = ("Sunflower", "moonlight7", "Strawberry", "blueMonday")


def address(scheme: str, rest: str = "/shop") -> Make:
    return lambda r: f"{scheme}://{r.choice(PEOPLE)}:{password(r)}@{r.choice(PLACES)}{rest}"


def an_address(name: str, scheme: str, rest: str = "/shop") -> Format:
    make = address(scheme, rest)
    return Format(
        "credentials-in-address",
        name,
        make,
        (
            ("no password", lambda r: f"{scheme}://{r.choice(PEOPLE)}@{r.choice(PLACES)}{rest}"),
            ("a template", lambda r: f"{scheme}://{r.choice(PEOPLE)}:${{DB_PASSWORD}}@{r.choice(PLACES)}{rest}"),
            ("a manual's machine", lambda r: f"{scheme}://{r.choice(PEOPLE)}:{password(r)}@db.example.com{rest}"),
            ("of a container", lambda r: f"{scheme}://postgres:postgres@localhost:{r.randint(1024, 9999)}{rest}"),
            ("a placeholder", lambda r: f"{scheme}://{r.choice(PEOPLE)}:your-password@{r.choice(PLACES)}{rest}"),
        ),
        lambda r: f"{scheme}://{r.choice(PEOPLE)}:{r.choice(WORDS)}@{r.choice(PLACES)}{rest}",
        in_tests=False,
    )


def a_connection(name: str, text: str) -> Format:
    """`text` ends where the password begins."""

    def filled(random: Random) -> str:
        return text.format(place=random.choice(PLACES), user=random.choice(PEOPLE))

    return Format(
        "connection-string",
        name,
        lambda r: filled(r) + password(r),
        (
            ("a template", lambda r: filled(r) + "${DB_PASSWORD}"),
            ("a placeholder", lambda r: filled(r) + "your-password"),
            ("a manual's machine", lambda r: text.format(place="db.example.com", user=r.choice(PEOPLE)) + password(r)),
        ),
        lambda r: filled(r) + r.choice(WORDS),
        in_tests=False,
    )


def login(random: Random) -> str:
    return f"{random.choice(PEOPLE)}:{password(random)}"


def basic(random: Random) -> str:
    return "Basic " + b64(login(random))


def docker(random: Random) -> str:
    return json.dumps({"auths": {"registry.qzshop.io": {"auth": b64(login(random))}}}, indent=2) + "\n"


def pypirc(random: Random) -> str:
    return f"[distutils]\nindex-servers = shop\n\n[shop]\nrepository: https://pypi.qzshop.io/\nusername: {random.choice(PEOPLE)}\npassword: {password(random)}\n"


def netrc(random: Random) -> str:
    return f"machine git.qzshop.io login {random.choice(PEOPLE)} password {password(random)}\n"


def manifest(kind: str, data: str, value: Callable[[Random], str]) -> Make:
    return lambda r: (
        f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: shop\ntype: Opaque\n{data}:\n  DB_USER: {b64(r.choice(PEOPLE))}\n"
        f"  DB_PASSWORD: {value(r)}\n"
    )


def a_manifest(name: str, data: str, value: Callable[[Random], str], said: Callable[[str], str]) -> Format:
    return Format(
        "secret-manifest",
        name,
        manifest("Secret", data, value),
        (
            ("a map of settings", manifest("ConfigMap", data, value)),
            ("a placeholder", manifest("Secret", data, lambda r: said("changeme"))),
            ("encrypted", manifest("Secret", data, lambda r: f"ENC[AES256_GCM,data:{b64(r.randbytes(24))},type:str]")),
        ),
        block=True,
        path="deploy/secret.yaml",
    )


def fernet(random: Random, size: int = 32) -> str:
    while True:
        key = random.randbytes(size)
        made = b64(key).replace("+", "-").replace("/", "_")
        if made[0] not in "-_":
            return made


def a_jwt(random: Random) -> str:
    return jwt(random, sub=some(random, BASE36, 12), iss="https://login.qzshop.io/", exp=4_000_000_000)


LOGINS = (
    an_address("PostgreSQL", "postgresql"),
    an_address("PostgreSQL, asynchronous", "postgresql+asyncpg"),
    an_address("MySQL", "mysql+pymysql"),
    an_address("MongoDB", "mongodb+srv", "/shop?retryWrites=true"),
    an_address("Redis", "rediss", ":6380/0"),
    an_address("AMQP", "amqps", ":5671/shop"),
    an_address("HTTPS", "https", "/simple/"),
    an_address("SMTP", "smtp", ":587"),
    an_address("FTP", "sftp", "/incoming"),
    Format("credentials-in-address", "Redis, no user", lambda r: f"redis://:{password(r)}@{r.choice(PLACES)}:6379/1", (("a template", lambda r: f"redis://:$REDIS_PASSWORD@{r.choice(PLACES)}:6379/1"),), in_tests=False),
    a_connection("ADO.NET", "Server=tcp:{place},1433;Database=shop;User ID={user};Password="),
    a_connection("ODBC", "DRIVER={{ODBC Driver 18 for SQL Server}};SERVER={place};DATABASE=shop;UID={user};PWD="),
    a_connection("Npgsql", "Host={place};Port=5432;Username={user};Password="),
    a_connection("JDBC", "jdbc:postgresql://{place}:5432/shop?user={user}&password="),
    a_connection("JDBC, SQL Server", "jdbc:sqlserver://{place}:1433;databaseName=shop;user={user};password="),
    Format("basic-auth-header", "a header", basic, (("no login", lambda r: "Basic " + b64(r.randbytes(24))), ("a placeholder", lambda r: "Basic " + b64("user:password")), ("glued", stuck(basic))), after="Basic ", in_tests=False),
    Format("basic-auth-header", "of Docker", docker, (("empty", lambda r: docker(r).replace('"auth"', '"author"')),), block=True, path="deploy/config.json"),
    Format("basic-auth-header", "of npm", lambda r: f"registry=https://npm.qzshop.io/\n//npm.qzshop.io/:_auth={b64(login(r))}\n", (("a template", lambda r: "//npm.qzshop.io/:_auth=${NPM_AUTH}\n"),), block=True, path=".npmrc"),
    Format("curl-with-password", "curl", lambda r: "curl https://api.qzshop.io/v1 -u " + login(r), (("a template", lambda r: f"curl https://api.qzshop.io/v1 -u {r.choice(PEOPLE)}:$PASSWORD"), ("no password", lambda r: f"curl https://api.qzshop.io/v1 -u {r.choice(PEOPLE)}")), after="-u ", in_tests=False),
    Format("curl-with-password", "curl, spelled out", lambda r: "curl -s https://api.qzshop.io/v1 --user " + login(r), (("a word", lambda r: f"curl -s https://api.qzshop.io/v1 --user {r.choice(PEOPLE)}:password"),), after="--user ", in_tests=False),
    Format("password-in-client-file", "PyPI's", pypirc, (("a token's name", lambda r: f"[pypi]\nusername = {r.choice(PEOPLE)}\n"), ("a template", lambda r: "[shop]\npassword = ${SHOP_PASSWORD}\n")), block=True, path=".pypirc"),
    Format("password-in-client-file", "netrc", netrc, (("no password", lambda r: f"machine git.qzshop.io login {r.choice(PEOPLE)}\n"),), block=True, path=".netrc"),
    a_manifest("encoded", "data", lambda r: b64(password(r)), b64),
    a_manifest("plain", "stringData", password, str),
    Format("fernet-key-in-text", "Fernet", fernet, (("short", lambda r: fernet(r, 31)), ("long", lambda r: fernet(r, 34))), lambda r: b64(some(r, ALNUM, 32)), key="FERNET_KEY", in_tests=False),
    Format(
        "json-web-token", "JWT", a_jwt,
        (
            ("of a manual", lambda r: jwt(r, sub="1234567890", name="John Doe", iat=1516239022)),
            ("for everybody", lambda r: jwt(r, iss="supabase", ref="qz7", role="anon", exp=4_000_000_000)),
            ("no header", lambda r: f"eyJ{some(r, ALNUM, 33)}.eyJ{some(r, ALNUM, 60)}.{some(r, ALNUM, 43)}"),
            ("glued", stuck(a_jwt)),
        ),
        lambda r: jwt(r, sub=some(r, BASE36, 12), exp=1_500_000_000),
        in_tests=False,
    ),
)  # fmt: skip

FORMATS: tuple[Format, ...] = (*MODELS, *MESSAGING, *PAYMENT, *OBSERVABILITY, *SERVICES, *KEYS, *LOGINS)
