#!/usr/bin/env python3
"""Every error S3 can give is a row of fixtures/s3/errors.json, and every row is an error S3 can give.

Reads the calls that make errors in the sources: their code, status and the literal parts of their messages. That each row is
also reached by a request, with its status, message and extra elements, shows tests/clients/hostile_test.py; a row that only a
unit test can reach names it ("shown_by": "FILE: TEST CASE"), and that test has to exist and to name the code.

  error_table.py REPOSITORY"""

import glob
import json
import os
import re
import sys

SOURCES = ["emulator/s3/**/*.cpp", "emulator/auth/*.cpp", "emulator/pipeline/exchange.cpp"]

# Functions that take a message: status, code, what they put before it.
HELPERS = {
    "s3_error": None,
    "AwsError": None,
    "invalid_request": (400, "InvalidRequest", ""),
    "invalid_argument": (400, "InvalidArgument", ""),
    "missing_required_header": (400, "InvalidRequest", "Missing required header for this request: "),
    "access_denied": (403, "AccessDenied", ""),
    "not_according_to_policy": (403, "AccessDenied", "Invalid according to Policy: "),
    "invalid_policy_document": (400, "InvalidPolicyDocument", "Invalid Policy: "),
    "access_forbidden": (403, "AccessForbidden", "CORSResponse: "),
    "invalid_tag": (400, "InvalidTag", ""),
    "malformed_policy": (400, "MalformedPolicy", ""),
    "header_malformed": (400, "AuthorizationHeaderMalformed", "The authorization header is malformed; "),
    "query_parameters": (400, "AuthorizationQueryParametersError", ""),
}

# Never seen by a client of S3: the errors of other services' protocols, and a signal inside the house.
NOT_S3 = re.compile(r"^(Generic|MissingAuthenticationToken.*|InvalidClientTokenId|UnrecognizedClientException|"
                    r"ExpiredTokenException|IncompleteSignature.*|InvalidSignatureException|BodyVanished|WorkOutdated|)$")

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def without_comments(text):
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*', lambda match: match.group(1) or "", text)


def arguments_at(text, start):
    """The top-level arguments of the call whose parenthesis opens at `start`."""
    depth, begin, arguments, at = 0, start + 1, [], start
    while at < len(text):
        character = text[at]
        if character == '"':
            at = STRING.match(text, at).end()
            continue
        if character == "'" and re.match(r"'(\\.|[^\\])'", text[at:at + 4]):
            at += len(re.match(r"'(\\.|[^\\])'", text[at:at + 4]).group())
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                arguments.append(text[begin:at])
                return arguments
        elif character == "," and depth == 1:
            arguments.append(text[begin:at])
            begin = at + 1
        at += 1
    return arguments


def literals(expression):
    """The literal parts of a message, adjacent ones joined."""
    parts, end = [], None
    expression = re.sub(r'value_or\("[^"]*"\)', "value_or()", expression)
    for match in STRING.finditer(expression):
        text = re.sub(r"\\(.)", r"\1", match.group(1))
        if end is not None and not expression[end:match.start()].strip():
            parts[-1] += text
        else:
            parts.append(text)
        end = match.end()
    return parts


def constants(root):
    found = {}
    for path in glob.glob(os.path.join(root, "emulator/s3/**/*.*pp"), recursive=True):
        with open(path, encoding="utf-8") as file:
            for name, value in re.findall(r'string_view (k\w+) = "([^"]*)";', file.read()):
                found[name] = value
    return found


class Site:
    def __init__(self, where, status, code, parts):
        self.where, self.status, self.code, self.parts = where, status, code, parts

    def matches(self, row):
        if self.code != row["code"] or self.status not in (None, row["status"]):
            return False
        at = 0
        for part in self.parts:
            found = row["message"].find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return True

    def __str__(self):
        return f"{self.where}: {self.status} {self.code} {' ... '.join(self.parts)!r}"


