"""torch-audit 0.3.0: autopatch() on three steps of training, of which errors count."""

import copy

import torch

from .subject import model_of, objective, trained_on


def audit(case, model, optimizer, train) -> None:
    """Trains under the eyes of an auditor, and fails with what it calls an error."""
    from torch_audit import autopatch

    auditor = autopatch(model, optimizer=optimizer, every_n_steps=1, reporters=[])
    try:
        train()
        result = auditor.finish(report=False)
    finally:
        auditor.unpatch()
    errors = [finding for finding in result.findings if finding.severity.name == "ERROR"]
    case.assertEqual(errors, [])


class TorchAuditModelTests:
    def test_training(self):
        model = copy.deepcopy(model_of(self))
        loss_of = objective(self.test_inputs)
        optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
        inputs = self.test_inputs

        def train():
            for _ in range(3):
                optimizer.zero_grad()
                if isinstance(inputs, dict):
                    outputs = model(**inputs)
                else:
                    outputs = model(*inputs) if isinstance(inputs, tuple) else model(inputs)
                loss_of(outputs).backward()
                optimizer.step()

        audit(self, model, optimizer, train)


class TorchAuditTrainerTests:
    def test_training(self):
        model, *_, optimizer = trained_on(self)
        if not callable(getattr(self.trainer, "train", None)):
            self.skipTest("The trainer has no train(epochs).")
        audit(self, model, optimizer, lambda: self.trainer.train(3))
