"""One run at a time in a folder; what an earlier one has left is kept; a disk may be full."""

import functools
import os
import unittest

from .run_folder import OPTIONS, RunTestCase, limit_file_size

LONG = (*OPTIONS, "--epochs=1000000", "--workers=2")


class TestOneRun(RunTestCase):
    def test_a_second_run_is_refused_until_the_first_is_killed(self):
        process = self.start(*LONG)
        self.wait_for(process)
        description = (self.log_dir / "run.json").read_bytes()
        for arguments in (OPTIONS, ("--resume",)):
            with self.subTest(arguments=arguments):
                line = self.refuse(*arguments)
                self.assertIn(f"--log-dir: another run is writing to '{self.log_dir}'. Wait", line)
        self.assertEqual((self.log_dir / "run.json").read_bytes(), description)
        self.assertIsNone(process.poll())
        process.kill()
        process.wait()  # its workers may live on for seconds
        epoch = self.checkpoint()["epoch"]
        self.train("--resume", f"--epochs={epoch}")


class TestPreviousRuns(RunTestCase):
    def test_each_is_kept_and_can_be_resumed(self):
        found, folder = [], self.log_dir
        for seed in range(3):
            printed = self.train(*OPTIONS, "--epochs=1", f"--seed={seed}")
            if seed:
                self.assertIn(f"The run before is kept in {folder}/previous_run_{seed}.\n", printed)
            found.append(self.path.read_bytes())
        self.assertEqual(self.checkpoint()["description"]["options"]["seed"], 2)
        for seed in range(2):
            self.log_dir = folder / f"previous_run_{seed + 1}"
            self.assertEqual(self.path.read_bytes(), found[seed])
            self.assertEqual(len(list(self.log_dir.glob("events.*"))), 1)
            self.assertIn("after epoch 1, step 5", self.train("--resume", "--epochs=2"))
            self.assertEqual(self.checkpoint()["description"]["options"]["seed"], seed)

    def test_what_is_not_of_a_run_stays(self):
        self.log_dir.mkdir()
        (self.log_dir / "notes.txt").touch()
        for _ in range(2):
            self.train(*OPTIONS, "--epochs=1")
        self.assertTrue((self.log_dir / "notes.txt").exists())

    def test_a_run_without_a_checkpoint_leaves_nothing_to_keep(self):
        self.train(*OPTIONS, "--epochs=1")
        self.path.unlink()
        self.train(*OPTIONS, "--epochs=1")
        self.assertEqual(list(self.log_dir.glob("previous*")), [])


@unittest.skipIf(os.name == "nt", "Windows does not limit the size of files.")
class TestFullDisk(RunTestCase):
    def test_is_one_sentence_that_says_what_is_saved(self):
        self.train(*OPTIONS, "--epochs=1")
        before = self.path.read_bytes()
        limit = functools.partial(limit_file_size, len(before) // 2)
        process = self.start("--resume", "--epochs=3", prepare=limit)
        printed = process.communicate()[0]
        self.assertEqual(process.returncode, 2, printed)
        self.assertNotIn("Traceback", printed)
        self.assertRegex(
            printed.splitlines()[-1],
            r"error: .*checkpoint\.pt could not be written: File too large\. The last checkpoint "
            r"has 1 epochs and 5 steps\. To go on: .* --resume --log-dir \"",
        )
        self.assertEqual(self.path.read_bytes(), before)
        self.assertEqual(list(self.log_dir.glob("*.tmp")), [])

    def test_before_the_first_checkpoint(self):
        """The smaller the disk, the earlier it is full: of curves, of the description."""
        for size, reason in (
            (100_000, r"checkpoint\.pt could not be written: File too large"),
            (1_000, "results: File too large"),
            (100, r"run\.json could not be written: File too large"),
        ):
            with self.subTest(size=size):
                limits = {"prepare": functools.partial(limit_file_size, size)}
                printed = self.start(*OPTIONS, **limits).communicate()[0]
                self.assertNotIn("Traceback", printed)
                pattern = f"error: .*{reason}\\. There is no checkpoint yet\\. To go on: .*--resume"
                self.assertRegex(printed.splitlines()[-1], pattern)
