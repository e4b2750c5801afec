"""The surface that travels: letters to clients, written from the facts and sent by the worker (ADR 0029)."""
