"""The way back as a plan of its own: step by step, or in an emergency as one page of commands."""
