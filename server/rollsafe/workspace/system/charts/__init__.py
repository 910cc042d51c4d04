"""Helm charts, rendered without Helm as far as their own files and values decide.

What only a cluster, a random number or a command line knows stays a template tag in the result, so that
whoever reads it takes it for what it is: not known.
"""
