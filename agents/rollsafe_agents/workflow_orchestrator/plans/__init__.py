"""The plans of the workflow orchestrator, one module per kind."""
