"""The fixtures and the report section."""

import sys

import pytest

from .instance import Benchtop
from .process import BenchtopError, find_binary

# How long a test's handlers may go on after it before the instance is given up.
SETTLE_SECONDS = 5

_INSTANCE = pytest.StashKey()


def pytest_addoption(parser):
    parser.getgroup("benchtop").addoption(
        "--benchtop-bin", metavar="FILE",
        help="the program benchtop (default: BENCHTOP_BIN, the one on PATH, or the one built in its tree)",
    )


class Instances:
    """The instances of this session (under xdist: of this worker), one for each stack that tests ask for."""

    def __init__(self, binary):
        self._binary = binary
        self._running = {}

    def fresh(self, stack):
        """An instance where nothing has happened yet and nothing is going on."""
        instance = self._running.pop(stack, None)
        if instance is not None and not self._begin_anew(instance):
            instance.stop()
            instance = None
        self._running[stack] = instance or Benchtop(self._binary, stack=stack)
        return self._running[stack]

    @staticmethod
    def _begin_anew(instance):
        try:
            # A handler that still runs would be refused after the reset, and be seen by the next test.
            instance.settle(SETTLE_SECONDS, retries="ignore")
            instance.reset()
            return True
        except (BenchtopError, OSError):
            return False

    def stop(self):
        for instance in self._running.values():
            instance.stop()
        self._running.clear()


@pytest.fixture(scope="session")
def benchtop_binary(request):
    """The program; a test that needs it fails when there is none."""
    try:
        return find_binary(request.config.getoption("--benchtop-bin"))
    except BenchtopError as missing:
        why = str(missing)
    pytest.fail(why, pytrace=False)


@pytest.fixture(scope="session")
def benchtop_instances(benchtop_binary):
    instances = Instances(benchtop_binary)
    yield instances
    instances.stop()


@pytest.fixture
def benchtop_stack():
    """The template to deploy instead of the lab: override it to return a path."""
    return None


@pytest.fixture
def benchtop(request, monkeypatch, benchtop_instances, benchtop_stack):
    """A Benchtop as if just started; the environment leads clients to it until the test ends."""
    instance = benchtop_instances.fresh(benchtop_stack and str(benchtop_stack))
    for name, value in instance.environment.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    if "boto3" in sys.modules:  # its default session remembers credentials of an earlier environment
        monkeypatch.setattr(sys.modules["boto3"], "DEFAULT_SESSION", None)
    request.node.stash[_INSTANCE] = instance
    yield instance
    del request.node.stash[_INSTANCE]


@pytest.fixture
def benchtop_clock(benchtop):
    """The lab's clock."""
    return benchtop.clock


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What Benchtop saw belongs to a failing test's report."""
    outcome = yield
    report = outcome.get_result()
    instance = item.stash.get(_INSTANCE, None)
    if call.when == "call" and report.failed and instance is not None:
        try:
            story = instance.story()
        except Exception as why:  # the instance may have ended; the test's own failure counts
            story = f"Benchtop does not answer: {why}\n{instance.own_log()[-4000:]}"
        if story:
            report.sections.append(("Benchtop", story))
