"""Does a name say that a secret stands under it?

Asked of the words of an identifier, whatever its style. The end of a name says what it holds, so most names that only sound
secret (`token_type`, `password_field`) need no list; the list below is for those that end like a secret and hold none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from devsec.scan.plain import words

_ENDS = re.compile(
    r"""(?:^|_)(?:
      password|passwd|passwort|kennwort|passphrase|passcode|pwd|pswd|psw|pw|secret|credential|credentials|dsn
      | (?:api|app|application|access|secret|private|encryption|encrypt|decryption|signing|sign|signature|master|shared|account|storage|session|cookie|jwt|hmac|aes|des|rsa|fernet|crypto|cipher|auth|authentication|authkey|client|consumer|service|subscription|admin|webhook|deploy|integration|server|sendgrid|stripe|openai|anthropic|mailgun|twilio|license|licence|user|write|ingest|routing|management|function|host|sas|ssh_private|tls_private|ssl_private|flask|django|rails|data|kms|wallet|mining|recovery|preshared|pre_shared|psk|wpa|hash_secret)_key
      | key_base|apikey|secretkey|accesskey|privatekey|authkey|masterkey|sharedkey|appkey|psk|passkey
      | (?:api|app|application|access|auth|authentication|authorization|refresh|bearer|bot|oauth|oauth2|personal|private|secret|security|service|deploy|deployment|session|user|admin|account|registry|hub|webhook|jwt|github|gitlab|gh|git|gl|slack|telegram|discord|npm|pypi|hf|huggingface|vault|consul|jenkins|jira|circleci|travis|codecov|sentry|sonar|sonarqube|do|digitalocean|cloudflare|cf|heroku|netlify|vercel|datadog|dd|grafana|influx|influxdb|pat|sas|root|master|write|read|push|publish|upload|(?:slack|lark|feishu|zoom|app|bot|event|webhook)_verification|verify_token|page_access|rest|id|identity|client|server|agent|join|cluster|worker|runner|registration|tunnel|ngrok|snyk|twilio|mapbox|notion|linear|airtable|asana|trello|dropbox|box|zoom|line|whatsapp|facebook|fb|twitter|linkedin|instagram|hubspot|shopify|square|plaid|okta|auth0|pushover|pushbullet|telegram_bot|wandb|replicate|cohere|pulumi|doppler|terraform|tf|tfe|atlassian|bitbucket|azure|devops|ado|aws|gcp|google|firebase|supabase|algolia|elastic|logdna|loggly|logz|newrelic|new_relic|rollbar|bugsnag|mixpanel|amplitude|segment|intercom|zendesk|freshdesk|sendinblue|mailchimp|postmark|pusher|ably|nats|etcd|k3s|kube|kubernetes|k8s|argocd|sealed)_token
      | accesstoken|authtoken|apitoken|bottoken|bearertoken|refreshtoken|usertoken|secrettoken
      | (?:client|app|api|consumer|webhook|shared|jwt|cookie|session|oauth|oauth2|auth|signing|totp|hmac|token|bot|channel)secret
      | connection_string|connectionstring|conn_string|connstring|conn_str|connstr|sas_url
      | (?:db|database|mysql|pg|postgres|pgsql|redis|mongo|mongodb|sql|ssh|sftp|ftp|smtp|mail|email|user|admin|root|ldap|mqtt|rabbitmq|amqp|proxy|http|https|basic|auth|login|imap|pop3|vpn|wifi|keystore|truststore|key|cert|pfx|p12|jks|store|default|sudo|become|sa|svc|service|account|app)_(?:pass|psw|pw|pwd)
    )$
    |^(?:pass|token|auth|pat|apikey|bearer|authorization|secretid|x_api_key)$
    |(?:password|passwd|passphrase|apikey|accesskey|secretkey|privatekey|authtoken|accesstoken|clientsecret|apisecret|secretaccesskey|accountkey)$""",
    re.VERBOSE,
)
# After the word that says secret these say no more than which one, or how it is written.
_TAIL = re.compile(
    r"_(?:value|val|plain|plaintext|clear|cleartext|raw|str|string|b64|base64|hex|default|prod|production|staging|stage|dev|live|main|primary|secondary|old|new|current|previous|prev|backup|v?\d+|here|env|internal|external|global|a|b|ci|local)$"
)
# With these words it is about a secret, says where one is, or is a token that is none.
_NOT_NAMES = re.compile(
    r"""(?:^|_)(?:csrf|xsrf|csrfmiddlewaretoken|xsrftoken|public|pub|foreign|sort|cache|partition|idempotency|dedupe|lookup|index|translation|i18n|next|prev_page|page(?!_access)|pagination|continuation|cursor|resume|sync|cancellation|cancel|lease|fencing
      |eos|bos|pad|unk|sep|cls|mask|special|stop|start|end|image|audio|video|added|prefix|suffix|eot|eom|bot_token_id|newline|sentinel|tokenizer|vocab|lang|language|space|blank
      |no|has|is|use|uses|using|show|hide|reset|resets|change|changing|forgot|forgotten|confirm|confirmed|confirmation|require|required|requires|enable|enabled|disable|disabled|allow|allowed|with|without|need|needs|ask|prompt|prompts|remember|repeat|retype|verify(?!_token)|validate|check|generate|generated|generates|create|creates|update|rotate|revoke|delete|remove|copy|mask|masked|hash|hashed|parse|read(?!_token)|load|store_in|save|send|get|set|fetch|find|invalid|missing|wrong|bad|incorrect|expired|empty|unknown|weak|strong|fake|dummy|mock|example|sample|placeholder|test|enter|choose|select|input|label|help|error|warning|message|hint|title|description|text|button|link|form|field|column|header|param|parameter|attribute|attr|property|option|flag|arg|kwarg
      |existing|pull|tls_secret|ref|reference|name|names|file|files|path|paths|dir|folder|url|uri|urls|endpoint|host_name|type|types|kind|format|regex|pattern|policy|policies|validator|validators|hasher|hashers|length|len|min|max|size|count|limit|ttl|expiry|expires|expiration|expire|lifetime|age|timeout|rotation|provider|store_name|manager|service_name|algorithm|alg|scheme|strategy|mode|grant|scope|issuer|audience|claim|claims|schema|model|class|table|view|template|icon|length|encrypted|enc|sealed|sha|sha1|sha256|md5|digest|checksum|fingerprint|thumbprint|version|id_field)(?:_|$)""",
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether a variable, key or argument of that name holds a secret; `name` as written, in any style."""
    said = words(name)
    shorter = _TAIL.sub("", said)
    shorter = _TAIL.sub("", shorter)
    if _ENDS.search(shorter) is None and _ENDS.search(said) is None:
        return False
    if shorter.endswith(_GLUED_NOT) or said in _PLAIN_NOT:
        return False
    return _NOT_NAMES.search(shorter) is None


_GLUED_NOT = (
    "nopassword",
    "resetpassword",
    "forgotpassword",
    "changepassword",
    "showpassword",
    "confirmpassword",
    "hidepassword",
    "setpassword",
    "getpassword",
    "haspassword",
    "usepassword",
    "requirepassword",
    "askpassword",
    "emptypassword",
    "wrongpassword",
    "newpassword2",
)
_PLAIN_NOT = frozenset(
    [
        "secretsmanager",
        "data_key",
        "user_key",
        "host_key",
        "server_key",
        "session_key",
        "id_token",
        "primary_key",
        "auth",
        "hash_key",
        "account_id",
        "app_name",
        "master_key_id",
        "read_token",
        "user_pw",
    ]
)
