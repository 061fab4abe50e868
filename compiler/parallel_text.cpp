// Events of parallel code, from the IR as it is behind the passes and from what passes noted.
#include "compiler/parallel_text.h"

#include <set>
#include <tuple>
#include <vector>

#include "ir/walk.h"

namespace cantil::compiler {
namespace {

// Whether the library's function runs loops on the thread pool, itself or through what it calls.
bool runs_in_parallel(const ir::Function& f, std::set<const ir::Function*>& seen) {
  if (!seen.insert(&f).second) return false;
  bool found = false;
  ir::for_each_op(*f.body, [&](const ir::Op& op) {
    found =
        found || op.code == ir::Opcode::ParallelFor ||
        (op.code == ir::Opcode::Call && op.func && op.func->is_library && runs_in_parallel(*op.func, seen));
  });
  return found;
}

class Text {
 public:
  explicit Text(const ir::Module& m) : m_(m) {}

  std::string run() {
    for (const ir::Function* f : m_.functions) {
      if (f->is_library) continue;
      files_.insert(f->span.file);
      name_ = f->name;
      region(*f->body, 0);
    }
    for (const ir::ParallelNote& n : m_.notes) {
      name_.clear();
      if (!files_.count(n.span.file) || !n.span.valid()) continue;
      if (n.kind == ir::ParallelNote::Nested) event("nested", n.span, n.what, 0);
      if (n.kind == ir::ParallelNote::Fused) event("fused", n.span, n.what, n.into.line);
    }
    return text_;
  }

 private:
  void region(const ir::Region& r, int depth) {
    for (const ir::Op* op : r.ops) {
      const bool loop = op->code == ir::Opcode::ParallelFor;
      if (loop) event("loop", op->span, op->str.empty() ? "loop" : op->str, 0);
      if (op->code == ir::Opcode::Call && op->func && op->func->is_library) {
        std::set<const ir::Function*> seen;
        if (runs_in_parallel(*op->func, seen)) event(depth ? "nested" : "loop", op->span, op->func->name, 0);
      }
      for (const ir::Region* nested : op->regions) region(*nested, depth + loop);
    }
  }

  // Once each: a loop may be there in several versions.
  void event(const char* kind, const Span& span, const std::string& what, uint32_t into) {
    if (!seen_.insert({kind, span.line, span.col, what, into}).second) return;
    text_ += std::string(kind) + '\t' + name_ + '\t' + std::to_string(span.line) + '\t' +
             std::to_string(span.end_line) + '\t' + what + '\t' + std::to_string(into) + '\n';
  }

  const ir::Module& m_;
  std::string text_, name_;
  std::set<FileId> files_;
  std::set<std::tuple<std::string, uint32_t, uint32_t, std::string, uint32_t>> seen_;
};

}  // namespace

std::string parallel_text(const ir::Module& m) { return Text(m).run(); }

}  // namespace cantil::compiler
