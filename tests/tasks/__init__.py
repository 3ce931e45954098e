"""Other tasks on the generated loop, as an owner would write them."""
