"""The orchestration-manager: see `agent.md` for what it answers for."""

from rollsafe.rules.agent import Agent

AGENT = Agent("orchestration-manager", __package__ or __name__)
