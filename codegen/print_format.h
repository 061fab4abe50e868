// The format of the `print` op: literal pieces with %0 %1 … for operands (%0; with a digit or ';' after it),
// %% for a percent sign.
#pragma once
#include <string>
#include <vector>

namespace cantil::codegen {

struct PrintPiece {
  std::string text;
  int operand = -1;  // >= 0: this operand instead of text
};

std::vector<PrintPiece> split_print_format(const std::string& format);

}  // namespace cantil::codegen
