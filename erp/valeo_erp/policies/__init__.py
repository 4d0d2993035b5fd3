"""The trader's own rules: versioned, tried out on the past, put in force by a second person, held by the workflow."""
