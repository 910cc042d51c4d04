"""One module per rule of the project-orchestrator."""
