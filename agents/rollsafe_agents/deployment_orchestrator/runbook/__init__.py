"""The runbook: per service what it is, where it runs, and how it is looked after."""
