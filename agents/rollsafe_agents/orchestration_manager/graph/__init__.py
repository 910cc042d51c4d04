"""What waits for what: processes read from the project, their schedule, and what a failure does to them."""
