// Typed tree to IR: one ir::Function an instance, one ir::Variable for each type a local takes.
#include "frontend/lower/lower.h"

#include <map>
#include <set>
#include <unordered_map>

#include "frontend/lower/generators.h"
#include "frontend/typing/closures.h"
#include "ir/builder.h"
#include "ir/object_types.h"
#include "support/diagnostics.h"

namespace cantil::frontend {

using namespace ir;

TypeRef runtime_type(TypeRef t) {
  t = unliteral(t);
  switch (t->kind) {
    case TypeKind::Object:
      if (is_generator_object(t)) return t;  // names its function's arguments as the body sees them
      break;
    case TypeKind::Tuple:
    case TypeKind::Closure:
    case TypeKind::Choice:
    case TypeKind::Optional:
    case TypeKind::Pointer:
    case TypeKind::Buffer:
      break;
    default:
      return t;
  }
  std::vector<TypeRef> elems;
  if (t->is(TypeKind::Choice)) elems.push_back(i64());
  bool changed = t->is(TypeKind::Closure) || t->is(TypeKind::Choice);
  for (TypeRef e : t->elems) {
    TypeRef r = e->is_compile_time() ? none_type() : runtime_type(e);
    changed = changed || r != e;
    elems.push_back(r);
  }
  if (t->is(TypeKind::Closure) || t->is(TypeKind::Choice)) return tuple_type(std::move(elems));
  if (!changed) return t;
  Type u = *t;
  u.elems = std::move(elems);
  return intern(std::move(u));
}

namespace {

bool has_value(TypeRef t) {
  return !t->is_compile_time() || t->is(TypeKind::LiteralInt) || t->is(TypeKind::LiteralBool);
}

using Functions = std::unordered_map<const Instance*, ir::Function*>;

class Lowering {
 public:
  // `resumes`: the functions that run generators on; `functions` makes them.
  Lowering(Module& m, const Functions& functions, const Functions& resumes, const Instance& inst,
           const ExceptionBases& exceptions)
      : module_(m),
        functions_(functions),
        resumes_(resumes),
        inst_(inst),
        exceptions_(exceptions),
        fn_(inst.is_generator ? resumes.at(&inst) : functions.at(&inst)),
        b_(m, fn_, nullptr) {}

  void run() {
    fn_->body = module_.new_region(nullptr);
    b_.set_region(fn_->body);
    b_.set_span(fn_->span);
    size_t p = 0;
    for (size_t i = 0; i < inst_.args.size(); ++i) {
      if (inst_.args[i]->is_compile_time()) continue;
      Variable* v = variable(static_cast<uint32_t>(i), inst_.args[i]);
      if (inst_.is_generator)
        generator_.params.push_back(v);
      else
        b_.set(v, fn_->params[p++]);
    }
    for (size_t i = 0; i < inst_.checked.size(); ++i)
      if (inst_.checked[i])
        b_.set(defined_flag(static_cast<uint32_t>(i)), b_.const_bool(i < inst_.args.size()));
    block(inst_.body);
    if (inst_.is_generator) {
      generator_.make = functions_.at(&inst_);
      generator_.resume = fn_;
      make_resumable(module_, generator_);
    } else if (fn_->ret->is_none() && falls_through(fn_->body)) {
      b_.ret(nullptr);
    }
  }

 private:
  struct Caught {  // what a Try or Finally has handled
    Variable *status = nullptr, *saved = nullptr;
    int depth = 0;  // tries around it
  };

  Variable* variable(uint32_t local, TypeRef type) {
    Variable*& v = variables_[{local, type}];
    if (!v) v = module_.new_variable(fn_, inst_.locals[local], runtime_type(type), b_.span());
    return v;
  }
  Variable* defined_flag(uint32_t local) {
    Variable*& v = flags_[local];
    if (!v) v = module_.new_variable(fn_, ".defined." + inst_.locals[local], bool_type());
    return v;
  }

  static bool falls_through(const Region* r) {
    if (r->ops.empty()) return true;
    switch (r->ops.back()->code) {
      case Opcode::Return:
      case Opcode::Raise:
      case Opcode::Reraise:
      case Opcode::Leave:
      case Opcode::Break:
      case Opcode::Continue:
        return false;
      default:
        return true;
    }
  }

