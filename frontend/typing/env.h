// What is known of the locals at one point of a function, and how two paths join.
#pragma once
#include <vector>

#include "ir/type.h"
#include "support/span.h"

namespace cantil::frontend {

struct LocalState {
  ir::TypeRef type = nullptr;      // null: not assigned on any path that leads here
  bool maybe = false;              // some path leads here without an assignment
  ir::TypeRef conflict = nullptr;  // set when paths disagree beyond unification: the other path's type
  Span origin, conflict_origin;    // where the type was given

  bool same_type(const LocalState& o) const {
    return type == o.type && maybe == o.maybe && conflict == o.conflict;
  }
};

struct Env {
  bool reachable = false;
  std::vector<LocalState> locals;

  LocalState& at(uint32_t i) {
    if (i >= locals.size()) locals.resize(i + 1);
    return locals[i];
  }
  const LocalState* find(uint32_t i) const { return i < locals.size() ? &locals[i] : nullptr; }
};

// The state after either path. An unreachable path adds nothing.
Env join(const Env& a, const Env& b);
bool same(const Env& a, const Env& b);

}  // namespace cantil::frontend
