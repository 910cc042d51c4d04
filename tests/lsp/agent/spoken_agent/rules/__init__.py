"""One rule per thing a test needs; each looks for its own word in `.env` files."""
