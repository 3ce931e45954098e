"""Models, VAEs and datasets that others wrote, as owners would declare them to the suites.

Each module is named after its source and has a list SUBJECTS, and the name of the package that the
subjects come from, PACKAGE. Importing it builds nothing.
"""

# The modules of each kind.
SOURCES = {
    "model": (
        "torchvision_models",
        "torchvision_dense_models",
        "timm_models",
        "transformers_models",
        "transformers_signal_models",
        "diffusers_models",
        "monai_models",
        "segmentation_models",
        "vit_pytorch_models",
        "torch_models",
        "graph_models",
        "flow_models",
        "zuko_models",
        "normflows_models",
        "torchvision_large_models",
    ),
    "vae": (),
    "dataset": (),
}
