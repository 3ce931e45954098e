# SPDX-License-Identifier: MIT
"""Properties of training on one long stream of tokens, in columns that go on in every batch."""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..instruments.seeds import seeded
from .calls import Call, observed_calls, training_calls
from .exchanging import other_forward
from .marks import with_splits
from .probing import TrainerProbe

BATCH_SIZE = 4  # columns
ROUNDING = 1e-5


class StreamTests(TrainerProbe):
    """Tests of loops over a stream of tokens. Part of AbstractTestTrainer."""

    def test_columns_of_a_stream_go_on(self):
        """Every column of a batch goes on where that of the batch before ended, to its end."""
        trainer, stream = self.stream_trainer()
        batches = [batch for batch, _ in self.batches_of_epoch(trainer, stream)]
        for number, (last, batch) in enumerate(itertools.pairwise(batches), 1):
            if batch.starts != last.ends:
                self.fail(
                    f"In batch {number}, the columns begin at the tokens {batch.starts} of the "
                    f"stream; those of the batch before ended at {last.ends}.\nIs it laid out in "
                    f"columns, by view(batch_size, -1).t()? Or are tokens in between left out?"
                )
        read, columns = sum(batch.length for batch in batches), len(batches[0].starts)
        rows, longest = len(stream) // columns, max(batch.length for batch in batches)
        if read < rows - max(longest, 2):  # the last targets are no inputs, nor need be a rest
            self.fail(
                f"An epoch reads {read} of the {rows} tokens of a column.\nIs there a limit to the "
                f"number of batches, left over from debugging?"
            )

    def test_the_state_is_carried_on(self):
        """A batch begins with the state in which the one before ended, without its graph."""
        trainer, stream = self.stream_trainer()
        calls = [call for _, call in self.batches_of_epoch(trainer, stream)]
        if same_state(calls[0], calls[1]) and self.evaluation_carries(trainer):
            self.fail(
                "The state that is given with batch 1 is that of batch 0.\nIs it initialised anew "
                "for every batch? The columns go on, and in evaluation the state does."
            )
        for number, call in enumerate(calls[1:], 1):
            if call.has_history:
                self.fail(
                    f"The state that is given with batch {number} has a graph.\nIs detach() "
                    f"missing? Each backward pass then goes back to the first batch."
                )

    def test_evaluation_of_equal_probabilities(self):
        """On a stream of tokens, a model without any knowledge has a loss of ln(tokens)."""
        trainer, _ = self.stream_trainer()
        self.require_quiet_evaluation()
        count = 0

        def equal(forward):
            def answer(*arguments, **named):
                nonlocal count
                results = forward(*arguments, **named)
                outputs = results[0] if isinstance(results, tuple) else results
                count = outputs.shape[-1]
                return (outputs * 0, *results[1:]) if isinstance(results, tuple) else outputs * 0

            return answer

        with other_forward(self.evaluated(trainer), equal):
            found = self.numbers(trainer)
        if count < 3:
            self.skipTest("evaluate() does not call the model itself.")
        for name, value in found.items():
            self.check_equal(name, value, count)

    def check_equal(self, name: str, value: float, count: int):
        loss = math.log(count)
        likely = (loss, count, math.log2(count))  # per token in nats, a perplexity, bits
        is_sum = abs(value / loss - round(value / loss)) < ROUNDING
        if value > 1 and not is_sum and not any(abs(value - x) < ROUNDING * x for x in likely):
            self.fail(
                f"For a model that gives {count} tokens the same probability, evaluate() gives "
                f"{f'{name} {value:.5g}'.strip()}; expected ln {count} = {loss:.5g}.\nIs the mean "
                f"weighted by tokens? The last batch of a stream is shorter than the others."
            )

    def stream_trainer(self) -> tuple:
        """A trainer on two streams of the suite's own, and the first of them."""
        self.require_complete()
        data = self.data_of(self.trainer)
        if not is_stream(data.train_data):
            self.skipTest("The training data are no stream of tokens: no tensor of one dimension.")
        values = data.train_data.unique()
        stream = marked_stream(values, len(data.train_data)).to(data.train_data.dtype)
        splits = with_splits(data, train_data=stream, test_data=stream.flip(0))
        return self.probe_trainer(data=splits, batch_size=BATCH_SIZE), stream

    def batches_of_epoch(self, trainer, stream: Tensor) -> list[tuple["Batch", Call]]:
        """What the model is given in an epoch; skips where it is given no state of before."""
        with observed_calls(self.model_of(trainer)) as noted, seeded(0):
            self.train(trainer, 1)
        calls = [call for call in training_calls(noted) if tokens_of(call) is not None]
        if len(calls) < 2 or not all(map(states_of, calls[1:])):
            self.skipTest("The model is not given a state beside the tokens, batch after batch.")
        read = [batches_of(map(tokens_of, calls), stream, axis) for axis in (0, 1)]
        whole = [[b for b in batches if b is not None] for batches in read if None not in batches]
        if whole:
            batches = next(filter(goes_on, whole), whole[0])
            return list(zip(batches, calls, strict=True))
        tokens: Any = tokens_of(calls[0])
        self.fail(
            f"The columns of a batch, as {tokens[:, 0].tolist()}, are no parts of "
            f"the stream of tokens.\nIs it laid out in columns, by view(batch_size, -1).t()?"
        )

    def evaluation_carries(self, trainer) -> bool:
        """Whether evaluate(), too, goes on with the state, or there is none."""
        if not self.has("evaluate"):
            return True
        with observed_calls(self.evaluated(trainer)) as noted:
            self.evaluate(trainer)
        calls = [call for call in noted if states_of(call)]
        return len(calls) < 2 or not same_state(*calls[:2])


