"""PostgreSQL migrations: what a file is to its runner, and what its statements do."""
