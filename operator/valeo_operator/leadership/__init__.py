"""Leadership: of several operator processes exactly one acts."""
