"""What names what in workflow files and contracts: where a name is defined, and where it is used.

Each family of files has a module that yields `Mention`s of one file, without looking at others; `lookup` puts
them together when somebody asks. No rule rests on this, so nothing here is loaded by the command.
"""
