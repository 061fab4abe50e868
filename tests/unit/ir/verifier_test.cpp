// One test for each invariant of verifier.h, and for each rule of the ops' types.
#include "ir/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ir/builder.h"
#include "ir/text.h"

namespace cantil::ir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHead =
    "site 0 = \"builtins.ValueError\"(_: int64)\n"
    "func @g(%0 x: int64) -> int64 host {\n  return %0\n}\n"
    "func @kernel() -> none kernel {\n}\n";

// Violations in a function with these parameters and this body.
std::vector<std::string> check(const std::string& body, const std::string& header = "-> none host",
                               bool split = false) {
  std::string text =
      std::string(kHead) +
      "func @f(%0 x: int64, %1 y: float64, %2 c: bool, %3 a: array(float64, 1d, C), %4 p: float64*) " +
      header + " {\n" + body + "\n}\n";
  return verify(*parse(text), {split});
}

void expect_one(const std::string& body, const std::string& what,
                const std::string& header = "-> none host") {
  EXPECT_THAT(check(body, header), ElementsAre(HasSubstr(what))) << body;
}

TEST(Verifier, SoundModuleHasNoViolations) { EXPECT_THAT(check("%5 = add %0, %0"), IsEmpty()); }

// 1. Shape
TEST(Verifier, OperandCountsAndResults) {
  Module m;
  Function* f = m.new_function("f");
  Value* x = m.add_param(f, "x", i64());
  Op* op = m.new_op(Opcode::Add);
  op->parent = f->body;
  op->operands = {x};
  f->body->ops.push_back(op);
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("takes 2 operands, has 1")));
  op->operands = {x, x};
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("must have a result")));
  op->result = m.new_value(f, i64());
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("does not belong to it")));
  op->result->def = op;
  EXPECT_THAT(verify(m), IsEmpty());
  op->parent = nullptr;
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("its parent is not the region it is in")));
}

// 2. Scope
TEST(Verifier, ValuesAreUsedWhereTheyAreDefined) {
  expect_one("if %2 {\n  %5 = add %0, %0\n}\n%6 = neg %5", "uses %5 where it is not defined");
  Module m;
  Function* f = m.new_function("f");
  Value* x = m.add_param(f, "x", i64());
  Builder b(m, f, f->body);
  Value* late = b.value(Opcode::Add, {x, x});
  b.value(Opcode::Sub, {late, x});
  std::swap(f->body->ops[0], f->body->ops[1]);
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("uses %1 where it is not defined")));
  Function* other = m.new_function("other");
  Builder(m, other, other->body).value(Opcode::Add, {x, x});
  EXPECT_EQ(verify(m).size(), 3u);  // both operands
}

// 3. Types
TEST(Verifier, NoCompileTimeTypes) {
  expect_one("var v: Literal[int](1)", "compile-time type");
  expect_one("%5 = undef : Literal[int](1)", "compile-time type");
  expect_one("raise[0] %0", "returns the compile-time type", "-> Literal[int](5) host");
}

TEST(Verifier, OperandTypes) {
  expect_one("%5 = add %0, %1", "operand types differ: int64 and float64");
  expect_one("%5 = add %2, %2", "must be an integer, float or complex, is bool");
  expect_one("%5 = div %0, %0", "must be a float");
  expect_one("%5 = floordiv %1, %1", "must be an integer");
  expect_one("%5 = and %1, %1", "an integer or bool");
  expect_one("%5 = lt %3, %3", "a bool, integer or float");
  expect_one("%5 = select %0, %1, %1", "operand 0 must be bool");
  expect_one("%5 = select %2, %0, %1", "operand types differ");
  expect_one("%5 = math[sin] %0", "must be a float");
  expect_one("%5 = math[ldexp] %1, %0", "operand 1 must be int32");
  expect_one("%5 = math[pow] %1", "takes 2 operands");
  expect_one("%5 = const 300 : uint8", "does not fit");
  expect_one("%5 = tuple.make %0, %1 : UniTuple(int64 x 2)", "do not make up");
  expect_one("%5 = tuple.make %0, %1\n%6 = tuple.get[2] %5 : int64", "element 2 is out of range");
  expect_one("%5 = tuple.make %0, %1\n%6 = tuple.index %5, %0", "a tuple of one element type");
  expect_one("%5 = optional.get %0 : int64", "an optional");
  expect_one("%5 = array.dim[1] %3", "axis 1 is out of range");
  expect_one("%5 = elem.load %3", "takes 2 operands, has 1");
  expect_one("%5 = elem.load %3, %1", "operand 1 must be int64");
  expect_one("elem.store %3, %0, %0", "operand 2 must be float64");
  expect_one("%5 = load %3 : float64", "a pointer");
  expect_one("%5 = load[8] %4", "flags 8 is out of range");
  expect_one("store %4, %0", "operand 1 must be float64");
  expect_one("%5 = cast %3 : int64", "cannot convert");
  expect_one("%5 = bitcast %0 : float32", "cannot reinterpret");
  expect_one("%5 = array.owner %3\n%6 = array.make %5, %4 : array(float64, 1d, C)", "takes 3 operands");
  expect_one("%5 = array.dim[0] %3 : int32", "the result must be int64");
  expect_one("retain %0", "of a counted type");
  expect_one("if %0 {\n}", "operand 0 must be bool");
  expect_one("for %5: int32 = %0 to %0 step %0 {\n}", "one argument of the bounds' type");
  expect_one("return %0", "operand 0 must be float64", "-> float64 host");
  expect_one("return", "must return a value", "-> float64 host");
  expect_one("raise[0]", "fewer operands");
  expect_one("raise[0] %1", "operand 0 must be int64");
  expect_one("raise[0] %0, %0", "more operands");
  expect_one("%5 = call @g(%1)", "operand 0 must be int64");
  expect_one("%5 = call @g()", "takes 1 operands");
}

