#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets from what the repository holds.

    fuzz/seeds.py            writes fuzz/seeds/
    fuzz/seeds.py --stamp    also makes the time stamp and its root anew (openssl)

Needs Python 3, zstd, tar, and openssl for --stamp.
"""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEDS = ROOT / "fuzz/seeds"
FORMATS = ROOT / "tests/formats/1"


def put(target, name, data):
    at = SEEDS / target / name
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(data if isinstance(data, bytes) else data.encode())


def sections(files):
    """Several files in one, as tests/foreign/src/sections.rs splits them."""
    return b"\n".join(b"=== " + path.encode() + b"\n" + data.rstrip(b"\n") for path, data in files)


def plain(path):
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout
    return data


def unpacked(name, work):
    to = work / name
    to.mkdir()
    subprocess.run(["tar", "--zstd", "-xf", FORMATS / f"{name}.tar.zst", "-C", to], check=True)
    return to


def head(data, lines):
    return b"\n".join(data.split(b"\n")[:lines]) + b"\n"


def runs(work):
    run, part = unpacked("run", work), unpacked("finding", work)
    few = {"exchanges.jsonl.zst": 4, "resources.jsonl.zst": 3, "gaps.jsonl": 3, "populations.jsonl": 3,
           "findings.jsonl.zst": 3, "tallies.jsonl": 3, "standings.jsonl": 3}
    files = [(name, head(plain(run / name), n)) for name, n in few.items()]
    pack = plain(run / "pack.jsonl.zst").split(b"\n")
    wanted = (b"collectors/aws/iam/account.yaml", b"collectors/aws/s3/bucket.yaml", b"rules/aws/s3/bucket-versioning.yaml")
    kept = [pack[0]] + [line for line in pack if any(w in line[:120] for w in wanted)]
    files.append(("pack.jsonl.zst", b"\n".join(kept) + b"\n"))
    answers = sorted((run / "answers").glob("*/*.zst"), key=lambda p: p.stat().st_size)
    files += [(str(p.relative_to(run)), plain(p)) for p in answers[:3]]
    files.append(("run.json", plain(run / "run.json")))
    seal = [(n, plain(run / n)) for n in ("seal.dsse.json", "manifest.json")]
    short = json.loads(seal[1][1])
    short["files"] = short["files"][-4:]
    seal[1] = ("manifest.json", (json.dumps(short, indent=2, ensure_ascii=False) + "\n").encode())
    put("run", "sealed", sections(files + seal))
    put("run", "plain", sections(files))
    put("stamp", "envelope", seal[0][1])
    of_part = ("bundle.json", "run.json", "proofs.jsonl", "seal.dsse.json", "manifest.json")
    parts = [(n, plain(part / n)) for n in of_part]
    parts[2] = (of_part[2], head(parts[2][1], 9))
    parts[4] = seal[1]
    put("run", "part", sections(parts))
    hidden = [
        ("pseudonyms.jsonl", b'{"format":"shoseki.pseudonyms/1"}\n{"pseudonym":"user-0123456789abcdef","kind":"user","commitment":"' + b"0" * 64 + b'"}\n'),
        ("disclosed.jsonl", b'{"pseudonym":"user-0123456789abcdef","kind":"user","salt":"' + b"0" * 64 + b'","value":"alice"}\n'),
    ]
    small = [(n, head(d, 2)) for n, d in files if n.endswith(("jsonl", "jsonl.zst"))] + [files[-1]]
    label = [("bundle.json", b'{"format":"shoseki.bundle/1","holds":"redacted","zstd":"1.5.7"}\n')]
    put("run", "redacted", sections(small + hidden + seal + label + [("disclosed", hidden[1][1])]))

    put("bundle", "part.tar.zst", (FORMATS / "finding.tar.zst").read_bytes())
    with tempfile.TemporaryDirectory() as t:
        t = pathlib.Path(t)
        (t / "bundle.json").write_bytes(plain(part / "bundle.json"))
        (t / "run.json").write_bytes(b"{}\n")
        made = ["tar", "--format=ustar", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-b1"]
        subprocess.run(made + ["-cf", t / "small.tar", "-C", t, "bundle.json", "run.json"], check=True)
        put("bundle", "small.tar", (t / "small.tar").read_bytes())


def answers():
    golden = ROOT / "src/aws/conformance/golden"
    # One or two of each protocol: rest-xml, query, ec2, awsJson, rest-json; the
    # deepest and some with headers.
    wanted = {
        "s3": ("GetBucketAcl", "GetBucketLocation", "GetBucketLifecycleConfiguration", "GetBucketEncryption"),
        "iam": ("GetAccountAuthorizationDetails", "GetCredentialReport"),
        "ec2": ("DescribeRegions", "DescribeSecurityGroups"),
        "kms": ("ListKeys", "GetKeyPolicy"), "dynamodb": ("DescribeTable",), "wafv2": ("GetWebACL",),
        "lambda": ("GetFunction", "GetPolicy"), "cloudfront": ("ListDistributions",),
        "sqs": ("GetQueueAttributes",), "rds": ("DescribeDBInstances",), "route53": ("ListHostedZones",),
    }
    for service, calls in wanted.items():
        pairs = json.loads((golden / f"{service}.json").read_text())
        for call in calls:
            if call not in pairs:
                continue
            answer = pairs[call]["answer"]
            lines = [f"aws 200 {service}:{call}"] + [f"{k}: {v}" for k, v in answer.get("headers", {}).items()]
            text = "\n".join(lines) + "\n\n" + answer["body"]
            if len(text) < 8000:
                put("answer", f"{service}-{call}", text)
    put("answer", "error-xml", "aws 403 s3:GetBucketAcl\nx-amz-request-id: 1\n\n<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No</Message></Error>")
    put("answer", "error-json", 'aws 400 kms:ListKeys\nx-amzn-errortype: ThrottlingException\n\n{"__type":"a#ThrottlingException","message":"slow"}')


    # What these clouds answer has one form.
    put("answer", "azure-list", "azure 200 arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.App/containerApps?api-version=2026-07-01"
        '\n\n{"value":[{"id":"/subscriptions/s/x","properties":{"a":null}}],"nextLink":"https://management.azure.com/subscriptions/s?a=1"}')
    put("answer", "azure-error", "azure 403 arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.App/containerApps?api-version=2026-07-01"
        '\n\n{"error":{"code":"AuthorizationFailed","message":"no"}}')
    put("answer", "gcp-list", 'gcp 200 accesscontextmanager:accessPolicies.list\n\n{"accessPolicies":[{"name":"accessPolicies/1","etag":"x"}],"nextPageToken":"t"}')
    put("answer", "gcp-error", 'gcp 403 accesscontextmanager:accessPolicies.list\n\n{"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}}')


def packs():
    names = ("collectors/aws/s3/bucket.yaml", "collectors/aws/iam/user.yaml", "collectors/aws/ec2/security-group.yaml",
             "collectors/azure/app/container-app.yaml", "collectors/gcp/accesscontextmanager/access-level.yaml",
             "rules/aws/s3/bucket-versioning.yaml", "rules/aws/s3/bucket-tls-only.yaml")
    for name in names:
        path = ROOT / name
        if path.exists():
            put("packs", name.replace("/", "-"), sections([(name, path.read_bytes())]))
    files = sorted((ROOT / "mappings/ismap/2024-07").glob("*.yaml"), key=lambda p: p.stat().st_size)
    catalogue = json.loads((ROOT / "mappings/ismap/catalogue-2024-07.json").read_text()) if (ROOT / "mappings/ismap/catalogue-2024-07.json").exists() else None
    if catalogue:
        for key, value in catalogue.items():
            if isinstance(value, list):
                catalogue[key] = value[:12]
        small = json.dumps(catalogue, ensure_ascii=False).encode()
        put("packs", "mapping", sections([("mappings/ismap/catalogue-2024-07.json", small), ("mappings/ismap/2024-07/" + files[0].name, files[0].read_bytes())]))
    put("packs", "exceptions", sections([("exceptions/exceptions.yaml", EXCEPTIONS), ("rules/aws/s3/bucket-versioning.yaml", (ROOT / "rules/aws/s3/bucket-versioning.yaml").read_bytes())]))
    put("packs", "statement", sections([("statement.yaml", STATEMENT)]))
    seen = set()
    for path in sorted((ROOT / "rules/aws").glob("*/*.yaml")):
        for line in path.read_text().splitlines():
            text = line.removeprefix("expect: ")
            if text != line and len(text) > 3 and not text.startswith((">", "|", "'", '"')):
                kind = tuple(sorted({w.split("(")[0] for w in text.replace(".", " ").split() if "(" in w}))
                if kind not in seen:
                    seen.add(kind)
                    put("expression", path.stem, text)


EXCEPTIONS = b"""exceptions:
  - id: e-1
    rule: aws.s3.*
    scope: {accounts: ["123456789012"], resources: ["arn:aws:s3:::logs-*"]}
    owner: a@example.jp
    approver: b@example.jp
    reason: {ja: "\xe7\xa7\xbb\xe8\xa1\x8c\xe4\xb8\xad", en: moving}
    compensating: {ja: "\xe6\x97\xa5\xe6\xac\xa1\xe7\xa2\xba\xe8\xaa\x8d", en: daily check}
    from: 2026-04-01
    until: 2026-09-30
