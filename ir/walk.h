// Visiting the ops of a function in order, regions nested in an op directly after it.
#pragma once
#include "ir/ir.h"

namespace cantil::ir {

template <class F>
void for_each_op(const Region& r, F&& visit) {
  for (Op* op : r.ops) {
    visit(*op);
    for (Region* nested : op->regions) for_each_op(*nested, visit);
  }
}

inline bool is_loop(Opcode c) {
  return c == Opcode::For || c == Opcode::While || c == Opcode::ParallelFor || c == Opcode::ThreadLoop;
}

// As a report of what became parallel names them.
inline const char* elementwise_name(Opcode c) {
  return c == Opcode::Reduce ? "reduction" : c == Opcode::MapInto ? "array assignment" : "array expression";
}

// After these nothing follows in a region.
inline bool is_terminator(Opcode c) {
  return c == Opcode::Break || c == Opcode::Continue || c == Opcode::Return || c == Opcode::Raise ||
         c == Opcode::Yield || c == Opcode::Reraise || c == Opcode::Leave;
}

// Whether the op's result is an owned reference (+1), where it is of a counted type.
inline bool gives_owned(const Op& op) {
  switch (op.code) {
    case Opcode::Call:
    case Opcode::CallC:
    case Opcode::CallLlvm:
    case Opcode::Alloc:
    case Opcode::ObjectNew:
    case Opcode::BufferNew:
    case Opcode::ExceptionSave:
      return true;
    case Opcode::Load:
      return (op.imm & kCountedAccess) != 0;
    default:
      return false;
  }
}

// Whether this op itself (not its regions) may leave the function with an exception.
inline bool may_raise_here(const Op& op) {
  if (op.code == Opcode::Raise || op.code == Opcode::Reraise) return true;
  if (op.code == Opcode::Call) return !op.func || op.func->may_raise;
  return op_info(op.code).effects == Effects::Raise;
}

// Whether control can go on behind the op: no terminator, no if that leaves on both sides, no endless loop.
bool passes(const Op& op);
// Whether control can reach the end of the region.
bool falls_through(const Region& r);

}  // namespace cantil::ir
