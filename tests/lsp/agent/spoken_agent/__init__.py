"""An agent whose rules say what an environment file tells them to say."""

from rollsafe.rules.agent import Agent

AGENT = Agent("spoken-agent", __package__ or __name__)
