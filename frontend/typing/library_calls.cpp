// "cantil.library.…": what the bodies in stdlib/ have beyond Python, to reach the IR and to decide on types.
#include "frontend/library.h"
#include "frontend/typing/type_classes.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

bool find_opcode(const std::string& mnemonic, Opcode& out) {
  static const char* const names[] = {
#define OP(name, text, operands, result, attr, regions, effects) text,
#include "ir/ops.def"
#undef OP
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (mnemonic == names[i]) {
      out = static_cast<Opcode>(i);
      return true;
    }
  return false;
}

}  // namespace

Expr* Typer::library_call(const std::string& name, CallArgs& args) {
  static const std::string prefix = "cantil.library.";
  if (name.rfind(prefix, 0) != 0) return nullptr;
  std::string f = name.substr(prefix.size());
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  auto text = [&](size_t i) -> const std::string& {
    CANTIL_CHECK(i < a.size() && a[i]->type->is(TypeKind::LiteralStr));
    return a[i]->type->name;
  };
  auto type = [&](size_t i) {
    CANTIL_CHECK(i < a.size() && a[i]->type->is(TypeKind::TypeObject));
    return a[i]->type->elem();
  };
  auto rest = [&](size_t from) {
    std::vector<Expr*> out;
    for (size_t i = from; i < a.size(); ++i) out.push_back(materialise(a[i]));
    return out;
  };
  auto type_value = [&](TypeRef t) { return make_static(type_object(t), span); };
  auto attribute = [&](Opcode code, Expr* e) -> int64_t {
    if (!e->type->is(TypeKind::LiteralStr)) return literal(e).value();
    CollectiveOp what{};
    Sreg sreg{};
    if (code == Opcode::Collective && find_collective(e->type->name, what)) return static_cast<int64_t>(what);
    CANTIL_CHECK(code == Opcode::Sreg && find_sreg(e->type->name, sreg));
    return static_cast<int64_t>(sreg);
  };
  // primitive("add", x, y): an IR op whose result type follows from its operands.
  if (f == "primitive") {
    Opcode code;
    CANTIL_CHECK(find_opcode(text(0), code));
    std::vector<Expr*> operands = rest(1);
    const OpInfo& info = op_info(code);
    TypeRef t = info.result == ResultRule::Bool   ? bool_type()
                : info.result == ResultRule::Same ? operands[0]->type
                                                  : none_type();
    return make_op(code, t, std::move(operands), span);
  }
  if (f == "elementwise" && !a.empty()) return elementwise_call(args);
  // primitive_as(T, "load", p) and primitive_at(T, "array.dim", 0, a): with a result type, and with an
  // attribute, which is a number or the name of a collective operation or a special register.
  if (f == "primitive_as" || f == "primitive_at") {
    Opcode code;
    CANTIL_CHECK(find_opcode(text(1), code));
    bool at = f == "primitive_at";
    return make_op(code, a[0]->type->is_none() ? none_type() : type(0), rest(at ? 3 : 2), span,
                   at ? attribute(code, a[2]) : 0);
  }
  if (f == "math_function") {
    MathFn fn;
    CANTIL_CHECK(find_math(text(0), fn));
    std::vector<Expr*> operands = rest(1);
    TypeRef t = math_info(fn).kind == MathKind::P ? bool_type() : operands[0]->type;
    return make_op(Opcode::Math, t, std::move(operands), span, static_cast<int64_t>(fn));
  }
  if (f == "call_runtime") {  // call_runtime(T, "cantil_rt_…", args…)
    Expr* e = make_op(Opcode::CallC, a[0]->type->is_none() ? none_type() : type(0), rest(2), span);
    e->text = text(1);
    return e;
  }
  // random_call(T, "beta", g, args…): np.random's numbers where g is None, else those of the generator.
  if (f == "random_call") {
    if (on_cuda())
      fail(Diag::NotInKernel, span, {"np.random", "use cantil.cuda.random with states made on the host"});
    bool generator = is_generator(a[2]->type);
    std::vector<Expr*> operands = rest(3);
    if (generator)
      operands.insert(operands.begin(), make_op(Opcode::OwnerData, pointer_type(int_type(8)), {a[2]}, span));
    Expr* e =
        make_op(Opcode::CallC, a[0]->type->is_none() ? none_type() : type(0), std::move(operands), span);
    e->text = (generator ? "cantil_rt_generator_" : "cantil_rt_np_") + text(1);
    return e;
  }
  // A generator's bit generator; np.random's own for None.
  if (f == "bit_generator") {
    if (is_generator(a[0]->type)) return make_op(Opcode::OwnerData, pointer_type(int_type(8)), {a[0]}, span);
    Expr* e = make_op(Opcode::CallC, pointer_type(int_type(8)), {}, span);
    e->text = "cantil_rt_np_bitgen";
    return e;
  }
  if (f == "advance") return resume(a[0], span);
  if (f == "cast") return cast_number(materialise(a[0]), type(1), span);
  if (f == "unsupported") fail(Diag::UserRaised, span, {text(0)});
  if (f == "numpy_errors") return make_static(literal_bool(numpy_errors()), span);
  if (f == "in_kernel") return make_static(literal_bool(on_cuda()), span);
  if (f == "on_simulator") return make_static(literal_bool(on_simulator()), span);
  if (f == "type_of") return type_value(unliteral(a[0]->type));
  if (f == "promote") return type_value(promote(type(0), type(1)));
  if (f == "arith_type") return type_value(arith_type(type(0), type(1)));
  if (f == "float_of") {  // the float type in which NumPy computes functions of this type
    TypeRef t = type(0);
    return type_value(t->is_float() || t->is_complex() ? t : (t->is_bool() || t->bits == 8) ? f64() : f64());
  }
  if (f == "part_of") return type_value(float_type(type(0)->bits / 2));
  if (f == "complex_of")
    return type_value(complex_type(type(0)->is_complex()                        ? int{type(0)->bits}
                                   : type(0)->bits == 32 && type(0)->is_float() ? 64
                                                                                : 128));
  if (f == "is_readonly") return make_static(literal_bool(a[0]->type->readonly), span);
  if (f == "data_pointer") return make_op(Opcode::ArrayData, pointer_type(a[0]->type->elem()), {a[0]}, span);
  if (f == "unsigned_of") return type_value(int_type(type(0)->is_bool() ? 8 : int{type(0)->bits}, false));
  if (f == "pointer_to") return type_value(pointer_type(type(0)));
  if (f == "itemsize_of") return make_int(static_cast<int64_t>(memory_size(type(0))), span);
  if (f == "bits_of") return make_int(type(0)->bits, span);
  if (f == "is_class") return make_static(literal_bool(is_of_class(type(0), text(1))), span);
  if (f == "same_type") return make_static(literal_bool(type(0) == type(1)), span);
  if (f == "layout_of")
    return make_static(literal_str(a[0]->type->layout == Layout::C   ? "C"
                                   : a[0]->type->layout == Layout::F ? "F"
                                                                     : "A"),
                       span);
  if (Expr* e = container_library_call(f, args)) return e;
  // allocate_array(T, shape): a new C-contiguous array with undefined contents.
  if (f == "allocate_array") {
    TypeRef elem = type(0);
    std::vector<Expr*> dims;
    Expr* shape = make_temp(a[1]);
    if (shape->type->is_tuple()) {
      for (size_t i = 0; i < shape->type->elems.size(); ++i)
        dims.push_back(make_temp(to_i64(tuple_item(shape, i, span))));
    } else {
      dims.push_back(make_temp(to_i64(shape)));
    }
    if (on_cuda())
      fail(Diag::NotInKernel, span,
           {"allocating an array", "use cuda.local.array or cuda.shared.array, or pass the array in"});
    Expr* bytes = make_const(i64(), static_cast<int64_t>(memory_size(elem)), span);
    for (Expr* d : dims) bytes = make_op(Opcode::Mul, i64(), {bytes, d}, span);
    Expr* owner = make_temp(make_op(Opcode::Alloc, owner_type(), {bytes}, span));
    std::vector<Expr*> parts = {owner, make_op(Opcode::OwnerData, pointer_type(elem), {owner}, span)};
    parts.insert(parts.end(), dims.begin(), dims.end());
    return make_op(Opcode::ArrayMake, array_type(elem, static_cast<int>(dims.size()), Layout::C),
                   std::move(parts), span);
  }
  return array_library_call(f, args);
}

}  // namespace cantil::frontend
