# SPDX-License-Identifier: MIT
"""Properties of the decoder: it turns any latent code of the prior into an output, by itself."""

from collections.abc import Mapping
from functools import partial

import torch

from ..instruments.calls import computed, eager, propagate
from ..instruments.comparing import all_close
from ..instruments.seeds import seeded
from ..model.outputs import OutputTests
from ..model.premises import is_repeated
from .probing import VAEProbe


class DecodingTests(VAEProbe, OutputTests):
    """Tests of `decode(latent_code)`. Part of AbstractTestVAE."""

    def test_decode_takes_latent_codes(self):
        """decode takes codes from the prior, one for each sample."""
        self.check_premise("decode")

    def test_decode_depends_on_the_code_alone(self):
        """The outputs for a latent code do not depend on what was encoded before."""
        self.require_two_samples()
        net = self.perturbed()
        codes = self.functions(net)["decode"].inputs
        outputs = []
        for shift in (0, 1):
            self.computed(net, self.samples(torch.arange(self.batch_size()).roll(shift)))
            outputs.append(computed(partial(self.decoded, net), codes))
        if not all_close(*outputs):
            self.fail(
                f"{self.net_name()}.decode returns something else for the same latent code after "
                f"other inputs were encoded.\nDoes it see features of the encoder? Then samples "
                f"from the prior are worthless."
            )

    def test_every_latent_dimension_reaches_the_decoder(self):
        """Every dimension of the latent code influences the outputs."""
        net = self.perturbed()
        inputs = self.inputs_for(net)
        latent_code = self.prior_codes(net, inputs).requires_grad_()
        with seeded(0), eager():
            outputs = self.decoded(net, self.beside_code(inputs, latent_code))
        propagate(self.differentiable(outputs))
        gradient = torch.zeros_like(latent_code) if latent_code.grad is None else latent_code.grad
        unused = gradient.eq(0).all(dim=0).nonzero()
        if len(unused):
            # A code of one axis is counted by numbers, an image of codes by places.
            places = unused.flatten().tolist() if unused.shape[1] == 1 else unused.tolist()
            self.fail(
                f"{self.net_name()}.decode ignores {len(unused)} of {latent_code[0].numel()} "
                f"latent dimensions, among them {places[:5]}.\nIs the code sliced or masked?"
            )

    def test_prior_samples_are_varied(self):
        """Codes drawn from the prior decode to finite outputs, different in every element."""
        net = self.perturbed()
        outputs = computed(partial(self.decoded, net), self.many_prior_codes(net, 32))
        self.check_finite(outputs, "codes drawn from the prior")
        constant = (outputs[0] == outputs[0][:1]).all(dim=0)
        if constant.any():
            places = constant.nonzero()
            self.fail(
                f"{self.net_name()}.decode returns the same value for all of 32 random codes in "
                f"{len(places)} of {constant.numel()} elements, the first at "
                f"{tuple(places[0].tolist())}.\nDoes it ignore the code, or leave a border unset?"
            )

    def test_decode_heeds_its_other_inputs(self):
        """What decode gets beside the code, such as the label of the sample, has an influence."""
        net = self.perturbed()
        part = self.functions(net)["decode"]
        names = names_behind_the_first(part.inputs)
        if not names:
            self.skipTest("decode gets the latent code alone.")
        self.require_two_samples()
        rolled = part.taken(torch.arange(self.batch_size()).roll(1))
        before = part.outputs()
        for name in names:
            with self.subTest(input=name):
                if is_repeated(part.inputs[name], rolled[name]):
                    self.skipTest(f"Input {name} of test_inputs is the same for all samples.")
                after = part.outputs(with_entry(part.inputs, name, rolled[name]))
                if all_close(before, after):
                    self.fail(
                        f"{self.net_name()}.decode returns the same when input {name} is exchanged "
                        f"among the samples.\nIs the condition left out? Where it is meant for "
                        f"encode alone, say in decode_inputs what decode gets."
                    )


def names_behind_the_first(inputs) -> list:
    """The positions or keys of what decode gets beside the latent code."""
    if isinstance(inputs, Mapping):
        return [*inputs][1:]
    return [*range(1, len(inputs))] if type(inputs) is tuple else []


def with_entry(inputs, name, value):
    """Inputs with another value at a position or under a key."""
    if isinstance(inputs, Mapping):
        return {**inputs, name: value}
    return (*inputs[:name], value, *inputs[name + 1 :])
