# SPDX-License-Identifier: MIT
"""Properties of a model's state: nothing is kept between calls, and all of it is saved."""

import gc
import io
import pickle
import weakref

import torch
from torch import Tensor, nn

from ..instruments.calls import eager
from ..instruments.comparing import all_close, count_alive
from ..instruments.nested import tensors_in
from ..instruments.samples import sizes_along
from ..instruments.seeds import seeded
from ..instruments.sources import Sources
from .premises import MODEL_ERRORS, first_line
from .probing import ModelProbe


class StateTests(ModelProbe):
    """Tests of what a model remembers. Part of AbstractTestModel."""

    def test_keeps_no_state_between_calls(self):
        """In eval mode a call leaves nothing behind that changes the next one."""
        self.require_two_samples()
        inputs, last = self.few_samples(), self.batch_size() - 1
        first = self.computed(self.perturbed(), inputs)
        net = self.perturbed()
        count = sizes_along(tensors_in(inputs), self.input_axes())[0]
        self.computed(net, self.samples([last] * count))
        second = self.computed(net, inputs)
        if not (all_close(first, second) and all_close(first, self.computed(net, inputs))):
            self.fail(
                f"{self.net_name()} returns something else for the same inputs and seed after "
                f"another batch, in eval mode.\nDoes it keep a hidden state, a running average "
                f"or a cache on self?"
            )

    def test_keeps_no_graph_of_earlier_calls(self):
        """The graph of a call is gone once later ones are done."""
        net = self.copied(training=True)
        graphs = []
        for _ in range(3):
            graphs += self.graph_of_a_call(net)
        if not graphs:
            self.skipTest(f"{self.net_name()} has no layer that embeds its integer inputs.")
        if count_alive(graphs) > 1:
            gc.collect()  # it takes long, and is needed only where references form a circle
        if count_alive(graphs) > 1:
            self.fail(
                f"{self.net_name()} keeps the graphs of {count_alive(graphs)} calls.\nDoes it add "
                f"outputs to a list, or go on from a hidden state of the last call? Detach it."
            )

    def graph_of_a_call(self, net: nn.Module) -> list[weakref.ref]:
        """A reference to a leaf of the graph of a call, which lives as long as the graph."""
        sources = Sources(self.training_samples(), self.input_axes())
        try:
            with seeded(0), eager(), sources.watching(net):
                self.call(net, sources.inputs)
        except MODEL_ERRORS as error:
            self.skipTest(
                f"{self.net_name()} takes no inputs that have a gradient: {first_line(error)}"
            )
        return [weakref.ref(source.leaf) for source in sources.found[:1]]

    def test_state_is_saved_and_restored(self):
        """Saved and loaded into a newly built net, the state gives the same outputs."""
        saved = self.perturbed()
        if not saved.state_dict():
            self.fail(f"{self.net_name()} has an empty state_dict.\nAre its layers registered?")
        with seeded(2):
            loaded = self.newly_built_net()
        try:
            loaded.load_state_dict(saved_and_loaded(saved.state_dict()))
        except (*MODEL_ERRORS, pickle.UnpicklingError) as error:
            self.fail(
                f"The state_dict of {self.net_name()} does not load into a newly built net: "
                f"{' '.join(str(error).split())[:200]}\nDoes it hold more than tensors, or does "
                f"the architecture depend on chance?"
            )
        inputs = self.few_samples()
        outputs = self.computed(loaded.eval(), inputs)
        if not all_close(outputs, self.computed(saved, inputs)):
            self.fail(
                f"{self.net_name()} returns something else once its state_dict was loaded into a "
                f"newly built net.\nWhat does it compute with that is neither parameter nor "
                f"buffer? {suspects(saved)}"
            )


def saved_and_loaded(state: dict) -> dict:
    """A state_dict once it was in a file."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def suspects(net: nn.Module) -> str:
    """The tensors that are plain attributes of modules, as a sentence."""
    names = [
        f"{prefix}.{name}".lstrip(".")
        for prefix, module in net.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, Tensor)
    ]
    return f"Plain tensors are: {', '.join(names)}." if names else "A non-persistent buffer?"