def choices(expression):
    """The texts a message can be: several when a condition chooses."""
    bare = STRING.sub("", expression)
    parts = literals(expression)
    if not re.search(r"\?[^?]*:", bare.replace("::", "")):
        return [parts]
    # A condition inside a longer text: what surely is in it.
    return [[max(parts, key=len)]] if "+" in bare else [[part] for part in parts]


# A code and its message, handed on to where the error is made.
PAIR = re.compile(r'"(NoSuch[A-Za-z]+|[A-Za-z]+NotFoundError)",\s*"([^"\\]* [^"\\]*)"')


def sites(root):
    known = constants(root)
    for pattern in SOURCES:
        for path in sorted(glob.glob(os.path.join(root, pattern), recursive=True)):
            with open(path, encoding="utf-8") as file:
                text = without_comments(file.read())
            for match in re.finditer(r"\b(" + "|".join(HELPERS) + r")(?:\s+\w+)?\s*\(", text):
                arguments = arguments_at(text, match.end() - 1)
                name = match.group(1)
                helper = HELPERS[name]
                if helper:
                    status, code, prefix = helper
                    message = arguments[0] if arguments else ""
                else:
                    if len(arguments) < 3:
                        continue  # a declaration, or a copy
                    named = STRING.search(arguments[1])
                    code = named.group(1) if named else known.get(arguments[1].strip())
                    if code is None:
                        continue
                    number = re.fullmatch(r"\s*(\d+)\s*", arguments[0])
                    status, prefix, message = int(number.group(1)) if number else None, "", arguments[2]
                if NOT_S3.match(code) or (status is None and path.endswith("auth/errors.cpp")):
                    continue
                where = f"{os.path.relpath(path, root)}:{text.count(chr(10), 0, match.start()) + 1}"
                for parts in choices(message):
                    if not (helper and not parts):  # else declared, or handed a text made elsewhere
                        yield Site(where, status, code, [part for part in ([prefix] if prefix else []) + parts if part])
            for match in PAIR.finditer(text):
                where = f"{os.path.relpath(path, root)}:{text.count(chr(10), 0, match.start()) + 1}"
                yield Site(where, None, match.group(1), [match.group(2)])


def unit_test_flaw(root, row):
    path, _, case = row["shown_by"].partition(": ")
    full = os.path.join(root, path)
    if not os.path.exists(full):
        return f"{path} does not exist"
    with open(full, encoding="utf-8") as file:
        text = file.read()
    if f'TEST_CASE("{case}"' not in re.sub(r'"\s*\n\s*"', "", text).replace("TEST_CASE(\n    ", "TEST_CASE("):
        return f"{path} has no test case {case!r}"
    joined = re.sub(r'"\s*\n\s*"', "", text).replace('\\"', '"')
    parts = [part for part in row["message"].split("{}") if part.strip()]
    return None if row["code"] in text or all(part in joined for part in parts) else f"{path} does not name {row['code']}"


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "fixtures/s3/errors.json"), encoding="utf-8") as file:
        rows = json.load(file)
    flaws = []
    found = list(sites(root))
    if len(found) < 100:
        flaws.append(f"only {len(found)} errors found in the sources: this test is blind")
    for site in found:
        if not any(site.matches(row) for row in rows):
            flaws.append(f"{site}: not in fixtures/s3/errors.json")
    seen = set()
    for row in rows:
        name = f"{row['status']} {row['code']}: {row['message']} {row['extra']}"
        if not {"code", "status", "message", "extra", "evidence"} <= set(row) or not row["evidence"]:
            flaws.append(f"{name}: incomplete")
        if name in seen:
            flaws.append(f"{name}: twice")
        seen.add(name)
        if not any(site.matches(row) for site in found):
            flaws.append(f"{name}: nothing in the sources gives it")
        if "shown_by" in row:
            flaw = unit_test_flaw(root, row)
            if flaw:
                flaws.append(f"{name}: {flaw}")
    print("\n".join(flaws) or f"{len(rows)} errors, made in {len(found)} places")
    sys.exit(1 if flaws else 0)


if __name__ == "__main__":
    main()
