"""The service map: what runs, who talks to whom, and where that is written."""
