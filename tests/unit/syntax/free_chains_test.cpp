// Python's scoping rules as free_chains sees them, and parameter lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/function.h"
#include "tests/unit/syntax/trees.h"

namespace cantil::frontend {
namespace {

using syntax::Node;
using syntax::NodeKind;
using syntax::Operator;
using ::testing::ElementsAre;

std::vector<std::string> chains(const Node* root) {
  std::vector<std::string> out;
  for (const std::vector<std::string>& parts : free_chains(root)) {
    std::string text;
    for (const std::string& p : parts) text += (text.empty() ? "" : ".") + p;
    out.push_back(text);
  }
  return out;
}

TEST(FreeChains, MaximalChainsOnceInOrder) {
  syntax::testing::Builder b;
  Node* f =
      b.function("f", b.arguments({"x"}),
                 {b.expr(b.call(b.chain({"np", "linalg", "norm"}), {b.name("x"), b.name("N")})),
                  b.expr(b.chain({"np", "linalg", "norm"})), b.expr(b.chain({"np", "pi"})),
                  b.expr(b.chain({"x", "shape"})), b.ret(b.attribute(b.call(b.name("g"), {}), "real"))});
  EXPECT_THAT(chains(f), ElementsAre("np.linalg.norm", "N", "np.pi", "g"));
}

TEST(FreeChains, AssignedNamesAreLocalThroughout) {
  syntax::testing::Builder b;
  Node* tuple = b.make(NodeKind::Tuple);
  Node* star = b.with_one(NodeKind::Starred, b.name("q"));
  tuple->list[0] = {b.name("p"), star};
  Node* f = b.function(
      "f", b.arguments({}),
      {b.expr(b.name("late")), b.assign(tuple, b.name("source")), b.expr(b.name("q")),
       b.assign(b.attribute(b.name("obj"), "field"), b.name("p")), b.assign(b.name("late"), b.name("p"))});
  EXPECT_THAT(chains(f), ElementsAre("source", "obj.field"));
}

TEST(FreeChains, GlobalMakesAnAssignedNameFree) {
  syntax::testing::Builder b;
  Node* inner = b.function("g", b.arguments({}), {b.expr(b.name("counter"))});
  Node* f = b.function("f", b.arguments({}),
                       {b.global({"counter"}), b.assign(b.name("counter"), b.integer(1)), inner});
  EXPECT_THAT(chains(f), ElementsAre("counter"));
}

TEST(FreeChains, NestedFunctionsSeeOuterNames) {
  syntax::testing::Builder b;
  Node* inner = b.function("g", b.arguments({"y"}),
                           {b.ret(b.call(b.name("h"), {b.name("x"), b.name("y"), b.name("t")}))});
  inner->one[0]->list[4] = {b.name("default")};
  Node* f = b.function(
      "f", b.arguments({"x"}),
      {inner,
       b.assign(b.name("t"), b.lambda(b.arguments({"z"}), b.binop(Operator::Add, b.name("z"), b.name("w")))),
       b.expr(b.name("g")), b.expr(b.name("y"))});
  EXPECT_THAT(chains(f), ElementsAre("default", "h", "w", "y"));
}

TEST(FreeChains, ComprehensionTargetsStayInside) {
  syntax::testing::Builder b;
  Node* comp = b.list_comp(b.binop(Operator::Add, b.name("i"), b.name("k")), b.name("i"), b.name("i"),
                           {b.walrus("last", b.name("i"))});
  Node* f = b.function("f", b.arguments({}), {b.expr(comp), b.expr(b.name("last"))});
  // The iterable's `i` is the outer one; `last` is bound in the function by :=.
  EXPECT_THAT(chains(f), ElementsAre("i", "k"));
}

TEST(FreeChains, ClassBodiesHideTheirNamesFromMethods) {
  syntax::testing::Builder b;
  Node* cls = b.named(NodeKind::ClassDef, "C");
  cls->list[2] = {b.assign(b.name("attr"), b.integer(1)), b.expr(b.name("attr")),
                  b.function("method", b.arguments({"self"}), {b.ret(b.name("attr"))})};
  Node* f = b.function("f", b.arguments({}), {cls});
  EXPECT_THAT(chains(f), ElementsAre("attr"));
}

TEST(FreeChains, ImportsAndHandlersBind) {
  syntax::testing::Builder b;
  Node* import = b.make(NodeKind::Import);
  Node* dotted = b.named(NodeKind::Alias, "os.path");
  Node* as = b.named(NodeKind::Alias, "numpy");
  as->names = {"np"};
  import->list[0] = {dotted, as};
  Node* handler = b.named(NodeKind::ExceptHandler, "error");
  handler->one[0] = b.name("ValueError");
  handler->list[0] = {b.expr(b.name("error"))};
  Node* attempt = b.make(NodeKind::Try);
  attempt->list[1] = {handler};
  Node* f = b.function("f", b.arguments({}),
                       {import, b.expr(b.chain({"os", "path"})), b.expr(b.chain({"np", "sin"})), attempt});
  EXPECT_THAT(chains(f), ElementsAre("ValueError"));
}

TEST(FreeChains, OwnDecoratorsDefaultsAndAnnotationsAreOutside) {
  syntax::testing::Builder b;
  Node* args = b.arguments({"x"});
  args->list[1][0]->one[0] = b.name("Annotation");
  args->list[4] = {b.name("default")};
  Node* f = b.function("f", args, {b.ret(b.name("x"))});
  f->list[1] = {b.name("decorator")};
  f->one[1] = b.name("Result");
  EXPECT_THAT(chains(f), ElementsAre());
}

TEST(Parameters, EveryKind) {
  syntax::testing::Builder b;
  Node* args = b.arguments({"c"});
  args->list[0] = {b.named(NodeKind::Arg, "a"), b.named(NodeKind::Arg, "b")};
  args->list[2] = {b.named(NodeKind::Arg, "k")};
  args->list[3] = {nullptr};
  args->one = {b.named(NodeKind::Arg, "rest"), b.named(NodeKind::Arg, "more")};
  Parameters p = parameters(b.lambda(args, b.integer(0)));
  EXPECT_THAT(p.positional, ElementsAre("a", "b", "c"));
  EXPECT_EQ(p.positional_only, 2);
  EXPECT_EQ(p.vararg, "rest");
  EXPECT_THAT(p.keyword_only, ElementsAre("k"));
  EXPECT_EQ(p.kwarg, "more");
}

TEST(MakeFunction, IdsAreUnique) { EXPECT_NE(make_function()->id, make_function()->id); }

}  // namespace
}  // namespace cantil::frontend
