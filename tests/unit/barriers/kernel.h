// Writes kernels in IR for the barrier tests, and runs them on the simulator in either form.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cpu_codegen/barriers/barriers.h"
#include "cpu_codegen/compile.h"
#include "cpu_codegen/loader.h"
#include "device_runtime/symbols.h"
#include "ir/builder.h"
#include "ir/layout.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/verifier.h"
#include "simulator/launch.h"

namespace cantil::barrier_test {

using ir::Opcode;
using ir::Value;
using ir::Variable;

// A kernel under construction. Numbers are int64 unless said otherwise.
class Kernel {
 public:
  explicit Kernel(const std::string& name) : owned_(std::make_unique<ir::Module>()), m(*owned_) {
    f = m.new_function(name);
    f->kind = ir::FunctionKind::Kernel;
    b = std::make_unique<ir::Builder>(m, f, f->body);
  }

  // Goes on in a new device function; kernel() goes back.
  void device(const std::string& name, ir::TypeRef ret) {
    f = m.new_function(name);
    f->kind = ir::FunctionKind::Device;
    f->ret = ret;
    b->set_region(f->body);
    b = std::make_unique<ir::Builder>(m, f, f->body);
  }
  void kernel() {
    f = m.functions[0];
    b = std::make_unique<ir::Builder>(m, f, f->body);
  }

  Value* param(const std::string& name, ir::TypeRef type = ir::i64()) { return m.add_param(f, name, type); }
  Value* array(const std::string& name, ir::TypeRef elem = ir::i64()) {
    return m.add_param(f, name, ir::array_type(elem, 1, ir::Layout::C));
  }
  Variable* var(const std::string& name, ir::TypeRef type = ir::i64()) {
    return m.new_variable(f, name, type);
  }
  Value* shared(int64_t count, ir::TypeRef elem = ir::i64()) {
    ir::Op* op = b->op(Opcode::SharedArray, {}, ir::pointer_type(elem));
    op->imm = count;
    return op->result;
  }
  Value* local(int64_t count, ir::TypeRef elem = ir::i64()) {
    ir::Op* op = b->op(Opcode::LocalArray, {}, ir::pointer_type(elem));
    op->imm = count;
    return op->result;
  }

  Value* num(int64_t v) { return b->const_i64(v); }
  Value* sreg(ir::Sreg s) { return b->cast(b->sreg(s), ir::i64()); }
  Value* tid() { return sreg(ir::Sreg::TidX); }
  Value* ntid() { return sreg(ir::Sreg::NtidX); }
  Value* ctaid() { return sreg(ir::Sreg::CtaidX); }
  Value* global_id() { return add(mul(ctaid(), ntid()), tid()); }

  Value* bin(Opcode c, Value* x, Value* y) { return b->value(c, {x, y}); }
  Value* add(Value* x, Value* y) { return bin(Opcode::Add, x, y); }
  Value* sub(Value* x, Value* y) { return bin(Opcode::Sub, x, y); }
  Value* mul(Value* x, Value* y) { return bin(Opcode::Mul, x, y); }
  Value* mod(Value* x, Value* y) { return bin(Opcode::Mod, x, y); }
  Value* div(Value* x, Value* y) { return bin(Opcode::FloorDiv, x, y); }
  Value* lt(Value* x, Value* y) { return bin(Opcode::Lt, x, y); }
  Value* eq(Value* x, Value* y) { return bin(Opcode::Eq, x, y); }

  Value* get(Variable* v) { return b->get(v); }
  void set(Variable* v, Value* x) { b->set(v, x); }
  Value* load(Value* array_or_pointer, Value* index) {
    if (array_or_pointer->type->is_array())
      return b->value(Opcode::LoadElem, {array_or_pointer, index}, array_or_pointer->type->elem());
    return b->value(Opcode::Load, {b->value(Opcode::PtrIndex, {array_or_pointer, index})},
                    array_or_pointer->type->elem());
  }
  void store(Value* array_or_pointer, Value* index, Value* v) {
    if (array_or_pointer->type->is_array()) {
      b->op(Opcode::StoreElem, {array_or_pointer, index, v});
    } else {
      b->op(Opcode::Store, {b->value(Opcode::PtrIndex, {array_or_pointer, index}), v});
    }
  }
  void sync() { b->op(Opcode::Barrier); }
  void ret() { b->op(Opcode::Return); }
  void ret(Value* v) { b->op(Opcode::Return, {v}); }
  void brk() { b->op(Opcode::Break); }
  void cont() { b->op(Opcode::Continue); }
  Value* call(ir::Function* callee, std::vector<Value*> args) { return b->call(callee, std::move(args)); }

