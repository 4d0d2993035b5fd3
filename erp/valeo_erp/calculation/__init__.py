"""The one calculation of a document's amounts, for screen, PDF, journal and exports."""
