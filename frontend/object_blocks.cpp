// The table of blocks that run as Python.
#include "frontend/object_blocks.h"

#include <deque>
#include <mutex>

namespace cantil::frontend {
namespace {

struct Table {
  std::mutex mutex;
  std::deque<ObjectBlock> blocks;
};

Table& table() {
  static auto* t = new Table;
  return *t;
}

bool same(const ObjectBlock& a, const ObjectBlock& b) {
  return a.function == b.function && a.line == b.line && a.col == b.col && a.inputs == b.inputs &&
         a.outputs == b.outputs && a.input_types == b.input_types && a.output_types == b.output_types;
}

}  // namespace

int64_t add_object_block(const ObjectBlock& block) {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  for (size_t i = 0; i < t.blocks.size(); ++i)
    if (same(t.blocks[i], block)) return static_cast<int64_t>(i);
  t.blocks.push_back(block);
  return static_cast<int64_t>(t.blocks.size()) - 1;
}

const ObjectBlock* find_object_block(int64_t number) {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  return number >= 0 && static_cast<size_t>(number) < t.blocks.size() ? &t.blocks[static_cast<size_t>(number)]
                                                                      : nullptr;
}

ir::TypeRef object_block_result(const ObjectBlock& block) {
  std::vector<ir::TypeRef> parts = {ir::i64()};
  parts.insert(parts.end(), block.output_types.begin(), block.output_types.end());
  return ir::tuple_type(std::move(parts));
}

}  // namespace cantil::frontend
