"""What a new user sees: the questions, the end message, and odd places to start from."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from .rendering import TEMPLATE, contents, copy_of_the_template, generate, run_cookiecutter


def transcript(output: str, typed: tuple[str, ...], folder: str) -> str:
    """What a terminal shows, where the typed lines appear behind the questions."""
    for answer, after in zip(typed, ("  [2/4]", "  [3/4]", "  [4/4]", "Your project"), strict=True):
        output = output.replace(f": {after}", f": {answer}\n{after}", 1)
    return output.replace(folder + os.sep, "/home/me/")


class FirstRunTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.default = contents(generate(self.folder / "expected"))

    def check_default_project(self, done: subprocess.CompletedProcess, output_dir: Path):
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(contents(output_dir / "mnist-vae"), self.default)


class TestQuestions(FirstRunTestCase):
    def test_accepting_the_defaults_gives_the_default_project(self):
        done = run_cookiecutter(self.folder / "new", typed="\n\n\n\n")
        self.check_default_project(done, self.folder / "new")
        end = done.stdout[done.stdout.index("Your project is in") :]
        words = ("mnist-vae", "pip install", "unittest", "mnist_vae.run", "README.md")
        for word in (str(self.folder / "new"), *words):
            self.assertIn(word, end)
        self.assertNotIn("differs", end)
        self.assertEqual(len(end.splitlines()), 6)

    def test_the_documentation_shows_them_and_the_end_as_they_are_printed(self):
        typed = ("1", "Zürich digits", "Digit Lab", "2")
        done = run_cookiecutter(self.folder, typed="".join(f"{answer}\n" for answer in typed))
        page = (TEMPLATE / "docs" / "questions.md").read_text(encoding="utf-8")
        self.assertIn(transcript(done.stdout, typed, str(self.folder)), page)

    def test_nothing_but_the_message_depends_on_the_hook(self):
        done = run_cookiecutter(self.folder / "new", "--no-input", "--accept-hooks", "no")
        self.check_default_project(done, self.folder / "new")
        self.assertEqual(done.stdout, "")

    def test_the_console_may_know_ascii_only(self):
        done = run_cookiecutter(
            self.folder / "Käse", typed="1\n1\n\n\n", PYTHONUTF8="0", PYTHONIOENCODING="ascii"
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("my-1\nIts name differs from what you typed", done.stdout)

    def test_an_existing_folder_is_left_alone(self):
        (self.folder / "mnist-vae").mkdir()
        done = run_cookiecutter(self.folder, "--no-input")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r'\AError: ".*mnist-vae" directory already exists\n\Z')
        self.assertEqual(os.listdir(self.folder / "mnist-vae"), [])


class TestPlaces(FirstRunTestCase):
    def test_blanks_and_umlauts_in_all_paths(self):
        template = copy_of_the_template(self.folder / "my Löschblatt template")
        output_dir = self.folder / "my Übungs projects"
        done = run_cookiecutter(output_dir, "--no-input", template=template)
        self.check_default_project(done, output_dir)

    @unittest.skipIf(
        hasattr(os, "geteuid") and os.geteuid() == 0, "The administrator may write everywhere."
    )
    def test_a_template_that_cannot_be_written(self):
        template = copy_of_the_template(self.folder / "template")
        folders = [template, *(path for path in template.rglob("*") if path.is_dir())]
        for folder in folders:
            self.addCleanup(folder.chmod, folder.stat().st_mode)
            folder.chmod(0o555)
        done = run_cookiecutter(self.folder / "new", "--no-input", template=template)
        self.check_default_project(done, self.folder / "new")


if __name__ == "__main__":
    unittest.main()
