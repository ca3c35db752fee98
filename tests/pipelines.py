#!/usr/bin/env python3
"""Reads the files of a pipelines folder with programs that others wrote, and runs their
scripts with a stand-in for shoseki that ends with each exit code.

    pipelines.py KIND FOLDER SHOSEKI     exit code 1 when something is refused

github: the schemas of actions and workflows (check-jsonschema), shellcheck.
gitlab: the schema of GitLab (check-jsonschema), shellcheck.
container: hadolint. kubernetes: kubernetes-validate. systemd: systemd-analyze verify.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BIN = pathlib.Path(sys.executable).parent
CODES = range(0, 8)
RESULTS = (0, 3, 4, 5)


def by(*command):
    out = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert out.returncode == 0, f"{command[0]}: {out.stdout[-800:]}{out.stderr[-800:]}"


def schema(name, path, *more):
    by(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{name}", *more, path)


def shellcheck(path, *more):
    by(BIN / "shellcheck", "--severity=style", *more, path)


def load(path):
    import yaml

    return list(yaml.safe_load_all(path.read_text()))


# Ends a scan as $CODE says, and writes what a report would be.
STAND_IN = """#!/bin/sh
printf '%s\\n' "$*" >>"$LOG"
while [ $# -gt 0 ]; do
  case $1 in scan) ends=$CODE;; --out) shift; mkdir -p "$(dirname "$1")"; echo report >"$1";; esac
  shift