// 4. Control
TEST(Verifier, LoopsAndTerminators) {
  expect_one("break", "is not in a loop that it may leave");
  expect_one("continue", "is not in a loop");
  expect_one("parallel_for %5: int64 = %0 to %0 step %0 {\n  break\n}", "is not in a loop that it may leave");
  expect_one("parallel_for %5: int64 = %0 to %0 step %0 {\n  return\n}", "leaves a parallel_for");
  EXPECT_THAT(check("parallel_for %5: int64 = %0 to %0 step %0 {\n  continue\n}"), IsEmpty());
  expect_one("return\n%5 = add %0, %0", "stands behind the end of its region");
  expect_one("while {\n} do {\n}", "does not end with yield");
  expect_one("while {\n  if %2 {\n    break\n  }\n  yield %2\n} do {\n}",
             "is not in a loop that it may leave");
  expect_one("yield %2", "is not at the end of a while's condition");
}

// 5. Returns
TEST(Verifier, EveryPathReturns) {
  expect_one("if %2 {\n  return %1\n}", "can reach the end without a return", "-> float64 host");
  EXPECT_THAT(check("if %2 {\n  return %1\n} else {\n  raise[0] %0\n}", "-> float64 host"), IsEmpty());
  EXPECT_THAT(check("%5 = const true : bool\nwhile {\n  yield %5\n} do {\n}", "-> float64 host"), IsEmpty());
  expect_one("%5 = const true : bool\nwhile {\n  yield %5\n} do {\n  break\n}", "can reach the end",
             "-> float64 host");
}

// 6. Belonging
TEST(Verifier, SitesDataVariablesAndCallees) {
  expect_one("raise[1]", "site 1 is out of range");
  expect_one("%5 = const_data[0] : int8*", "data 0 is out of range");
  Module m, foreign;
  Function *f = m.new_function("f"), *g = m.new_function("g"), *h = foreign.new_function("h");
  Variable* v = m.new_variable(g, "v", i64());
  Builder b(m, f, f->body);
  b.get(v);
  b.call(h, {});
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("not this function's"), HasSubstr("not in the module")));
}

// 7. Placement
TEST(Verifier, HostAndDeviceOps) {
  for (const char* op :
       {"%5 = sreg[tid.x]", "barrier", "%5 = shared.array[4] : float32*", "%5 = shared.dynamic : float32*",
        "%5 = shared.dynamic_size", "%5 = atomic[add] %4, %1", "fence[0]"}) {
    expect_one(op, "is in host code");
    EXPECT_THAT(check(op, "-> none kernel"), IsEmpty()) << op;
  }
  expect_one("parallel_for %5: int64 = %0 to %0 step %0 {\n}", "is in device code", "-> none device");
  expect_one("release %3", "is in device code", "-> none kernel");
  expect_one("return %1", "is a kernel and must return none", "-> float64 kernel");
  expect_one("%5 = call @kernel()", "calls a kernel");
}

// 8. Splitting
TEST(Verifier, ThreadLoopsOnlyAfterSplitting) {
  EXPECT_THAT(check("thread_loop {\n}", "-> none kernel"),
              ElementsAre(HasSubstr("before barrier splitting")));
  EXPECT_THAT(check("thread_loop {\n}", "-> none kernel", true), IsEmpty());
}

TEST(Verifier, SymbolsAreUnique) {
  Module m;
  m.new_function("f");
  m.new_function("f");
  EXPECT_THAT(verify(m), ElementsAre(HasSubstr("two functions have this symbol")));
}

}  // namespace
}  // namespace cantil::ir
