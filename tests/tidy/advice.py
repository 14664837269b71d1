#!/usr/bin/env python3
"""Every error code a client can meet has advice, and no advice is for a code nobody gives.

The codes are read from the sources of the services and from fixtures/*/errors.json, the advice from
emulator/tutor/advice_table.hpp.

  advice.py REPOSITORY"""

import glob
import json
import os
import re
import sys

from error_table import without_comments

# Of the process itself, of a function's environment, and of fields: no client's request is answered with them.
INNER = {"BadAddress", "BadHandlerRequest", "BrokenAnswer", "CannotCreate", "CannotDeploy", "CannotListen", "CannotRead",
         "InvalidFault", "InvalidSchedule", "NotRunning", "PluginRefused", "PortTaken", "invalid_token"}
SILENT = ("emulator/tutor/", "emulator/explain/", "emulator/cli/")
FEWEST = 80  # fewer, and this test is blind


def main(root):
    with open(os.path.join(root, "emulator/tutor/advice_table.hpp"), encoding="utf-8") as file:
        advised = set(re.findall(r'\{"([A-Z][A-Za-z0-9]+)",', file.read()))
    text = ""
    for path in sorted(glob.glob(os.path.join(root, "emulator/**/*.[ch]pp"), recursive=True)):
        if not os.path.relpath(path, root).startswith(SILENT):
            with open(path, encoding="utf-8") as file:
                text += without_comments(file.read())
    given = set(re.findall(r'AwsError[ a-z_]*[({]\s*\d{3},\s*"(\w+)"', text)) - INNER
    for path in glob.glob(os.path.join(root, "fixtures/*/errors.json")):
        with open(path, encoding="utf-8") as file:
            given |= {row["code"] for row in json.load(file)}
    flaws = [f"{code}: a client can meet it, and emulator/tutor/advice_table.hpp has no row" for code in sorted(given - advised)]
    flaws += [f"{code}: has advice, and nothing gives it" for code in sorted(advised) if f'"{code}"' not in text]
    if min(len(given), len(advised)) < FEWEST:
        flaws.append(f"only {len(given)} codes and {len(advised)} pieces of advice were found")
    print("\n".join(flaws) or f"{len(given)} codes, {len(advised)} pieces of advice")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
