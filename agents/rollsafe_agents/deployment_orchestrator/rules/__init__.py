"""One module per rule of the deployment-orchestrator."""
