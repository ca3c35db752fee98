#!/usr/bin/env python3
"""Makes fuzz/regressions/: small inputs that ask for much, thought out by hand.

What the fuzzer found stands beside them, with names that begin with `found-`.
"""
import pathlib
import sqlite3
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TO = HERE / "regressions"


def put(target, name, data):
    at = TO / target / name
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(data if isinstance(data, bytes) else data.encode())


def packed(data, level=19):
    return subprocess.run(["zstd", f"-{level}", "-qc"], input=data, capture_output=True, check=True).stdout


# Nesting, entities and aliases. 1,500 levels are enough to end a parser that
# keeps them on its stack, in a build without the optimiser.
put("answer", "json-nested", 'aws 200 kms:GetKeyPolicy\n\n{"Policy":' + "[" * 2000 + "]" * 2000 + "}")
put("answer", "xml-nested", "aws 200 s3:GetBucketAcl\n\n" + "<a>" * 1500 + "</a>" * 1500)
laughs = "<!DOCTYPE l [<!ENTITY a0 'lol'>" + "".join(
    f"<!ENTITY a{n} '{('&a' + str(n - 1) + ';') * 10}'>" for n in range(1, 10)
) + "]><GetBucketAclResponse><Owner><ID>&a9;</ID></Owner></GetBucketAclResponse>"
put("answer", "xml-entities", "aws 200 s3:GetBucketAcl\n\n" + laughs)

aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
for path in ("exceptions/exceptions.yaml", "statement.yaml", "rules/aws/s3/a.yaml", "collectors/aws/s3/a.yaml",
             "mappings/ismap/2024-07/9.yaml"):
    name = path.split("/")[0].removesuffix(".yaml")
    put("packs", f"aliases-{name}", f"=== {path}\n{aliases}")
    put("packs", f"nested-{name}", f"=== {path}\n" + "[" * 2000 + "]" * 2000)

# Expressions that are short and endless.
put("expression", "doubled-text", '["0123456789"]' + ".map(x, x + x)" * 90 + '.exists(x, x == "")')
put("expression", "doubled-list", "[[1]]" + ".map(x, x + x)" * 90 + ".exists(x, size(x) == 1)")
pair = "[[1]]" + ".map(x, [x, x])" * 60
put("expression", "shared-lists", f"{pair} == {pair}")
ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
put("expression", "nested-loops", "".join(f"{ten}.all(v{n}, " for n in range(20)) + "v0 == v1 || v0 != v1" + ")" * 20)
put("expression", "nested", "(" * 3000 + "true" + ")" * 3000)

# A view in the place of a table, which never ends.
with tempfile.TemporaryDirectory() as work:
    at = pathlib.Path(work) / "l"
    db = sqlite3.connect(at)
    db.execute("PRAGMA page_size = 512")
    db.execute("PRAGMA application_id = 1936224107")
    db.execute("PRAGMA user_version = 1")
    db.execute("CREATE VIEW entry (seq, head, run_sha256, started, record) AS WITH RECURSIVE n(i) AS"
               " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, x'', x'', 0, '' FROM n")
    db.commit()
    db.close()
    put("ledger", "endless-view", at.read_bytes())

# A sheet of two cells, as far apart as can be, and ranges the wrong way round.
seed = (HERE / "seeds/workbook/files").read_text()
rows = seed[seed.index("<sheetData>"):seed.index("</worksheet>")]
put("workbook", "far-apart", seed.replace(rows, '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
put("workbook", "turned-range", seed.replace("A2:A3", "C9:A2"))
put("workbook", "beyond", seed.replace('r="A3"', 'r="A4294967295"'))

# Files of a sealed run that unpack to far more than they are: newlines, and an
# answer.
def with_file(name, content):
    """The sealed run of the seeds with another file of this name."""
    head, *files = (b"\n" + (HERE / "seeds/run/sealed").read_bytes()).split(b"\n=== ")
    large = (name, "pack.jsonl.zst", "standings.jsonl", "tallies.jsonl")
    kept = [f for f in files if not f.startswith(tuple(n.encode() + b"\n" for n in large))]
    return b"=== " + b"\n=== ".join(kept + [name.encode() + b"\n" + content])


MUCH = 300 << 20
header = b'{"format":"shoseki.findings/1"}\n'
put("run", "endless-lines", with_file("findings.jsonl.zst", packed(header + b"\n" * MUCH)))
run = (HERE / "seeds/run/sealed").read_bytes()
answer = next(f.split(b"\n")[0].decode() for f in run.split(b"\n=== ") if f.startswith(b"answers/"))
put("run", "endless-answer", with_file(answer, packed(b" " * MUCH)))

# Names that are long, for which a like one is looked for.
long = "a" * 3000
put("answer", "long-call", f"aws 200 s3:{long}\n\n{{}}")
put("packs", "long-names", f"=== rules/aws/s3/a.yaml\nid: aws.s3.a\nresource: aws.s3.{long}\nexpect: settings.{long}\n{long}: 1\n")
