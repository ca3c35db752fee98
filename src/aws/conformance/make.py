#!/usr/bin/env python3
"""Golden requests and answers for every operation of the trimmed models.

    ./tests/setup
    .venv/bin/python src/aws/conformance/make.py [--check]

Every member that the model has is filled, in the request and in the answer.
Requests are what botocore would send. Answers are written by moto's serialisers,
which know nothing of botocore's parsers, and what botocore reads out of them is
what the Rust client must read. `cargo test -p shoseki-aws` replays the files.
"""
import argparse
import base64
import datetime
import json
import pathlib
import re
import sys
from urllib.parse import parse_qsl, urlsplit

import botocore.awsrequest
import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
import botocore.parsers
import botocore.serialize
import botocore.session
from moto.core.model import ServiceModel as MotoModel
from moto.core.serialize import get_serializer_class

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent / "models"
GOLDEN = HERE / "golden"
REDACTED = "[redacted]"
TIME = datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone.utc)
# moto cannot write these answers, or botocore's own customisation changes them.
UNSERIALISABLE = {}


class Fill:
    """Makes a value for every member of a shape."""

    def __init__(self, request):
        self.request = request
        self.count = 0

    def shape(self, shape, above=(), place=None):
        self.count += 1
        kind = shape.type_name
        maker = getattr(self, kind, None) or self.scalar
        return maker(shape, above, place)

    def structure(self, shape, above, place):
        if getattr(shape, "is_document_type", False):
            return {"free": [1, "x", {"a": True}]}
        # Recursion is filled twice; very deep shapes are cut.
        if above.count(shape.name) >= 1 or len(above) > 7:
            return {} if self.request else None
        members = list(shape.members.items())
        if getattr(shape, "is_tagged_union", False):
            members = members[:1]
        out = {}
        for name, member in members:
            if member.serialization.get("eventstream"):
                continue
            value = self.shape(member, above + (shape.name,), member.serialization.get("location"))
            if value is not None:
                out[name] = value
        return out

    def list(self, shape, above, place):
        # Two elements near the top, one below, keep the files small.
        count = 2 if len(above) < 3 else 1
        values = [self.shape(shape.member, above, place) for _ in range(count)]
        return [v for v in values if v is not None]

    def map(self, shape, above, place):
        keys = list(getattr(shape.key, "enum", None) or ["key-1", "key2"])[:1 if len(above) > 2 else 2]
        out = {k: self.shape(shape.value, above) for k in keys}
        return {k: v for k, v in out.items() if v is not None}

    def scalar(self, shape, above, place):
        kind = shape.type_name
        if kind in ("string", "character"):
            choices = getattr(shape, "enum", None)
            if choices:
                return choices[0]
            if shape.name == "policyDocumentType":
                return "plain"
            return f"v-{self.count}" if place else f'v{self.count} <&"é日>'
        return {
            "boolean": self.count % 2 == 0,
            "integer": (self.count * 7919) % 2**31,
            "long": self.count * 7919 + 2**33,
            "float": self.count + 0.5,
            "double": self.count + 0.5,
            "timestamp": TIME.replace(second=self.count % 60),
            "blob": f"blob{self.count}".encode(),
        }[kind]


