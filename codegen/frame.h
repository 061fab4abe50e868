// A place in the user's source that a traceback can show. Free of LLVM, for everyone above codegen/.
#pragma once
#include <cstdint>
#include <string>

namespace cantil::codegen {

struct Frame {
  std::string function, file;
  uint32_t line = 0, col = 0, end_line = 0, end_col = 0;
  bool is_library = false;  // a body of stdlib/: hidden from tracebacks
};

}  // namespace cantil::codegen
