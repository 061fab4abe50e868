// The front end's entry: types a function for argument types and lowers what it reaches.
#include <algorithm>
#include <map>

#include "frontend/function.h"
#include "frontend/lower/lower.h"
#include "frontend/typing/array_iterators.h"
#include "frontend/typing/closures.h"
#include "frontend/typing/program.h"
#include "ir/object_types.h"
#include "support/diagnostics.h"
#include "support/trace.h"

namespace cantil::frontend {

namespace {

// inspect_types(): each instance's source, with the types that its names take under the lines that give them.
std::string types_text(const std::vector<Instance*>& instances) {
  std::string out;
  for (const Instance* inst : instances) {
    if (inst->function->is_library) continue;
    const Span& span = inst->function->tree->root->span;
    std::map<uint32_t, std::vector<std::string>> notes;  // by line
    auto note = [&](uint32_t line, const std::string& text) {
      std::vector<std::string>& list = notes[line];
      if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
    };
    for (size_t i = 0; i < inst->args.size(); ++i)
      note(span.line, inst->locals[i] + " :: " + inst->args[i]->str());
    std::function<void(const Block&)> visit = [&](const Block& b) {
      for (const Stmt* s : b) {
        if (s->kind == StmtKind::Assign || s->kind == StmtKind::For) {
          const std::string& name = inst->locals[s->local];
          if (name[0] != '.')
            note(s->span.line, name + " :: " + (s->kind == StmtKind::For ? s->to : s->value->type)->str());
        }
        if (s->kind == StmtKind::Return) note(s->span.line, "return :: " + inst->ret->str());
        visit(s->head);
        visit(s->body);
        for (const Handler& h : s->handlers) visit(h.body);
        visit(s->orelse);
      }
    };
    visit(inst->body);
    out += inst->symbol + " -> " + inst->ret->str() + "\n";
    for (uint32_t line = span.line; line <= std::max(span.line, span.end_line); ++line) {
      std::string number = std::to_string(line);
      out += "  " + number + " | " + source_line(span.file, line) + "\n";
      for (const std::string& text : notes[line])
        out += "  " + std::string(number.size(), ' ') + " # " + text + "\n";
    }
  }
  return out;
}

// The functions of generators that go to Python.
void keep_generators(ir::TypeRef t) {
  if (ir::is_generator_object(t)) keep_function(static_cast<uint64_t>(t->elems[2]->value));
  if (t->is(ir::TypeKind::Function)) keep_function(static_cast<uint64_t>(t->value));
  for (ir::TypeRef e : t->elems) keep_generators(e);
}

bool holds_closure(ir::TypeRef t) {
  if (ir::is_generator_object(t)) return false;
  return t->is(ir::TypeKind::Closure) || t->is(ir::TypeKind::Choice) || is_array_iterator(t) ||
         (!t->is_compile_time() && std::any_of(t->elems.begin(), t->elems.end(), holds_closure));
}

}  // namespace

Lowered lower(Function& f, const std::vector<ir::TypeRef>& args, CodeTarget target, ir::TypeRef ret_hint) {
  Program program(target);
  Instance* entry = nullptr;
  std::vector<Instance*> instances;
  {
    StageTimer timer("types", f.name);
    entry = program.instance(f, args, nullptr, ret_hint);
    if (holds_closure(entry->ret))
      fail(Diag::UnsupportedSyntax, f.tree->root->span,
           {"returning " + entry->ret->str() + " to Python", "return what it computes"});
    instances = program.reachable(entry);
    keep_generators(entry->ret);
  }
  Lowered out;
  out.externals.assign(program.externals.begin(), program.externals.end());
  out.types_text = types_text(instances);
  if (dump_wanted("syntax")) dump_text("syntax", f.name, syntax::print(f.tree->root));
  if (dump_wanted("types")) dump_text("types", f.name, out.types_text);
  {
    StageTimer timer("lower", f.name);
    out.module = lower_instances(instances, target, program.exception_bases);
  }
  out.ret = out.module->functions[0]->ret;
  for (ir::TypeRef t : args)  // a literal is known, and is no parameter
    out.args.push_back(t->is_compile_time() ? t : runtime_type(t));
  return out;
}

}  // namespace cantil::frontend
