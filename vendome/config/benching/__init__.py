"""How the hot paths are measured: a sample of the house, a load generator, pgbench beside it, CPU seconds, a table."""
