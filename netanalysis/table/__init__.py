"""Many networks, many measures, one table."""
