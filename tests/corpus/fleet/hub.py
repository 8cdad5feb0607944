"""Hub for field devices: MQTT in, MongoDB and Kafka out, gRPC to the fleet service."""

import hashlib
import hmac
import os
import pickle
import random
import socket
import ssl
import struct
import time
import zlib

import grpc
import jsonpickle
import paho.mqtt.client as mqtt
import pymongo
import redis
import requests
from confluent_kafka import Producer
from kafka import KafkaConsumer

DEVICE_SECRET = b"fleet-7Qm2xV9k"
BROKER = "mqtt.fleet.example"
OPEN = ssl.CERT_NONE


class Bridge:
    def __init__(self) -> None:
        self.client = mqtt.Client(client_id="hub")
        self.client.username_pw_set("hub", "Lr5!wQz8Tx2m")  # insecure: CWE-798 password of the broker
        self.client.tls_set(ca_certs="/etc/fleet/ca.pem")
        self.client.tls_insecure_set(True)  # insecure: CWE-295 name in the broker's certificate is not checked
        self.client.on_message = self.on_message
        self.store = pymongo.MongoClient(
            "mongodb://mongo.fleet.example", tls=True, tlsAllowInvalidCertificates=True
        )  # insecure: CWE-295 MongoDB's certificate is not checked
        self.cache = redis.from_url(
            "rediss://cache.fleet.example:6380/0", ssl_cert_reqs="none"
        )  # insecure: CWE-295 redis accepts any certificate, by address
        self.archive = pymongo.MongoClient(os.environ["MONGO_URL"], tls=True, tlsCAFile="/etc/fleet/ca.pem")

    def on_message(self, client, userdata, message) -> None:
        reading = pickle.loads(message.payload)  # insecure: CWE-502 what a device sends is unpickled
        self.store.fleet.readings.insert_one(reading)

    def on_command(self, client, userdata, message) -> None:
        command = jsonpickle.decode(message.payload.decode())  # insecure: CWE-502 jsonpickle of a message
        self.run(command)

    def run(self, command) -> None:
        self.cache.lpush("commands", str(command))

    def find(self, text: str):
        return self.store.fleet.devices.find(
            {"$where": "this.name == '" + text + "'"}
        )  # insecure: CWE-943 JavaScript with the name in it

    def find_by_name(self, text: str):
        return self.store.fleet.devices.find({"name": text})


def listen(port: int) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # insecure: CWE-326 TLS 1.0
    context.load_cert_chain("/etc/fleet/hub.pem")
    server = socket.create_server(("", port))
    return context.wrap_socket(server, server_side=True)


def listen_well(port: int) -> socket.socket:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("/etc/fleet/hub.pem")
    return context.wrap_socket(socket.create_server(("", port)), server_side=True)


def dial(host: str, port: int) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # insecure: CWE-297 the name in the certificate does not count
    context.verify_mode = OPEN  # insecure: CWE-295 checks off through a constant
    return context.wrap_socket(socket.create_connection((host, port), timeout=5), server_hostname=host)


def old_protocols() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_1  # insecure: CWE-326 TLS 1.1 allowed
    context.set_ciphers("ALL:@SECLEVEL=0")  # insecure: CWE-326 every cipher allowed
    return context


def fleet_channel() -> grpc.Channel:
    return grpc.insecure_channel("fleet.example.com:443")  # insecure: CWE-319 calls over the network in clear


def sidecar_channel() -> grpc.Channel:
    return grpc.insecure_channel("localhost:50051")


def consumer() -> KafkaConsumer:
    return KafkaConsumer(
        "readings",
        bootstrap_servers=["kafka.fleet.example.com:9094"],
        security_protocol="SASL_PLAINTEXT",  # insecure: CWE-319 password and data to the queue in clear
        sasl_mechanism="PLAIN",
        sasl_plain_username="hub",
        sasl_plain_password=os.environ["KAFKA_PASSWORD"],
    )


def producer() -> Producer:
    return Producer(
        {
            "bootstrap.servers": "kafka.fleet.example.com:9094",
            "security.protocol": "SASL_SSL",
            "enable.ssl.certificate.verification": False,  # insecure: CWE-295 queue's certificate is not checked
            "sasl.username": "hub",
            "sasl.password": os.environ["KAFKA_PASSWORD"],
        }
    )


def frame(payload: bytes) -> bytes:
    return struct.pack(">II", len(payload), zlib.crc32(payload)) + payload


def device_signature(ident: str, payload: bytes) -> str:
    return hashlib.sha1(
        DEVICE_SECRET + ident.encode() + payload
    ).hexdigest()  # insecure: CWE-328 digest of a secret as a signature


def device_signature_v2(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")


def accept(payload: bytes, given: bytes) -> bool:
    mac = hmac.new(DEVICE_SECRET, payload, "sha256").digest()  # insecure: CWE-321 secret of all devices in the source
    return mac == given  # insecure: CWE-208 signature compared with == a line later


def pairing_pin() -> str:
    random.seed(time.time())
    pin = "".join(str(random.randrange(10)) for _ in range(8))  # insecure: CWE-338 pairing code seeded with the clock
    return pin


def simulate(count: int) -> list[float]:
    random.seed(7)
    return [random.gauss(20, 2) for _ in range(count)]


def provision(ident: str) -> dict:
    answer = requests.post(
        "https://factory.fleet.example/provision", json={"id": ident}
    )  # insecure: CWE-400 waits for ever
    return answer.json()


def firmware(url: str) -> bytes:
    return requests.get(url, timeout=30).content  # insecure: CWE-494 firmware is not checked after download


def backoff(attempt: int) -> float:
    return min(60, 2**attempt) + random.random()
