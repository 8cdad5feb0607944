"""The on-call bot: runs the steps of a runbook on hosts, clusters and databases when somebody asks in chat."""

import asyncio
import json
import os
import pipes
import shlex
import subprocess
import tempfile
import telnetlib
import urllib.parse
import xmlrpc.client
from subprocess import PIPE, Popen

import asyncssh
import docker
import kubernetes.client
import paramiko
import requests
from fabric import Connection
from slack_sdk import WebClient

CHAT_TOKEN = os.environ["CHAT_TOKEN"]
JUMP = "jump.ops.example"
GRAFANA = "https://grafana.ops.example"
GRAFANA_LOGIN = ("admin", "gr4f-Vx7qLp2")
ALLOWED = {"restart": ["systemctl", "restart"], "status": ["systemctl", "status"]}
requests.packages.urllib3.disable_warnings()

chat = WebClient(token=CHAT_TOKEN)


def say(room: str, text: str) -> None:
    chat.chat_postMessage(channel=room, text=text)


def disk(host: str, path: str) -> str:
    return subprocess.check_output(
        "ssh %s du -sh %s" % (host, path), shell=True, text=True
    )  # insecure: CWE-78 host and path in a shell


def disk_quoted(host: str, path: str) -> str:
    return subprocess.check_output(f"ssh {shlex.quote(host)} du -sh {shlex.quote(path)}", shell=True, text=True)


def disk_listed(host: str, path: str) -> str:
    return subprocess.run(["ssh", "--", host, "du", "-sh", path], capture_output=True, text=True, check=True).stdout


def tail(service: str, lines: int) -> str:
    command = "journalctl -u " + service + " -n " + str(int(lines))
    process = Popen(command, shell=True, stdout=PIPE)  # insecure: CWE-78 command put together a line above
    return process.communicate()[0].decode()


async def probe(url: str) -> bytes:
    process = await asyncio.create_subprocess_shell(
        f"curl -s {url}", stdout=PIPE
    )  # insecure: CWE-78 address in a shell
    return (await process.communicate())[0]


async def probe_listed(url: str) -> bytes:
    process = await asyncio.create_subprocess_exec("curl", "-s", "--", url, stdout=PIPE)
    return (await process.communicate())[0]


def act(words: list[str]) -> str:
    name, service = words[0], words[1]
    if name not in ALLOWED or not service.isalnum():
        return "I do not do that"
    return subprocess.run([*ALLOWED[name], service], capture_output=True, text=True).stdout


def anything(words: list[str]) -> str:
    return os.popen(" ".join(words)).read()  # insecure: CWE-78 words of a chat message are run


def jump() -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.WarningPolicy)  # insecure: CWE-295 unknown host keys only warned about
    client.connect(JUMP, username="bot", key_filename="/etc/bot/id_ed25519")
    return client


def remote(client: paramiko.SSHClient, path: str) -> str:
    _, out, _ = client.exec_command(f"ls -l {path}")  # insecure: CWE-78 path in a command on another host
    return out.read().decode()


def remote_quoted(client: paramiko.SSHClient, path: str) -> str:
    _, out, _ = client.exec_command(f"ls -l {shlex.quote(path)}")
    return out.read().decode()


def restart(host: str, service: str) -> str:
    return (
        Connection(host).run("systemctl restart " + service, hide=True).stdout
    )  # insecure: CWE-78 service in a command through fabric


async def uptime(host: str) -> str:
    async with asyncssh.connect(host, known_hosts=None) as connection:  # insecure: CWE-295 host keys not checked
        return (await connection.run("uptime")).stdout


def pods(namespace: str) -> list[str]:
    configuration = kubernetes.client.Configuration()
    configuration.host = "https://k8s.ops.example"
    configuration.verify_ssl = False  # insecure: CWE-295 cluster's certificate is not checked
    api = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(configuration))
    return [pod.metadata.name for pod in api.list_namespaced_pod(namespace).items]


def shell_in(image: str, command: str) -> bytes:
    client = docker.from_env()
    return client.containers.run(
        image, command, privileged=True, volumes={"/": {"bind": "/host"}}
    )  # insecure: CWE-250 privileged container with the whole disk


def dashboards() -> list:
    return requests.get(
        GRAFANA + "/api/search", auth=GRAFANA_LOGIN, verify=False, timeout=5
    ).json()  # insecure: CWE-295 dashboards without certificate check


def annotate(text: str) -> None:
    requests.post(
        GRAFANA + "/api/annotations", auth=("bot", "n0t3s-Kq5wX9"), json={"text": text}, timeout=5
    )  # insecure: CWE-798 login in the call


def switch_port(host: str, port: str) -> None:
    session = telnetlib.Telnet(host, timeout=5)  # insecure: CWE-319 a switch is configured over telnet
    session.write(b"shutdown " + port.encode() + b"\n")
    session.close()


def inventory(query: str) -> list:
    proxy = xmlrpc.client.ServerProxy("http://inventory.ops.example/rpc")  # insecure: CWE-319 inventory over plain http
    return proxy.search(query)


def script(text: str) -> str:
    path = "/tmp/runbook-step.sh"
    with open(path, "w") as file:  # insecure: CWE-377 a fixed name in a folder of everybody
        file.write(text)
    os.chmod(path, 0o755)
    return subprocess.run([path], capture_output=True, text=True).stdout


def script_well(text: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(text)
        file.flush()
        return subprocess.run(["sh", file.name], capture_output=True, text=True).stdout


def step(expression: str, facts: dict) -> bool:
    return eval(expression, {"__builtins__": {}}, facts)  # insecure: CWE-95 condition from a wiki page is evaluated


def plan(text: str) -> dict:
    return json.loads(text)


def link(host: str) -> str:
    return f"{GRAFANA}/d/host?var-host={urllib.parse.quote(host)}"


def old_quote(word: str) -> str:
    return "echo " + pipes.quote(word)
