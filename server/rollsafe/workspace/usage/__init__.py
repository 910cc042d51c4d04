"""Where the application's code names a table or a column."""
