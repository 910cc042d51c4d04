"""The kinds of plans the implementation orchestrator answers for; every module is one."""
