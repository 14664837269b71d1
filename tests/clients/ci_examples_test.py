#!/usr/bin/env python3
"""The examples for continuous integration in harness/ci, held against this tree: what they name is there.

    ci_examples_test.py BINARY [CASE...]
"""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from client_lab import case, clients_directory, equal, run_cases, skipped

BINARY = os.path.abspath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CI = os.path.join(ROOT, "harness", "ci")
WORKFLOW = os.path.join(CI, "handlers.yml")
DOCKERFILE = os.path.join(CI, "Dockerfile")
# Programs a script may call: of the images named, of the packages installed there, or made by an earlier step.
PROGRAMS = {"apt-get", "mkdir", "echo", "rm", "useradd", "cmake", "ctest", "python3", "venv/bin/pip", "venv/bin/pytest", "npm", "node",
            "benchtop"}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def workflow():
    """The workflow as data, or None without a YAML parser."""
    for python in (sys.executable, os.path.join(clients_directory(), "clients-venv", "bin", "python"), "/usr/bin/python3"):
        if shutil.which(python):
            done = subprocess.run([python, "-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"],
                                  input=text_of(WORKFLOW), capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return json.loads(done.stdout)
            assert "No module named" in done.stderr, done.stderr
    return None


WORKFLOW_DATA = workflow()


def steps():
    return WORKFLOW_DATA["jobs"]["handlers"]["steps"]


def docker_instructions():
    """[(instruction, argument)], continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text_of(DOCKERFILE), flags=re.M))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def commands(script):
    """The simple commands of a script without loops and conditions: a list of words each."""
    for line in re.sub(r"\\\n\s*", "", script).splitlines():
        words, command = shlex.split(line.replace("&&", " ; ")), []
        for word in [*words, ";"]:
            if word != ";":
                command.append(word)
            elif command:
                yield command
                command = []


def scripts():
    for step in steps() if WORKFLOW_DATA else []:
        if "run" in step:
            yield step["name"], step["run"]
    for instruction, argument in docker_instructions():
        if instruction == "RUN":
            yield "Dockerfile", argument


def packages(script):
    for words in commands(script):
        if words[:2] == ["apt-get", "install"]:
            return {word for word in words[2:] if not word.startswith("-")}
    return set()


@functools.lru_cache(maxsize=None)
def options_of(subcommand):
    """The options `benchtop SUBCOMMAND --help` lists."""
    done = subprocess.run([BINARY, subcommand, "--help"], capture_output=True, text=True, check=False)
    equal(done.returncode, 0, f"benchtop {subcommand}")
    return set(re.findall(r"^\s+(?:-\w,)?(--[\w-]+)", done.stdout, re.M))


def built_packages():
    """What ./benchtop installs to build."""
    found = re.search(r"build_packages=\((.*?)\)", text_of(os.path.join(ROOT, "benchtop")), re.S)
    return set(found.group(1).split())


@case
def the_workflow_is_yaml_of_the_form_github_documents():
    if WORKFLOW_DATA is None:
        skipped("ci-examples' workflow", "there is no PyYAML")
        return
    assert "push" in WORKFLOW_DATA["on"] and WORKFLOW_DATA["permissions"] == {"contents": "read"}
    for step in steps():
        assert ("run" in step) != ("uses" in step), step
        assert set(step) <= {"name", "id", "if", "uses", "with", "run", "env"}, step
        assert "uses" not in step or re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), step
    ids = {step["id"] for step in steps() if "id" in step}
    equal(set(re.findall(r"steps\.(\w+)\.", text_of(WORKFLOW))), ids, "steps that are spoken of")


@case
def linters_have_nothing_to_say():
    for name, command in (("actionlint", ["actionlint", WORKFLOW]),
                          ("yamllint", ["yamllint", "-d", "{extends: default, rules: {line-length: {max: 132}}}", WORKFLOW]),
                          ("hadolint", ["hadolint", "--ignore", "DL3008", DOCKERFILE])):
        if not shutil.which(name):
            skipped(f"ci-examples under {name}", f"{name} is not installed")
            continue
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        equal(done.returncode, 0, done.stdout + done.stderr)


@case
def scripts_are_bash_and_call_what_exists():
    for name, script in scripts():
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        equal((done.returncode, done.stderr), (0, ""), name)
        for words in commands(script):
            assert words[0] in PROGRAMS, f"{name}: {words[0]}"
            if words[0] == "benchtop":
                own = words[: words.index("--")] if "--" in words else words
                unknown = {word for word in own if word.startswith("--")} - options_of(words[1])
                equal(unknown, set(), f"{name}: benchtop {words[1]}")


@case
def packages_are_those_the_build_needs():
    for name, script in scripts():
        installed = packages(script)
        if "g++" in installed:
            equal(built_packages() - installed, set(), f"{name} lacks")


@case
def the_image_has_every_library_the_binary_needs():
    if not shutil.which("dpkg-query") or "VERSION_ID=\"12\"" not in text_of("/etc/os-release"):
        skipped("ci-examples' libraries", "this is not Debian 12")
        return
    listed = packages([argument for instruction, argument in docker_instructions() if instruction == "RUN"][-1])
    plugins = os.path.join(os.path.dirname(os.path.dirname(BINARY)), "handlers", "plugins")
    built = [BINARY, os.path.join(plugins, "web_presign.so"), os.path.join(plugins, "worker_move.so")]
    libraries = set(re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", *built], capture_output=True, text=True, check=True).stdout))
    owners = subprocess.run(["dpkg-query", "-S", *(f"*/{library}" for library in libraries)], capture_output=True, text=True,
                            check=False).stdout
    needed = {owner for owner in (line.partition(":")[0] for line in owners.splitlines()) if not owner.endswith("-dev")}
    assert "libboost-json1.81.0" in needed, needed
    equal(needed - listed - {"libc6", "libgcc-s1", "libstdc++6"}, set(), "the image lacks")


@case
def targets_presets_and_paths_exist():
    presets = {one["name"] for one in json.loads(text_of(os.path.join(ROOT, "CMakePresets.json")))["configurePresets"]}
    declared = "".join(text_of(os.path.join(ROOT, *path)) for path in (("emulator", "cli", "CMakeLists.txt"), ("handlers", "CMakeLists.txt")))
    seen = set()
    for name, script in scripts():
        for words in commands(script):
            for option, value in zip(words, words[1:]):
                if option == "--preset":
                    assert value in presets, value
            if "--target" in words:
                for target in words[words.index("--target") + 1:]:
                    seen.add(target)
                    assert re.search(rf"(add_executable|benchtop_handler)\({target}\b", declared), f"{name}: {target}"
            for word in words:
                for path in re.findall(r"(?:^|/)(harness/[\w./-]+)", word):
                    assert os.path.exists(os.path.join(ROOT, path)), f"{name}: {path}"
                made = re.fullmatch(r"build/(\w+)\.so", word)
                assert not made or f"benchtop_handler({made.group(1)} " in text_of(
                    os.path.join(ROOT, "harness", "examples", "catch2", "CMakeLists.txt")), word
    equal(seen, {"benchtop", "web_presign", "worker_move"})


@case
def the_dockerfile_is_one():
    instructions = docker_instructions()
    known = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    equal({instruction for instruction, _ in instructions} - known, set())
    stages = [argument for instruction, argument in instructions if instruction == "FROM"]
    equal(stages, ["debian:12 AS build", "debian:12"])
    last = {instruction: argument for instruction, argument in instructions}
    assert last["USER"] not in ("root", "0")
    for argument in (last["ENTRYPOINT"], last["CMD"], last["HEALTHCHECK"].partition(" CMD ")[2]):
        assert all(isinstance(word, str) for word in json.loads(argument)), argument
    entry, arguments = json.loads(last["ENTRYPOINT"]), json.loads(last["CMD"])
    equal(entry, ["benchtop"])
    equal({word for word in arguments if word.startswith("--")} - options_of(arguments[0]), set())
    equal(json.loads(last["HEALTHCHECK"].partition(" CMD ")[2]), ["benchtop", "clock", "show"])
    for instruction, argument in instructions:
        if instruction == "COPY" and "--from=" in argument:
            assert argument.split()[1].startswith("/opt/benchtop/"), argument
        if instruction == "RUN" and "apt-get" in argument:
            assert "--no-install-recommends" in argument and "rm -rf /var/lib/apt/lists/*" in argument, argument


run_cases()
