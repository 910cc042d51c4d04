"""The kinds of plans the deployment orchestrator answers for; every module is one."""
