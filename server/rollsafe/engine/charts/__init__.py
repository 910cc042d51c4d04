"""Rules over what charts render to: findings about deployed objects, told where those are written."""
