#!/usr/bin/env python3
"""A saved schedule replays to the byte: ten processes, each at other addresses, with another environment.

  replay_test.py BENCHTOP SCHEDULES"""

import glob
import os
import subprocess
import sys

RUNS = 10
SAME = "The run is the saved one to the byte."


def replay(benchtop, worker, path, turn):
    environment = {"PATH": os.environ["PATH"], "TZ": ("UTC", "Asia/Kathmandu")[turn % 2], "FILLER": "x" * (turn * 977),
                   "LC_ALL": ("C", "C.UTF-8")[turn % 2]}
    done = subprocess.run([benchtop, "check", worker, "--replay", path], env=environment, cwd=("/", "/tmp")[turn % 2],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False)
    return done.returncode, done.stdout.decode()


def main():
    benchtop, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    schedules = sorted(glob.glob(os.path.join(folder, "*.json")))
    assert schedules, f"no schedules in {folder}"
    failed = 0
    for path in schedules:
        worker = os.path.basename(path)[:-len(".json")]
        answers = {replay(benchtop, worker, path, turn) for turn in range(RUNS)}
        status, text = next(iter(answers))
        if len(answers) != 1 or status != 1 or SAME not in text:
            failed += 1
            print(f"FAILED {worker}: {len(answers)} different runs of {RUNS}\n{text}")
    print(f"CASES {len(schedules) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
