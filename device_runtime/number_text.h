// Numbers as Python and NumPy write them.
#pragma once
#include <string>

namespace cantil::device_runtime {

// repr(float): the shortest digits that read back to the same value; "1.0", "1e+16", "inf", "nan".
void append_float(std::string& out, double v);
// str(numpy.float32): likewise with float32's own shortest digits (as NumPy 2.4 lays them out).
void append_float(std::string& out, float v);
// repr(complex) and str(numpy.complex64): "(1+2j)", "1j".
void append_complex(std::string& out, double re, double im);
void append_complex(std::string& out, float re, float im);

}  // namespace cantil::device_runtime
