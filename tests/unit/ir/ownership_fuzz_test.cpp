// Random programs over counted references, run after the ownership pass: nothing leaks, nothing is freed
// while in use, whichever branches are taken and whichever calls raise.
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
    array_ = array_type(f64(), 1, Layout::C);
    pair_ = tuple_type({array_, array_});
    Function* f = m_->new_function("f");
    add_site(*m_, {"builtins.MemoryError", -1, {}, {}, ""});
    new_ = callee("new", array_, true);
    pair_new_ = callee("pair", pair_, true);
    cond_ = callee("cond", bool_type(), false);
    use_ = callee("use", none_type(), true, array_);
    look_ = callee("look", none_type(), false, array_);
    f->params.clear();
    m_->add_param(f, "p", array_);
    f->ret = pick(3) == 0 ? pair_ : array_;
    f_ = f;
    for (int i = 0; i < 3; ++i) arrays_.push_back(m_->new_variable(f, "a" + std::to_string(i), array_));
    pairs_.push_back(m_->new_variable(f, "t", pair_));
    fill(f->body, 3, false, {f->params[0]});
    if (f->body->ops.empty() || f->body->ops.back()->code != Opcode::Return) {
      Builder b(*m_, f, f->body);
      std::vector<Value*> scope{f->params[0]};
      give_back(b, scope);
    }
    return m;
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  // A function that the interpreter answers for; its body decides whether it counts as raising.
  Function* callee(const char* name, TypeRef ret, bool raises, TypeRef param = nullptr) {
    Function* f = m_->new_function(name);
    f->ret = ret;
    if (param) m_->add_param(f, "x", param);
    Builder b(*m_, f, f->body);
    if (raises) {
      b.set_region(b.if_(b.const_bool(false))->regions[0]);
      b.raise(0);
      b.set_region(f->body);
    }
    ret->is_none() ? b.ret(nullptr) : b.ret(b.undef(ret));
    return f;
  }

  Value* array_value(Builder& b, const std::vector<Value*>& scope) {
    switch (pick(6)) {
      case 0:
        return b.call(new_, {});
      case 1: {
        std::vector<Value*> conditions{b.call(cond_, {})};
        Value *x = read(b), *y = scope[static_cast<size_t>(pick(static_cast<int>(scope.size())))];
        return b.value(Opcode::Select, {conditions[0], x, y}, array_);
      }
      case 2:
        return b.tuple_get(b.get(pairs_[0]), pick(2));
      case 3:
        return scope[static_cast<size_t>(pick(static_cast<int>(scope.size())))];
      default:
        return read(b);
    }
  }

  Value* read(Builder& b) { return b.get(arrays_[static_cast<size_t>(pick(3))]); }

  Value* pair_value(Builder& b, const std::vector<Value*>& scope) {
    if (pick(3) == 0) return b.call(pair_new_, {});
    if (pick(4) == 0) return b.get(pairs_[0]);
    Value* x = array_value(b, scope);
    return b.value(Opcode::TupleMake, {x, pick(3) ? array_value(b, scope) : x}, pair_);
  }

  void give_back(Builder& b, std::vector<Value*>& scope) {
    b.ret(f_->ret == array_ ? array_value(b, scope) : pair_value(b, scope));
  }

  void fill(Region* r, int depth, bool in_loop, std::vector<Value*> scope) {
    Builder b(*m_, f_, r);
    for (int n = 2 + pick(6); n > 0; --n) {
      b.set_region(r);
      switch (pick(depth > 0 ? 16 : 11)) {
        case 0:
        case 1:
        case 2:
          b.set(arrays_[static_cast<size_t>(pick(3))], array_value(b, scope));
          break;
        case 3:
          b.set(pairs_[0], pair_value(b, scope));
          break;
        case 4:
          scope.push_back(array_value(b, scope));
          break;
        case 5:
          b.call(use_, {array_value(b, scope)});
          break;
        case 6:
          b.call(look_, {scope[static_cast<size_t>(pick(static_cast<int>(scope.size())))]});
          break;
        case 7: {  // swap
          Variable *x = arrays_[static_cast<size_t>(pick(3))], *y = arrays_[static_cast<size_t>(pick(3))];
          Value *vx = b.get(x), *vy = b.get(y);
          b.set(x, vy);
          b.set(y, vx);
          break;
        }
        case 8: {
          Value* v = b.call(pair_new_, {});
          b.set(arrays_[0], b.tuple_get(v, 0));
          b.set(arrays_[1], b.tuple_get(v, 1));
          break;
        }
        case 9: {  // a temporary: set once, read once
          Variable* t = m_->new_variable(f_, ".t", array_);
          scope.push_back(array_value(b, scope));
          b.set(t, scope.back());
          if (pick(3) == 0) b.call(use_, {read(b)});
          Value* again = b.get(t);
          b.set(arrays_[static_cast<size_t>(pick(3))], again);
          if (pick(2)) scope.push_back(again);
          break;
        }
        case 10:
          scope.push_back(b.call(new_, {}));
          break;
        case 11:
        case 12:
        case 13: {
          Op* op = b.if_(b.call(cond_, {}));
          fill(op->regions[0], depth - 1, in_loop, scope);
          if (pick(2)) fill(op->regions[1], depth - 1, in_loop, scope);
          leave(op->regions[0], in_loop, scope);
          break;
        }
        case 14: {
          Op* op = b.while_();
          b.set_region(op->regions[0]);
          if (pick(2)) b.call(use_, {array_value(b, scope)});
          Value* c = b.call(cond_, {});
          b.op(Opcode::Yield, {c});
          fill(op->regions[1], depth - 1, true, scope);
          break;
        }
        default: {
          Op* op = b.for_(b.const_i64(0), b.const_i64(pick(4)), b.const_i64(1));
          fill(op->regions[0], depth - 1, true, scope);
        }
      }
    }
  }

  // Perhaps ends a branch early.
  void leave(Region* r, bool in_loop, std::vector<Value*>& scope) {
    Builder b(*m_, f_, r);
    switch (pick(5)) {
      case 0:
        give_back(b, scope);
        return;
      case 1:
        b.raise(0);
        return;
      case 2:
        if (in_loop) b.op(Opcode::Break);
        return;
      case 3:
        if (in_loop) b.op(Opcode::Continue);
        return;
      default:
        return;
    }
  }

  std::mt19937 random_;
  Module* m_ = nullptr;
  Function* f_ = nullptr;
  TypeRef array_ = nullptr, pair_ = nullptr;
  Function *new_ = nullptr, *pair_new_ = nullptr, *cond_ = nullptr, *use_ = nullptr, *look_ = nullptr;
  std::vector<Variable*> arrays_, pairs_;
};

