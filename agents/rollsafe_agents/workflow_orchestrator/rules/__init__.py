"""One module per rule of the workflow-orchestrator."""
