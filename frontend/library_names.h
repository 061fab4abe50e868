// One name for each library function: what a user's spelling and a library declaration's are compared by.
#pragma once
#include <string>
#include <string_view>

namespace cantil::frontend {

// "numpy.abs" -> "numpy.absolute", "operator.__add__" -> "operator.add", "numba.cuda.grid" ->
// "cantil.cuda.grid"; other names are returned as they are. Works for modules too ("numba.cuda").
std::string canonical_name(std::string_view name);

// Whether a canonical name belongs to a module that the library covers ("numpy.sin", "math", but not
// "scipy.fft").
bool is_library_name(std::string_view canonical);

}  // namespace cantil::frontend
