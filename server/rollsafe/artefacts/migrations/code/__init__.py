"""Migrations written in a programming language: what they send to the database, read without running them."""
