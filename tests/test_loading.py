"""Worker processes of the generated dataset suite, where they do not start as copies."""

import os
import subprocess
import sys
import tempfile
import unittest

from . import PROJECT

# Every worker imports torch anew, for seconds: one check stands for all.
CHECK = "tests.test_dataset.TestMyMNIST.test_loads_in_worker_processes"
RUN = """
import multiprocessing, sys, unittest
multiprocessing.set_start_method("spawn")
sys.path.insert(0, sys.argv[1])
unittest.main(None, argv=["unittest", sys.argv[2]])
"""


class TestSpawn(unittest.TestCase):
    """As on macOS and Windows. What spawn cannot do, forkserver cannot either: both pickle."""

    def test_workers_load_from_another_folder_without_a_path_in_the_environment(self):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(
                [sys.executable, "-c", RUN, str(PROJECT), CHECK],
                cwd=elsewhere,
                env=environment,
                capture_output=True,
                text=True,
            )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran 1 test in .*\n\nOK\n")
