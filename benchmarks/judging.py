"""Runs a suite on a subject, in a process of its own that is forked from this one."""

import contextlib
import multiprocessing
import os
import resource
import signal
import tempfile
import traceback
import unittest
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from subjects.subject import Subject, seed_everything

# A single test that takes longer is ended, and reported as an error.
SECONDS_OF_A_TEST = 60


@dataclass
class Outcome:
    """What the tests of a suite say of a subject under one seed."""

    run: int = 0
    skipped: int = 0
    messages: dict[str, list[str]] = field(default_factory=dict)  # of the tests that failed
    traces: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)  # of the tests that were skipped
    seconds: dict[str, float] = field(default_factory=dict)  # CPU time of each test
    megabytes: float = 0

    def failed(self) -> set[str]:
        return set(self.messages)


class Recorder(unittest.TestResult):
    """Seeds all generators before each test, limits its time and keeps what it says."""

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed
        self.outcome = Outcome()

    def startTest(self, test):
        super().startTest(test)
        seed_everything(self.seed)
        signal.signal(signal.SIGALRM, stop)
        signal.alarm(SECONDS_OF_A_TEST)
        self.start = cpu_seconds()

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)
        self.outcome.run += 1
        self.outcome.seconds[name_of(test)] = cpu_seconds() - self.start

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, err, str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, err, f"{err[0].__name__}: {err[1]}")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self.note(test, err, str(err[1]) if failed else f"{err[0].__name__}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        test = getattr(test, "test_case", test)
        self.outcome.reasons.setdefault(name_of(test), reason)

    def note(self, test, err, message: str):
        name = name_of(test)
        self.outcome.messages.setdefault(name, []).append(message)
        self.outcome.traces.setdefault(name, "".join(traceback.format_exception(*err)))


def name_of(test) -> str:
    """The name of a test, or of the class whose setUpClass failed."""
    return getattr(test, "_testMethodName", str(test))


def stop(*_):
    raise TimeoutError(f"Not finished after {SECONDS_OF_A_TEST} s.")


def cpu_seconds() -> float:
    """CPU time of this process and of those that it started and waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judge(subject: Subject, suite: type, seed: int) -> Outcome:
    """Runs all tests of a suite on a subject. Needs a process of its own, whose memory it reads."""
    warnings.simplefilter("ignore")
    tempfile.tempdir = tempfile.mkdtemp()  # what another process writes is never read
    subject.attributes()  # imports what the subject needs, before anything is measured
    before = peak_megabytes()
    recorder = Recorder(seed)
    unittest.defaultTestLoader.loadTestsFromTestCase(subject.test_case(suite)).run(recorder)
    outcome = recorder.outcome
    outcome.skipped = len(outcome.reasons.keys() - outcome.messages.keys())
    outcome.run -= outcome.skipped
    outcome.megabytes = peak_megabytes() - before
    return outcome


def megabytes_of_a_step(subject: Subject, suite: type) -> float:
    """What one training step of a model takes, on the test inputs. Needs a process of its own."""
    warnings.simplefilter("ignore")
    seed_everything(0)
    case = subject.test_case(suite)("setUp")
    case.setUp()
    before = peak_megabytes()
    net = case.net.train()
    optimizer = torch.optim.Adam(net.parameters())
    outputs = case.outputs_of(case.call(net, case.test_inputs))
    scores = [output.abs().square().mean() for output in outputs if output.requires_grad]
    torch.stack(scores).sum().backward()
    optimizer.step()
    return peak_megabytes() - before


def in_a_process(function: Callable, *arguments: object, seconds: float) -> object:
    """What a function returns in a forked process, or a sentence where it does not return.

    Everything that the process started ends with it.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_result, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            return f"Not finished after {seconds:.0f} s."
        return receiver.recv()
    except EOFError:
        process.join()
        return f"The process ended with exit code {process.exitcode}."
    finally:
        end_group(process)


def send_result(sender, function: Callable, arguments: tuple) -> None:
    os.setsid()  # a group of its own, so that its workers can be ended with it
    try:
        result = function(*arguments)
    except BaseException as error:
        result = f"{type(error).__name__}: {error}"
    sender.send(result)
    sender.close()


def end_group(process) -> None:
    process.join(timeout=1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
