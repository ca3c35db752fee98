#!/usr/bin/env python3
"""Writes every report of a large run, and tells how long each took and how much memory.

    benchmark.py SHOSEKI MANY DIR [COPIES]

SHOSEKI: the release binary. MANY: target/release/examples/many of shoseki-evidence. DIR: a new
folder. The run is the demonstration, COPIES times over (35: about 100,000 findings), judged.
Exit 1 where all together took more than 60 s, or one of them more than 1 GiB.
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

FORMATS = {
    "html": "html", "json": "json", "text": "txt", "oscal": "json", "oscal-catalog": "json",
    "oscal-profile": "json", "oscal-component": "json", "oscal-plan": "json", "ocsf": "jsonl",
    "sarif": "json", "junit": "xml", "markdown": "md", "annotations": "txt", "csv": "csv",
    "xlsx": "xlsx", "betten": "json",
}


def run(*args):
    """Seconds, peak of the resident set in MiB."""
    start = time.monotonic()
    child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return code, time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told


def main(shoseki, many, folder, copies="35"):
    folder = pathlib.Path(folder)
    folder.mkdir()
    small, large = folder / "small", folder / "large"
    code, *_, told = run(shoseki, "scan", "--demo", "--out", str(small))
    assert code in (0, 3, 4, 5), (code, told)
    subprocess.run([many, str(small), str(large), copies], check=True)
    code, seconds, _, mib, told = run(shoseki, "judge", str(large))
    assert code in (3, 4, 5), (code, told)
    counts = json.loads((large / "run.json").read_text())["counts"]
    print(f"{counts['findings']}, {counts['exchanges']} exchanges; judged in {seconds:.1f} s, {mib:.0f} MiB")
    print("| format | wall s | CPU s | peak MiB | written MB |\n|---|---|---|---|---|")
    total = cpus = most = 0
    for name, end in FORMATS.items():
        out = folder / f"{name}.{end}"
        code, seconds, cpu, mib, told = run(shoseki, "report", str(large), "--format", name, "--out", str(out))
        assert code == 0, (name, code, told)
        size = out.stat().st_size / 1e6
        print(f"| `{name}` | {seconds:.1f} | {cpu:.1f} | {mib:.0f} | {size:.1f} |", flush=True)
        total, cpus, most = total + seconds, cpus + cpu, max(most, mib)
    print(f"| all, one after another | {total:.1f} | {cpus:.1f} | {most:.0f} | |")
    return total > 60 or most > 1024


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main(*sys.argv[1:]))
