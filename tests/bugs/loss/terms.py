"""Bugs that the checks of suites/loss/terms.py are meant for."""

from functools import partial

import torch.nn.functional as F

from ...loss_batches import kl, reconstruction, vae
from ...seeding import loss_bug

SUM = "test_loss_is_the_weighted_sum_of_its_terms"
GRADIENT = "test_gradient_is_that_of_the_weighted_terms"
LEAST = "test_every_term_is_least_at_perfect_outputs"
REDUCTION = "test_terms_have_one_reduction"

TERMS = {"reconstruction": reconstruction, "kl": kl}
terms_bug = partial(loss_bug, batch=vae)


def codebook(outputs, images):
    """The entry is drawn to the code."""
    return (outputs[1].detach() - outputs[2]).square().mean()


def commitment(outputs, images):
    """The code is drawn to its entry."""
    return (outputs[1] - outputs[2].detach()).square().mean()


@terms_bug(
    SUM,
    r"1 \* reconstruction .* 1 \* kl .*\nIt is 1 \* reconstruction, -1 \* kl. Is a weight, a sign",
    terms=TERMS,
)
def divergence_subtracted(outputs, images):
    return reconstruction(outputs, images) - kl(outputs, images)


@terms_bug(
    SUM,
    r"It is 4 \* reconstruction, 1 \* kl",
    terms=TERMS,
    term_weights={"kl": 4.0},
)
def weight_on_the_wrong_term(outputs, images):
    return 4 * reconstruction(outputs, images) + kl(outputs, images)


@terms_bug(SUM, r"It is .* \* reconstruction, 0 \* kl|-?\d\S* \* kl", terms=TERMS)
def divergence_left_out(outputs, images):
    return reconstruction(outputs, images)


@terms_bug(SUM, r"No weights explain it: is a term missing", terms=TERMS)
def another_term_in_it(outputs, images):
    return reconstruction(outputs, images) + kl(outputs, images) + outputs[1].square().sum()


def negative_kl(outputs, images):
    return -kl(outputs, images)


@terms_bug(
    LEAST,
    r"The term kl is .* for the perfect outputs and .*\nIs its sign wrong",
    terms={"reconstruction": reconstruction, "kl": negative_kl},
)
def term_with_its_sign_wrong(outputs, images):
    return 10 * reconstruction(outputs, images) - kl(outputs, images)


def summed_kl(outputs, images):
    return kl(outputs, images) * len(images)


@terms_bug(
    REDUCTION,
    r"reconstruction is a mean and kl is a sum.\nTheir balance depends on the batch size",
    terms={"reconstruction": reconstruction, "kl": summed_kl},
    source="pytorch/examples#234, #290, #419",
)
def terms_of_two_reductions(outputs, images):
    return reconstruction(outputs, images) + summed_kl(outputs, images)


@loss_bug(
    SUM,
    r"1 \* codebook .* 0.25 \* commitment .*\nIs|No weights|It is",
    vae,
    source="taming-transformers#46, #57; diffusers#8226; deep-vector-quantization#2",
    terms={"codebook": codebook, "commitment": commitment, "reconstruction": reconstruction},
    term_weights={"commitment": 0.25},
    stops_gradients=True,
)
def beta_on_both_terms(outputs, images):
    both = codebook(outputs, images) + commitment(outputs, images)
    return 0.25 * both + F.mse_loss(outputs[0], images, reduction="sum") / len(images)


@loss_bug(
    GRADIENT,
    r"not that of 1 \* codebook \+ 0\.25 \* commitment .*\nIs a weight on another term of the same",
    vae,
    source="taming-transformers#46, #57; diffusers#8226; deep-vector-quantization#2",
    terms={"codebook": codebook, "commitment": commitment, "reconstruction": reconstruction},
    term_weights={"commitment": 0.25},
    stops_gradients=True,
)
def beta_on_the_codebook(outputs, images):
    """Both terms have the same value, so that the loss looks right."""
    drawn = 0.25 * codebook(outputs, images) + commitment(outputs, images)
    return drawn + reconstruction(outputs, images)