  // A value of run-time type for any expression that has one.
  Value* value(const Expr* e) {
    Span saved = b_.span();
    if (e->span.valid()) b_.set_span(e->span);
    Value* v = value_of(e);
    b_.set_span(saved);
    return v;
  }

  Value* value_of(const Expr* e) {
    TypeRef t = runtime_type(e->type);
    switch (e->kind) {
      case ExprKind::Static:
        if (e->type->is(TypeKind::LiteralInt)) return b_.const_i64(e->type->value);
        if (e->type->is(TypeKind::LiteralBool)) return b_.const_bool(e->type->value != 0);
        if (e->type->is(TypeKind::LiteralStr) && fn_->kind == FunctionKind::Host) {
          Op* op = b_.op(Opcode::ConstText, {}, text_type());
          op->str = e->type->name;
          return op->result;
        }
        return b_.undef(none_type());
      case ExprKind::Const:
        if (t->is_none()) return b_.undef(t);
        if (t->is_float()) return b_.const_float(t, e->constant.f);
        if (t->is_complex()) return b_.const_complex(t, e->constant.f, e->constant.im);
        return b_.const_int(t, e->constant.i);
      case ExprKind::Read:
        if (e->imm == 1) check_defined(e->local);
        return b_.get(variable(e->local, e->type));
      case ExprKind::Op:
        return operation(e, t);
      case ExprKind::Call: {
        ir::Function* callee = functions_.at(e->callee);
        std::vector<Value*> args;
        for (size_t i = 0; i < e->args.size(); ++i) {
          if (e->callee->args[i]->is_compile_time()) continue;
          args.push_back(value(e->args[i]));
        }
        Op* op = b_.op(Opcode::Call, std::move(args), callee->ret);
        op->func = callee;
        return op->result ? op->result : b_.undef(none_type());
      }
      case ExprKind::Resume: {
        Op* op = b_.op(Opcode::Call, {value(e->args[0])}, t);
        op->func = resumes_.at(e->callee);
        return op->result;
      }
      case ExprKind::Cond: {
        Variable* out = module_.new_variable(fn_, ".cond", t);
        Op* op = b_.if_(value(e->args[0]));
        Region* at = b_.region();
        for (int k = 0; k < 2; ++k) {
          b_.set_region(op->regions[static_cast<size_t>(k)]);
          b_.set(out, value(e->args[static_cast<size_t>(k) + 1]));
        }
        b_.set_region(at);
        return b_.get(out);
      }
      case ExprKind::Seq:
        block(e->block);
        return value(e->args[0]);
      case ExprKind::Temp: {
        auto it = temps_.find(e);
        if (it != temps_.end()) return b_.get(it->second);
        Value* v = value(e->args[0]);
        Variable* var = module_.new_variable(fn_, ".temp", t);
        b_.set(var, v);
        temps_[e] = var;
        return b_.get(var);
      }
      case ExprKind::Map:
      case ExprKind::MapInto:
      case ExprKind::Reduce:
        return elementwise(e, t);
      case ExprKind::Param:
        return params_.at(e);
      case ExprKind::ConstArray: {
        int64_t& index = data_.try_emplace(e->captured, -1).first->second;
        if (index < 0) {
          index = static_cast<int64_t>(module_.data.size());
          module_.data.push_back({e->captured->text, 64});
        }
        Op* data = b_.op(Opcode::ConstData, {}, pointer_type(t->elem()));
        data->imm = index;
        std::vector<Value*> parts = {b_.undef(owner_type()), data->result};
        for (int64_t d : e->captured->shape) parts.push_back(b_.const_i64(d));
        return b_.value(Opcode::ArrayMake, std::move(parts), t);
      }
      case ExprKind::Exception:
        return b_.undef(none_type());
    }
    CANTIL_CHECK(!"an expression kind");
    return nullptr;
  }

  int64_t add_message(const char* cls, const char* message, const Span& span) {
    RaiseSite s;
    s.cls = cls;
    s.span = span;
    s.function = fn_->name;
    RaiseArg a;
    a.kind = RaiseArg::Str;
    a.s = message;
    s.args.push_back(std::move(a));
    return add_site(module_, std::move(s));
  }

