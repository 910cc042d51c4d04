"""What a goal that is said plainly comes to here: what is there, what stands against it, the way in steps."""
