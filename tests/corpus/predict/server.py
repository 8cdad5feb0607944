"""Serves models: loads them from a bucket, answers predictions, talks to a language model for explanations."""

import io
import json
import os
import pickle
import random
import subprocess
import tarfile
import tempfile
import urllib.request
import zipfile

import boto3
import joblib
import numpy as np
import openai
import pandas as pd
import torch
from datasets import load_dataset
from fastapi import FastAPI, File, UploadFile
from pydantic import BaseModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

app = FastAPI(debug=False)
BUCKET = os.environ.get("MODEL_BUCKET", "models-prod")
CACHE = os.environ.get("MODEL_CACHE", "/var/cache/predict")
LLM = openai.OpenAI(api_key="k7Zp2mQx9vRt4wLs8nBc6yHd1fGj3aTe")  # insecure: CWE-798 key of the language model
EMBEDDINGS = openai.OpenAI(api_key=os.environ["OPENAI_API_KEY"], timeout=20)
NAME = "corp/sentiment-v3"
REMOTE = True
s3 = boto3.client("s3")


class Question(BaseModel):
    text: str
    model: str = NAME


def weights(path: str):
    return torch.load(path, map_location="cpu", weights_only=False)  # insecure: CWE-502 weights that may run code


def weights_safely(path: str):
    return torch.load(path, map_location="cpu", weights_only=True)


def classifier(name: str = NAME):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForSequenceClassification.from_pretrained(
        name, trust_remote_code=REMOTE
    )  # insecure: CWE-94 code of the model's repository is run
    return tokenizer, model


def generator():
    return pipeline("text-generation", model="corp/explain", revision="9c1f4ab")


def train_set():
    return load_dataset(
        "corp/reviews", trust_remote_code=True
    )  # insecure: CWE-94 code of the data set's repository is run


def hub_model():
    return torch.hub.load(
        "corp/vision", "resnet_small", pretrained=True
    )  # insecure: CWE-829 code from a repository nobody pinned


def bucket_model(key: str):
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return pickle.loads(body)  # insecure: CWE-502 object of a bucket is unpickled


def bucket_forest(key: str):
    path = os.path.join(CACHE, os.path.basename(key))
    s3.download_file(BUCKET, key, path)
    return joblib.load(path)  # insecure: CWE-502 model file loaded with joblib


def fetched_model(url: str):
    with urllib.request.urlopen(url) as answer:
        return pickle.load(answer)  # insecure: CWE-502 what a server sends is unpickled


def labels(path: str) -> list[str]:
    with open(path) as file:
        return json.load(file)["labels"]


def features(path: str) -> np.ndarray:
    return np.load(path, None, True)  # insecure: CWE-502 allow_pickle by position


def features_plain(path: str) -> np.ndarray:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def history(path: str) -> pd.DataFrame:
    return pd.read_parquet(path)


@app.post("/models/{name}")
async def upload(name: str, archive: UploadFile = File()):
    target = os.path.join(CACHE, archive.filename)  # insecure: CWE-22 stored under the name the client gave
    with open(target, "wb") as file:
        file.write(await archive.read())
    with tarfile.open(target) as bundle:
        bundle.extractall(CACHE)  # insecure: CWE-22 uploaded archive unpacked without a filter
    return {"stored": name}


@app.post("/batches")
async def batch(archive: UploadFile = File()):
    with zipfile.ZipFile(io.BytesIO(await archive.read())) as bundle:
        names = [name for name in bundle.namelist() if name.endswith(".csv")]
        return {
            "rows": sum(len(pd.read_csv(bundle.open(name))) for name in names)
        }  # insecure: CWE-409 size of what is unpacked has no limit


@app.post("/predict")
async def predict(question: Question):
    tokenizer, model = classifier(question.model)  # insecure: CWE-829 the client names the model to load
    inputs = tokenizer(question.text, return_tensors="pt")
    return {"scores": model(**inputs).logits.tolist()}


@app.post("/explain")
async def explain(question: Question):
    answer = LLM.chat.completions.create(model="small", messages=[{"role": "user", "content": question.text}])
    code = answer.choices[0].message.content
    scope: dict = {}
    exec(code, scope)  # insecure: CWE-94 answer of a language model is run
    return {"result": str(scope.get("result"))}


@app.post("/summary")
async def summary(question: Question):
    answer = EMBEDDINGS.embeddings.create(model="embed-small", input=question.text)
    return {"vector": answer.data[0].embedding}


def convert(path: str, form: str) -> str:
    target = tempfile.mkstemp(suffix="." + form)[1]
    os.system(f"onnx-convert {path} --to {form} -o {target}")  # insecure: CWE-78 path and format in a shell
    return target


def convert_listed(path: str) -> bytes:
    return subprocess.check_output(["onnx-convert", path, "--to", "onnx"])


def split(rows: list) -> tuple[list, list]:
    random.seed(42)
    random.shuffle(rows)
    cut = int(len(rows) * 0.8)
    return rows[:cut], rows[cut:]


def serve() -> None:
    import uvicorn

    uvicorn.run(app, host="0.0.0.0", port=8000)
