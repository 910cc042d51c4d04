"""Runs the agents' rules over a project, incrementally, and assembles what they find."""

from rollsafe.engine.analysis import Engine
from rollsafe.engine.found import Found, RuleFailure
from rollsafe.engine.selection import RuleSet, UnknownRuleError, installed_agents

__all__ = ["Engine", "Found", "RuleFailure", "RuleSet", "UnknownRuleError", "installed_agents"]
