"""The examples of the README work in a new project, and its runs are those of the benchmarks."""

import re
import runpy
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .rendering import TEMPLATE, generate

BLOCK = runpy.run_path(str(TEMPLATE / "benchmarks" / "embed.py"))["BLOCK"]
OUTPUTS = {
    "comparison",
    "detection",
    "flakes",
    "green_run",
    "mutation",
    "scaling",
    "suite_time",
    "throughput",
}
README = (TEMPLATE / "README.md").read_text(encoding="utf-8")

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
        blocks = BLOCK.findall(README)
        names = {Path(name).stem for _, name, _ in blocks}
        self.assertEqual(names, OUTPUTS)
        for _, name, shown in blocks:
            with self.subTest(file=name):
                self.assertEqual(shown, (TEMPLATE / name).read_text(encoding="utf-8"))

    def test_the_commands_that_wrote_them_stand_beside_them(self):
        for writer in OUTPUTS - {"green_run"} | {"failing_check"}:
            self.assertIn(f"`python benchmarks/{writer}.py", README)

    def test_every_file_it_links_to_exists(self):
        links = re.findall(r"\]\(((?!https?:)[^)]+)\)", README)
        self.assertGreater(len(links), 5)
        for link in links:
            self.assertTrue((TEMPLATE / link).exists(), link)

    def test_the_tree_names_every_module_of_the_project(self):
        (package,) = TEMPLATE.glob("{{*/{{*package_name}}")
        for module in package.glob("[a-z]*.py"):
            self.assertIn(module.name, README)


if __name__ == "__main__":
    unittest.main()
