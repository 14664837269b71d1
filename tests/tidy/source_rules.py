#!/usr/bin/env python3
"""The house's rules that a compiler does not check, as a test.

    source_rules.py ROOT              checks every source file; one line per breach
    source_rules.py ROOT --self-test  shows each rule a snippet that breaks it

Each rule names what to do instead. Exceptions are listed here, by file, with a reason.
"""

import os
import re
import sys

SOURCES = (".cpp", ".hpp", ".h")
FOLDERS = ("emulator", "handlers", "harness", "tests")
LINES_MAX = 900

# Where the world outside may be touched: real time, real randomness, the environment.
EDGE = ("emulator/platform/", "emulator/net/", "emulator/cli/", "emulator/main.cpp", "handlers/hosts/", "tests/bench/",
        "tests/fuzz/", "tests/simulation/")

# (name, pattern, folders it holds in, files or folders that may, what to do instead)
BANS = [
    ("system-clock", r"\bsystem_clock::now\b|\bgettimeofday\b|\bclock_gettime\b|\btime\(nullptr\)", FOLDERS, EDGE,
     "take `now` as an argument or use the Clock port"),
    ("steady-clock", r"\bsteady_clock::now\b|\bhigh_resolution_clock\b", FOLDERS, EDGE,
     "take `now` as an argument or use the Clock port"),
    ("random", r"\brandom_device\b|\bs?rand\(|\bRAND_bytes\b|\bgetrandom\(|\barc4random", FOLDERS, EDGE,
     "use the Random port"),
    ("library-engine", r"\bmt19937|_distribution<", ("emulator", "handlers", "harness"), (),
     "use the Random port: distributions differ between libraries"),
    # Two tests look at what a handler's process is given.
    ("environment", r"\bgetenv\(", FOLDERS, EDGE + ("tests/unit/functions/", "tests/unit/handlers/"), "read the environment in the composition root and hand values down"),
    ("sleep", r"\bsleep_for\b|\bsleep_until\b|\bu?sleep\(|\bnanosleep\(", FOLDERS,
     ("emulator/net/", "emulator/platform/", "emulator/cli/", "tests/bench/"),
     "wait on the Clock port; in a test advance the virtual clock or poll with a deadline"),
    ("asio", r"#include\s*<boost/(?:asio|beast)", FOLDERS, ("emulator/net/", "tests/wire/", "tests/unit/net/", "tests/bench/"),
     "sockets belong to emulator/net"),
    ("detached", r"\bdetached\b", ("emulator", "harness", "handlers"), ("emulator/net/server.cpp", "emulator/net/runtime_api_server.cpp"),
     "give the coroutine an owner: only the server starts sessions"),
    ("co-await-temporary", r"\bco_await\b[^;]*(?:[\w>)]\{|\(\{|\[[&=\w, ]+\]\s*\()", FOLDERS, (),
     "name the temporary in a local first: GCC 12 destroys aggregates and capturing lambdas in co_await twice"),
    ("parser-get", r"async_read\w*\([^;]*\.get\(\)", FOLDERS, (), "pass the parser: its limits are lost with .get()"),
    ("open-end", r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))", FOLDERS, (), "finish it, or name the issue: TODO(#12)"),
    ("absolute-path", r"(?<![\w.])/(?:home|root|work|Users)/\w", FOLDERS, (), "no machine's paths in the project"),
    ("expected", r"\bstd::expected\b|#include\s*<expected>", FOLDERS, (), "clang 14 has none: use Result<T>"),
    ("using-namespace-std", r"\busing namespace std\s*;", FOLDERS, (), "name what you use"),
]

_S3 = {"core", "ports", "auth", "policy", "protocol", "store", "service"}
_SERVICE = {"archive", "core", "ports", "policy", "protocol", "service", "store"}
_FUNCTIONS = {"core", "ports", "store"}

# room -> rooms whose headers it may include (its own always). Arrows point downwards; services never know each other.
ARROWS = {
    "core": {"ports"},  # ids are drawn from the Random port, which is an interface and nothing more
    "ports": {"core"},
    "archive": {"core"},
    "auth": {"core"},
    "explain": {"core", "auth"},
    "policy": {"core"},
    "protocol": {"core"},
    "store": {"core", "ports"},
    "service": {"core", "ports", "policy", "store"},
    "sts": _SERVICE | {"iam"},  # hands out sessions of IAM's users and roles
    "iam": _SERVICE,
    "lambda": _SERVICE | {"auth"},  # presigns the address of a function's code
    "logs": _SERVICE,
    "s3": _S3,
    "apigateway": _SERVICE,
    "functions": _FUNCTIONS | {"archive", "policy", "service"},
    "faults": {"core", "ports", "functions", "protocol"},
    "delivery": _FUNCTIONS | {"protocol", "service"},
    "stack": _S3 | {"archive", "s3", "apigateway", "iam", "lambda"},
    "tutor": {"core", "ports", "policy", "apigateway"},
    "pipeline": _S3 | {"archive", "s3", "apigateway", "functions", "delivery", "faults", "sts", "iam", "lambda", "logs", "tutor", "stack", "explain"},
    "platform": {"core", "ports", "functions"},
    "net": {"core", "ports", "pipeline", "store", "functions"},
    "cli": None,  # the composition root knows all
}
# The one header of handlers/ that the emulator knows.
PLUGIN_ABI = "handlers/aws/plugin_abi.h"


