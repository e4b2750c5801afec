"""Analysis over snapshots; nothing in here writes business rows."""
