"""Loops as others write theirs: adopted in a few lines, and judged without a false alarm."""

import importlib
import inspect
import re
import unittest

import torch
from suites import AbstractTestTrainer

from .check_runs import checks_of, in_parallel, run_check

LOOPS = (
    "mnist_example.AdoptedMNISTExample",
    "vae_example.AdoptedVAEExample",
    "dcgan_example.AdoptedDCGANExample",
    "word_language_model.AdoptedWordLanguageModel",
    "min_gpt.AdoptedMinGPT",
    "pytorch_template.AdoptedPytorchTemplate",
    "regression.AdoptedFitter",
    "sequences.AdoptedLanguageModel",
    "function.AdoptedFunction",
)
# All of them write over the only checkpoint that there is: killed meanwhile, none is left.
TRUE_FINDINGS = {"test_killed_save_leaves_the_previous_checkpoint"}
# Checks of what a trainer need not have, and which a declaration or hook switches on.
OPTIONAL = {
    "test_averaged_model_has_the_buffers",
    "test_averaged_weights_are_evaluated",
    "test_averaged_weights_are_their_own",
    "test_averaged_weights_follow_the_weights",
    "test_a_schedule_is_as_long_as_the_training",
    "test_best_weights_are_kept",
    "test_clips_gradients_that_exist",
    "test_columns_of_a_stream_go_on",
    "test_each_optimizer_holds_its_own_networks",
    "test_early_stopping_counts_right",
    "test_evaluation_of_equal_probabilities",
    "test_every_network_is_trained",
    "test_first_process_logs_and_saves",
    "test_processes_draw_their_own_random_numbers",
    "test_processes_evaluate_together",
    "test_processes_have_the_same_statistics",
    "test_processes_share_every_epoch",
    "test_processes_take_the_steps_of_one",
    "test_steps_change_their_own_networks_only",
    "test_the_state_is_carried_on",
    "test_the_loss_of_an_epoch_is_the_mean_over_its_samples",
    "test_training_never_reads_the_unused_split",
    "test_weight_decay_is_where_it_belongs",
}
MOST_LINES = 25
# Why a check is not about a loop: it has no such method or argument, or says so in a declaration.
ABSENT = (
    r"skipped: .*(has no \w+\(\)|takes no|no summary|no stop_requested|declared|not told the device"
    r"|no optimizer of torch|exists only within train)"
)
LEAST = 0.6  # of the checks that are about something that the loop has


def adopted(name: str) -> type:
    module, _, cls = name.partition(".")
    return getattr(importlib.import_module(f".loops.{module}", __package__), cls)


def verdicts(name: str) -> dict[str, str]:
    """By check: "run", "skipped: " with the reason, or the text of a failure."""
    return verdicts_of(type(name, (adopted(name), unittest.TestCase), {}))


def verdicts_of(case: type) -> dict[str, str]:
    found = {}
    for check in checks_of(case):
        torch.manual_seed(0)
        result = run_check(case, check)
        problems = result.failures + result.errors
        skipped = [f"skipped: {reason}" for _, reason in result.skipped]
        found[check] = (*(text for _, text in problems), *skipped, "run")[0]
    return found


class TestLoops(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.verdicts = dict(zip(LOOPS, in_parallel(verdicts, LOOPS), strict=True))

    def test_are_adopted_in_few_lines(self):
        for name in LOOPS:
            source = inspect.getsource(adopted(name)).splitlines()
            with self.subTest(loop=name):
                self.assertLessEqual(len(list(filter(str.strip, source))), MOST_LINES)

    def test_raise_no_false_alarm(self):
        for name, found in self.verdicts.items():
            for check, verdict in found.items():
                if verdict.startswith(("run", "skipped: ")) or check in TRUE_FINDINGS:
                    continue
                with self.subTest(loop=name, check=check):
                    self.fail(verdict)

    def test_are_judged(self):
        """Most checks run that are about something which a loop has, and which are not optional."""
        for name, found in self.verdicts.items():
            general = [c for c in checks_of(AbstractTestTrainer) if c not in OPTIONAL]
            applicable = [c for c in general if not re.search(ABSENT, found[c])]
            run = [c for c in applicable if not found[c].startswith("skipped")]
            with self.subTest(loop=name, run=len(run), of=len(applicable), general=len(general)):
                self.assertGreaterEqual(len(run), LEAST * len(applicable))
                self.assertGreaterEqual(len(applicable), len(general) / 3)
