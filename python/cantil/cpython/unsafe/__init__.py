"""Functions that trust their caller."""
