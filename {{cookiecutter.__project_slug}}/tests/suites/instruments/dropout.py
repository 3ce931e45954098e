# SPDX-License-Identifier: MIT
"""Dropout by a function, switched off."""

from torch.overrides import TorchFunctionMode

# Where scaled_dot_product_attention and multi_head_attention_forward take the probability.
PLACES = {"scaled_dot_product_attention": 4, "multi_head_attention_forward": 10}


class WithoutDropout(TorchFunctionMode):
    """Functions of torch.nn.functional drop nothing, whatever they are told.

    An attention often reads the probability from a module that it does not call, or from a number.
    """

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        kwargs = dict(kwargs or {})
        if name.endswith("dropout") or name in ("dropout1d", "dropout2d", "dropout3d"):
            return args[0] if args else kwargs["input"]
        place = PLACES.get(name)
        if place is not None and len(args) > place:
            args = (*args[:place], 0.0, *args[place + 1 :])
        elif place is not None:
            kwargs["dropout_p"] = 0.0
        return func(*args, **kwargs)
