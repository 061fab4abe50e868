"""Universal functions, generalised ones and stencils: calls, and long arrays."""
