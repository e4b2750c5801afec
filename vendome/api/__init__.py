"""Everything a screen does, for programs: typed, idempotent, documented by OpenAPI."""
