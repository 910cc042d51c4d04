"""One module per rule of the implementation-orchestrator."""