def code_of(text):
    """Lines without comments and the insides of string literals (rough, but rules read line by line)."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    lines = []
    for line in text.split("\n"):
        line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: m.group() if line.lstrip().startswith("#include") else '""', line)
        lines.append(re.sub(r"//.*", "", line))
    return lines


def check_includes(path, line):
    match = re.match(r'\s*#include\s*[<"](emulator|handlers|harness|tests)/([^">]+)[">]', line)
    if not match:
        return None
    top, rest = match.group(1), match.group(2)
    mine = path.split("/")
    if mine[0] == "emulator":
        room = mine[1] if len(mine) > 2 else "cli"
        allowed = ARROWS.get(room, set())
        if allowed is None:
            return None
        if top == "handlers":
            return None if f"{top}/{rest}" == PLUGIN_ABI and room == "functions" else "the emulator knows only the plugin ABI"
        if top != "emulator":
            return f"emulator/ does not know {top}/"
        other = rest.split("/")[0]
        if other != room and other not in allowed:
            return f"emulator/{room} may not know emulator/{other}; move the seam down or pass it in"
        return None
    if mine[0] == "handlers":
        return None if top == "handlers" else "handlers/ ships alone: it knows nothing of the rest"
    if mine[0] == "harness":
        return "harness/ does not know tests/" if top == "tests" else None
    return None


def unordered_walks(lines, header):
    """Lines that walk an unordered container: its order may follow addresses, so no two runs need agree."""
    names = set(re.findall(r"unordered_\w+<[^;]*>\s+(\w+)\s*[;={]", "\n".join(lines) + "\n" + "\n".join(header)))
    for number, line in enumerate(lines, 1):
        for name in names:
            if re.search(rf"\bfor\s*\([^;]*:\s*(?:\w+(?:\.|->))*{name}\s*\)|\b{name}(?:\.|->)c?begin\(", line):
                yield number


def check(path, text, header=""):
    """Breaches of one file as (line number, rule, what to do)."""
    found = []
    raw = text.split("\n")
    if len(raw) > LINES_MAX:
        found.append((len(raw), "file-length", f"more than {LINES_MAX} lines: split it"))
    if path.endswith((".hpp", ".h")) and "#pragma once" not in text and "#ifndef" not in text:
        found.append((1, "pragma-once", "every header starts with #pragma once"))
    for number, (line, original) in enumerate(zip(code_of(text), raw), 1):
        for name, pattern, folders, allowed, instead in BANS:
            if not path.startswith(tuple(folder + "/" for folder in folders)) or path.startswith(allowed or ("\0",)):
                continue
            # Leftovers stand in comments, paths in strings.
            if re.search(pattern, original if name in ("open-end", "absolute-path") else line):
                found.append((number, name, instead))
        breach = check_includes(path, line)
        if breach:
            found.append((number, "include-arrow", breach))
    if not path.startswith("tests/"):
        for number in unordered_walks(code_of(text), code_of(header)):
            found.append((number, "unordered-walk", "walk an ordered container, or sort first: a seed must give one run"))
    return found


def files(root):
    for folder in FOLDERS:
        for directory, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(directory, name), root).replace(os.sep, "/")


def uncompiled(root, paths):
    """Sources that no CMakeLists.txt names: dead, or forgotten."""
    found = []
    for path in paths:
        if not path.endswith(".cpp") or path == "emulator/main.cpp":  # named from emulator/cli
            continue
        name, directory = os.path.basename(path), os.path.dirname(path)
        named = False
        while True:
            lists = os.path.join(root, directory, "CMakeLists.txt")
            if os.path.exists(lists):
                with open(lists, encoding="utf-8") as file:
                    text = file.read()
                named = re.search(rf"(?<![\w.]){re.escape(name)}\b", text) is not None or (
                    "${" in text and re.search(rf"\b{re.escape(name[:-4].split('_')[-1])}\b", text) is not None)
                if named:
                    break
            if not directory:
                break
            directory = os.path.dirname(directory)
        if not named and "/web_presign/" not in path and "/worker_move/" not in path:
            found.append((path, 1, "not-compiled", "no CMakeLists.txt names this file"))
    return found


BAD = [
    ("system-clock", "emulator/s3/a.cpp", "auto t = std::chrono::system_clock::now();"),
    ("steady-clock", "harness/a.cpp", "auto t = steady_clock::now();"),
    ("random", "emulator/store/a.cpp", "std::random_device device;"),
    ("random", "emulator/store/a.cpp", "int x = rand();"),
    ("library-engine", "harness/a.cpp", "std::mt19937 engine(7);"),
    ("environment", "emulator/functions/a.cpp", 'auto* x = std::getenv("X");'),
    ("sleep", "tests/unit/a.cpp", "std::this_thread::sleep_for(1ms);"),
    ("asio", "emulator/pipeline/a.cpp", "#include <boost/asio/post.hpp>"),
    ("detached", "emulator/net/session.cpp", "asio::co_spawn(executor, run(), asio::detached);"),
    ("co-await-temporary", "emulator/net/a.cpp", "co_await write(Slice{1, 2});"),
    ("co-await-temporary", "emulator/net/a.cpp", "co_await write({1, 2});"),
    ("co-await-temporary", "emulator/net/a.cpp", "co_await spawn([this]() -> awaitable<void> { co_return; });"),
    ("parser-get", "emulator/net/a.cpp", "co_await http::async_read(stream, buffer, parser.get(), token);"),
    ("open-end", "emulator/core/a.cpp", "// TO" + "DO: later"),
    ("absolute-path", "tests/unit/a.cpp", 'open("/ho' + 'me/me/file");'),
    ("expected", "emulator/core/a.cpp", "std::expected<int, int> x;"),
    ("using-namespace-std", "emulator/core/a.cpp", "using namespace std;"),
    ("include-arrow", "emulator/core/a.cpp", '#include "emulator/s3/errors.hpp"'),
    ("include-arrow", "emulator/s3/a.cpp", '#include "emulator/apigateway/model.hpp"'),
    ("include-arrow", "emulator/apigateway/a.cpp", '#include "emulator/s3/errors.hpp"'),
    ("include-arrow", "emulator/pipeline/a.cpp", '#include "emulator/net/server.hpp"'),
    ("include-arrow", "emulator/s3/a.cpp", '#include "handlers/aws/sigv4.hpp"'),
    ("include-arrow", "handlers/aws/a.cpp", '#include "emulator/core/time.hpp"'),
    ("file-length", "emulator/core/a.cpp", "\n" * 1000),
    ("pragma-once", "emulator/core/a.hpp", "struct A {};"),
    ("unordered-walk", "harness/a.cpp", "std::unordered_map<int, int> seen;\nfor (const auto& [a, b] : seen) {"),
    ("unordered-walk", "emulator/s3/a.cpp", "std::unordered_set<int> seen_;\nauto it = this->seen_.begin();"),
]
GOOD = [
    ("emulator/platform/a.cpp", "auto t = std::chrono::system_clock::now();"),
    ("emulator/net/server.cpp", "asio::co_spawn(executor, run(), asio::detached);"),
    ("emulator/net/a.cpp", "const Slice slice{1, 2};\nco_await write(slice);"),
    ("emulator/net/a.cpp", "if (co_await more()) {"),
    ("emulator/s3/a.cpp", '#include "emulator/core/time.hpp"\n// system_clock::now() is banned\nlog("random_device");'),
    ("emulator/functions/a.cpp", '#include "handlers/aws/plugin_abi.h"'),
    ("harness/a.cpp", "std::unordered_map<int, int> seen;\nstd::map<int, int> all;\nfor (const auto& [a, b] : all) {"),
]


def self_test():
    failed = 0
    for rule, path, snippet in BAD:
        if rule not in [name for _, name, _ in check(path, snippet)]:
            print(f"the rule {rule} misses: {snippet!r}")
            failed += 1
    for path, snippet in GOOD:
        if check(path, snippet):
            print(f"a false alarm in {snippet!r}: {check(path, snippet)}")
            failed += 1
    covered = {rule for rule, _, _ in BAD}
    for name, *_ in BANS:
        if name not in covered:
            print(f"the rule {name} has no bad snippet")
            failed += 1
    print(f"CASES {len(BAD) + len(GOOD) - failed} passed, {failed} failed")
    return failed


def main():
    root = sys.argv[1]
    if sys.argv[2:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    paths = list(files(root))
    breaches = []
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        header = ""
        beside = os.path.join(root, path[:-len(".cpp")] + ".hpp")
        if path.endswith(".cpp") and os.path.exists(beside):  # where its members are declared
            with open(beside, encoding="utf-8") as file:
                header = file.read()
        breaches += [(path, *breach) for breach in check(path, text, header)]
    breaches += uncompiled(root, paths)
    for path, line, rule, instead in breaches:
        print(f"{path}:{line}: {rule}: {instead}")
    rooms = [name for name in os.listdir(os.path.join(root, "emulator"))
             if os.path.isdir(os.path.join(root, "emulator", name))]
    for room in sorted(set(rooms) - set(ARROWS)):
        print(f"emulator/{room}: include-arrow: this room is not in the table of tests/tidy/source_rules.py")
        breaches.append(room)
    print(f"{len(paths)} files, {len(breaches)} breaches")
    sys.exit(1 if breaches else 0)


main()
