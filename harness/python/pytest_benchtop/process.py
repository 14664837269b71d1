"""A process of Benchtop: found, started on free ports, ended. Nothing here needs pytest or boto3.

It is started by `benchtop exec`, around a command that reads its standard input to the end: when whoever holds the
other end closes it, or dies by whatever signal, command and emulator end as well. No instance outlives its tests.
"""

import os
import selectors
import shutil
import subprocess
import tempfile
import time

START_SECONDS = 20
STOP_SECONDS = 20

_TOLD = ("BENCHTOP_PORT", "BENCHTOP_API_PORT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
_COMMAND = ("sh", "-c", 'printf "%s\\n" ' + " ".join(f'"${name}"' for name in _TOLD) + "; exec cat >/dev/null")


class BenchtopError(Exception):
    """Benchtop could not be started, or refused what was asked of it; the text says why."""


class Process:
    """A running emulator. `told` holds the variables named in _TOLD."""

    def __init__(self, binary, options=()):
        self._log = tempfile.TemporaryFile(prefix="benchtop-test.")
        self._process = subprocess.Popen(
            [os.path.abspath(binary), "exec", "--endpoint", *options, "--", *_COMMAND],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            start_new_session=True,  # ^C is for the tests, which then end it
        )
        lines = self._first_lines(len(_TOLD))
        if len(lines) != len(_TOLD):
            self._process.kill()
            log = self.log()
            self.stop()
            raise BenchtopError(f"{binary} does not start:\n{log}")
        self.told = dict(zip(_TOLD, lines))

    def _first_lines(self, count):
        """That many lines, or fewer when it ends or takes too long."""
        text, end = b"", time.monotonic() + START_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while text.count(b"\n") < count and selector.select(max(0, end - time.monotonic())):
                data = os.read(self._process.stdout.fileno(), 4096)
                if not data:
                    break
                text += data
        return text.decode().splitlines()

    def is_running(self):
        return self._process.poll() is None

    def log(self):
        """What the process itself printed."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def stop(self):
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()


def find_binary(given=None):
    """The program that was named, that of BENCHTOP_BIN, the one on PATH, or the one built in the tree around us."""
    named = given or os.environ.get("BENCHTOP_BIN")
    found = shutil.which(named or "benchtop") or (None if named else _built_in_tree())
    if not found:
        raise BenchtopError(
            f"there is no program {named}" if named
            else "no benchtop on PATH: put it there, set BENCHTOP_BIN, or give --benchtop-bin"
        )
    return found


def _built_in_tree():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    return shutil.which(os.path.join(root, "build", "release", "emulator", "benchtop"))
