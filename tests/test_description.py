"""How to repeat a run stands in run.json and in the checkpoint, whatever happens to one of them."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import torch

from . import PROJECT
from .run_folder import OPTIONS, RunTestCase

BROKEN = {
    "empty": b"",
    "a list": b"[]",
    "no options": b"{}",
    "options are a number": b'{"options": 3}',
    "deep nesting": b"[" * 100_000,
    "no text": b"\xff\xfe\x00",
    "a seed that is none": b'{"options": {"seed": "x"}}',
    "another type": b'{"options": {"batch_size": [1]}}',
    "an unknown option": b'{"options": {"seed": 1, "colour": "red"}}',
    "help": b'{"options": {"help": true}}',
    "resumes are a number": b'{"options": {}, "resumed": 3}',
    "a device that is not here": b'{"options": {"device": "tpu"}}',
    "cut off": b'{"options": {"seed": 1, ',
}


class DescriptionTestCase(RunTestCase):
    def setUp(self):
        super().setUp()
        self.description = self.log_dir / "run.json"

    def read(self) -> dict:
        return json.loads(self.description.read_text(encoding="utf-8"))


class TestBrokenDescription(DescriptionTestCase):
    def test_without_a_checkpoint_it_is_named_and_left_alone(self):
        self.log_dir.mkdir()
        for what, content in BROKEN.items():
            with self.subTest(what):
                self.description.write_bytes(content)
                line = self.refuse("--resume")
                self.assertRegex(line, f"error: {re.escape(str(self.description))} (is|has) ")
                self.assertEqual(self.description.read_bytes(), content)

    def test_the_checkpoint_has_all_of_it(self):
        self.train(*OPTIONS, "--epochs=1", "--seed=3")
        whole = self.description.read_bytes()
        for what, content in {**BROKEN, "missing": None}.items():
            with self.subTest(what):
                self.description.unlink()
                if content is not None:
                    self.description.write_bytes(content)
                printed = self.train("--resume")
                self.assertIn(f"The options are those in {self.path}.\n", printed)
                self.assertIn(str(self.description), printed.splitlines()[0])
                self.assertIn("Going on after epoch 1, step 5.", printed)
                self.assertEqual(self.description.read_bytes(), whole)

    def test_both_broken_the_first_is_named(self):
        self.log_dir.mkdir()
        self.path.write_bytes(b"no checkpoint")
        self.assertIn(f"{self.path} is damaged", self.refuse("--resume"))
        self.description.write_bytes(b"{}")
        self.assertIn(f"{self.description} is no description", self.refuse("--resume"))

    def test_a_device_that_is_not_here_can_be_given_anew(self):
        self.train(*OPTIONS, "--epochs=1")
        text = self.description.read_text().replace('"cpu"', '"tpu"')
        self.description.write_text(text)
        printed = self.train("--resume", "--device=cpu")
        self.assertIn("Going on", printed.splitlines()[0])


class TestDescription(DescriptionTestCase):
    def test_says_how_to_repeat_the_run(self):
        self.train(*OPTIONS, "--epochs=1", "--seed=3")
        description = self.read()
        self.assertRegex(description["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
        self.assertEqual(description["options"]["seed"], 3)
        self.assertEqual(description["options"]["bottleneck_dim"], 4)
        self.assertEqual(description["versions"]["torch"], torch.__version__)
        self.assertIsNone(description["commit"])  # the project of these tests is in no repository
        self.assertEqual(self.checkpoint()["description"], description)

    def test_a_resume_that_changes_nothing_writes_nothing(self):
        self.train(*OPTIONS, "--epochs=1")
        before = self.description.stat()
        self.train("--resume")
        after = self.description.stat()
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))

    def test_a_resume_adds_what_is_new_to_what_was(self):
        self.train(*OPTIONS, "--epochs=1")
        began = self.read()
        began["versions"]["torch"] = "1.0"
        self.description.write_text(json.dumps(began))
        self.train("--resume", "--epochs=2")
        self.train("--resume", "--epochs=3", "--learning-rate=1e-4")
        found = self.read()
        resumed = found.pop("resumed")
        self.assertEqual(found, began)
        self.assertEqual([entry["step"] for entry in resumed], [5, 10])
        self.assertEqual([entry["options"]["epochs"] for entry in resumed], [2, 3])
        self.assertEqual(resumed[0]["versions"]["torch"], torch.__version__)
        self.assertEqual(resumed[1]["options"]["learning_rate"], 1e-4)

    def test_is_written_whole_or_not_at_all(self):
        self.train(*OPTIONS, "--epochs=1")
        before = self.description.read_bytes()
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with mock.patch("os.fsync", side_effect=full):
            line = self.failure("--resume", "--epochs=2")
        self.assertIn(f"{self.description} could not be written: No space left on device", line)
        self.assertEqual(self.description.read_bytes(), before)
        self.assertEqual(list(self.log_dir.glob("*.tmp")), [])


class TestCommit(DescriptionTestCase):
    def test_is_that_of_the_code(self):
        with tempfile.TemporaryDirectory() as folder:
            repository = Path(folder, "project")
            shutil.copytree(PROJECT / "mnist_vae", repository / "mnist_vae")
            who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
            for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "First"]):
                subprocess.run(["git", *command], cwd=repository, check=True)
            ask = [sys.executable, "-c", "from mnist_vae.tracking import commit; print(commit())"]

            def answer() -> str:
                environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
                done = subprocess.run(
                    ask, cwd=repository, env=environment, check=True, capture_output=True, text=True
                )
                return done.stdout.strip()

            self.assertTrue(re.fullmatch(r"[0-9a-f]{40}", answer()), answer())
            with (repository / "mnist_vae" / "tracking.py").open("a") as file:
                file.write("# changed\n")
            self.assertTrue(re.fullmatch(r"[0-9a-f]{40}-dirty", answer()), answer())
