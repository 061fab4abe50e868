// The front end's entry: types a function for argument types and lowers what it reaches.
#include <algorithm>
#include <map>

#include "frontend/function.h"
#include "frontend/lower/lower.h"
#include "frontend/typing/program.h"
#include "support/diagnostics.h"
#include "support/trace.h"

namespace cantil::frontend {

namespace {

// inspect_types(): each instance with the types that its locals take and its result.
std::string types_text(const std::vector<Instance*>& instances) {
  std::string out;
  for (const Instance* inst : instances) {
    if (inst->function->is_library) continue;
    out += inst->symbol + " -> " + inst->ret->str() + "\n";
    std::map<uint32_t, std::vector<std::pair<ir::TypeRef, uint32_t>>> types;  // by local: type and the line of its first assignment
    for (uint32_t i = 0; i < inst->args.size(); ++i) types[i].push_back({inst->args[i], inst->function->tree->root->span.line});
    std::function<void(const Block&)> visit = [&](const Block& b) {
      for (const Stmt* s : b) {
        if (s->kind == StmtKind::Assign || s->kind == StmtKind::For) {
          ir::TypeRef t = s->kind == StmtKind::For ? s->to : s->value->type;
          auto& list = types[s->local];
          if (std::none_of(list.begin(), list.end(), [&](auto& p) { return p.first == t; })) list.push_back({t, s->span.line});
        }
        visit(s->head);
        visit(s->body);
        visit(s->orelse);
      }
    };
    visit(inst->body);
    for (auto& [local, list] : types) {
      if (inst->locals[local][0] == '.') continue;
      for (auto& [t, line] : list) out += "  line " + std::to_string(line) + ": " + inst->locals[local] + " :: " + t->str() + "\n";
    }
  }
  return out;
}

}  // namespace

Lowered lower(Function& f, const std::vector<ir::TypeRef>& args, CodeTarget target, ir::TypeRef ret_hint) {
  Program program(target);
  Instance* entry = nullptr;
  std::vector<Instance*> instances;
  {
    StageTimer timer("types", f.name);
    entry = program.instance(f, args, nullptr, ret_hint);
    instances = program.reachable(entry);
  }
  Lowered out;
  out.types_text = types_text(instances);
  if (dump_wanted("syntax")) dump_text("syntax", f.name, syntax::print(f.tree->root));
  if (dump_wanted("types")) dump_text("types", f.name, out.types_text);
  {
    StageTimer timer("lower", f.name);
    out.module = lower_instances(instances, target);
  }
  out.ret = out.module->functions[0]->ret;
  for (ir::TypeRef t : args) out.args.push_back(runtime_type(t));
  return out;
}

}  // namespace cantil::frontend
