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
    "vae": (
        "pythae_vaes",
        "diffusers_vaes",
        "monai_vaes",
        "graph_vaes",
        "rebuilt_image_vaes",
        "rebuilt_code_vaes",
        "rebuilt_series_vaes",
        "rebuilt_vector_vaes",
    ),
    "dataset": (
        "tensor_datasets",
        "pair_datasets",
        "series_datasets",
        "file_datasets",
        "hdf5_datasets",
        "sklearn_datasets",
        "table_datasets",
        "torchvision_datasets",
        "huggingface_datasets",
        "webdataset_datasets",
        "monai_datasets",
        "graph_datasets",
    ),
}
