"""Run time of compiled CPU functions."""
