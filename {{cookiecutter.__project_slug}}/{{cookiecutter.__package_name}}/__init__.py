"""A variational autoencoder on MNIST. `run.py` puts its parts together."""