// Runs f once with decisions from `seed`; "" or what went wrong.
std::string play(const Function& f, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::shared_ptr<Object>> made;
  auto fresh = [&] {
    made.push_back(std::make_shared<Object>(Object{1, 8}));
    Datum d;
    d.object = made.back();
    return d;
  };
  int conditions = 60;
  bool calm = seed % 3 == 0;  // nothing raises
  auto call = [&](const Op& op, const std::vector<Datum>&, Datum& out) {
    const std::string& name = op.func->symbol;
    if (op.func->may_raise && !calm && random() % 12 == 0) return false;
    if (name == "new") out = fresh();
    if (name == "pair") out.parts = {fresh(), fresh()};
    if (name == "cond") out.i = --conditions > 0 && random() % 2;
    return true;
  };
  Datum parameter = fresh(), result;
  try {
    Interpreter run(f, true, call);
    Outcome out = run.run({parameter}, result);
    if (out == Outcome::Raise) result = Datum{};
    // The caller drops the result and its own reference.
    std::function<void(const Datum&)> drop = [&](const Datum& d) {
      if (d.object) --d.object->count;
      for (const Datum& p : d.parts) drop(p);
    };
    drop(result);
    drop(parameter);
    for (const auto& o : made)
      if (o->count != 0) return "an object ends with count " + std::to_string(o->count);
  } catch (const Fault& e) {
    return e.what();
  }
  return "";
}

TEST(OwnershipFuzz, CountsBalanceOnEveryPath) {
  int moved = 0;
  for (unsigned program = 0; program < 800; ++program) {
    std::unique_ptr<Module> m = Generator(program).make();
    std::string before = print(*m);
    ASSERT_EQ(verify(*m), std::vector<std::string>()) << before;
    // Half of them as lowering leaves them, half with borrowed values where variables were.
    if (program % 2) find_pass("promote")->run(*m);
    for (const char* pass : {"simplify_control", "dce", "may_raise", "ownership"}) find_pass(pass)->run(*m);
    ASSERT_EQ(verify(*m), std::vector<std::string>()) << before << print(*m);
    for (unsigned seed = 0; seed < 25; ++seed) {
      std::string wrong = play(*m->functions[0], seed * 7919 + program);
      ASSERT_EQ(wrong, "") << "program " << program << ", decisions " << seed << "\n"
                           << before << "\n"
                           << print(*m->functions[0]);
    }
    moved += print(*m->functions[0]).find("undef") != std::string::npos;
  }
  EXPECT_GT(moved, 50);  // the generator does reach the moves
}

}  // namespace
}  // namespace cantil::ir::test
