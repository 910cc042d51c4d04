"""The plans of the orchestration manager, one module per kind."""
