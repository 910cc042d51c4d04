"""The analysis after a rollback: facts, what is still to be filled in, and questions."""
