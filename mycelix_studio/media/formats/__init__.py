"""One module per container: where its sound and its tags lie, and the whole file anew with other tags around the same sound."""
