"""What the deployment orchestrator says in a plan, one module per subject; each adds to a contribution."""
