"""What rules claim of MariaDB and SQLite, asked of the databases themselves."""
