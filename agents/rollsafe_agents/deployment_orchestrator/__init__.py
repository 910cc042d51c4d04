"""The deployment-orchestrator: see `agent.md` for what it answers for."""

from rollsafe.rules.agent import Agent

AGENT = Agent("deployment-orchestrator", __package__ or __name__)
