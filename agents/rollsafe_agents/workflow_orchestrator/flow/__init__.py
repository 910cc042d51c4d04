"""One workflow as states and transitions, whatever file it is written in, and what follows from them."""
