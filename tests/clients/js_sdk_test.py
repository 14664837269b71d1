#!/usr/bin/env python3
"""The AWS SDK for JavaScript v3: virtual hosts by default, default checksums, presigned PUT with fetch."""

import os
import subprocess
import sys

from client_lab import Emulator, clients_directory, find_program, nothing_to_run, skipped

HERE = os.path.dirname(os.path.abspath(__file__))
modules = os.path.join(clients_directory(), "clients-node", "node_modules")
node = find_program("node")
if not node:
    skipped("js-sdk", "node is not on this machine")
    nothing_to_run()
if not os.path.isdir(os.path.join(modules, "@aws-sdk", "s3-request-presigner")):
    skipped("js-sdk", "@aws-sdk/client-s3 and s3-request-presigner are not installed (tests/clients/install)")
    nothing_to_run()



def run(lab, name):
    # Node looks for modules beside the script.
    script = os.path.join(os.path.dirname(modules), name)
    with open(os.path.join(HERE, name), encoding="utf-8") as source, open(script, "w", encoding="utf-8") as copy:
        copy.write(source.read())
    environment = {k: v for k, v in lab.environment.items() if k != "AWS_ENDPOINT_URL"}
    return subprocess.run([node, script, str(lab.port), str(lab.api_port)], env=environment, timeout=120,
                          stdin=subprocess.DEVNULL, check=False).returncode


with Emulator(sys.argv[1]) as lab:
    status = run(lab, "js_sdk_cases.mjs")
    if not os.path.isdir(os.path.join(modules, "@aws-sdk", "client-apigatewayv2")):
        skipped("js-sdk control planes", "@aws-sdk/client-lambda and its siblings are not installed (tests/clients/install)")
    else:
        status = run(lab, "js_control_cases.mjs") or status
    if status:
        print(lab.log_text()[-4000:])
sys.exit(status)
