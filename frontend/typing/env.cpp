// Joining the states of two paths.
#include "frontend/typing/env.h"

#include <algorithm>

#include "frontend/typing/unify.h"

namespace cantil::frontend {
namespace {

LocalState join_local(const LocalState& a, const LocalState& b) {
  if (!a.type || !b.type) {
    LocalState r = a.type ? a : b;
    r.maybe = r.type != nullptr;
    if (r.type)
      r.type =
          ir::unliteral(r.type);  // it now has a flag of its own at run time, so it needs a value there too
    return r;
  }
  LocalState r = a;
  r.maybe = a.maybe || b.maybe;
  if (a.conflict) return r;
  if (b.conflict) {
    r = b;
    r.maybe = a.maybe || b.maybe;
    return r;
  }
  if (ir::TypeRef t = unify(a.type, b.type)) {
    if (t != a.type && t == b.type) r.origin = b.origin;
    r.type = t;
  } else {
    r.conflict = b.type;
    r.conflict_origin = b.origin;
  }
  return r;
}

}  // namespace

Env join(const Env& a, const Env& b) {
  if (!a.reachable) return b;
  if (!b.reachable) return a;
  Env r;
  r.reachable = true;
  size_t n = std::max(a.locals.size(), b.locals.size());
  r.locals.resize(n);
  static const LocalState none;
  for (size_t i = 0; i < n; ++i)
    r.locals[i] =
        join_local(i < a.locals.size() ? a.locals[i] : none, i < b.locals.size() ? b.locals[i] : none);
  return r;
}

bool same(const Env& a, const Env& b) {
  if (a.reachable != b.reachable) return false;
  static const LocalState none;
  size_t n = std::max(a.locals.size(), b.locals.size());
  for (size_t i = 0; i < n; ++i)
    if (!(i < a.locals.size() ? a.locals[i] : none).same_type(i < b.locals.size() ? b.locals[i] : none))
      return false;
  return true;
}

}  // namespace cantil::frontend
