"""Avro schemas: reading them, and whether one reads what another wrote."""
