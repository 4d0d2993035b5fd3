"""Points in time of the embedded database: its archive, how far it reaches, and the way back to one of them."""
