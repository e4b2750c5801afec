"""The outside world, one folder each, behind the ports that the domains declare."""
