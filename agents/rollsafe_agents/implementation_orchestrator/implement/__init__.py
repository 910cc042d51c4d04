"""The implementation plan: from a goal, or a plan as a document, to phases that are shipped one by one."""
