"""The record of carrying out a plan. rollsafe deploys nothing: it writes down who did what and when.

`journal` keeps it on disk, `run` says where a run stands and what comes next, `report` tells its story.
"""