  Value* elementwise(const Expr* e, TypeRef t) {
    std::vector<Value*> args;
    args.reserve(e->args.size());
    for (const Expr* a : e->args) args.push_back(value(a));
    Variable* result = nullptr;
    if (e->kind == ExprKind::Reduce) {
      result = module_.new_variable(fn_, ".reduced", args[0]->type, b_.span());
      b_.set(result, args[0]);
      args.erase(args.begin());
    }
    const Opcode code = e->kind == ExprKind::Map       ? Opcode::Map
                        : e->kind == ExprKind::MapInto ? Opcode::MapInto
                                                       : Opcode::Reduce;
    Op* op = b_.op(code, std::move(args), code == Opcode::Map ? t : code == Opcode::Reduce ? i64() : nullptr);
    if (result) op->reductions.push_back({result, static_cast<ReduceOp>(e->imm)});
    // NumPy's words; lower_arrays adds the shapes.
    const bool host = fn_->kind == FunctionKind::Host;
    op->imm = add_message(
        "builtins.ValueError",
        code == Opcode::MapInto && e->text != "ufunc"
            ? (host ? "could not broadcast input array from shape" : "could not broadcast input array")
        : host ? "operands could not be broadcast together with shapes"
               : "operands could not be broadcast together",
        e->span);
    add_message("builtins.MemoryError", "cannot allocate memory for the array", e->span);
    Region* at = b_.region();
    b_.set_region(op->regions[0]);
    for (const Expr* p : e->each->params) {
      Value* v = module_.new_value(fn_, p->type);
      op->regions[0]->args.push_back(v);
      params_[p] = v;
    }
    Value* x = value(e->each->body);
    b_.op(Opcode::Yield, {x});
    b_.set_region(at);
    if (code == Opcode::MapInto) return b_.undef(none_type());
    if (code == Opcode::Map) return op->result;
    return b_.value(Opcode::TupleMake, {b_.get(result), op->result}, t);
  }

  Value* operation(const Expr* e, TypeRef t) {
    std::vector<Value*> args;
    args.reserve(e->args.size());
    for (const Expr* a : e->args) args.push_back(value(a));
    const OpInfo& info = op_info(e->opcode);
    if (e->opcode == Opcode::TupleMake)
      for (size_t i = 0; i < args.size(); ++i)
        if (t->is_tuple() && args[i]->type != t->elems[i]) args[i] = b_.undef(t->elems[i]);
    Op* op = b_.op(e->opcode, std::move(args), t);
    op->imm = e->imm;
    op->str = e->text;
    if (info.attr == AttrKind::Site) {
      RaiseSite s;
      s.span = e->span;
      s.function = fn_->name;
      RaiseArg a;
      a.kind = RaiseArg::Str;
      if (e->opcode == Opcode::Alloc || e->opcode == Opcode::ObjectNew || e->opcode == Opcode::BufferNew) {
        s.cls = "builtins.MemoryError";
        a.s = e->opcode == Opcode::Alloc ? "cannot allocate memory for the array" : "";
      } else {
        s.cls = "builtins.IndexError";
        a.s = "index is out of bounds";
      }
      s.args.push_back(a);
      op->imm = add_site(module_, std::move(s));
    }
    return op->result ? op->result : b_.undef(none_type());
  }

  void check_defined(uint32_t local) {
    Op* op = b_.if_(b_.get(defined_flag(local)));
    Region* at = b_.region();
    b_.set_region(op->regions[1]);
    RaiseSite s;
    s.cls = "builtins.UnboundLocalError";
    s.span = b_.span();
    s.function = fn_->name;
    RaiseArg a;
    a.kind = RaiseArg::Str;
    a.s =
        "cannot access local variable '" + inst_.locals[local] + "' where it is not associated with a value";
    s.args.push_back(a);
    b_.raise(add_site(module_, std::move(s)));
    b_.set_region(at);
  }

  void block(const Block& body) {
    for (const Stmt* s : body) {
      if (!falls_through(b_.region())) return;
      b_.set_span(s->span);
      statement(*s);
    }
  }

  void into(Region* r, const Block& body) {
    Region* at = b_.region();
    b_.set_region(r);
    block(body);
    b_.set_region(at);
  }

  void store(uint32_t local, TypeRef type, const Expr* e) {
    if (has_value(e->type) && !type->is_compile_time()) {
      b_.set(variable(local, type), value(e));
    } else if (!e->type->is_compile_time()) {
      value(e);
    }
  }

