"""Tests of the optional review by a model; none of them leaves the machine."""
