// Appends ops to a region, checking the table's rules as it goes.
#pragma once
#include <initializer_list>

#include "ir/ir.h"

namespace cantil::ir {

class Builder {
 public:
  Builder(Module& m, Function* f, Region* at) : module_(m), function_(f), region_(at) {}

  Module& module() { return module_; }
  Function* function() { return function_; }
  Region* region() { return region_; }
  void set_region(Region* r) { region_ = r; }
  void set_span(const Span& s) { span_ = s; }
  const Span& span() const { return span_; }

  // The generic form. `type` is needed where the result rule is Explicit.
  Op* op(Opcode code, std::vector<Value*> operands = {}, TypeRef type = nullptr);
  Value* value(Opcode code, std::vector<Value*> operands = {}, TypeRef type = nullptr) {
    return op(code, std::move(operands), type)->result;
  }

  Value* const_int(TypeRef type, int64_t v);  // ints and bool
  Value* const_i64(int64_t v) { return const_int(i64(), v); }
  Value* const_bool(bool v) { return const_int(bool_type(), v); }
  Value* const_float(TypeRef type, double v);
  Value* const_complex(TypeRef type, double re, double im);
  Value* undef(TypeRef type) { return value(Opcode::Undef, {}, type); }
  Value* get(Variable* v);
  void set(Variable* v, Value* x);
  Value* cast(Value* x, TypeRef to);  // no op when the type is already right
  Value* math(MathFn fn, std::vector<Value*> args);
  Value* tuple_get(Value* t, int i);
  Value* dim(Value* array, int axis);
  Value* stride(Value* array, int axis);
  Value* call(Function* f, std::vector<Value*> args);
  Value* sreg(Sreg s);
  Value* atomic(AtomicOp a, std::vector<Value*> operands);
  void raise(int64_t site, std::vector<Value*> args = {});
  void ret(Value* v);  // null for nothing

  // Control: make the op with empty regions; the caller fills them (set_region) in turn.
  Op* if_(Value* cond);
  Op* while_();
  Op* for_(Value* start, Value* stop, Value* step,
           bool parallel = false);  // regions[0]->args[0] is the index

 private:
  Module& module_;
  Function* function_;
  Region* region_;
  Span span_;
};

// Adds a raise site and returns its index.
int64_t add_site(Module& m, RaiseSite site);

}  // namespace cantil::ir
