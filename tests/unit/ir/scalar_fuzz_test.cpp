// Random integer programs do the same before and after promote, fold, simplify_control, ranges and dce: the
// same prints, the same exceptions, with whatever arguments.
#include <gtest/gtest.h>

#include <random>

#include "ir/builder.h"
#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/verifier.h"
#include "tests/unit/ir/interpreter.h"

namespace cantil::ir::test {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::unique_ptr<Module> make() {
    auto m = std::make_unique<Module>();
    m_ = m.get();
    add_site(*m_, {"builtins.IndexError", -1, {}, {}, ""});
    f_ = m_->new_function("f");
    f_->ret = i64();
    array_ = m_->add_param(f_, "a", array_type(f64(), 1, Layout::C));
    Scope scope;
    scope.push_back(m_->add_param(f_, "n", i64()));
    scope.push_back(m_->add_param(f_, "k", int_type(32)));
    for (int i = 0; i < 4; ++i) variables_.push_back(m_->new_variable(f_, "v" + std::to_string(i), i64()));
    variables_.push_back(m_->new_variable(f_, "w", int_type(32)));
    variables_.push_back(m_->new_variable(f_, "u", int_type(8, false)));
    variables_.push_back(m_->new_variable(f_, "b", bool_type()));
    Builder b(*m_, f_, f_->body);
    for (Variable* v : variables_) b.set(v, constant(b, v->type));
    fill(f_->body, 3, false, scope);
    b.ret(number(b, i64(), scope, 2));
    return m;
  }

 private:
  using Scope = std::vector<Value*>;

  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  Value* constant(Builder& b, TypeRef t) {
    if (t->is_bool()) return b.const_bool(pick(2));
    constexpr int64_t kSome[] = {0,
                                 1,
                                 2,
                                 3,
                                 7,
                                 10,
                                 -1,
                                 -2,
                                 -5,
                                 100,
                                 127,
                                 -128,
                                 255,
                                 1 << 20,
                                 2147483647,
                                 -2147483648ll,
                                 int64_t{1} << 40,
                                 -(int64_t{1} << 40),
                                 int64_t{1} << 60,
                                 -(int64_t{1} << 60)};
    return b.const_int(t, kSome[pick(pick(2) ? 9 : 20)]);
  }

  Value* number(Builder& b, TypeRef t, const Scope& scope, int depth) {
    if (depth == 0 || pick(4) == 0) return leaf(b, t, scope);
    auto sub = [&] { return number(b, t, scope, depth - 1); };
    if (t->is_bool()) {
      if (pick(4) == 0) return b.value(pick(2) ? Opcode::And : Opcode::Or, {sub(), sub()});
      if (pick(5) == 0) return b.value(Opcode::Not, {sub()});
      constexpr Opcode kCompare[] = {Opcode::Eq, Opcode::Ne, Opcode::Lt, Opcode::Le, Opcode::Gt, Opcode::Ge};
      TypeRef of = pick(4) ? i64() : int_type(32);
      return b.value(kCompare[pick(6)], {number(b, of, scope, depth - 1), number(b, of, scope, depth - 1)});
    }
    constexpr Opcode kOps[] = {Opcode::Add, Opcode::Sub, Opcode::Add, Opcode::Sub, Opcode::Mul, Opcode::And,
                               Opcode::Or,  Opcode::Xor, Opcode::Min, Opcode::Max, Opcode::Shl, Opcode::Shr};
    switch (pick(8)) {
      case 0: {
        constexpr Opcode kDivide[] = {Opcode::FloorDiv, Opcode::Mod, Opcode::TruncDiv, Opcode::Rem};
        Value* by = pick(2) ? b.const_int(t, 1 + pick(9)) : b.value(Opcode::Max, {sub(), b.const_int(t, 1)});
        return b.value(kDivide[pick(4)], {sub(), by});
      }
      case 1:
        return b.value(Opcode::Select, {number(b, bool_type(), scope, depth - 1), sub(), sub()}, t);
      case 2: {
        if (t == i64() && pick(3) == 0)  // through uint64 and back
          return b.value(Opcode::Bitcast,
                         {b.value(Opcode::Max, {b.value(Opcode::Bitcast, {sub()}, int_type(64, false)),
                                                b.const_int(int_type(64, false), 3)})},
                         t);
        TypeRef from = pick(2) ? int_type(32) : pick(2) ? int_type(8, false) : i64();
        return b.cast(number(b, from, scope, depth - 1), t);
      }
      default:
        return b.value(kOps[pick(12)], {sub(), sub()});
    }
  }

