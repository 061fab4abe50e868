// Copies of ops and regions.
#include "ir/clone.h"

namespace cantil::ir {

Op* Cloner::op(const Op& from, Region* at) {
  Op* copy = module_.new_op(from.code);
  *copy = from;
  copy->parent = at;
  copy->regions.clear();
  for (Value*& operand : copy->operands) operand = renamed(operand);
  if (copy->var != nullptr) copy->var = renamed(copy->var);
  for (Reduction& reduction : copy->reductions) reduction.var = renamed(reduction.var);
  if (from.result != nullptr) {
    copy->result = module_.new_value(into_, from.result->type);
    copy->result->def = copy;
    rename(from.result, copy->result);
  }
  at->ops.push_back(copy);
  for (const Region* nested : from.regions) {
    Region* made = module_.new_region(copy);
    copy->regions.push_back(made);
    region(*nested, made);
  }
  return copy;
}

void Cloner::region(const Region& from, Region* at) {
  for (const Value* arg : from.args) {
    Value* made = module_.new_value(into_, arg->type);
    at->args.push_back(made);
    rename(arg, made);
  }
  for (const Op* nested : from.ops) op(*nested, at);
}

}  // namespace cantil::ir