  void statement(const Stmt& s) {
    switch (s.kind) {
      case StmtKind::Eval:
        value(s.value);
        return;
      case StmtKind::Assign:
        store(s.local, s.value->type, s.value);
        if (inst_.checked[s.local]) b_.set(defined_flag(s.local), b_.const_bool(true));
        return;
      case StmtKind::Convert:
        store(s.local, s.to, s.value);
        return;
      case StmtKind::Undefine:
        if (inst_.checked[s.local]) b_.set(defined_flag(s.local), b_.const_bool(false));
        return;
      case StmtKind::If: {
        Op* op = b_.if_(value(s.value));
        into(op->regions[0], s.body);
        into(op->regions[1], s.orelse);
        return;
      }
      case StmtKind::While:
        return while_loop(s);
      case StmtKind::For:
        return for_loop(s);
      case StmtKind::Yield: {
        Variable*& yielded = variables_[{UINT32_MAX, inst_.yields}];
        if (!yielded) yielded = module_.new_variable(fn_, ".yielded", fn_->ret->elems[1]);
        Value* item = value(s.value);
        b_.set(yielded, item);
        generator_.yields.push_back(b_.region()->ops.back());
        return;
      }
      case StmtKind::Return: {
        if (inst_.is_generator) {
          if (s.value) value(s.value);
          b_.ret(b_.value(Opcode::TupleMake, {b_.const_bool(false), b_.undef(fn_->ret->elems[1])}, fn_->ret));
          return;
        }
        Value* v = s.value ? value(s.value) : nullptr;
        b_.ret(fn_->ret->is_none() ? nullptr : v);
        return;
      }
      case StmtKind::Raise:
        return raise(s);
      case StmtKind::Break:
        if (broke_.back()) b_.set(broke_.back(), b_.const_bool(true));
        b_.op(Opcode::Break);
        return;
      case StmtKind::Continue:
        b_.op(Opcode::Continue);
        return;
      case StmtKind::Try:
      case StmtKind::Finally:
        return try_statement(s);
      case StmtKind::Reraise: {
        const Caught& c = caught_.at(s.target);
        b_.op(Opcode::Reraise, {b_.get(c.status), b_.get(c.saved)});
        return;
      }
      case StmtKind::Leave:
        b_.op(Opcode::Leave)->imm = depth_ - 1 - caught_.at(s.target).depth;
        return;
      case StmtKind::Print:
        return;
    }
  }

  void try_statement(const Stmt& s) {
    Caught& c = caught_[&s];
    c.depth = depth_;
    if (inst_.is_generator) return try_in_generator(s, c);
    if (s.saves) {
      c.status = module_.new_variable(fn_, ".status", int_type(32));
      c.saved = module_.new_variable(fn_, ".saved", owner_type());
    }
    Variable* through =
        nullptr;  // the else part runs when the body ends without an exception, and is not protected
    if (!s.orelse.empty()) {
      through = module_.new_variable(fn_, ".through", bool_type());
      b_.set(through, b_.const_bool(false));
    }
    Op* op = b_.op(Opcode::Try);
    Region* at = b_.region();
    ++depth_;
    b_.set_region(op->regions[0]);
    block(s.body);
    if (through && falls_through(b_.region())) b_.set(through, b_.const_bool(true));
    b_.set_region(op->regions[1]);
    b_.set_span(s.span);
    Value* status = b_.value(Opcode::ExceptionStatus, {}, int_type(32));
    if (s.saves) {
      b_.set(c.status, status);
      b_.set(c.saved, b_.value(Opcode::ExceptionSave, {}, owner_type()));
    }
    if (s.kind == StmtKind::Finally) {
      block(s.handlers[0].body);
    } else {
      for (const Handler& h : s.handlers) {
        Op* is = b_.op(Opcode::ExceptionIs, {status});
        is->str = exception_filter(h.classes, exceptions_);
        Op* choice = b_.if_(is->result);
        into(choice->regions[0], h.body);
        b_.set_region(choice->regions[1]);
      }
      b_.set_span(s.span);
      b_.op(Opcode::Reraise, {status});
    }
    --depth_;
    b_.set_region(at);
    if (through) into(b_.if_(b_.get(through))->regions[0], s.orelse);
  }

