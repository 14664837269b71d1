#!/usr/bin/env python3
"""Every refusal IAM, STS and Lambda can give is a row of fixtures/{iam,lambda}/errors.json.

The rows are requests, which tests/unit/{iam,lambda}/errors_test.cpp send and compare letter for letter; here the sources are
read, as tests/tidy/error_table.py reads S3's, for errors that no row shows. A row with "shown_by" names the unit test that
meets it instead.

  control_plane_errors.py REPOSITORY"""

import glob
import json
import os
import re
import sys

from error_table import Site, STRING, arguments_at, choices, unit_test_flaw, without_comments

TABLES = {
    "fixtures/lambda/errors.json": (["emulator/lambda/*.cpp"], {
        "invalid_parameter": (400, "InvalidParameterValueException"),
        "validation_failed": (400, "ValidationException"),
        "conflict": (409, "ResourceConflictException"),
        "not_found": (404, "ResourceNotFoundException"),
        "stale_revision": (412, "PreconditionFailedException"),
        "code_error": (400, "InvalidParameterValueException"),
        "user_error": None,
        "AwsError": None,
    }),
    "fixtures/iam/errors.json": (["emulator/iam/*.cpp", "emulator/sts/*.cpp"], {
        "validation_error": (400, "ValidationError"),
        "no_such_entity": (404, "NoSuchEntity"),
        "already_exists": (409, "EntityAlreadyExists"),
        "delete_conflict": (409, "DeleteConflict"),
        "limit_exceeded": (409, "LimitExceeded"),
        "malformed_policy": (400, "MalformedPolicyDocument"),
        "invalid_input": (400, "InvalidInput"),
        "AwsError": None,
    }),
}
# Loops are counted in tests/unit/service/lineage_test.cpp; the role was asked for a moment before.
ELSEWHERE = {"RecursiveInvocationException", "The role is not there any more."}
FEWEST = 40  # sites of a table; fewer, and this test is blind


def sites(root, patterns, helpers):
    for path in sorted(path for pattern in patterns for path in glob.glob(os.path.join(root, pattern))):
        with open(path, encoding="utf-8") as file:
            text = without_comments(file.read())
        for match in re.finditer(r"\b(" + "|".join(helpers) + r")\s*\(", text):
            arguments = arguments_at(text, match.end() - 1)
            helper = helpers[match.group(1)]
            if helper:
                (status, code), message = helper, arguments[0] if arguments else ""
            else:
                named = STRING.search(arguments[1]) if len(arguments) >= 3 else None
                number = re.fullmatch(r"\s*(\d+)\s*", arguments[0])
                if not named or not number:
                    continue  # a declaration, or a copy
                status, code, message = int(number.group(1)), named.group(1), arguments[2]
                if status == 500 or {code, message.strip(' "')} & ELSEWHERE:
                    continue  # a fault of ours, which no request asks for
            where = f"{os.path.relpath(path, root)}:{text.count(chr(10), 0, match.start()) + 1}"
            for parts in choices(message):
                if parts:  # else declared, or handed a text made elsewhere
                    yield Site(where, status, code, [part.partition("n at [Source")[0] for part in parts if part])


def flaws_of(root, table, patterns, helpers):
    with open(os.path.join(root, table), encoding="utf-8") as file:
        rows = json.load(file)
    for row in rows:
        row["message"] = row["message"] or ""
        if not {"status", "code", "message", "source"} <= set(row) or not row["source"]:
            yield f"{table}: incomplete: {row}"
        if "shown_by" in row and (flaw := unit_test_flaw(root, row)):
            yield f"{table}: {row['code']}: {flaw}"
        elif "shown_by" not in row and not {"request", "call"} & set(row):
            yield f"{table}: {row['code']}: neither a request nor a test that shows it"
    found = list(sites(root, patterns, helpers))
    if len(found) < FEWEST:
        yield f"{table}: only {len(found)} errors found in the sources: this test is blind"
    for site in found:
        if not any(site.matches(row) for row in rows):
            yield f"{site}: not in {table}"


def main():
    root = sys.argv[1]
    flaws = [flaw for table, (patterns, helpers) in TABLES.items() for flaw in flaws_of(root, table, patterns, helpers)]
    print("\n".join(flaws) or f"every refusal is a row of {' or '.join(TABLES)}")
    sys.exit(1 if flaws else 0)


if __name__ == "__main__":
    main()
