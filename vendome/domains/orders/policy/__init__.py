"""The return policy: rules are data, one pure function decides, and every decision names its rule (ADR 0022)."""
