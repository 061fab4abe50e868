"""What a call of compiled code costs in Python, for functions and kernels."""
