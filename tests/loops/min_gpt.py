"""A trainer by iterations whose model computes its own loss, in the style of minGPT."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch import nn
from torch.utils.data import DataLoader, RandomSampler

TOKENS, BLOCK, WIDTH = 10, 8, 16


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(TOKENS, WIDTH), nn.Embedding(BLOCK, WIDTH)
        self.ln_1, self.ln_f = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn = nn.MultiheadAttention(WIDTH, 2, dropout=0.1, batch_first=True)
        self.lm_head = nn.Linear(WIDTH, TOKENS, bias=False)

    def forward(self, idx, targets=None):
        size = idx.shape[1]
        x = self.wte(idx) + self.wpe(torch.arange(size, device=idx.device))
        mask = torch.ones(size, size, dtype=torch.bool, device=idx.device).triu(1)
        h = self.ln_1(x)
        logits = self.lm_head(self.ln_f(x + self.attn(h, h, h, attn_mask=mask)[0]))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
        return logits, loss

    def configure_optimizers(self, config):
        named = dict(self.named_parameters())
        decay = {n for n in named if n.endswith("weight") and not n.startswith(("w", "ln"))}
        decay |= {n for n in named if n.endswith("in_proj_weight")}
        groups = [
            {"params": [named[n] for n in sorted(decay)], "weight_decay": config.weight_decay},
            {"params": [named[n] for n in sorted(named.keys() - decay)], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.95))


class Trainer:
    def __init__(self, config, model, train_dataset):
        self.config = config
        self.optimizer = None
        self.train_dataset = train_dataset
        self.device = config.device
        self.model = model.to(self.device)
        self.callbacks = []
        self.iter_num = 0

    def run(self):
        model, config = self.model, self.config
        self.optimizer = model.configure_optimizers(config)
        sampler = RandomSampler(self.train_dataset, replacement=True, num_samples=10**6)
        loader = DataLoader(self.train_dataset, config.batch_size, sampler=sampler)
        model.train()
        self.iter_num = 0
        batches = iter(loader)
        while self.iter_num < config.max_iters:
            x, y = (t.to(self.device) for t in next(batches))
            _, self.loss = model(x, y)
            model.zero_grad(set_to_none=True)
            self.loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config.grad_norm_clip)
            self.optimizer.step()
            for callback in self.callbacks:
                callback(self)
            self.iter_num += 1


def eval_split(model, dataset, batch_size, device):
    """The share of tokens that are predicted right."""
    right = total = 0
    training = model.training
    model.eval()
    with torch.no_grad():
        for x, y in DataLoader(dataset, batch_size):
            logits, _ = model(x.to(device))
            right += (logits.argmax(dim=2).cpu() == y).sum().item()
            total += y.numel()
    model.train(training)
    return right / total


def sequences():
    """Counting upwards from anywhere."""
    rows = [torch.arange(i, i + BLOCK + 1) % TOKENS for i in range(8)]
    data = [(row[:-1], row[1:]) for row in rows]
    return SimpleNamespace(train_data=data, test_data=data)


class AdoptedMinGPT(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = ("loss",), "loss", None
    non_finite = None  # it never looks
    samples_without_replacement = False
    predicts_next_token = True
    no_decay = ("*bias", "ln_*", "w?e.*")

    def new_trainer(self, model, data, *, batch_size, device="cpu"):
        config = SimpleNamespace(batch_size=batch_size, device=device, learning_rate=3e-3,
                                 weight_decay=0.1, grad_norm_clip=1.0, max_iters=0)  # fmt: skip
        trainer = Trainer(config, model, data.train_data)
        trainer.data, trainer.losses = data, []
        trainer.callbacks.append(lambda t: t.losses.append((len(t.losses), t.loss.item())))
        trainer.save = lambda path: torch.save(model.state_dict(), path)
        trainer.eval = lambda: eval_split(model, data.test_data, batch_size, device)
        return trainer

    def train(self, trainer, epochs):
        steps = -(-len(trainer.train_dataset) // trainer.config.batch_size)
        trainer.config.max_iters = epochs * steps
        trainer.run()

    def optimizers(self, trainer):
        return {"adam": trainer.optimizer or trainer.model.configure_optimizers(trainer.config)}

    def logged(self, trainer):
        return {"loss": trainer.losses}

    def setUp(self):
        self.trainer = self.new_trainer(GPT(), sequences(), batch_size=8)
