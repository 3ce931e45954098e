# SPDX-License-Identifier: MIT
"""Properties of a VAE as a whole: forward() is its functions, and the halves are not linear."""

from functools import partial

import torch
from torch import Tensor, nn

from ..instruments.affine import is_affine
from ..instruments.calls import computed
from ..instruments.comparing import all_close
from ..model.kinds import leaves
from .layout import arguments_of, with_first
from .probing import VAEProbe


class CompositionTests(VAEProbe):
    """Tests of how the functions of a VAE are put together. Part of AbstractTestVAE."""

    def test_forward_encodes_samples_and_decodes(self):
        """forward(x) is decode(bottleneck(*encode(x))) under the same seed, in both modes."""
        for mode in (True, False):
            with self.subTest(training=mode):
                outputs = self.computed(self.copied(mode))
                expected = [self.composed(mode)]
                if not mode and self.mean_in_eval_mode is not False:
                    expected.append(self.composed(mode, draw=False))
                if not any(holds(outputs, tensors) for tensors in expected) and not (
                    mode and self.encodes_noisy_inputs(outputs)
                ):
                    self.fail(
                        f"{self.net_name()}.forward(x) is not decode(bottleneck(*encode(x))) in "
                        f"{'training' if mode else 'eval'} mode.\nDoes it skip the sampling, swap "
                        f"mu and log_sigma, or do something besides?"
                    )

    def encodes_noisy_inputs(self, outputs: list[Tensor]) -> bool:
        """Whether outputs of training mode are those of inputs that forward() adds noise to.

        As in a denoising VAE: other noise under another seed, and nothing else happens besides.
        """
        (inputs, state), (others, _) = self.first_read(seed=0), self.first_read(seed=1)
        if inputs is None or others is None or all_close([inputs], [others]):
            return False

        def go_on(inputs) -> list[Tensor]:
            torch.set_rng_state(state)  # behind the noise of the inputs
            return self.step_by_step(self.copied(training=True), True, inputs)

        noisy = with_first(self.test_inputs, inputs)
        return holds(outputs, computed(go_on, noisy))

    def first_read(self, seed: int) -> tuple[Tensor | None, Tensor]:
        """What the first layer gets in training mode, in the shape of the inputs, if it fits.

        With it the state of torch's generator at that time.
        """
        net, sample = self.copied(training=True), arguments_of(self.test_inputs)[0]
        found: list[tuple[Tensor, Tensor]] = []

        def note(module: nn.Module, args: tuple):
            if args and isinstance(args[0], Tensor) and not found:
                found.append((args[0].clone(), torch.get_rng_state()))

        for _, module in leaves(net):
            module.register_forward_pre_hook(note)
        self.computed(net, seed=seed)
        read, state = found[0] if found else (torch.empty(0), torch.empty(0))
        is_sample = isinstance(sample, Tensor) and read.numel() == sample.numel()
        return (read.view(sample.shape) if is_sample else None), state

    def composed(self, mode: bool, draw: bool = True) -> list[Tensor]:
        """The outputs for drawn latent codes, or for mu, computed step by step."""
        return computed(partial(self.step_by_step, self.copied(mode), draw), self.test_inputs)

    def step_by_step(self, net: nn.Module, draw: bool, inputs) -> list[Tensor]:
        mu, log_sigma = self.encoded(net, inputs)
        latent_code = self.drawn(net, mu, log_sigma)
        if not draw and latent_code.shape == mu.shape:  # several codes have no mean to decode
            latent_code = mu
        return self.decoded(net, self.beside_code(inputs, latent_code))

    def test_eval_mode_draws_as_declared(self):
        """In eval mode forward() decodes mu, or a code that it draws, whichever is declared."""
        if self.mean_in_eval_mode is None:
            self.skipTest(f"{type(self).__name__}.mean_in_eval_mode is not declared.")
        net = self.copied()
        is_fixed = all_close(self.computed(net, seed=0), self.computed(net, seed=1))
        if is_fixed and not self.mean_in_eval_mode:
            self.fail(
                f"{self.net_name()} reconstructs the same under two seeds in eval mode: it draws "
                f"no latent code.\nDoes bottleneck() or forward() return mu unless self.training? "
                f"If that is meant, set mean_in_eval_mode = True."
            )
        if self.mean_in_eval_mode and not is_fixed:
            self.fail(
                f"{self.net_name()} reconstructs differently under two seeds in eval mode, but "
                f"mean_in_eval_mode is True.\nIs the latent code drawn whatever self.training is?"
            )

    def test_halves_are_not_linear(self):
        """Neither encoder nor decoder is an affine map, followed by an activation at most."""
        net = self.net_in_double_precision()
        for name, part in self.functions(net).items():
            with self.subTest(function=name):
                sample, *_ = arguments_of(part.inputs)
                if not (isinstance(sample, Tensor) and sample.is_floating_point()):
                    self.skipTest("Inputs that are no floating tensor cannot be added.")

                def of_sample(sample: Tensor, part=part) -> Tensor:
                    outputs = part.outputs(with_first(part.inputs, sample))
                    return torch.cat([output.flatten() for output in outputs])

                if is_affine(of_sample, sample):
                    self.fail(
                        f"{self.net_name()}.{name} is an affine map of its inputs, followed by "
                        f"an output activation at most.\nAre the activations between its layers "
                        f"missing?"
                    )


def holds(outputs: list[Tensor], expected: list[Tensor]) -> bool:
    """Whether outputs hold what is expected, beside whatever else: mu, log_sigma, the inputs."""
    return all(any(all_close([e], [output]) for output in outputs) for e in expected)
