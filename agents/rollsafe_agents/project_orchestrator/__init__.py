"""The project-orchestrator: see `agent.md` for what it answers for."""

from rollsafe.rules.agent import Agent

AGENT = Agent("project-orchestrator", __package__ or __name__)
