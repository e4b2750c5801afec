"""What every domain stands on: money, ids, clock, actors, errors, locks, outbox, audit, PostgreSQL."""