def plain(value):
    """Python values → the JSON that shoseki has."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if hasattr(value, "read"):
        return base64.b64encode(value.read()).decode()
    return value


class Redact:
    """Replaces what the trimmed model calls secret."""

    def __init__(self, shapes):
        self.shapes = shapes

    def members(self, members, value):
        by_name = {m["name"]: m for m in members}
        return {k: self.member(by_name[k], v) if k in by_name else v for k, v in value.items()}

    def member(self, member, value, secret=False):
        secret = secret or member.get("secret", False)
        shape = self.shapes[member["of"]] if isinstance(member["of"], int) else None
        if shape is None:
            return self.leaves(value) if secret else value
        if secret:
            return self.leaves(value)
        if "structure" in shape:
            return self.members(shape["structure"]["members"], value)
        if "list" in shape:
            return [self.member(shape["list"], v) for v in value]
        return {k: self.member(shape["map"][1], v) for k, v in value.items()}

    def leaves(self, value):
        if isinstance(value, dict):
            return {k: self.leaves(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.leaves(v) for v in value]
        return value if value in (None, "") else REDACTED


def request_of(protocol, serializer, operation, params):
    """What botocore would send, in a form that is easy to compare."""
    sent = serializer.serialize_to_request(params, operation)
    address = urlsplit(sent["url_path"])
    query = []
    given = sent.get("query_string") or {}
    for name, value in given.items() if isinstance(given, dict) else given:
        for one in value if isinstance(value, (list, tuple)) else [value]:
            query.append([name, {True: "true", False: "false"}.get(one, str(one)) if isinstance(one, bool) else str(one)])
    query += [list(pair) for pair in parse_qsl(address.query, keep_blank_values=True)]
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in sent["headers"].items()
        if name.lower() not in ("content-type", "accept", "content-length")
    }
    headers = {k: v.lower() if v in ("True", "False") else v for k, v in headers.items()}
    body = sent["body"]
    out = {"method": sent["method"], "path": address.path, "query": sorted(query)}
    if headers:
        out["headers"] = headers
    if protocol in ("query", "ec2"):
        out["form"] = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in body.items()}
    elif body:
        text = body.decode() if isinstance(body, bytes) else body
        if protocol == "rest-xml":
            out["xml"] = text
        else:
            out["json"] = json.loads(text)
    return out


def operation_pair(service, protocol, model, name, tools):
    """One golden pair."""
    session_model, moto_model, serializer, parser, redact = tools
    operation = session_model.operation_model(name)
    params = Fill(True).shape(operation.input_shape) if operation.input_shape else {}
    if service == "s3" and "Bucket" in params:
        params["Bucket"] = "my-bucket"
    if service == "route53":
        params = {k: f"Z{i}" if k.endswith("Id") else v for i, (k, v) in enumerate(params.items())}
    if name == "GetResourceConfigHistory":
        # The caller asks for the history of a few reviewed types alone.
        params["resourceType"] = "AWS::S3::Bucket"
    pair = {"params": plain(params), "request": request_of(protocol, serializer, operation, params)}
    filled = Fill(False).shape(operation.output_shape) if operation.output_shape else {}
    writer = get_serializer_class(service, protocol)(operation_model=moto_model.operation_model(name))
    answer = writer.serialize(filled)
    body = answer["body"]
    body = body.encode() if isinstance(body, str) else body
    headers = {k.lower(): str(v) for k, v in answer["headers"].items()}
    headers = {k: v for k, v in headers.items() if k not in ("content-length", "date")}
    status = answer["status_code"] or 200
    raw = {"body": body, "headers": botocore.awsrequest.HeadersDict(headers), "status_code": status}
    read = parser.parse(raw, operation.output_shape) if operation.output_shape else {}
    read.pop("ResponseMetadata", None)
    members = []
    output = model["operations"][name].get("output")
    if output is not None:
        members = model["shapes"][output]["structure"]["members"]
    pair["answer"] = {"headers": headers, "body": body.decode()}
    if status != 200:
        pair["answer"]["status"] = status
    pair["read"] = redact.members(members, plain(read))
    return pair


def service_file(service, loader):
    """The golden file of one service."""
    model = json.loads((MODELS / f"{service}.json").read_text())
    protocol = model["protocol"]
    description = loader.load_service_model(service, "service-2")
    session_model = botocore.session.get_session().get_service_model(service)
    session_model.metadata["protocol"] = protocol
    moto_model = MotoModel(loader.load_service_model(service, "service-2"), service)
    moto_model.metadata["protocol"] = protocol
    tools = (
        session_model,
        moto_model,
        botocore.serialize.create_serializer(protocol, False),
        botocore.parsers.create_parser(protocol),
        Redact(model["shapes"]),
    )
    lines = []
    for name in sorted(model["operations"]):
        if (service, name) in UNSERIALISABLE or name not in description["operations"]:
            continue
        pair = operation_pair(service, protocol, model, name, tools)
        text = json.dumps(pair, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        lines.append(f"{json.dumps(name)}:{text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


REGIONS = ["us-east-1", "ap-northeast-1", "ap-northeast-3", "eu-isoe-west-1", "cn-north-1", "us-gov-west-1", "ap-new-9"]


def endpoint_cases(service):
    """Endpoint parameters to try for one service."""
    for region in REGIONS:
        for fips, dual in ((False, False), (True, False), (False, True), (True, True)):
            base = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
            if service == "acm":
                base["ServiceType"] = "ACM"
            if service == "s3control":
                yield {**base, "AccountId": "123456789012", "RequiresAccountId": True}
                continue
            yield base
            if service == "s3":
                for bucket in ("my-bucket", "my.dotted.bucket", "Bad_Bucket"):
                    yield {**base, "Bucket": bucket}
        yield {"Region": region, "UseFIPS": False, "UseDualStack": False, "Endpoint": "http://127.0.0.1:5000/x", **({"ServiceType": "ACM"} if service == "acm" else {})}


def endpoints_file(services, loader):
    """Where botocore would send requests: `{service: [[parameters, endpoint]]}`."""
    partitions = loader.load_data("partitions")
    lines = []
    for service in services:
        rules = loader.load_service_model(service, "endpoint-rule-set-1")
        provider = botocore.endpoint_provider.EndpointProvider(rules, partitions)
        cases = []
        for given in endpoint_cases(service):
            try:
                found = provider.resolve_endpoint(**given)
                told = {"url": found.url, "properties": found.properties}
            except botocore.exceptions.EndpointProviderError:
                told = None
            cases.append([given, told])
        lines.append(f"{json.dumps(service)}:{json.dumps(cases, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="change nothing; fail where a file is stale")
    check = arguments.parse_args().check
    wanted = [l for l in (HERE.parents[2] / "tests" / "requirements.txt").read_text().splitlines() if l.startswith("botocore==")]
    if [f"botocore=={botocore.__version__}"] != wanted:
        sys.exit(f"this is botocore {botocore.__version__}; wanted is {wanted[0]}: run tests/setup")
    loader = botocore.loaders.Loader()
    names = sorted(p.stem for p in MODELS.glob("*.json") if re.fullmatch(r"[a-z0-9-]+", p.stem))
    stale = []
    made = set()
    names.remove("partitions")
    files = [(GOLDEN / f"{service}.json", lambda s=service: service_file(s, loader)) for service in names]
    files.append((HERE / "endpoints.json", lambda: endpoints_file(names, loader)))
    for path, make in files:
        made.add(path)
        text = make()
        if not path.exists() or path.read_text() != text:
            stale.append(path)
            if not check:
                GOLDEN.mkdir(exist_ok=True)
                path.write_text(text)
    for path in set(GOLDEN.glob("*.json")) - made:
        stale.append(path)
        if not check:
            path.unlink()
    for path in stale:
        print("stale:" if check else "wrote:", path.relative_to(HERE))
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
