"""Reads s3_tests_excluded.txt: which tests of ceph/s3-tests are left out or helped, and why.

    == KIND NAME: what the group is about          KIND is excluded, older-bucket or lab-clock
    # a comment
    pattern: reason                                `*` in a pattern stands for anything

A pattern ending in .py is a file of the suite. A pattern that names nothing, or a test named twice, is an error:
the list then no longer says what happens.
"""

import re

KINDS = ("excluded", "older-bucket", "lab-clock")


class Entry:
    def __init__(self, kind, group, pattern, reason):
        self.kind, self.group, self.pattern, self.reason = kind, group, pattern, reason
        self.regex = re.compile(".*".join(re.escape(piece) for piece in pattern.split("*")))


def read(path):
    entries, kind, group = [], None, None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            head = re.fullmatch(r"== (\S+) ([\w -]+): .+", line)
            if head:
                kind, group = head.groups()
                assert kind in KINDS, f"{path}:{number}: {kind} is none of {KINDS}"
                continue
            pattern, _, reason = line.partition(": ")
            assert kind and reason, f"{path}:{number}: 'pattern: reason' below a '== KIND NAME: text' is expected"
            entries.append(Entry(kind, group, pattern, reason))
    return entries


def sort_tests(entries, names, files):
    """{test name: Entry} for the tests of `names` that are listed; fails when the list and the suite disagree."""
    listed, wrong = {}, []
    for entry in entries:
        if entry.pattern.endswith(".py"):
            if entry.pattern not in files:
                wrong.append(f"{entry.pattern} is not a file of the suite")
            continue
        found = [name for name in names if entry.regex.fullmatch(name)]
        if not found:
            wrong.append(f"{entry.pattern} names no test of the suite")
        for name in found:
            if name in listed:
                wrong.append(f"{name} is listed twice: {listed[name].pattern} and {entry.pattern}")
            listed[name] = entry
    assert not wrong, "the list of excluded tests is wrong:\n  " + "\n  ".join(wrong)
    return listed
