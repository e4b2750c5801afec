"""The business, one noun each; a domain uses only those below it (docs/explanation/architecture.md)."""
