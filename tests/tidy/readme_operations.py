#!/usr/bin/env python3
"""The README's table of operations is what `benchtop operations` prints.

    readme_operations.py README BINARY             fails when they differ
    readme_operations.py README BINARY --update    writes the table into the README
"""

import subprocess
import sys

BEGIN, END = "<!-- operations -->\n", "<!-- end of operations -->\n"


def main():
    readme, binary = sys.argv[1:3]
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    current, _, after = rest.partition(END)
    printed = subprocess.run([binary, "operations"], capture_output=True, text=True, timeout=60, check=True).stdout
    if current == printed and printed.count("\n") > 2:
        return 0
    if sys.argv[3:] == ["--update"]:
        with open(readme, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + printed + END + after)
        return 0
    print("README.md does not hold the table of supported operations as it is. Write it with:\n"
          "  tests/tidy/readme_operations.py README.md build/release/emulator/benchtop --update")
    return 1


sys.exit(main())
