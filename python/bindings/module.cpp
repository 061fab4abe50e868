// The extension module cantil._core: version and registration of what the other files bind.
#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, module) { module.attr("__version__") = CANTIL_VERSION; }
