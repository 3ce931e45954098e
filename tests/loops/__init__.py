"""Training loops as others write them, and how each is put under a suite in a few lines."""

from torch.utils.data import DataLoader


def loaders(data, batch_size: int) -> tuple[DataLoader, DataLoader]:
    """What most scripts begin with."""
    train_loader = DataLoader(data.train_data, batch_size, shuffle=True)
    return train_loader, DataLoader(data.test_data, batch_size)
