"""The workflow-orchestrator: see `agent.md` for what it answers for."""

from rollsafe.rules.agent import Agent

AGENT = Agent("workflow-orchestrator", __package__ or __name__)