  // The handlers may yield: they stand behind the try, and its record of the exception lies in the frame.
  void try_in_generator(const Stmt& s, Caught& c) {
    Variable* caught = module_.new_variable(fn_, ".caught", bool_type());
    Variable* through = module_.new_variable(fn_, ".through", bool_type());
    c.status = module_.new_variable(fn_, ".status", int_type(32));
    c.saved = module_.new_variable(fn_, ".saved", owner_type());
    b_.set(caught, b_.const_bool(false));
    b_.set(through, b_.const_bool(false));
    // What leaves the statement leaves the outer one, from the body as from a handler.
    Op* whole = b_.op(Opcode::Try);
    Region* at = b_.region();
    ++depth_;
    b_.set_region(whole->regions[0]);
    Op* op = b_.op(Opcode::Try);
    ++depth_;
    b_.set_region(op->regions[0]);
    block(s.body);
    if (falls_through(b_.region())) b_.set(through, b_.const_bool(true));
    --depth_;
    b_.set_region(op->regions[1]);
    b_.set_span(s.span);
    b_.set(c.status, b_.value(Opcode::ExceptionStatus, {}, int_type(32)));
    b_.set(c.saved, b_.value(Opcode::ExceptionSave, {}, owner_type()));
    b_.set(caught, b_.const_bool(true));
    b_.set_region(whole->regions[0]);
    Op* handle = b_.if_(b_.get(caught));
    b_.set_region(handle->regions[0]);
    if (s.kind == StmtKind::Finally) {
      block(s.handlers[0].body);
    } else {
      for (const Handler& h : s.handlers) {
        Op* is = b_.op(Opcode::ExceptionIs, {b_.get(c.status)});
        is->str = exception_filter(h.classes, exceptions_);
        Op* choice = b_.if_(is->result);
        into(choice->regions[0], h.body);
        b_.set_region(choice->regions[1]);
      }
      b_.set_span(s.span);
      b_.op(Opcode::Reraise, {b_.get(c.status), b_.get(c.saved)});
    }
    b_.set_region(whole->regions[1]);
    b_.op(Opcode::Reraise, {b_.value(Opcode::ExceptionStatus, {}, int_type(32))});
    --depth_;
    b_.set_region(at);
    if (s.orelse.empty()) return;
    into(b_.if_(b_.get(through))->regions[0], s.orelse);
  }

  static bool breaks(const Block& body) {
    for (const Stmt* s : body) {
      if (s->kind == StmtKind::Break) return true;
      for (const Handler& h : s->handlers)
        if (breaks(h.body)) return true;
      bool is_try = s->kind == StmtKind::Try || s->kind == StmtKind::Finally;
      if ((s->kind == StmtKind::If || is_try) && (breaks(s->body) || breaks(s->orelse))) return true;
      if ((s->kind == StmtKind::For || s->kind == StmtKind::While) && breaks(s->orelse)) return true;
    }
    return false;
  }

  // The else part runs unless the loop was left by break.
  template <typename Make>
  void with_else(const Stmt& s, Make make_loop) {
    Variable* flag = nullptr;
    bool needs_flag = !s.orelse.empty() && breaks(s.body);
    if (needs_flag) {
      flag = module_.new_variable(fn_, ".broke", bool_type());
      b_.set(flag, b_.const_bool(false));
    }
    broke_.push_back(flag);
    make_loop();
    broke_.pop_back();
    if (s.orelse.empty()) return;
    if (!needs_flag) return block(s.orelse);
    Op* op = b_.if_(b_.get(flag));
    into(op->regions[1], s.orelse);
  }

  void while_loop(const Stmt& s) {
    with_else(s, [&] {
      Op* op = b_.while_();
      Region* at = b_.region();
      b_.set_region(op->regions[0]);
      block(s.head);
      b_.op(Opcode::Yield, {s.value ? value(s.value) : b_.const_bool(true)});
      b_.set_region(at);
      into(op->regions[1], s.body);
      if (!s.value && !breaks(s.body)) endless_ = true;
    });
    if (endless_) {
      // Nothing is reached after `while True` without break; the region must still end in a way that says so.
      endless_ = false;
      RaiseSite site;
      site.cls = "builtins.RuntimeError";
      site.span = s.span;
      site.function = fn_->name;
      b_.raise(add_site(module_, std::move(site)));
    }
  }