  Value* leaf(Builder& b, TypeRef t, const Scope& scope) {
    if (pick(3) == 0) return constant(b, t);
    if (t == i64() && pick(5) == 0) return b.dim(array_, 0);
    Value* found = nullptr;
    int seen = 0;
    for (Value* v : scope)
      if (v->type == t && pick(++seen) == 0) found = v;
    if (found && pick(2)) return found;
    for (int tries = 0; tries < 8; ++tries) {
      Variable* v = variables_[static_cast<size_t>(pick(static_cast<int>(variables_.size())))];
      if (v->type == t) return b.get(v);
    }
    return constant(b, t);
  }

  void index(Builder& b, Value* i) {
    Value* n = b.dim(array_, 0);
    if (pick(3) == 0) b.op(Opcode::BoundsCheck, {i, n})->imm = 0;
    b.op(Opcode::Print, {b.value(Opcode::IndexWrap, {i, n})})->str = "%0";
  }

  void fill(Region* r, int depth, bool in_loop, Scope scope) {
    Builder b(*m_, f_, r);
    for (int n = 2 + pick(5); n > 0; --n) {
      b.set_region(r);
      switch (pick(depth > 0 ? 13 : 8)) {
        case 0:
        case 1: {
          Variable* v = variables_[static_cast<size_t>(pick(static_cast<int>(variables_.size())))];
          b.set(v, number(b, v->type, scope, 2));
          break;
        }
        case 2: {  // a step
          Variable* v = variables_[static_cast<size_t>(pick(4))];
          b.set(v, b.value(pick(3) ? Opcode::Add : Opcode::Sub, {b.get(v), b.const_i64(1 + pick(3))}));
          break;
        }
        case 3:
          b.op(Opcode::Print, {number(b, pick(2) ? i64() : int_type(32), scope, 3)})->str = "%0";
          break;
        case 4:
        case 5:
        case 6:
          index(b, number(b, i64(), scope, 2));
          break;
        case 7:
          if (pick(2)) {  // a variable that is set once, and read before and after
            Variable* v = m_->new_variable(f_, ".s", i64());
            b.set(v, number(b, i64(), scope, 2));
            variables_.push_back(v);
            break;
          }
          scope.push_back(number(b, pick(3) ? i64() : bool_type(), scope, 2));
          break;
        case 8:
        case 9: {
          Op* op = b.if_(number(b, bool_type(), scope, 2));
          fill(op->regions[0], depth - 1, in_loop, scope);
          if (pick(2)) fill(op->regions[1], depth - 1, in_loop, scope);
          leave(op->regions[static_cast<size_t>(pick(2))], in_loop, scope);
          break;
        }
        case 10: {
          Op* op = b.while_();
          b.set_region(op->regions[0]);
          Variable* v = variables_[static_cast<size_t>(pick(4))];
          Value* bound = pick(2) ? b.dim(array_, 0) : number(b, i64(), scope, 1);
          Value* c = b.value(pick(2) ? Opcode::Lt : Opcode::Gt, {b.get(v), bound});
          if (pick(4) == 0) c = b.value(Opcode::And, {c, number(b, bool_type(), scope, 1)});
          if (pick(4) == 0) {  // `c and …`, the way the front end writes it
            Variable* t = m_->new_variable(f_, ".and", bool_type());
            Op* choice = b.if_(c);
            b.set_region(choice->regions[0]);
            b.set(t, number(b, bool_type(), scope, 1));
            b.set_region(choice->regions[1]);
            b.set(t, c);
            b.set_region(op->regions[0]);
            c = b.get(t);
          }
          b.op(Opcode::Yield, {c});
          b.set_region(op->regions[1]);
          if (pick(2)) index(b, b.get(v));
          fill(op->regions[1], depth - 1, true, scope);
          if (op->regions[1]->ops.empty() || op->regions[1]->ops.back()->code != Opcode::Break)
            b.set(v, b.value(pick(4) ? Opcode::Add : Opcode::Sub, {b.get(v), b.const_i64(1 + pick(5))}));
          break;
        }
        default: {
          Value* start = number(b, i64(), scope, 1);
          Value* stop = pick(2) ? b.dim(array_, 0) : number(b, i64(), scope, 1);
          Op* op = b.for_(start, stop, b.const_i64(pick(3) ? 1 : pick(2) ? 2 : -1));
          scope.push_back(op->regions[0]->args[0]);
          b.set_region(op->regions[0]);
          index(b, b.value(pick(2) ? Opcode::Add : Opcode::Sub, {scope.back(), b.const_i64(pick(3))}));
          fill(op->regions[0], depth - 1, true, scope);
          scope.pop_back();
        }
      }
    }
  }

