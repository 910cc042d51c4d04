"""What every fix is held to, on the examples of the rules and over any folder of files."""
