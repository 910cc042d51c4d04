"""One module per rule of the orchestration-manager."""