  void leave(Region* r, bool in_loop, const Scope& scope) {
    Builder b(*m_, f_, r);
    switch (pick(6)) {
      case 0:
        b.ret(number(b, i64(), scope, 1));
        return;
      case 1:
      case 2:
      case 3:
        if (in_loop) b.op(pick(2) ? Opcode::Break : Opcode::Continue);
        return;
      default:
        return;
    }
  }

  std::mt19937 random_;
  Module* m_ = nullptr;
  Function* f_ = nullptr;
  Value* array_ = nullptr;
  std::vector<Variable*> variables_;
};

// What a run shows; "" when it takes too long to say.
std::string play(const Function& f, const std::vector<Datum>& arguments) {
  Interpreter run(f, false, {});
  Datum result;
  try {
    Outcome out = run.run(arguments, result);
    return run.trace + (out == Outcome::Raise ? "raises" : "returns " + std::to_string(result.i));
  } catch (const Fault& e) {
    return std::string(e.what()) == "too many steps" ? "" : e.what();
  }
}

int count(const Module& m, const char* mnemonic) {
  std::string text = print(m);
  int n = 0;
  for (size_t at = text.find(mnemonic); at != std::string::npos; at = text.find(mnemonic, at + 1)) ++n;
  return n;
}

TEST(ScalarFuzz, PassesKeepWhatAProgramDoes) {
  int compared = 0, wraps_before = 0, wraps_after = 0;
  for (unsigned program = 0; program < 1000; ++program) {
    std::unique_ptr<Module> m = Generator(program).make();
    std::string before = print(*m);
    ASSERT_EQ(verify(*m), std::vector<std::string>()) << before;
    std::unique_ptr<Module> original = parse(before);
    wraps_before += count(*m, "index.wrap");
    for (const char* pass : {"promote", "fold", "simplify_control", "ranges", "simplify_control", "dce"}) {
      find_pass(pass)->run(*m);
      ASSERT_EQ(verify(*m), std::vector<std::string>()) << "after " << pass << "\n" << before << print(*m);
    }
    wraps_after += count(*m, "index.wrap");
    std::mt19937 random(program);
    for (int i = 0; i < 12; ++i) {
      constexpr int64_t kSome[] = {0, 1, 2, 5, 8, 9, -1, -3, 40, int64_t{1} << 61, -(int64_t{1} << 61)};
      Datum a, n, k;
      a.object = std::make_shared<Object>(Object{1, static_cast<int64_t>(random() % 10)});
      n.i = kSome[random() % 11];
      k.i = static_cast<int32_t>(kSome[random() % 9]);
      std::string expected = play(*original->functions[0], {a, n, k});
      if (expected.empty()) continue;
      ++compared;
      ASSERT_EQ(play(*m->functions[0], {a, n, k}), expected)
          << "program " << program << ", length " << a.object->length << ", n " << n.i << ", k " << k.i
          << "\n"
          << before << "\n"
          << print(*m);
    }
  }
  EXPECT_GT(compared, 5000);
  EXPECT_LT(wraps_after * 10, wraps_before * 8);  // ranges has something to do
}

}  // namespace
}  // namespace cantil::ir::test
