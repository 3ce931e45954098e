# SPDX-License-Identifier: MIT
"""The test case of a model: its inputs, and the shapes of its outputs as they are found."""

from typing import Any

import torch
from torch import nn

from ..model.premises import said_by
from ..vae import AbstractTestVAE
from .case_file import CaseFile
from .shapes import Input, expression_of, made_inputs, parsed_inputs, parsed_shape
from .subject import Refusal, Subject


def model_case(
    subject: Subject,
    suite: type,
    attributes: dict[str, str],
    typed_inputs: list[str],
    typed_outputs: list[str],
) -> CaseFile:
    """A model, with random inputs; where no outputs are declared, they have the shapes found."""
    if not typed_inputs:
        raise Refusal("--inputs is missing: the shape of a batch, as 4,3,64,64")
    inputs = parsed_inputs(typed_inputs)
    expected = [parsed_shape(text, f"--outputs {text!r}") for text in typed_outputs]
    if "batch_axis" not in attributes:
        refuse_single_samples(inputs)
    net = subject.build()
    if not isinstance(net, nn.Module):
        found = f"{subject.typed} is of type {type(net).__name__}"
        raise Refusal(f"{found}; expected an nn.Module. A dataset takes --dataset")
    case = suite()
    outputs = case.outputs_of(result_of(case, net, inputs))
    if not expected and suite is not AbstractTestVAE:  # those of a VAE have the shape of its inputs
        expected = [tuple(output.shape) for output in outputs]
    if expected:
        attributes.setdefault("output_shape", str(expected if len(expected) > 1 else expected[0]))
    first, *others = expression_of(inputs)
    set_up = [f"self.net = {subject.expression}", f"self.test_inputs = {first}", *others]
    return CaseFile(subject, suite, type(net).__name__, set_up, attributes)


def refuse_single_samples(inputs: list[Input]):
    for given in inputs:
        if given.shape[0] < 2:
            raise Refusal(
                f"--inputs {given.typed!r}: the first size is that of the batch, at least 2; where "
                f"it is another one, declare it, as --declare batch_axis=1"
            )


def result_of(case: Any, net: nn.Module, inputs: list[Input]) -> Any:
    """What a net returns in eval mode, as the suite calls it; Refusal where it does not run."""
    given, mode = made_inputs(inputs), net.training
    try:
        with torch.no_grad():
            return case.call(net.eval(), given)
    except Exception as error:
        typed = " ".join(one.typed for one in inputs)
        raise Refusal(
            f"{type(net).__name__} does not run on --inputs {typed}: {said_by(error)}. Give the "
            f"shape of a whole batch; integers below 1000 are 4,16:1000"
        ) from None
    finally:
        net.train(mode)
