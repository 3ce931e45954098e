"""Models, VAEs and datasets that others wrote, as owners would declare them to the suites.

Each module is named after its source and has a list SUBJECTS, and the name of the package that the
subjects come from, PACKAGE. Importing it builds nothing.
"""

# The modules of each kind.
SOURCES = {
    "model": (
        "torchvision_models",
        "torchvision_dense_models",
        "torchvision_large_models",
        "timm_models",
    ),
    "vae": (),
    "dataset": (),
}
