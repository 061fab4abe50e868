"""SASS instructions per unit of work, against nvcc."""
