"""The five agents: personas, rules and what they contribute to plans."""
