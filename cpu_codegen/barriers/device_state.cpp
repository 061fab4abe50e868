// Block state as parameters of device functions.
#include "cpu_codegen/barriers/device_state.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "ir/builder.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

// One piece of state: a special register, one shared array (by its op), the dynamic shared memory as some
// pointer, its size.
struct State {
  Opcode code;
  int64_t sreg = 0;
  const ir::Op* array = nullptr;
  ir::TypeRef type = nullptr;
  bool operator==(const State&) const = default;
};

bool is_state(const ir::Op& op) {
  return op.code == Opcode::Sreg || op.code == Opcode::SharedArray || op.code == Opcode::DynShared ||
         op.code == Opcode::DynSharedSize;
}

State state_of(const ir::Op& op) {
  State s{op.code, 0, nullptr, op.result->type};
  if (op.code == Opcode::Sreg) s.sreg = op.imm;
  if (op.code == Opcode::SharedArray) s.array = &op;
  return s;
}

std::string state_name(const State& s) {
  if (s.code == Opcode::Sreg) return std::string(".") + ir::sreg_name(static_cast<ir::Sreg>(s.sreg));
  if (s.code == Opcode::SharedArray) return ".shared";
  return s.code == Opcode::DynShared ? ".dynamic" : ".dynamic_size";
}

template <class Visit>
void for_each_op(const ir::Region& r, const Visit& visit) {
  for (ir::Op* op : r.ops) {
    visit(*op);
    for (const ir::Region* nested : op->regions) for_each_op(*nested, visit);
  }
}

class Lowering {
 public:
  explicit Lowering(ir::Module& m) : module_(m) {}

  void run() {
    collect();
    for (size_t k = 1; k < module_.functions.size(); ++k) add_params(*module_.functions[k]);
    for (size_t k = 1; k < module_.functions.size(); ++k) rewrite(*module_.functions[k]);
    rewrite_entry(*module_.functions[0]);
  }

 private:
  std::vector<State>& uses(const ir::Function& f) { return uses_[&f]; }

  bool add(const ir::Function& f, const State& s) {
    std::vector<State>& all = uses(f);
    if (std::find(all.begin(), all.end(), s) != all.end()) return false;
    all.push_back(s);
    return true;
  }

  // What each function uses, itself or through its callees.
  void collect() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t k = 1; k < module_.functions.size(); ++k) {
        const ir::Function& f = *module_.functions[k];
        for_each_op(*f.body, [&](const ir::Op& op) {
          if (is_state(op)) changed |= add(f, state_of(op));
          if (op.code == Opcode::Call && op.func != &f) {
            const std::vector<State> needed = uses(*op.func);
            for (const State& s : needed) changed |= add(f, s);
          }
        });
      }
    }
  }

  void add_params(ir::Function& f) {
    for (const State& s : uses(f)) params_[&f].push_back(module_.add_param(&f, state_name(s), s.type));
  }

  ir::Value* param(const ir::Function& f, const State& s) {
    const std::vector<State>& all = uses(f);
    return params_[&f][static_cast<size_t>(std::find(all.begin(), all.end(), s) - all.begin())];
  }

  void rewrite(ir::Function& f) {
    std::unordered_map<const ir::Value*, ir::Value*> renamed;
    rewrite_region(f, f.body, renamed);
  }

  void rewrite_region(ir::Function& f, ir::Region* r,
                      std::unordered_map<const ir::Value*, ir::Value*>& renamed) {
    std::vector<ir::Op*> kept;
    for (ir::Op* op : r->ops) {
      for (ir::Value*& operand : op->operands) {
        if (const auto found = renamed.find(operand); found != renamed.end()) operand = found->second;
      }
      if (is_state(*op)) {
        renamed[op->result] = param(f, state_of(*op));
        continue;
      }
      if (op->code == Opcode::Call) {
        for (const State& s : uses(*op->func)) op->operands.push_back(param(f, s));
      }
      for (ir::Region* nested : op->regions) rewrite_region(f, nested, renamed);
      kept.push_back(op);
    }
    r->ops = std::move(kept);
  }

  void rewrite_entry(ir::Function& f) {
    // The kernel's own shared arrays go to the start too; they are the same ops still.
    std::vector<ir::Op*> arrays;
    take_arrays(f.body, arrays);
    ir::Region* start = module_.new_region(nullptr);
    for (ir::Op* op : arrays) {
      op->parent = start;
      start->ops.push_back(op);
    }
    ir::Builder at_start(module_, &f, start);
    rewrite_calls(f, f.body, at_start);
    for (ir::Op* op : start->ops) op->parent = f.body;
    f.body->ops.insert(f.body->ops.begin(), start->ops.begin(), start->ops.end());
  }

  void take_arrays(ir::Region* r, std::vector<ir::Op*>& arrays) {
    std::erase_if(r->ops, [&](ir::Op* op) {
      if (op->code != Opcode::SharedArray) return false;
      arrays.push_back(op);
      return true;
    });
    for (ir::Op* op : r->ops) {
      for (ir::Region* nested : op->regions) take_arrays(nested, arrays);
    }
  }

  void rewrite_calls(ir::Function& f, ir::Region* r, ir::Builder& at_start) {
    std::vector<ir::Op*> ops;
    ops.swap(r->ops);
    ir::Builder here(module_, &f, r);
    for (ir::Op* op : ops) {
      here.set_span(op->span);
      if (op->code == Opcode::Call) {
        const std::vector<State> needed = uses(*op->func);
        for (const State& s : needed) op->operands.push_back(provide(s, here, at_start));
      }
      r->ops.push_back(op);
      for (ir::Region* nested : op->regions) rewrite_calls(f, nested, at_start);
    }
  }

  ir::Value* provide(const State& s, ir::Builder& here, ir::Builder& at_start) {
    if (s.code == Opcode::Sreg) return here.sreg(static_cast<ir::Sreg>(s.sreg));
    if (s.code != Opcode::SharedArray) return here.value(s.code, {}, s.type);
    ir::Value*& array = arrays_[s.array];
    if (array == nullptr) {
      ir::Op* op = at_start.op(Opcode::SharedArray, {}, s.type);
      op->imm = s.array->imm;
      op->span = s.array->span;
      array = op->result;
    }
    return array;
  }

  ir::Module& module_;
  std::unordered_map<const ir::Function*, std::vector<State>> uses_;
  std::unordered_map<const ir::Function*, std::vector<ir::Value*>> params_;
  std::unordered_map<const ir::Op*, ir::Value*> arrays_;
};

}  // namespace

void lower_device_state(ir::Module& m) { Lowering(m).run(); }

}  // namespace cantil::cpu_codegen
