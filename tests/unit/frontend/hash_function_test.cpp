// Cache keys: equal for equal programs, different for whatever changes the compiled code.
#include <gtest/gtest.h>

#include <functional>

#include "frontend/function.h"
#include "support/diagnostics.h"
#include "tests/unit/syntax/trees.h"

namespace cantil::frontend {
namespace {

using syntax::Node;
using syntax::NodeKind;

// def NAME(x): return CALLEE
std::shared_ptr<Function> make(const std::string& name, const std::string& callee = "x") {
  std::shared_ptr<Function> f = make_function();
  f->name = name;
  f->filename = "file.py";
  f->tree = std::make_shared<syntax::Tree>();
  Node* root = f->tree->make(NodeKind::FunctionDef);
  root->name = name;
  root->span = {0, 1, 0, 2, 12};
  root->one[0] = f->tree->make(NodeKind::Arguments);
  Node* arg = f->tree->make(NodeKind::Arg);
  arg->name = "x";
  root->one[0]->list[1] = {arg};
  Node* ret = f->tree->make(NodeKind::Return);
  ret->one[0] = f->tree->make(NodeKind::Name);
  ret->one[0]->name = callee;
  root->list[0] = {ret};
  f->tree->root = root;
  return f;
}

uint64_t key(Function& f) {
  Hasher h;
  EXPECT_TRUE(hash_function(h, f));
  return h.value();
}

Captured number(int64_t value) {
  Captured c;
  c.kind = Captured::Kind::Int;
  c.type = ir::i64();
  c.scalar.i = value;
  return c;
}

Captured call(const std::shared_ptr<Function>& f) {
  Captured c;
  c.kind = Captured::Kind::Function;
  c.function = f;
  return c;
}

TEST(HashFunction, EqualProgramsHaveEqualKeys) {
  auto a = make("f", "N"), b = make("f", "N");
  a->captures["N"] = b->captures["N"] = number(3);
  EXPECT_EQ(key(*a), key(*b));
}

TEST(HashFunction, WhateverMattersChangesTheKey) {
  std::vector<std::function<void(Function&)>> changes = {
      [](Function&) {},
      [](Function& f) { f.captures["N"] = number(4); },
      [](Function& f) { f.captures["N"].type = ir::int_type(32); },
      [](Function& f) { f.captures.clear(); },
      [](Function& f) { f.options.fastmath = ir::kFastAll; },
      [](Function& f) { f.options.boundscheck = true; },
      [](Function& f) { f.options.numpy_errors = true; },
      [](Function& f) { f.options.parallel = true; },
      [](Function& f) { f.options.max_registers = 32; },
      [](Function& f) { f.options.inlining = ir::Inline::Always; },
      [](Function& f) { f.role = FunctionRole::CudaDevice; },
      [](Function& f) { f.defaults.push_back(number(3)); },
      [](Function& f) { f.kw_defaults["k"] = number(3); },
      [](Function& f) { f.signatures.push_back({ir::f64()}); },
      [](Function& f) { f.signatures.push_back({ir::float_type(32)}); },
      [](Function& f) { f.signature_returns.push_back(ir::f64()); },
      [](Function& f) { f.tree->root->list[0][0]->one[0]->name = "M"; },
      [](Function& f) { f.tree->root->span.line = 2; },  // tracebacks
      [](Function& f) { f.filename = "other.py"; },
      [](Function& f) { f.captures["N"] = call(make("g")); },
      [](Function& f) { f.captures["N"] = call(make("g", "y")); },
  };
  std::vector<uint64_t> keys;
  for (auto& change : changes) {
    auto f = make("f", "N");
    f->captures["N"] = number(3);
    change(*f);
    keys.push_back(key(*f));
  }
  for (size_t i = 0; i < keys.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << "changes " << j << " and " << i;
}

TEST(HashFunction, RecursionEnds) {
  auto even = make("even", "odd"), odd = make("odd", "even");
  even->captures["odd"] = call(odd);
  odd->captures["even"] = call(even);
  uint64_t first = key(*even);
  EXPECT_EQ(first, key(*even));
  odd->tree->root->list[0][0]->one[0]->name = "x";
  EXPECT_NE(first, key(*even));
  odd->captures.clear();
}

TEST(HashFunction, CapturesCalleesFirst) {
  auto f = make("f", "g"), g = make_function();
  int captured = 0;
  g->capture = [&](Function& into) {
    ++captured;
    into.tree = make("g")->tree;
  };
  f->captures["g"] = call(g);
  uint64_t first = key(*f);
  EXPECT_EQ(captured, 1);
  EXPECT_EQ(first, key(*f));
  EXPECT_EQ(captured, 1);
}

TEST(HashFunction, ObjectsWithoutANameCannotBeKeyed) {
  auto f = make("f", "E");
  Captured c;
  c.kind = Captured::Kind::ExceptionClass;
  c.text = "module.f.<locals>.E";
  f->captures["E"] = c;
  key(*f);
  f->captures["E"].object_ref = 5;
  Hasher h;
  EXPECT_FALSE(hash_function(h, *f));
}

TEST(HashFunction, ACalleeWithoutSourceCannotBeKeyed) {
  auto fails = [](Function&) { fail(Diag::NoSource, {}, {"g"}); };
  auto f = make("f", "g"), g = make_function();
  g->capture = fails;
  f->captures["g"] = call(g);
  Hasher h;
  EXPECT_FALSE(hash_function(h, *f));
  EXPECT_FALSE(hash_function(h, *f));  // and says so again
  EXPECT_THROW(hash_function(h, *g), CompileError);
}

}  // namespace
}  // namespace cantil::frontend
