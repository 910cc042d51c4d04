"""Plans that behave as the tests need it."""