  using Body = std::function<void()>;
  void if_(Value* cond, const Body& yes, const Body& no = {}) {
    ir::Op* op = b->if_(cond);
    ir::Region* here = b->region();
    b->set_region(op->regions[0]);
    yes();
    if (no) {
      b->set_region(op->regions[1]);
      no();
    }
    b->set_region(here);
  }
  void for_(Value* start, Value* stop, Value* step, const std::function<void(Value*)>& body) {
    ir::Op* op = b->for_(start, stop, step);
    ir::Region* here = b->region();
    b->set_region(op->regions[0]);
    body(op->regions[0]->args[0]);
    b->set_region(here);
  }
  void for_(int64_t n, const std::function<void(Value*)>& body) { for_(num(0), num(n), num(1), body); }
  void while_(const std::function<Value*()>& cond, const Body& body) {
    ir::Op* op = b->while_();
    ir::Region* here = b->region();
    b->set_region(op->regions[0]);
    b->op(Opcode::Yield, {cond()});
    b->set_region(op->regions[1]);
    body();
    b->set_region(here);
  }

  std::string text() const { return ir::print(m); }

 private:
  std::unique_ptr<ir::Module> owned_;

 public:
  ir::Module& m;
  ir::Function* f = nullptr;
  std::unique_ptr<ir::Builder> b;
};

inline void* runtime_symbol(const std::string& name) {
  for (const auto& symbol : device_runtime::runtime_symbols()) {
    if (name == symbol.name) return symbol.address;
  }
  return nullptr;
}

// One form of a kernel, compiled.
struct Compiled {
  cpu_codegen::SplitResult split;
  std::string split_text;
  std::unique_ptr<cpu_codegen::LoadedObject> object;
  simulator::Function function;
};

inline Compiled compile(const std::string& text, cpu_codegen::SplitMode mode = cpu_codegen::SplitMode::Best,
                        bool optimise_ir = true) {
  Compiled c;
  const std::unique_ptr<ir::Module> m = ir::parse(text);
  if (optimise_ir) ir::run_pipeline(*m, ir::PipelineTarget::Sim, true);
  c.split = cpu_codegen::split_barriers(*m, mode);
  c.split_text = ir::print(*m);
  for (const std::string& wrong : ir::verify(*m, {.after_split = true}))
    ADD_FAILURE() << wrong << "\n" << c.split_text;
  cpu_codegen::Options options;
  options.simulator = true;
  options.fibers = c.split.fibers;
  cpu_codegen::Compiled code = cpu_codegen::compile(*m, options, m->functions[0]->name);
  c.object = cpu_codegen::load_object(code.object, runtime_symbol);
  c.function.name = m->functions[0]->name;
  c.function.entry = reinterpret_cast<simulator::Entry>(c.object->address(code.info.entry));
  c.function.uses_fibers = c.split.fibers;
  c.function.static_shared = code.info.static_shared;
  return c;
}

// Packed arguments: int64 numbers and one-dimensional C arrays.
class Args {
 public:
  Args& number(int64_t v) {
    words_.push_back(v);
    return *this;
  }
  template <class T>
  Args& array(std::vector<T>& v) {
    words_.push_back(0);
    words_.push_back(reinterpret_cast<int64_t>(v.data()));
    words_.push_back(static_cast<int64_t>(v.size()));
    return *this;
  }
  const void* packed() const { return words_.data(); }

 private:
  std::vector<int64_t> words_;
};

}  // namespace cantil::barrier_test
