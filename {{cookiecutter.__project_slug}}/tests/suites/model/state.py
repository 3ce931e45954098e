"""Properties of a model's state: seeds, modes, buffers, and what is saved."""

import gc
import io
import pickle
import weakref

import torch
from torch import Tensor, nn

from ..instruments.calls import call, draws_random_numbers, eager
from ..instruments.comparing import all_close, count_alive
from ..instruments.copies import copy_of, perturbed
from ..instruments.seeds import seeded

DROPOUTS = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)


class StateTests:
    """Tests of what a model remembers and what it depends on. Part of AbstractTestModel."""

    def test_same_seed_gives_same_outputs(self):
        """Under the same seed the model returns the same, in both modes."""
        for mode in (True, False):
            with self.subTest(training=mode):
                first = call(copy_of(self.net).train(mode), self.test_inputs)
                second = call(copy_of(self.net).train(mode), self.test_inputs)
                if not all_close(first, second):
                    self.fail(
                        f"{self.net_name()} returns different outputs under the same seed.\n"
                        f"Does it draw from another source than torch's global generator?"
                    )

    def test_leaves_the_random_generator_alone(self):
        """The model does not seed the global random generator."""
        for mode in (True, False):
            with self.subTest(training=mode):
                net = copy_of(self.net).train(mode)
                states = [self.random_state_after(net, seed) for seed in (0, 1)]
                if torch.equal(*states):
                    self.fail(
                        f"{self.net_name()} sets the global random generator to a fixed state.\n"
                        f"Is torch.manual_seed called in it? Every later dropout, shuffle and "
                        f"augmentation repeats itself."
                    )

    def random_state_after(self, net: nn.Module, seed: int) -> Tensor:
        with seeded(seed), torch.no_grad(), eager():
            net(self.test_inputs)
            return torch.get_rng_state()

    def test_keeps_no_state_between_calls(self):
        """In eval mode a call leaves nothing behind that changes the next one."""
        self.require_two_samples()
        first = call(perturbed(self.net).eval(), self.test_inputs)
        net = perturbed(self.net).eval()
        call(net, self.test_inputs.flip(0)[:1].expand_as(self.test_inputs))
        second = call(net, self.test_inputs)
        if not (all_close(first, second) and all_close(first, call(net, self.test_inputs))):
            self.fail(
                f"{self.net_name()} returns something else for the same inputs and seed after "
                f"another batch, in eval mode.\nDoes it keep a hidden state, a running average "
                f"or a cache on self?"
            )

    def test_keeps_no_graph_of_earlier_calls(self):
        """The graph of a call is gone once later ones are done."""
        self.require_floating_inputs()
        net = copy_of(self.net).train()
        graphs = []
        with seeded(0), eager():
            for _ in range(3):
                inputs = self.test_inputs.clone().requires_grad_()
                net(inputs)
                graphs.append(weakref.ref(inputs))  # which live as long as what is made of them
                del inputs
        if count_alive(graphs) > 1:
            gc.collect()  # it takes long, and is needed only where references form a circle
        if count_alive(graphs) > 1:
            self.fail(
                f"{self.net_name()} keeps the graphs of {count_alive(graphs)} calls.\nDoes it add "
                f"outputs to a list, or go on from a hidden state of the last call? Detach it."
            )

    def test_eval_mode_is_deterministic(self):
        """In eval mode nothing is random that is not meant to be: dropout is off."""
        net = perturbed(self.net).eval()
        for name, (function, inputs) in self.functions(net).items():
            with self.subTest(function=name):
                if not all_close(call(function, inputs, seed=0), call(function, inputs, seed=1)):
                    self.fail(
                        f"{self.net_name()}: {name} is random in eval mode.\nDoes it call "
                        f"F.dropout without training=self.training, or add noise?"
                    )

    def test_eval_mode_reaches_every_module(self):
        """eval() and train() reach every module, and a forward pass leaves the modes alone."""
        net = copy_of(self.net)
        for mode in (True, False):
            with self.subTest(training=mode):
                net.train(mode)
                call(net, self.test_inputs)
                modules = net.named_modules()
                wrong = [name or "the model" for name, m in modules if m.training != mode]
                if wrong and not (mode and self.are_frozen(net, wrong)):
                    self.fail(
                        f"{self.net_name()}: {', '.join(wrong[:3])} stay out of "
                        f"{'training' if mode else 'eval'} mode after {'train' if mode else 'eval'}"
                        f"() and a forward pass.\nIs train() overridden, or called in forward()?"
                    )

    def are_frozen(self, net: nn.Module, names: list[str]) -> bool:
        """Whether modules have declared frozen parameters only: those may stay in eval mode."""
        frozen = self.declared_frozen(net)
        parameters = [p for p, _ in net.named_parameters() if p.startswith(tuple(names))]
        return bool(frozen) and set(parameters) <= frozen

    def test_eval_mode_updates_no_buffer(self):
        """A forward pass in eval mode leaves all buffers as they are."""
        net = copy_of(self.net).eval()
        before = {name: buffer.clone() for name, buffer in net.named_buffers()}
        call(net, self.test_inputs)
        for name, buffer in net.named_buffers():
            if not torch.equal(buffer, before[name]):
                self.fail(
                    f"{self.net_name()}.{name} is updated by a forward pass in eval mode.\n"
                    f"Is batch normalisation forced into training, as by training=True?"
                )

    def test_modes_differ_in_dropout_and_statistics_only(self):
        """With dropout and normalisation held still, training mode computes the same as eval."""
        for name in self.functions(copy_of(self.net)):
            with self.subTest(function=name):
                net = copy_of(self.net).train()
                for module in net.modules():
                    if not any(True for _ in module.children()):
                        module.eval()
                function, inputs = self.functions(net)[name]
                training = call(function, inputs)
                if draws_random_numbers(function, inputs):
                    self.skipTest(f"{name} draws random numbers in training mode.")
                net.eval()
                if not all_close(training, call(function, inputs)):
                    self.fail(
                        f"{self.net_name()}: {name} computes something else in training mode than "
                        f"in eval mode, and it is neither dropout nor normalisation.\nIs there "
                        f"an `if self.training` around an activation?"
                    )

    def test_running_statistics_average_over_batches(self):
        """Running statistics follow the batches, and no single batch overwrites them."""
        net = copy_of(self.net).train()
        names = [
            name
            for name, _ in net.named_buffers()
            if name.endswith("running_mean") and not self.are_frozen(net, [name.rpartition(".")[0]])
        ]
        if not names:
            self.skipTest(f"{self.net_name()} keeps no running statistics.")
        self.require_floating_inputs()
        other = self.test_inputs.roll(1, dims=-1) * 2 + 1
        new = self.statistics(net, names)
        for _ in range(3):  # a cumulative average gives the first batch full weight
            call(net, self.test_inputs)
        start = self.statistics(net, names)
        call(net, other)
        after_one = self.statistics(net, names)
        for _ in range(10):
            call(net, other)
        after_many = self.statistics(net, names)
        for name, before, after in zip(names, new, after_many, strict=True):
            if torch.equal(before, after):
                self.fail(
                    f"{self.net_name()}.{name} stays as it is in training mode.\n"
                    f"Is the momentum zero, or the layer kept in eval mode?"
                )
        share = [moved_part(*values) for values in zip(start, after_one, after_many, strict=True)]
        for name, value in zip(names, share, strict=True):
            # At momentum m the first of many equal batches has the share m / (1 - (1 - m)^11),
            # that is 0.15 at the default of 0.1.
            if value > 0.6:
                self.fail(
                    f"{self.net_name()}.{name} moves by {value:.0%} of the way to a new batch at "
                    f"once.\nIs the momentum meant as 1 - momentum? PyTorch's default is 0.1."
                )

    def statistics(self, net: nn.Module, names: list[str]) -> list[Tensor]:
        return [net.get_buffer(name).clone() for name in names]

    def test_dropout_is_moderate(self):
        """No dropout layer drops more than the declared part of its values."""
        for name, module in copy_of(self.net).named_modules():
            if isinstance(module, DROPOUTS) and module.p > self.max_dropout:
                self.fail(
                    f"{self.net_name()}.{name} drops {module.p:.0%} of its values; max_dropout is "
                    f"{self.max_dropout:.0%}.\nIs the probability to keep a value meant?"
                )

    def test_state_is_saved_and_restored(self):
        """Saved and loaded into a newly built net, the state gives the same outputs."""
        saved = perturbed(self.net)
        if not saved.state_dict():
            self.fail(f"{self.net_name()} has an empty state_dict.\nAre its layers registered?")
        with seeded(2):
            loaded = self.newly_built_net()
        try:
            loaded.load_state_dict(saved_and_loaded(saved.state_dict()))
        except (RuntimeError, pickle.UnpicklingError) as error:
            self.fail(
                f"The state_dict of {self.net_name()} does not load into a newly built net: "
                f"{' '.join(str(error).split())[:200]}\nDoes it hold more than tensors, or does "
                f"the architecture depend on chance?"
            )
        outputs = call(loaded.eval(), self.test_inputs)
        if not all_close(outputs, call(saved.eval(), self.test_inputs)):
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


def moved_part(start: Tensor, one: Tensor, many: Tensor) -> float:
    """How far one step went of the way that many went; 0 where they went nowhere."""
    distance = (many - start).norm().item()
    return (one - start).norm().item() / distance if distance > 1e-4 else 0.0


def suspects(net: nn.Module) -> str:
    """The tensors that are plain attributes of modules, as a sentence."""
    names = [
        f"{prefix}.{name}".lstrip(".")
        for prefix, module in net.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, Tensor)
    ]
    return f"Plain tensors are: {', '.join(names)}." if names else "A non-persistent buffer?"
