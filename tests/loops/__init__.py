"""Training loops as others write them, and how each is put under a suite in a few lines."""