"""

STATEMENT = b"""edition: "2024-07"
provider: Example
scope:
  services: [{name: Example, clouds: [aws]}]
  accounts: ["123456789012"]
  regions: [ap-northeast-1]
period: {from: 2026-04-01, until: 2027-03-31}
controls:
  "9.4.2.2.B": {adopted: true, own: "x"}
"""


def stamp(work, anew):
    if not anew:
        return
    (work / "cnf").write_text(
        "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
        "[tsa]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"
        "[t]\nserial=serial\ndigests=sha256\ndefault_policy=1.2.3.4.1\nsigner_digest=sha256\ness_cert_id_alg=sha256\n")
    (work / "serial").write_text("01\n")
    (work / "empty").write_text("")
    for line in (
        "openssl ecparam -name prime256v1 -genkey -noout -out ca.key",
        "openssl req -x509 -new -key ca.key -subj /CN=CA -days 36500 -out ca.pem -config cnf -extensions ca",
        "openssl ecparam -name prime256v1 -genkey -noout -out tsa.key",
        "openssl req -new -key tsa.key -subj /CN=TSA -out tsa.csr -config cnf",
        "openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 36500 -extfile cnf -extensions tsa -out tsa.pem",
        "openssl ts -query -data empty -sha256 -cert -out q",
        "openssl ts -reply -config cnf -section t -queryfile q -signer tsa.pem -inkey tsa.key -chain ca.pem -out r",
        "openssl x509 -in ca.pem -outform der -out ca.der",
    ):
        subprocess.run(line.split(), cwd=work, check=True, capture_output=True)
    put("stamp", "granted.tsr", (work / "r").read_bytes())
    shutil.copy(work / "ca.der", ROOT / "tests/foreign/src/root.der")


def ledger(work):
    at = unpacked("ledger", work) / "ledger/ledger.sqlite"
    db = sqlite3.connect(at)
    # Small: pages of 512 bytes, and few rows of each table.
    keep = {"change": "series IN (SELECT id FROM series LIMIT 3)", "series": "id IN (SELECT id FROM series LIMIT 3)",
            "pack_file": "path IN (SELECT path FROM pack_file LIMIT 2)", "control_change": "control IN (SELECT id FROM control LIMIT 2)",
            "control": "id IN (SELECT id FROM control LIMIT 2)", "scope": "id IN (SELECT scope FROM series)",
            "resource": "id IN (SELECT resource FROM series)", "state": "id IN (SELECT now FROM series)"}
    for table, rows in keep.items():
        db.execute(f"DELETE FROM {table} WHERE NOT ({rows})")
    db.execute("DELETE FROM value WHERE id NOT IN (SELECT coverage FROM covered UNION SELECT observed FROM state"
               " UNION SELECT now FROM control UNION SELECT state FROM control_change)")
    db.execute("DELETE FROM text WHERE id NOT IN (SELECT rule FROM scope UNION SELECT account FROM scope UNION SELECT region FROM scope"
               " UNION SELECT account FROM covered UNION SELECT type FROM resource UNION SELECT track FROM control"
               " UNION SELECT pack FROM pack_file UNION SELECT path FROM pack_file)")
    db.commit()
    db.execute("PRAGMA page_size = 512")
    db.execute("VACUUM")
    db.close()
    put("ledger", "small.sqlite", at.read_bytes())


def workbook():
    sheet = ('<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
             '<dimension ref="A1:B3"/><sheetData>'
             '<row r="1"><c r="A1" t="inlineStr"><is><t>管理策番号</t></is></c><c r="B1" t="inlineStr"><is><t>詳細管理策</t></is></c></row>'
             '<row r="2"><c r="A2" t="inlineStr"><is><t>9.4.2.2.B</t></is></c><c r="B2" t="s"><v>0</v></c></row>'
             '<row r="3"><c r="A3"><v>9.4</v></c><c r="B3" t="b"><v>1</v></c></row>'
             '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>')
    files = [
        ("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
        ("_rels/.rels", '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
         '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ("xl/workbook.xml", '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
         'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
         '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'),
        ("xl/sharedStrings.xml", '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>アクセス</t></si></sst>'),
        ("xl/styles.xml", '<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'),
        ("xl/worksheets/sheet1.xml", sheet),
    ]
    put("workbook", "files", sections([(n, t.encode()) for n, t in files]))
    with tempfile.NamedTemporaryFile() as f:
        with zipfile.ZipFile(f.name, "w", zipfile.ZIP_DEFLATED) as z:
            for name, text in files:
                z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
        put("workbook", "small.xlsx", pathlib.Path(f.name).read_bytes())


def main():
    anew = "--stamp" in sys.argv
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        runs(work)
        answers()
        packs()
        stamp(work, anew)
        ledger(work)
        workbook()
    total = sum(p.stat().st_size for p in SEEDS.glob("*/*"))
    print(f"{total} bytes in {len(list(SEEDS.glob('*/*')))} files")


main()
