"""A classifier and a VAE as LightningModules."""

from types import SimpleNamespace

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 4


class Classifier(L.LightningModule):
    def __init__(self, width=32, learning_rate=3e-3):
        super().__init__()
        self.save_hyperparameters()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, width),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(width, CLASSES),
        )

    def forward(self, images):
        return self.layers(images)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(self(images), labels)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        right = (logits.argmax(dim=1) == labels).float().mean()
        self.log_dict({"val_loss": F.cross_entropy(logits, labels), "val_accuracy": right})

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), self.hparams.learning_rate)


class VAE(L.LightningModule):
    """Reconstruction and KL divergence are means over the batch."""

    def __init__(self, latent_dim=4):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU())
        self.to_mu, self.to_logvar = nn.Linear(32, latent_dim), nn.Linear(32, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 32), nn.ReLU(), nn.Linear(32, 64), nn.Unflatten(1, (1, 8, 8))
        )

    def forward(self, images):
        hidden = self.encoder(images)
        mu, logvar = self.to_mu(hidden), self.to_logvar(hidden)
        noise = torch.randn_like(mu) if self.training else torch.zeros_like(mu)
        return self.decoder(mu + noise * (0.5 * logvar).exp()), mu, logvar

    def losses(self, batch):
        images, _ = batch
        outputs, mu, logvar = self(images)
        recon = F.mse_loss(outputs, images, reduction="sum") / len(images)
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum() / len(images)
        return {"recon": recon, "kl": kl}

    def training_step(self, batch, batch_idx):
        losses = self.losses(batch)
        total = losses["recon"] + losses["kl"]
        self.log_dict({**losses, "loss": total})
        return total

    def validation_step(self, batch, batch_idx):
        self.log("val_recon", self.losses(batch)["recon"], batch_size=len(batch[0]))

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), 5e-3)
        return {
            "optimizer": optimizer,
            "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 100),
        }


def stripes(size=8):
    """Images (1, 8, 8) of stripes, of one of four directions each, with its number as the label."""
    samples = []
    for index in range(size):
        rows, columns = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
        ways = rows, columns, rows + columns, rows - columns
        stripe = (ways[index % CLASSES] + index // CLASSES) % 4 < 2
        samples.append((stripe.float()[None] * 2 - 1, index % CLASSES))
    return SimpleNamespace(train_data=samples, test_data=samples)
