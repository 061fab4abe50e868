// Parts of compiled functions that run as Python: `with objmode(...)`. The front end says what goes in and
// out; the bindings make a Python function of the block's lines when it is first reached.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ir/type.h"

namespace cantil::frontend {

struct ObjectBlock {
  uint64_t function = 0;  // Function::id of the outermost function around it
  uint32_t line = 0, col = 0;
  std::vector<std::string> inputs, outputs;
  std::vector<ir::TypeRef> input_types, output_types;
};

// The number by which compiled code calls the block, the same for the same block. They live as long as the
// process.
int64_t add_object_block(const ObjectBlock& block);
const ObjectBlock* find_object_block(int64_t number);

// What a call of a block gives: whether it failed (0, or the address of the exception), then the outputs.
ir::TypeRef object_block_result(const ObjectBlock& block);

// The class by which compiled code raises what a block has raised.
inline constexpr const char* kPythonException = "cantil.PythonException";

}  // namespace cantil::frontend
