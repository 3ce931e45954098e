# SPDX-License-Identifier: MIT
"""What a model does with its inputs: it leaves them alone and looks at all of them."""

import torch
from torch import Tensor, nn

from ..instruments.comparing import all_close, same
from ..instruments.copies import uncompiled
from ..instruments.nested import hides_a_part, named_tensors, replaced
from ..instruments.sources import Source, Sources
from .probing import ModelProbe

# Rounds of random inputs. A pooling layer passes on one element in many; a correct model is
# through after a few, and one that reaches nothing new for thirty will not.
ROUNDS = 100
ROUNDS_WITHOUT_NEWS = 30


class InputTests(ModelProbe):
    """Tests of how a model reads its inputs. Part of AbstractTestModel."""

    def test_inputs_are_not_modified(self):
        """A forward pass changes neither its inputs nor parameters, but for a declared max_norm."""
        for mode in (True, False):
            with self.subTest(training=mode):
                seen = self.observed(training=mode)
                if seen.changes_inputs:
                    self.fail(
                        f"{self.net_name()} changes its inputs.\nDoes forward() begin with an "
                        f"in-place operation (x += ..., x[...] = ..., relu_, inplace=True)?"
                    )
                for name in seen.changed_parameters:
                    self.check_parameter(name)

    def check_parameter(self, name: str):
        module = uncompiled(self.net).get_submodule(name.rpartition(".")[0])
        # An embedding with max_norm shortens its vectors as they are looked up.
        if getattr(module, "max_norm", None) is None:
            self.fail(
                f"{self.net_name()}.{name} is changed by a forward pass.\n"
                f"Is a weight normalised or clipped in place? The optimizer's step "
                f"is partly undone."
            )

    def test_every_input_element_matters(self):
        """Every element of the input can influence the outputs."""
        net = self.warmed(self.perturbed()).requires_grad_(False)  # of the weights none is needed
        reached: dict[str, Tensor] = {}
        without_news = 0
        for round_ in range(ROUNDS):
            found = self.elements_reached(net, seed=round_)
            if not found:
                self.skipTest(f"{self.net_name()} has no layer that embeds its integer inputs.")
            merged = {name: found[name] | reached.get(name, found[name]) for name in found}
            if all(elements.all() for elements in merged.values()):
                return
            is_news = any(not same(merged[n], reached[n]) for n in reached) or not reached
            without_news = 0 if is_news else without_news + 1
            reached = merged
            if without_news == ROUNDS_WITHOUT_NEWS:
                break
        for name, elements in reached.items():
            if not elements.all() and (elements.any() or not self.matters_by_value(net, name)):
                self.report_missing(name, elements)

    def matters_by_value(self, net: nn.Module, name: str) -> bool:
        """Whether an input without any gradient changes the outputs.

        As noise that is sorted, or a mask that is compared with zero.
        """
        named, redrawn = dict(named_tensors(self.test_inputs)), self.redrawn(seed=0)
        if name not in named:  # an embedding, not an input
            return False
        others = dict(named_tensors(redrawn))
        if hides_a_part(named[name]):
            others[name] = inverted(named[name])
        inputs = replaced(self.test_inputs, [others[n] if n == name else named[n] for n in named])
        return not all_close(self.computed(net), self.computed(net, inputs))

    def report_missing(self, name: str, elements: Tensor):
        missing = (~elements).nonzero()
        self.fail(
            f"{self.net_name()} ignores {len(missing)} of {elements.numel()} elements of its "
            f"input{f' {name}' if name else ''}, the first at {tuple(missing[0].tolist())}, the "
            f"last at {tuple(missing[-1].tolist())}.\nIs the input cropped, sliced or masked?"
        )

    def elements_reached(self, net: nn.Module, seed: int) -> dict[str, Tensor]:
        """For each source, which elements of a sample have a gradient, over a random batch."""
        sources = Sources(self.few_of_inputs(self.redrawn(seed)), self.input_axes())
        with sources.watching(net):
            results = self.results(net, sources.inputs)
        if not sources.found:
            return {}
        self.propagate(net, self.differentiable(results))
        return {source.name: elements_with_gradient(source) for source in sources.found}


def inverted(mask: Tensor) -> Tensor:
    """A mask of what another one leaves."""
    return torch.where(mask == mask.max(), mask.min(), mask.max())


def elements_with_gradient(source: Source) -> Tensor:
    has_gradient = source.gradient().ne(0)
    if hides_a_part(source.tensor.detach()):  # behind a softmax, what is hidden has no gradient
        has_gradient = has_gradient.any().expand_as(has_gradient)
    return has_gradient if source.axis is None else has_gradient.any(dim=0)
