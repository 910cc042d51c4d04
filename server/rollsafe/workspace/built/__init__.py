"""What kustomizations build: objects in which every value knows the file and the place it comes from."""
