"""The forms of a result. Each module knows one; all take the same report."""
