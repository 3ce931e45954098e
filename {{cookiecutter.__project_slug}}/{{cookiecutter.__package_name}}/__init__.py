"""Models of MNIST, and what trains them. `run.py` puts the parts together."""
