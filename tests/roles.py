#!/usr/bin/env python3
"""Reads the roles of `shoseki permissions CLOUD --as TOOL` with programs that others
wrote: python-hcl2 (Terraform), cfn-lint (CloudFormation), pycep (Bicep, the parser of
Checkov), bash and PyYAML (gcloud, with a stand-in for gcloud that keeps what it gets).

    roles.py TOOL FILE     prints one permission a line; exit code 1 when it is refused
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def bare(value):
    """Strings of python-hcl2 keep their quotes, expressions are in `${}`."""
    if isinstance(value, dict):
        return {bare(k): bare(v) for k, v in value.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [bare(v) for v in value]
    return value[1:-1] if isinstance(value, str) and value.startswith('"') else value


def terraform(path):
    import hcl2

    with path.open() as f:
        doc = bare(hcl2.load(f))
    named = {"var": set(), "local": set(), "data": set(), "resource": set()}
    for v in doc["variable"]:
        named["var"] |= set(v)
    for v in doc.get("locals", []):
        named["local"] |= set(v)
    for kind in ("data", "resource"):
        for block in doc.get(kind, []):
            for t, of in block.items():
                named[kind] |= {f"{t}.{n}" for n in of}
    text = re.sub(r"#.*", "", path.read_text())
    for kind, name in re.findall(r"\b(var|local)\.(\w+)", text):
        assert name in named[kind], f"{kind}.{name} is not declared"
    for name in re.findall(r"\bdata\.(\w+\.\w+)", text):
        assert name in named["data"], f"data.{name} is not declared"
    for name in re.findall(r"(?<![.\w])((?:aws|azurerm|azuread|google)_\w+\.\w+)", text):
        assert name in named["resource"], f"{name} is not declared"
    providers = {k for b in doc["terraform"] for p in b["required_providers"] for k in p}
    resources = {t: of for r in doc["resource"] for t, of in r.items()}
    for t in resources:
        assert t.split("_")[0] in providers, t
    for local in doc.get("locals", []):
        for actions in local.get("policies", {}).values():
            fits_a_managed_policy(actions)
            yield from actions
        yield from local.get("actions", [])
        yield from (f"Microsoft Graph: {g}" for g in local.get("graph_application_permissions", []))
    for role in (d for r in doc["resource"] for d in r.get("azurerm_role_definition", {}).values()):
        (permissions,) = role["permissions"]
        yield from (f"data action: {a}" for a in permissions.get("data_actions", []))
    for t, of in resources.items():
        if t.endswith("_iam_custom_role"):
            role = of["shoseki"]
            fits_a_custom_role(role["title"], role["description"], role["permissions"])
            yield from role["permissions"]
            yield from left_out(path)
    roles = {d for k in named["resource"] for t, d in [k.split(".")] if t == "azurerm_role_definition"}
    given = {d for k in named["resource"] for t, d in [k.split(".")] if t == "azurerm_role_assignment"}
    assert roles == given, f"nobody gets {roles ^ given}"
    bound = {"aws": "aws_iam_role_policy_attachment", "azurerm": "azurerm_role_assignment"}
    ways = {r for r in resources if r in bound.values() or r.endswith("_iam_member")}
    assert len(ways) == 1, f"nobody gets the role: {list(resources)}"


def left_out(path):
    """What a role of Google Cloud cannot hold is named in comments."""
    found = re.findall(r"^#   (\S+)$", path.read_text(), re.M)
    return [f"left out: {p}" for p in found]


def fits_a_managed_policy(actions):
    """At most 6,144 characters, white space not counted (AWS, IAM quotas)."""
    statement = {"Sid": "ShosekiRead", "Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert len(json.dumps(policy, separators=(",", ":"))) <= 6144


def fits_a_custom_role(title, description, permissions):
    """Limits of a custom role (Google Cloud, IAM quotas)."""
    assert len(title.encode()) <= 100 and len(description.encode()) <= 300
    assert 0 < len(permissions) <= 3000
    assert len((title + description + "".join(permissions)).encode()) <= 64 * 1024


def cloudformation(path):
    import yaml

    assert path.stat().st_size <= 51200, "more than a template may have in a request"
    lint = pathlib.Path(sys.executable).with_name("cfn-lint")
    out = subprocess.run([lint, "--format", "json", "--", path], capture_output=True, text=True)
    assert out.returncode == 0, out.stdout[:2000] + out.stderr[:2000]

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda _, tag, node: f"!{tag} {node.value}")
    doc = yaml.load(path.read_text(), Loader)
    attached = doc["Resources"]["Role"]["Properties"]["ManagedPolicyArns"]
    policies = [n for n, r in doc["Resources"].items() if r["Type"] == "AWS::IAM::ManagedPolicy"]
    assert attached == [f"!Ref {n}" for n in policies] and policies
    for name in policies:
        (statement,) = doc["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Allow" and statement["Resource"] == "*"
        fits_a_managed_policy(statement["Action"])
        yield from statement["Action"]


def bicep(path):
    from pycep import BicepParser

    doc = BicepParser().parse(text=path.read_text())
    role = doc["resources"]["role"]
    assert role["type"] == "Microsoft.Authorization/roleDefinitions", role["type"]
    (permissions,) = role["config"]["properties"]["permissions"]
    assert permissions == {"actions": "actions", "notActions": [], "dataActions": [], "notDataActions": []}
    assigned = doc["resources"]["assignment"]["config"]["properties"]
    for name in ("principalId", "principalType"):
        assert assigned[name] in doc["parameters"], name
    operands = assigned["roleDefinitionId"]["operator"]["operands"]
    assert operands == {"operand_1": "role", "operand_2": "id"}
    if "dataRole" in doc["resources"]:
        (of_data,) = doc["resources"]["dataRole"]["config"]["properties"]["permissions"]
        assert of_data == {"actions": [], "notActions": [], "dataActions": "dataActions", "notDataActions": []}
        by_hand = "az role assignment create" in path.read_text()
        assert ("dataAssignment" in doc["resources"]) != by_hand
        yield from (f"data action: {a}" for a in doc["variables"]["dataActions"]["value"])
    scope = doc["globals"]["scope"]["value"]
    assert scope in ("managementGroup", "subscription"), scope
    yield from doc["variables"]["actions"]["value"]
    graph = re.findall(r"^//   (\S+)$", path.read_text(), re.M)
    yield from (f"Microsoft Graph: {g}" for g in graph)


GCLOUD = """#!/bin/sh
printf '%s\\n' "$*" >>"$LOG"
for a; do case $a in --file=*) cp "${a#--file=}" "$LOG.yaml";; esac; done
case $* in "iam roles describe"*) exit "$THERE";; esac
"""


def gcloud(path):
    import yaml

    subprocess.run(["bash", "-n", path], check=True)
    roles = []
    for there, verb in (("1", "create"), ("0", "update")):
        with tempfile.TemporaryDirectory() as tmp:
            stand_in = pathlib.Path(tmp, "gcloud")
            stand_in.write_text(GCLOUD)
            stand_in.chmod(0o755)
            log = pathlib.Path(tmp, "log")
            env = {
                "PATH": f"{tmp}:{os.environ['PATH']}",
                "LOG": str(log),
                "THERE": there,
                "MEMBER": "serviceAccount:reader@p.iam.gserviceaccount.com",
            }
            refused = subprocess.run(["bash", path], env=env, capture_output=True)
            assert refused.returncode != 0 and not log.exists(), "it runs without its parent"
            env |= {"ORGANIZATION": "123", "PROJECT": "p"}
            subprocess.run(["bash", path], env=env, check=True, capture_output=True)
            calls = log.read_text().splitlines()
            assert calls[0].startswith("iam roles describe shosekiReader --"), calls
            assert calls[1].startswith(f"iam roles {verb} shosekiReader --"), calls
            assert " add-iam-policy-binding " in f" {calls[2]}" and len(calls) == 3, calls
            role = yaml.safe_load(pathlib.Path(f"{log}.yaml").read_text())
        assert set(role) == {"title", "description", "stage", "includedPermissions"}
        fits_a_custom_role(role["title"], role["description"], role["includedPermissions"])
        roles.append(role)
    assert roles[0] == roles[1]
    yield from roles[0]["includedPermissions"]
    yield from left_out(path)


def main():
    tool, path = sys.argv[1], pathlib.Path(sys.argv[2])
    found = {"terraform": terraform, "cloudformation": cloudformation, "bicep": bicep, "gcloud": gcloud}
    try:
        permissions = list(found[tool](path))
    except Exception as e:
        print(f"refused {path.name}: {type(e).__name__}: {str(e)[:600]}")
        return 1
    assert len(permissions) == len(set(permissions)), "a permission is there twice"
    print("\n".join(permissions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
