"""Persons' data: where it is, what a person gets of it, how it is erased, and until when a law forbids that."""
