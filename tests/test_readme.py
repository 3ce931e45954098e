"""The examples of the README work in a new project; the figures in it are those of benchmarks."""

import re
import runpy
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from . import checks_page
from .rendering import TEMPLATE, generate
from .test_generation import TASKS

EMBED = runpy.run_path(str(TEMPLATE / "benchmarks" / "embed.py"))
OUTPUTS = {
    "blind_first_classifier",
    "blind_first_vae",
    "comparison",
    "detection",
    "flakes",
    "green_run",
    "kills",
    "mutation",
    "scaling",
    "suite_time",
    "throughput",
}
README = (TEMPLATE / "README.md").read_text(encoding="utf-8")
PAGES = {name: (TEMPLATE / name).read_text(encoding="utf-8") for name in EMBED["PAGES"]}
LINKING = [TEMPLATE / name for name in ("README.md", "CONTRIBUTING.md")]
LINKING += sorted((TEMPLATE / "docs").glob("*.md"))

# The dataset that the README speaks of; its splits have no sample in common.
MY_DATA = """
import torch


class MySplit(list):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.clone(), label

    def __iter__(self):
        return (self[i] for i in range(len(self)))


class MyData:
    def __init__(self):
        images = torch.rand(15, 3, 8, 8, generator=torch.Generator().manual_seed(0))
        samples = [(image, i % 2) for i, image in enumerate(images)]
        self.train_data, self.test_data, self.val_data = (MySplit(samples[i::3]) for i in range(3))


"""


class TestExamples(unittest.TestCase):
    def test_can_be_pasted_into_the_tests_of_a_project(self):
        section = README[README.index("\n## Add your own\n") : README.index("\n## What is checked")]
        model, dataset, trainer = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
        examples = {"model": model, "dataset": MY_DATA + dataset, "trainer": trainer}
        with tempfile.TemporaryDirectory() as folder:
            tests = generate(folder) / "tests"
            for name, example in examples.items():
                with (tests / f"test_{name}.py").open("a", encoding="utf-8") as file:
                    file.write(f"\n\n{example}")
            places = ("model.TestSmallVAE", "dataset.TestMyData", "trainer.TestMyTrainer")
            command = ["-m", "unittest", *(f"tests.test_{place}" for place in places)]
            done = subprocess.run(
                [sys.executable, *command], cwd=tests.parent, capture_output=True, text=True
            )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(int(re.search(r"Ran (\d+) tests", done.stderr)[1]), 40)


class TestOutputs(unittest.TestCase):
    def test_are_those_that_the_benchmarks_wrote(self):
        blocks = [block for page in PAGES.values() for block in EMBED["BLOCK"].findall(page)]
        names = {Path(name).stem for _, name, _ in blocks}
        self.assertEqual(names, OUTPUTS)
        for _, name, shown in blocks:
            with self.subTest(file=name):
                self.assertEqual(shown, (TEMPLATE / name).read_text(encoding="utf-8"))

    def test_the_commands_that_wrote_them_stand_beside_them(self):
        own = {"green_run": "failing_check"}
        for writer in {own.get(name, name.partition("_first")[0]) for name in OUTPUTS}:
            self.assertIn(f"`python benchmarks/{writer}.py", "".join(PAGES.values()))

    def test_every_file_that_is_linked_to_exists(self):
        for page in LINKING:
            for link in re.findall(r"\]\(((?!https?:)[^)#]+)\)", page.read_text(encoding="utf-8")):
                self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")

    def test_is_at_most_150_lines_long(self):
        self.assertLessEqual(len(README.splitlines()), 150)

    def test_the_list_of_checks_is_that_of_the_suites(self):
        written = checks_page.PATH.read_text(encoding="utf-8")
        self.assertEqual(written, checks_page.page(), "Run python -m tests.checks_page.")

    def test_that_of_a_project_names_every_module(self):
        for task in TASKS:
            with tempfile.TemporaryDirectory() as folder:
                project = generate(folder, task=task)
                readme = (project / "README.md").read_text(encoding="utf-8")
                modules = [path.name for path in project.glob("mnist_*/[a-z]*.py")]
            self.assertGreater(len(modules), 20)
            for module in modules:
                with self.subTest(task=task, module=module):
                    self.assertIn(module, readme)


if __name__ == "__main__":
    unittest.main()
