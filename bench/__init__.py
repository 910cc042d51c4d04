"""Measures what rollsafe promises: latency while editing, throughput while scanning, memory."""
