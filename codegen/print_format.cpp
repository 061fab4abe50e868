// Splitting of the `print` op's format.
#include "codegen/print_format.h"

#include <cctype>

namespace cantil::codegen {

std::vector<PrintPiece> split_print_format(const std::string& format) {
  std::vector<PrintPiece> pieces;
  std::string text;
  auto flush = [&] {
    if (!text.empty()) pieces.push_back({text, -1});
    text.clear();
  };
  for (size_t i = 0; i < format.size(); ++i) {
    const bool escape = format[i] == '%' && i + 1 < format.size();
    if (escape && format[i + 1] == '%') {
      text += '%';
      ++i;
    } else if (escape && std::isdigit(static_cast<unsigned char>(format[i + 1]))) {
      flush();
      int operand = 0;
      while (i + 1 < format.size() && std::isdigit(static_cast<unsigned char>(format[i + 1])))
        operand = 10 * operand + (format[++i] - '0');
      pieces.push_back({"", operand});
      if (i + 1 < format.size() && format[i + 1] == ';') ++i;  // ends the number where a digit may follow
    } else {
      text += format[i];
    }
  }
  flush();
  return pieces;
}

}  // namespace cantil::codegen