done
exit "${ends:-0}"
"""


def stand_in(folder):
    tool = pathlib.Path(folder, "shoseki")
    tool.write_text(STAND_IN)
    tool.chmod(0o755)
    return tool


def pinned(uses):
    assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses), f"{uses} is not pinned by a commit"


def github(folder, shoseki):
    action, workflow = folder / "github/action.yml", folder / "github/workflow.yml"
    script = folder / "github/shoseki.sh"
    schema("github-actions", action)
    schema("github-workflows", workflow)
    shellcheck(script)
    (doc,) = load(action)
    text = action.read_text()
    named = set(re.findall(r"\binputs\.([\w-]+)", text))
    assert named == set(doc["inputs"]), f"inputs: {named ^ set(doc['inputs'])}"
    steps = doc["runs"]["steps"]
    for s in steps:
        assert "${{" not in s.get("run", ""), f"an expression is a piece of a script: {s['run']}"
        if "uses" in s:
            pinned(s["uses"])
    (job,) = load(workflow)[0]["jobs"].values()
    assert load(workflow)[0]["permissions"] == {} and "contents" in job["permissions"]
    for s in job["steps"]:
        if "uses" in s and not s["uses"].endswith("@REVISION"):
            pinned(s["uses"])

    def run(step, env):
        env = {"PATH": os.environ["PATH"]} | env
        return subprocess.run(["bash", script, step], env=env, capture_output=True, text=True)

    for code in CODES:
        for incomplete in ("true", "false"):
            with tempfile.TemporaryDirectory() as tmp:
                env = {
                    "SHOSEKI": str(stand_in(tmp)),
                    "LOG": f"{tmp}/log",
                    "CODE": str(code),
                    "SHOSEKI_CLOUDS": "aws gcp",
                    "SHOSEKI_ARGUMENTS": "--regions=ap-northeast-1\n\n--out-of; touch $HOME\n",
                    "SHOSEKI_FAIL_ON": "high",
                    "SHOSEKI_FAIL_ON_INCOMPLETE": incomplete,
                    "SHOSEKI_LANG": "ja",
                    "SHOSEKI_FOLDER": f"{tmp}/out",
                    "GITHUB_OUTPUT": f"{tmp}/output",
                    "GITHUB_STEP_SUMMARY": f"{tmp}/summary",
                }
                scan = run("scan", env)
                calls = pathlib.Path(f"{tmp}/log").read_text().splitlines()
                wanted = f"scan aws gcp --regions=ap-northeast-1 --out-of; touch $HOME --out {tmp}/out/run --fail-on high --lang ja"
                assert calls[0] == wanted, calls[0]
                if code not in RESULTS:
                    assert scan.returncode == code and "::error" in scan.stdout, (code, scan)
                    assert len(calls) == 1
                    continue
                assert scan.returncode == 0, (code, scan)
                assert pathlib.Path(f"{tmp}/output").read_text() == f"exit-code={code}\n"
                assert pathlib.Path(f"{tmp}/summary").read_text() == "report\n"
                formats = [c.split("--format ")[1].split()[0] for c in calls[1:]]
                assert formats == ["sarif-github", "junit", "markdown", "annotations"], formats
                end = run("conclude", env | {"SHOSEKI_CODE": str(code)})
                passes = code == 0 or (code == 4 and incomplete == "false")
                assert end.returncode == (0 if passes else code), (code, incomplete, end)
                told = {0: "", 4: "::error" if incomplete == "true" else "::warning"}
                assert end.stdout.startswith(told.get(code, "::error")), (code, end)
    none = run("conclude", {"SHOSEKI_CODE": "", "SHOSEKI_FAIL_ON": "low", "SHOSEKI_FAIL_ON_INCOMPLETE": "true"})
    assert none.returncode != 0, "no result is taken for a good one"
    with tempfile.TemporaryDirectory() as tmp:
        env = {
            "SHOSEKI": str(shoseki),
            "SHOSEKI_CLOUDS": "",
            "SHOSEKI_ARGUMENTS": "--demo",
            "SHOSEKI_FAIL_ON": "low",
            "SHOSEKI_LANG": "ja",
            "SHOSEKI_FOLDER": f"{tmp}/out",
            "GITHUB_OUTPUT": f"{tmp}/output",
            "GITHUB_STEP_SUMMARY": f"{tmp}/summary",
        }
        scan = run("scan", env)
        assert scan.returncode == 0, scan.stderr[-2000:]
        sarif = f"{tmp}/out/reports/shoseki.sarif"
        by(sys.executable, pathlib.Path(__file__).with_name("formats.py"), "sarif", sarif)
        assert "::error title=" in scan.stdout and pathlib.Path(f"{tmp}/summary").stat().st_size > 1000
        revision = run("revision", {"GITHUB_OUTPUT": f"{tmp}/revision"})
        if (folder.parent / "src").exists():
            assert revision.returncode == 0, revision.stderr
            said = pathlib.Path(f"{tmp}/revision").read_text()
            assert re.fullmatch(r"revision=[0-9a-f]{32}\n", said), said


def gitlab(folder, _):
    path = folder / "gitlab/shoseki.gitlab-ci.yml"
    schema("gitlab-ci", path, "--data-transform", "gitlab-ci")
    (doc,) = load(path)
    job = doc[".shoseki"]
    assert job["artifacts"]["when"] == "always"
    with tempfile.TemporaryDirectory() as tmp:
        script = pathlib.Path(tmp, "job.sh")
        script.write_text("#!/bin/sh\nset -e\n" + "\n".join(job["script"]))
        shellcheck(script)
        stand_in(tmp)
        for code in CODES:
            env = {k: str(v) for k, v in job["variables"].items()} | {
                "PATH": f"{tmp}:{os.environ['PATH']}",
                "SHOSEKI_ID_TOKEN": "token",
                "AWS_WEB_IDENTITY_TOKEN_FILE": f"{tmp}/token",
                "CODE": str(code),
                "LOG": f"{tmp}/log-{code}",
            }
            work = pathlib.Path(tmp, f"work-{code}")
            work.mkdir()
            out = subprocess.run(["sh", script], env=env, cwd=work, capture_output=True)
            assert out.returncode == code, (code, out)
            assert not pathlib.Path(tmp, "token").exists(), "the token stays on disk"
            calls = pathlib.Path(env["LOG"]).read_text().splitlines()
            assert len(calls) == (3 if code in RESULTS else 1), calls
    # What is incomplete is neither green nor red; the rest of the codes fail.
    assert job["allow_failure"] == {"exit_codes": [4]}


def container(folder, _):
    path = folder / "container/Containerfile"
    by(BIN / "hadolint", path)
    stages = re.split(r"^FROM ", path.read_text(), flags=re.M)[1:]
    for s in stages:
        image = s.split()[0]
        assert re.search(r":[\w.-]+$", image) and not image.endswith(":latest"), image
    for s in stages[1:]:
        user = re.findall(r"^USER (\S+)$", s, re.M)
        assert user == ["65532:65532"], f"{s.split()[0]}: USER {user}"


def kubernetes(folder, _):
    path = folder / "kubernetes/cronjob.yaml"
    by(BIN / "kubernetes-validate", "--strict", path)
    (cron,) = [d for d in load(path) if d["kind"] == "CronJob"]
    job = cron["spec"]["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (one,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and one["securityContext"]["readOnlyRootFilesystem"]
    assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    ends = [r["onExitCodes"] for r in job["podFailurePolicy"]["rules"] if "onExitCodes" in r]
    assert ends == [{"containerName": one["name"], "operator": "In", "values": [2, 3, 4, 5, 6, 7]}]


def systemd(folder, shoseki):
    with tempfile.TemporaryDirectory() as tmp:
        for name in ("shoseki.service", "shoseki.timer"):
            text = (folder / "systemd" / name).read_text()
            # The program must be there to be checked.
            text = text.replace("/usr/bin/shoseki", str(shoseki))
            pathlib.Path(tmp, name).write_text(text)
        units = [f"{tmp}/shoseki.service", f"{tmp}/shoseki.timer"]
        out = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
        assert out.returncode == 0 and not out.stderr, out.stderr
    text = (folder / "systemd/shoseki.service").read_text()
    assert "SuccessExitStatus=3 4 5" in text and "RestartPreventExitStatus=2 6 7" in text
    (told,) = re.findall(r"^ExecStopPost=/bin/sh -c '(.*?)'$", text, re.M | re.S)
    for code, word in ((3, "contradicted"), (4, "could not be read"), (5, "contradicted"), (0, ""), (6, "")):
        out = subprocess.run(["sh", "-c", told], env={"EXIT_STATUS": str(code)}, capture_output=True, text=True)
        assert out.returncode == 0 and word in out.stdout and bool(word) == bool(out.stdout), (code, out)


def main():
    kind, folder, shoseki = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    try:
        {f.__name__: f for f in (github, gitlab, container, kubernetes, systemd)}[kind](folder, shoseki)
    except Exception as e:
        print(f"refused {kind}: {type(e).__name__}: {str(e)[:1500]}")
        return 1
    print(f"accepted {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
