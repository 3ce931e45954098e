# SPDX-License-Identifier: MIT
"""Whether targets belong to the inputs that they stand beside."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from . import chance
from .contract import DatasetContract
from .guessing import Guesses, classes_of, guess, guesses_within, halves
from .reading import leaves
from .sampling import samples_at
from .vectors import sketch

Pair = tuple[Tensor, Tensor]  # sketches of inputs (n, features), and classes (n,)

# The probability of each false alarm, and of taking for a dependence what is none.
FALSE_ALARMS = 1e-6
# What is less likely by luck is not called a guess by chance.
BY_LUCK = 0.01
# With fewer samples in a half nothing can be told.
ENOUGH = 10


class MatchingTests(DatasetContract):
    """Tests of inputs against targets. Part of AbstractTestDataset.

    Classes of one half of the samples are guessed from the other half. Where targets stand in
    any order, the number of hits is binomial; what is less likely than 1e-6 shows that targets
    depend on inputs. Nothing is said of targets that a small model cannot guess in any split.
    """

    def test_targets_match_their_inputs(self):
        """Where targets can be guessed from inputs in one split, they can in the others.

        Found are targets that are shuffled, that stand beside the next sample's input, and classes
        that have other numbers in another split.
        """
        splits = self.readable_splits()
        with all_seeded(0):
            found = self.sketched(splits)
            within = self.guesses(found)
            best = min(within, key=lambda name: within[name].by_luck())
            for name, guesses in within.items():
                with self.subTest(split=name):
                    if guesses.by_luck() > BY_LUCK:
                        self.check_neighbours(name, splits[name], *found[name])
                        self.check_order(name, guesses, best, within[best])
            shown = {n: f for n, f in found.items() if within[n].by_luck() < FALSE_ALARMS}
            first = next(iter(shown), "")
            for name in list(shown)[1:]:
                with self.subTest(splits=(first, name)):
                    self.check_numbers(first, shown[first], name, shown[name])
        if not shown:
            self.skipTest("Targets cannot be guessed from inputs by a small model, in any split.")

    def sketched(self, splits: dict) -> dict[str, tuple[Tensor, Tensor]]:
        """Sketches of the inputs (n, features) and classes (n,) of every split with targets."""
        read, targets = {}, {}
        for name, split in splits.items():
            samples = samples_at(split, self.probes(split))
            read[name] = [self.inputs(sample) for sample in samples]
            targets[name] = [self.targets(sample) for sample in samples]
            if not all(targets[name]) or len(samples) < 2 * ENOUGH:
                del read[name], targets[name]
        classes = classes_of(sum(targets.values(), [])) if targets else None
        if classes is None or len({len(x) for xs in read.values() for x in xs}) != 1:
            self.skipTest("There are no targets, too few samples, or only one target.")
        sizes = [len(part) for part in read.values()]
        sketches = sketch(sum(read.values(), []))
        parts = zip(sketches.split(sizes), classes.split(sizes), strict=True)
        return dict(zip(read, parts, strict=True))

    def guesses(self, found: dict) -> dict[str, Guesses]:
        """Guesses within each split, from equally many samples."""
        known = min(len(inputs) for inputs, _ in found.values()) // 2
        return {name: guesses_within(x, classes, known) for name, (x, classes) in found.items()}

    def check_order(self, name: str, guesses: Guesses, best: str, best_guesses: Guesses):
        """Fails where one split is no better than chance, and another one far better.

        That is, where so few hits are less likely than 1e-6 even if the inputs of this split said
        half as much of their targets as those of the other.
        """
        if best_guesses.by_luck() > FALSE_ALARMS:
            return
        if guesses.half_as_good(best_guesses) < FALSE_ALARMS:
            self.fail(
                f"{name}: from the inputs {guesses} targets are guessed right, as many as by "
                f"chance; in {best} they are {best_guesses}.\nAre inputs or targets of {name} "
                f"shuffled, sorted or shifted without the others?"
            )

    def check_neighbours(self, name: str, split, inputs: Tensor, classes: Tensor):
        """Fails where inputs tell the targets of the next or the previous sample, not their own."""
        probes = self.probes(split)
        for step in (1, -1):
            inside = [i for i, probe in enumerate(probes) if 0 <= probe + step < len(split)]
            if len(inside) < 2 * ENOUGH:
                continue
            theirs: Tensor | None
            if probes[1] - probes[0] == 1:
                theirs = classes[[i + step for i in inside]]
            else:
                samples = samples_at(split, [probes[i] + step for i in inside])
                theirs = classes_of([self.targets(sample) for sample in samples])
            if theirs is None:
                continue
            guesses = guesses_within(inputs[inside], theirs, len(inside))
            if guesses.by_luck() < FALSE_ALARMS / 2 and not self.overlap(split, probes):
                self.fail(
                    f"{name}: {guesses} targets are guessed right from the input of the "
                    f"{'previous' if step > 0 else 'next'} sample, no more than by chance from "
                    f"their own.\nAre targets shifted by one, as where a header was read as a row?"
                )

    def overlap(self, split, probes: list[int]) -> bool:
        """Whether neighbours share values, as windows over a series do: they tell of each other."""
        shared = []
        for index in probes[: min(len(probes), len(split) - 2) : max(1, len(probes) // 16)]:
            here, there = (leaves(self.input_of(split[i]))[0].flatten() for i in (index, index + 1))
            far = leaves(self.input_of(split[(index + len(split) // 2) % len(split)]))[0].flatten()
            means = [torch.isin(here, other).double().mean().item() for other in (there, far)]
            shared.append(means[0] - means[1])
        return sum(shared) / max(1, len(shared)) > 0.25

    def check_numbers(self, first: str, known: Pair, name: str, asked: Pair):
        """Fails where classes of one split are guessed as certain other ones in another split.

        Which ones is looked up in half of the samples. In the other half, each of them must be
        guessed as that other class more often than as itself, and in all so much more often that
        chance explains it with a probability below 1e-6.
        """
        guessed, classes = guess(known[0], known[1], asked[0]), asked[1]
        one, rest = halves(len(classes))
        table = confusion(guessed[one], classes[one])
        counts = confusion(guessed[rest], classes[rest])
        other = table.argmax(dim=1).tolist()
        width = min(len(counts), len(table))
        moved = [c for c in range(width) if other[c] != c and other[c] < width]
        moved = [c for c in moved if counts[c, other[c]] > counts[c, c]]
        # Classes that are exchanged with each other: one that is taken for a more frequent one,
        # which is taken for itself, is no more than hard to tell.
        moved = [c for c in moved if other[c] in moved and c in (other[m] for m in moved)]
        away = int(sum(counts[c, other[c]] for c in moved))
        stayed = int(sum(counts[c, c] for c in moved))
        if moved and chance.at_least(away, away + stayed, 0.5) < FALSE_ALARMS:
            self.fail(
                f"{name}: {away} samples look like another class in {first}, {stayed} like their "
                f"own (of {len(moved)} classes or ranges of values).\nHave classes other numbers "
                f"in {name}, or numbers another sign? Take the classes of one split for both."
            )


def confusion(guessed: Tensor, classes: Tensor) -> Tensor:
    """Number of samples of each class (rows) that were guessed as each class (columns)."""
    width = int(max(guessed.max(), classes.max())) + 1
    return torch.bincount(classes * width + guessed, minlength=width**2).view(width, width)
