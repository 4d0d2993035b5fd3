"""Documents on paper: rendered once when issued, archived, and byte-identical ever after."""
