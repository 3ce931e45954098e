"""A run that is asked to stop finishes its step and saves."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from .distributed import all_gather_objects, started_by_torchrun
from .loading import SIGNALS
from .loop import Loop

NUMBERS = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]


@contextmanager
def stopping_on_signals(trainer: Loop) -> Iterator[list[int]]:
    """Within it, a signal lets the trainer finish its step and save. A second one ends at once.

    Gives the numbers of the signals that have come.
    """
    received: list[int] = []

    def stop(number, frame):
        received.append(number)
        trainer.stop_requested = True
        # A terminal sends Ctrl-C to all processes, and torchrun passes it on once more.
        if not started_by_torchrun():
            for each in numbers:
                signal.signal(each, signal.SIG_DFL)

    # Of a run that nohup has started, SIGHUP is ignored.
    numbers = [n for n in NUMBERS if n == signal.SIGINT or signal.getsignal(n) != signal.SIG_IGN]
    handlers = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def exit_status(trainer: Loop, received: list[int]) -> int:
    """That of a shell for a process that a signal has ended; 0 for a run that nothing stopped.

    The same in all processes, of which each may have been sent a signal of its own, or none.
    """
    number = (received or [signal.SIGINT])[0] if trainer.stop_requested else 0
    number = max(all_gather_objects(number))
    return 128 + number if number else 0
