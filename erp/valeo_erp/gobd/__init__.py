"""The data of a period for a tax auditor (GoBD, Z3): CSV, and index.xml that describes every column of it."""
