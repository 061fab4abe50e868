// Serialised trees come back whole; the printed text shows every field; hashes see meaning and not positions.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "frontend/syntax/layout.h"
#include "support/diagnostics.h"
#include "tests/unit/syntax/trees.h"

namespace cantil::syntax {
namespace {

uint64_t hash_of(const Node* n) {
  Hasher h;
  hash(h, n);
  return h.value();
}

Span span(uint32_t line, uint32_t col, uint32_t end_line, uint32_t end_col) {
  return {0, line, col, end_line, end_col};
}

void expect_same(const Node* a, const Node* b) {
  ASSERT_EQ(a == nullptr, b == nullptr);
  if (!a) return;
  EXPECT_EQ(a->kind, b->kind);
  EXPECT_EQ(a->op, b->op);
  EXPECT_EQ(a->extra, b->extra);
  EXPECT_EQ(a->name, b->name);
  EXPECT_EQ(a->names, b->names);
  EXPECT_EQ(a->ops, b->ops);
  EXPECT_EQ(a->value.kind, b->value.kind);
  EXPECT_EQ(a->value.i, b->value.i);
  EXPECT_EQ(a->value.f, b->value.f);
  EXPECT_EQ(a->value.im, b->value.im);
  EXPECT_EQ(a->value.s, b->value.s);
  EXPECT_EQ(a->span.line, b->span.line);
  EXPECT_EQ(a->span.col, b->span.col);
  EXPECT_EQ(a->span.end_line, b->span.end_line);
  EXPECT_EQ(a->span.end_col, b->span.end_col);
  ASSERT_EQ(a->one.size(), b->one.size());
  for (size_t i = 0; i < a->one.size(); ++i) expect_same(a->one[i], b->one[i]);
  ASSERT_EQ(a->list.size(), b->list.size());
  for (size_t i = 0; i < a->list.size(); ++i) {
    ASSERT_EQ(a->list[i].size(), b->list[i].size());
    for (size_t j = 0; j < a->list[i].size(); ++j) expect_same(a->list[i][j], b->list[i][j]);
  }
}

// A node of every kind with every part filled in.
Node* one_of_everything(testing::Builder& b) {
  std::vector<Node*> all;
  for (int k = 0; k < kNodeKinds; ++k) {
    Node* n = b.make(static_cast<NodeKind>(k));
    const NodeLayout& l = layout(n->kind);
    uint32_t line = 1000 - static_cast<uint32_t>(7 * k);  // going up and down
    if (k % 5) n->span = span(line, static_cast<uint32_t>(k), line + static_cast<uint32_t>(k % 3), 200);
    if (l.has_name) n->name = "näme" + std::to_string(k);
    if (l.has_names) n->names = {"first", ""};
    if (l.has_op) n->op = Operator::FloorDiv;
    if (l.has_ops) n->ops = {Operator::Lt, Operator::NotIn};
    if (l.has_extra) n->extra = k % 2 ? -1 : 114;
    if (l.has_value) n->value = {ConstKind::Complex, 0, 1.5, -0.0, {}};
    for (size_t i = 0; i < n->one.size(); ++i) n->one[i] = i % 2 ? nullptr : b.integer(k);
    for (std::vector<Node*>& list : n->list) list = {b.name("x"), nullptr, b.integer(-k)};
    all.push_back(n);
  }
  Node* f = b.function("f", b.arguments({"a"}), all);
  f->span = span(3, 0, 9, 4);
  return f;
}

TEST(SyntaxTree, EveryKindSurvivesSerialisation) {
  testing::Builder b;
  Node* f = one_of_everything(b);
  std::unique_ptr<Tree> back = deserialize(serialize(f), 7);
  expect_same(f, back->root);
  EXPECT_EQ(back->file, 7u);
  EXPECT_EQ(back->root->span.file, 7u);
  EXPECT_EQ(hash_of(f), hash_of(back->root));
  EXPECT_EQ(print(f, true), print(back->root, true));
}

TEST(SyntaxTree, EveryConstantSurvivesSerialisation) {
  testing::Builder b;
  std::vector<Constant> constants = {
      {ConstKind::NoValue, 0, 0, 0, {}},
      {ConstKind::None, 0, 0, 0, {}},
      {ConstKind::Bool, 1, 0, 0, {}},
      {ConstKind::Int, std::numeric_limits<int64_t>::min(), 0, 0, {}},
      {ConstKind::Int, std::numeric_limits<int64_t>::max(), 0, 0, {}},
      {ConstKind::BigInt, 0, 0, 0, "123456789012345678901234567890"},
      {ConstKind::Float, 0, 0.1, 0, {}},
      {ConstKind::Float, 0, std::numeric_limits<double>::infinity(), 0, {}},
      {ConstKind::Complex, 0, 0, 2.5, {}},
      {ConstKind::Str, 0, 0, 0, std::string("a\0ö\n", 5)},
      {ConstKind::Bytes, 0, 0, 0, std::string("\xff\x00", 2)},
      {ConstKind::Ellipsis, 0, 0, 0, {}},
  };
  for (const Constant& c : constants) {
    Node* n = b.make(NodeKind::Constant);
    n->value = c;
    expect_same(n, deserialize(serialize(n), 0)->root);
  }
}

TEST(SyntaxTree, IdsAreDenseInPreOrder) {
  testing::Builder b;
  std::unique_ptr<Tree> tree = deserialize(serialize(one_of_everything(b)), 0);
  uint32_t next = 0;
  std::function<void(const Node*)> walk = [&](const Node* n) {
    if (!n) return;
    EXPECT_EQ(n->id, next++);
    for (const Node* c : n->one) walk(c);
    for (const auto& l : n->list)
      for (const Node* c : l) walk(c);
  };
  walk(tree->root);
  EXPECT_EQ(tree->size(), next);
}

TEST(SyntaxTree, DamagedBytesAreRefused) {
  testing::Builder b;
  std::string bytes = serialize(one_of_everything(b));
  EXPECT_THROW(deserialize("", 0), InternalError);
  for (size_t cut = 1; cut < bytes.size(); cut += 13)
    EXPECT_THROW(deserialize(bytes.substr(0, cut), 0), InternalError);
  EXPECT_THROW(deserialize(bytes + "x", 0), InternalError);
  for (size_t i = 0; i < bytes.size();
       ++i) {  // any single wrong byte: an error or another tree, never a crash
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xFF);
    try {
      EXPECT_NE(deserialize(damaged, 0)->root, nullptr);
    } catch (const InternalError&) {
    }
  }
}

TEST(SyntaxTree, PrintShowsStructure) {
  testing::Builder b;
  Node* f = b.function(
      "scale", b.arguments({"x", "k"}),
      {b.ret(b.binop(Operator::Mult, b.call(b.chain({"np", "sin"}), {b.name("x")}), b.name("k")))});
  f->span = span(4, 0, 5, 27);
  EXPECT_EQ(print(f),
            "FunctionDef scale\n"
            "  args: Arguments\n"
            "    args:\n"
            "      Arg x\n"
            "      Arg k\n"
            "  body:\n"
            "    Return\n"
            "      value: BinOp *\n"
            "        left: Call\n"
            "          func: Attribute sin\n"
            "            value: Name np\n"
            "          args:\n"
            "            Name x\n"
            "        right: Name k\n");
  EXPECT_EQ(print(f, true).substr(0, 32), "FunctionDef scale @4:0-5:27\n  ar");
}

TEST(SyntaxTree, HashIgnoresPositions) {
  testing::Builder b, c;
  Node* a = b.function("f", b.arguments({"x"}), {b.ret(b.name("x"))});
  c.integer(1);  // another id for everything
  Node* d = c.function("f", c.arguments({"x"}), {c.ret(c.name("x"))});
  d->span = span(10, 2, 20, 4);
  d->list[0][0]->span = span(11, 4, 11, 9);
  EXPECT_EQ(hash_of(a), hash_of(d));
}

TEST(SyntaxTree, HashSeesMeaning) {
  auto expression = [](const std::function<Node*(testing::Builder&)>& make) {
    testing::Builder b;
    return hash_of(b.function("f", b.arguments({"x", "y"}), {b.ret(make(b))}));
  };
  std::vector<uint64_t> hashes = {
      expression([](auto& b) { return b.name("x"); }),
      expression([](auto& b) { return b.name("y"); }),
      expression([](auto& b) { return b.integer(1); }),
      expression([](auto& b) { return b.integer(2); }),
      expression([](auto&) { return nullptr; }),
      expression([](auto& b) {
        Node* n = b.integer(1);
        n->value.kind = ConstKind::Bool;
        return n;
      }),
      expression([](auto& b) {
        Node* n = b.integer(0);
        n->value = {ConstKind::Float, 0, 0.0, 0, {}};
        return n;
      }),
      expression([](auto& b) {
        Node* n = b.integer(0);
        n->value = {ConstKind::Float, 0, -0.0, 0, {}};
        return n;
      }),
      expression([](auto& b) { return b.binop(Operator::Add, b.name("x"), b.name("y")); }),
      expression([](auto& b) { return b.binop(Operator::Sub, b.name("x"), b.name("y")); }),
      expression([](auto& b) { return b.binop(Operator::Add, b.name("y"), b.name("x")); }),
      expression([](auto& b) { return b.call(b.name("x"), {b.name("y")}); }),
      expression([](auto& b) { return b.call(b.name("x"), {}); }),
      expression([](auto& b) { return b.attribute(b.name("x"), "y"); }),
  };
  for (size_t i = 0; i < hashes.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_NE(hashes[i], hashes[j]) << i << " " << j;
}

}  // namespace
}  // namespace cantil::syntax
