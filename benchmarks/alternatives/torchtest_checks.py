"""torchtest 0.5, with all of its checks switched on."""

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from .subject import declared_range, single_tensor, target_like


class TorchtestModelTests:
    def test_suite(self):
        from torchtest import test_suite

        net = self.net
        batch = [single_tensor(self), target_like(self)]
        test_suite(
            net,
            F.mse_loss,
            torch.optim.Adam(p for p in net.parameters() if p.requires_grad),
            batch,
            output_range=declared_range(self),
            train_vars=[(n, p) for n, p in net.named_parameters() if p.requires_grad],
            non_train_vars=[(n, p) for n, p in net.named_parameters() if not p.requires_grad],
            test_output_range=declared_range(self) is not None,
            test_vars_change=True,
            test_nan_vals=True,
            test_inf_vals=True,
        )


class TorchtestTrainerTests:
    """It makes the steps itself, so that it sees the model and the optimizer of a trainer only.

    Without its check of the range, which calls -1 itself too low.
    """

    def test_suite(self):
        from torchtest import test_suite

        model, optimizer = self.trainer.model, self.trainer.optimizer
        images = next(iter(DataLoader(self.trainer.data.train_data, batch_size=4)))[0]
        test_suite(
            model,
            F.mse_loss,
            optimizer,
            [images, images],
            test_vars_change=True,
            test_nan_vals=True,
            test_inf_vals=True,
        )
