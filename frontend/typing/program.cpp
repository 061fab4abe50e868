// Finding and typing instances; recursion to a fixpoint.
#include "frontend/typing/program.h"

#include <set>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

namespace {

uint32_t option_bits(const FunctionOptions& o) {
  return 0x800u | o.fastmath | (o.numpy_errors ? 0x100u : 0u) | (o.boundscheck ? 0x200u : 0u) |
         (o.parallel ? 0x400u : 0u);
}

void inherit(FunctionOptions& o, uint32_t bits) {
  o.fastmath = static_cast<uint8_t>(bits & 0xFF);
  o.numpy_errors = (bits & 0x100) != 0;
  o.parallel = (bits & 0x400) != 0;
}

std::string symbol_of(const Function& f, const std::vector<ir::TypeRef>& args, uint32_t options) {
  std::string s = f.name + "[";
  for (size_t i = 0; i < args.size(); ++i) s += (i ? ", " : "") + args[i]->str();
  s += "]";
  if (f.is_library && (options & 0x7FFu)) s += "/" + std::to_string(options & 0x7FFu);
  return s;
}

}  // namespace

Instance* Program::instance(Function& f, const std::vector<ir::TypeRef>& args,
                            const FunctionOptions* caller_options, ir::TypeRef ret_hint) {
  bool inherits = f.is_library && caller_options;
  return instance_for(f, args, inherits ? option_bits(*caller_options) : 0, ret_hint);
}

Instance* Program::generator_instance(ir::TypeRef generator) {
  const auto inherited = static_cast<uint32_t>(generator->elems[1]->value);
  return instance_for(function(generator->elems[2]->value),
                      {generator->elems.begin() + 3, generator->elems.end()}, inherited, nullptr);
}

Instance* Program::instance_for(Function& f, const std::vector<ir::TypeRef>& args, uint32_t inherited,
                                ir::TypeRef ret_hint) {
  ensure_captured(f);
  auto [it, fresh] = table_.try_emplace(Key{f.id, args, inherited}, nullptr);
  if (!fresh) {
    Instance* inst = it->second;
    if (inst->state == Instance::Typing) {
      inst->recursed = true;
      for (size_t i = 0; i < stack_.size(); ++i)
        if (stack_[i] == inst) lowest_recursion_ = std::min(lowest_recursion_, i);
    }
    return inst;
  }
  Instance* inst = &instances_.emplace_back();
  it->second = inst;
  inst->function = &f;
  inst->args = args;
  inst->ret_hint = ret_hint;
  inst->options = f.options;
  inst->inherited = inherited;
  if (inherited) inherit(inst->options, inherited);
  inst->symbol = symbol_of(f, args, inherited);
  size_t depth = stack_.size();
  stack_.push_back(inst);
  size_t outer_lowest = lowest_recursion_;
  size_t first_provisional = provisional_.size();
  try {
    for (int round = 0;; ++round) {
      CANTIL_CHECK(round < 20);
      inst->state = Instance::Typing;
      lowest_recursion_ = SIZE_MAX;
      // What was typed above against the previous guess of our return type is typed again.
      while (provisional_.size() > first_provisional) {
        table_.erase(provisional_.back());
        provisional_.pop_back();
      }
      ir::TypeRef before = inst->ret;
      type_instance(inst);
      if (!inst->recursed || inst->ret == before) break;
    }
    if (!inst->ret)
      throw CompileError(Diagnostic{Diag::RecursionType,
                                    inst->untyped_callee ? inst->untyped_call : f.tree->root->span,
                                    {(inst->untyped_callee ? *inst->untyped_callee : f).name},
                                    {},
                                    f.name});
  } catch (...) {
    stack_.pop_back();
    table_.erase(it);
    throw;
  }
  stack_.pop_back();
  inst->state = Instance::Done;
  if (lowest_recursion_ < depth) {
    provisional_.push_back(it);
  } else {
    provisional_.resize(first_provisional);
    lowest_recursion_ = SIZE_MAX;
  }
  lowest_recursion_ = std::min(lowest_recursion_, outer_lowest);
  return inst;
}

Function& Program::function(int64_t id) {
  std::shared_ptr<Function>& f = functions_[static_cast<uint64_t>(id)];
  if (!f) f = find_function(static_cast<uint64_t>(id));
  CANTIL_CHECK(f);
  return *f;
}

Function& Program::nested(const Function& outer, const syntax::Node* definition,
                          const std::function<std::shared_ptr<Function>()>& make) {
  uint64_t& id = nested_[{outer.id, definition}];
  if (!id) {
    std::shared_ptr<Function> f = make();
    id = f->id;
    remember(f);
  }
  return function(static_cast<int64_t>(id));
}

Function& Program::derived(const std::string& key, const std::function<std::shared_ptr<Function>()>& make) {
  uint64_t& id = derived_[key];
  if (!id) {
    std::shared_ptr<Function> f = make();
    id = f->id;
    remember(f);
  }
  return function(static_cast<int64_t>(id));
}

void Program::type_instance(Instance* inst) {
  try {
    Typer(*this, *inst).run();
  } catch (CompileError& e) {
    for (Diagnostic& d : e.diagnostics())
      if (d.function.empty()) d.function = inst->function->name;
    throw;
  }
}

std::vector<Instance*> Program::reachable(Instance* entry) const {
  std::vector<Instance*> order = {entry};
  std::set<Instance*> seen = {entry};
  std::set<const Expr*> visited;
  std::function<void(const Expr*)> visit_expr;
  std::function<void(const Block&)> visit_block = [&](const Block& b) {
    for (const Stmt* s : b) {
      if (s->value) visit_expr(s->value);
      for (const Expr* a : s->args) visit_expr(a);
      visit_block(s->head);
      visit_block(s->body);
      visit_block(s->orelse);
      for (const Handler& h : s->handlers) visit_block(h.body);
    }
  };
  visit_expr = [&](const Expr* e) {
    if (!visited.insert(e).second) return;
    const bool calls = e->kind == ExprKind::Call || e->kind == ExprKind::Resume;
    if (calls && seen.insert(e->callee).second) order.push_back(e->callee);
    for (const Expr* a : e->args) visit_expr(a);
    if (e->each) visit_expr(e->each->body);
    visit_block(e->block);
  };
  for (size_t i = 0; i < order.size(); ++i) visit_block(order[i]->body);
  return order;
}

}  // namespace cantil::frontend
