"""The adapters of docs/adopting.md, on the real Lightning, transformers and Ignite.

`python -m pip install -r tests/frameworks_requirements.txt` installs what they need.
"""

import ast
import math
import os
import tempfile
import time
import unittest
from importlib.util import find_spec
from pathlib import Path

import torch
from suites import AbstractTestTrainer
from torch.utils.data import DataLoader

from . import adopting_page
from .check_runs import checks_of, in_parallel
from .test_loops import LEAST, OPTIONAL, verdicts_of

ABSENT = [name for name in adopting_page.OF_FRAMEWORKS.values() if find_spec(name) is None]
CASES = (
    ("tests/test_hugging_face.py", "HuggingFaceAdapter", "TestTextClassifier"),
    ("tests/test_hugging_face.py", "HuggingFaceAdapter", "TestLanguageModel"),
    ("tests/test_lightning.py", "LightningAdapter", "TestClassifier"),
    ("tests/test_lightning.py", "LightningAdapter", "TestVAE"),
    ("tests/test_ignite.py", "IgniteAdapter", "TestClassifier"),
)
MOST_LINES = 40
WROTE = "files in the working folder"
needs_frameworks = unittest.skipIf(
    ABSENT,
    f"{', '.join(ABSENT)} cannot be imported; tests/frameworks_requirements.txt installs all that "
    f"the adapters of Lightning, Hugging Face and Ignite are run on.",
)


def verdicts(case: tuple[str, str, str]) -> dict[str, str]:
    """By check, as in test_loops; with the names of files that are left where it was run."""
    file, _, name = case
    start, before = time.perf_counter(), os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        found = verdicts_of(getattr(adopting_page.imported(file), name))
        found[WROTE] = ", ".join(os.listdir(folder))
        os.chdir(before)
    run = {kind: count(found, checks) for kind, checks in kinds_of_checks().items()}
    print(f"{file} {name}: {run}, {time.perf_counter() - start:.0f} s", flush=True)
    return found


def kinds_of_checks() -> dict[str, list[str]]:
    checks = checks_of(AbstractTestTrainer)
    return {"general": [c for c in checks if c not in OPTIONAL], "with optional ones": checks}


def count(found: dict[str, str], checks: list[str]) -> str:
    run = sum(not found[check].startswith("skipped") for check in checks)
    return f"{run} of {len(checks)} run"


def lines_of(file: str, *names: str) -> int:
    """The lines of classes in a file of the page that are not empty."""
    text = adopting_page.files()[file]
    lines = text.splitlines()
    return sum(
        bool(line.strip())
        for node in ast.parse(text).body
        if getattr(node, "name", "") in names
        for line in lines[node.lineno - 1 : node.end_lineno]
    )


class TestAdapters(unittest.TestCase):
    def test_are_short(self):
        for file, *names in CASES:
            with self.subTest(file=file, names=names):
                self.assertLessEqual(lines_of(file, *names), MOST_LINES)


@needs_frameworks
class TestFrameworks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.verdicts = dict(zip(CASES, in_parallel(verdicts, CASES), strict=True))

    def test_raise_no_false_alarm(self):
        for case, found in self.verdicts.items():
            for check in found.keys() - {WROTE}:
                if not found[check].startswith(("run", "skipped: ")):
                    with self.subTest(case=case, check=check):
                        self.fail(found[check])

    def test_are_judged(self):
        general = kinds_of_checks()["general"]
        for case, found in self.verdicts.items():
            run = [check for check in general if not found[check].startswith("skipped")]
            with self.subTest(case=case):
                self.assertGreaterEqual(len(run), LEAST * len(general))

    def test_write_nothing_where_they_are_run(self):
        for case, found in self.verdicts.items():
            with self.subTest(case=case):
                self.assertEqual(found[WROTE], "")


@needs_frameworks
class TestFindings(unittest.TestCase):
    """What the adapters declare, skip or work around, without the suites."""

    def setUp(self):
        self.lightning = adopting_page.imported("tests/test_lightning.py")
        self.hugging_face = adopting_page.imported("tests/test_hugging_face.py")

    def fit(self, module):
        settings = {"max_epochs": 1, "logger": False, **self.lightning.SETTINGS}
        loader = DataLoader(self.lightning.stripes().train_data, batch_size=4)
        self.lightning.L.Trainer(**settings).fit(module, loader)

    def test_lightning_trains_a_module_in_the_mode_it_is_in(self):
        modes = []
        module = self.lightning.Classifier().eval()
        module.layers.register_forward_hook(lambda layers, *_: modes.append(layers.training))
        self.fit(module)
        self.assertEqual(set(modes), {False})

    def test_lightning_goes_on_with_a_loss_that_is_nan(self):
        module = self.lightning.Classifier()
        torch.nn.init.constant_(module.layers[-1].bias, math.nan)
        self.fit(module)
        self.assertTrue(module.layers[-1].weight.isnan().all())

    def text_trainer(self, folder: str, model):
        page = self.hugging_face
        args = page.TrainingArguments(folder, **{**page.SETTINGS, "num_train_epochs": 1})
        data = page.labelled_texts().train_data
        trainer = page.Trainer(model, args, train_dataset=data, eval_dataset=data)
        trainer.remove_callback(page.transformers.PrinterCallback)
        return trainer

    def test_hugging_face_logs_a_loss_that_is_nan_as_0(self):
        model = self.hugging_face.classifier()
        torch.nn.init.constant_(model.classifier.bias, math.nan)
        with tempfile.TemporaryDirectory() as folder:
            trainer = self.text_trainer(folder, model)
            trainer.train()
        logged = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        self.assertEqual(logged, [0.0])

    def test_hugging_face_pickles_whole_objects(self):
        with tempfile.TemporaryDirectory() as folder:
            self.text_trainer(folder, self.hugging_face.classifier()).train()
            for name in ("rng_state.pth", "training_args.bin"):
                (file,) = Path(folder).rglob(name)
                with self.assertRaisesRegex(Exception, "Unsupported global"):
                    torch.load(file, weights_only=True)

    def test_hugging_face_resumes_without_a_weight(self):
        from safetensors.torch import load_file, save_file

        with tempfile.TemporaryDirectory() as folder:
            self.text_trainer(folder, self.hugging_face.classifier()).train()
            (file,) = Path(folder).rglob("model.safetensors")
            weights = load_file(file)
            del weights["classifier.weight"]
            save_file(weights, file, {"format": "pt"})
            trainer = self.text_trainer(folder, self.hugging_face.classifier())
            trainer.args.num_train_epochs = 2
            trainer.train(resume_from_checkpoint=str(file.parent))
        self.assertEqual(trainer.state.epoch, 2)


if __name__ == "__main__":
    unittest.main()