@dataclass
class Batch:
    """Where in the stream the columns of a batch begin, and their length."""

    starts: list[int]
    length: int

    @property
    def ends(self) -> list[int]:
        return [start + self.length for start in self.starts]


def is_stream(dataset) -> bool:
    return isinstance(dataset, Tensor) and dataset.dim() == 1 and not dataset.is_floating_point()


def marked_stream(values: Tensor, size: int) -> Tensor:
    """At most so many tokens, of which no pair that follows each other comes twice.

    All pairs of n tokens are in the sequence that has, for each token i and each j > i, i once and
    then i and j: de Bruijn's of order 2.
    """
    n = len(values)
    pairs = ([i, *itertools.chain.from_iterable((i, j) for j in range(i + 1, n))] for i in range(n))
    places = itertools.islice(itertools.chain.from_iterable(pairs), size)
    return values[list(places)]


def tokens_of(call: Call) -> Tensor | None:
    return next((x for x in call.inputs if x.dim() == 2 and not x.is_floating_point()), None)


def states_of(call: Call) -> list[Tensor]:
    return [x for x in call.inputs if x.is_floating_point()]


def same_state(first: Call, second: Call) -> bool:
    pairs = zip(states_of(first), states_of(second), strict=False)
    return all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)


def goes_on(batches: list["Batch"]) -> bool:
    return all(batch.starts == last.ends for last, batch in itertools.pairwise(batches))


def batches_of(tokens, stream: Tensor, axis: int) -> list["Batch | None"]:
    """Where batches are in a stream, of which this axis is that of time."""
    places = {pair: i for i, pair in enumerate(itertools.pairwise(stream.tolist()))}
    batches: list[Batch | None] = []
    for batch in tokens:
        columns = batch.t().tolist() if axis == 0 else batch.tolist()
        starts = [places.get(tuple(column[:2]), -1) for column in columns]
        if len(columns[0]) < 2 and batches and batches[-1]:  # one token may be in many places
            starts = batches[-1].ends
        parts = [stream[start : start + len(columns[0])].tolist() for start in starts]
        batches.append(Batch(starts, len(columns[0])) if parts == columns else None)
    return batches