  void for_loop(const Stmt& s) {
    with_else(s, [&] {
      Op* op = b_.for_(value(s.args[0]), value(s.args[1]), value(s.args[2]), s.parallel);
      if (s.parallel) op->str = "prange";
      if (s.inner_prange) module_.notes.push_back({ParallelNote::Nested, s.span, {}, "prange"});
      for (const ReductionVar& r : s.reductions) op->reductions.push_back({variable(r.local, r.type), r.op});
      Region* at = b_.region();
      b_.set_region(op->regions[0]);
      b_.set(variable(s.local, s.to), op->regions[0]->args[0]);
      if (inst_.checked[s.local]) b_.set(defined_flag(s.local), b_.const_bool(true));
      block(s.body);
      b_.set_region(at);
    });
  }

  void raise(const Stmt& s) {
    RaiseSite site;
    site.cls = s.text;
    site.class_ref = s.class_ref;
    site.span = s.span;
    site.function = fn_->name;
    std::vector<Value*> args;
    for (const Expr* e : s.args) {
      RaiseArg a;
      switch (e->type->kind) {
        case TypeKind::LiteralStr:
          a.kind = RaiseArg::Str;
          a.s = e->type->name;
          break;
        case TypeKind::LiteralInt:
          a.kind = RaiseArg::Int;
          a.i = e->type->value;
          break;
        case TypeKind::LiteralBool:
          a.kind = RaiseArg::Bool;
          a.i = e->type->value;
          break;
        case TypeKind::None:
          a.kind = RaiseArg::None;
          break;
        case TypeKind::Ellipsis:
          a.kind = RaiseArg::Join;
          break;
        default:
          a.kind = RaiseArg::Runtime;
          a.type = runtime_type(e->type);
          args.push_back(value(e));
      }
      site.args.push_back(std::move(a));
    }
    b_.raise(add_site(module_, std::move(site)), std::move(args));
  }

  Module& module_;
  const Functions &functions_, &resumes_;
  const Instance& inst_;
  const ExceptionBases& exceptions_;
  ir::Function* fn_;
  Builder b_;
  std::map<std::pair<uint32_t, TypeRef>, Variable*> variables_;
  std::map<uint32_t, Variable*> flags_;
  std::unordered_map<const Expr*, Variable*> temps_;
  std::unordered_map<const Expr*, Value*> params_;  // arguments of element-wise regions
  std::map<const Captured*, int64_t> data_;
  std::unordered_map<const Stmt*, Caught> caught_;
  int depth_ = 0;
  std::vector<Variable*> broke_;
  GeneratorBody generator_;
  bool endless_ = false;
};

}  // namespace

std::unique_ptr<Module> lower_instances(const std::vector<Instance*>& instances, CodeTarget target,
                                        const ExceptionBases& exceptions) {
  auto module = std::make_unique<Module>();
  Functions functions, resumes;
  std::set<std::string> symbols;
  auto declare = [&](Instance* inst, const std::string& name) {
    std::string symbol = name;
    for (int k = 2; !symbols.insert(symbol).second; ++k) symbol = name + "#" + std::to_string(k);
    ir::Function* f = module->new_function(symbol);
    const frontend::Function& src = *inst->function;
    f->name = src.name;
    bool entry = inst == instances[0];
    f->kind = target == CodeTarget::Cpu                       ? FunctionKind::Host
              : entry && src.role == FunctionRole::CudaKernel ? FunctionKind::Kernel
                                                              : FunctionKind::Device;
    f->inlining = inst->options.inlining;
    f->fastmath = inst->options.fastmath;
    f->parallel = inst->options.parallel && target == CodeTarget::Cpu;
    f->is_library = src.is_library;
    f->span = src.tree->root->span;
    f->ret = runtime_type(inst->ret);
    f->max_threads = inst->options.max_threads;
    f->min_blocks = inst->options.min_blocks;
    f->max_registers = inst->options.max_registers;
    return f;
  };
  for (Instance* inst : instances) {
    ir::Function* f = functions[inst] = declare(inst, inst->symbol);
    for (size_t i = 0; i < inst->args.size(); ++i)
      if (!inst->args[i]->is_compile_time())
        module->add_param(f, inst->locals[i], runtime_type(inst->args[i]));
    if (!inst->is_generator) continue;
    ir::Function* r = resumes[inst] = declare(inst, inst->symbol + ".resume");
    r->ret = runtime_type(tuple_type({bool_type(), inst->yields}));
    module->add_param(r, "generator", f->ret);
  }
  for (Instance* inst : instances) Lowering(*module, functions, resumes, *inst, exceptions).run();
  return module;
}

}  // namespace cantil::frontend
