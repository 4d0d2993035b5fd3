"""Tax codes: which rate holds at the date of supply."""
