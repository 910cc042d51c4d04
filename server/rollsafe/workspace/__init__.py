"""A project as a whole: its files, its settings, what refers to what, and its git base."""
