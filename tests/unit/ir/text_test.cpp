// The textual form: every op occurs in the round-trip test, values survive exactly, errors name their line.
#include "ir/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "ir/builder.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

std::string golden(const char* name) {
  std::ifstream in(std::string(CANTIL_SOURCE_DIR) + "/tests/golden/ir/text/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Text, RoundTripCoversEveryOp) {
  std::set<Opcode> seen;
  std::vector<std::unique_ptr<Module>> modules;
  for (const char* name : {"every_op.ir", "split.ir"}) {
    modules.push_back(parse(golden(name)));
    for (const Function* f : modules.back()->functions)
      for_each_op(*f->body, [&](const Op& op) { seen.insert(op.code); });
  }
#define OP(name, mnemonic, operands, result, attr, regions, effects) \
  EXPECT_TRUE(seen.count(Opcode::name)) << "no " mnemonic " in tests/golden/ir/text";
#include "ir/ops.def"
#undef OP
}

TEST(Text, FloatsKeepTheirBits) {
  for (double v :
       {0.0, -0.0, 0.1, 1e308, 5e-324, 1.0 / 3.0, 123456789012345680.0, HUGE_VAL, -HUGE_VAL, std::nan("7")}) {
    Module m;
    Function* f = m.new_function("f");
    f->ret = f64();
    Builder b(m, f, f->body);
    b.ret(b.const_float(f64(), v));
    std::unique_ptr<Module> back = parse(print(m));
    double got = back->functions[0]->body->ops[0]->constant.f;
    EXPECT_EQ(std::memcmp(&got, &v, sizeof v), 0) << print(m);
  }
}

TEST(Text, NamesThatNeedQuotesAreQuoted) {
  Module m;
  Function* f = m.new_function("f.<locals>.g[array(float64, 1d, C)]");
  f->name = "a \"name\"\n";
  Variable* v = m.new_variable(f, "odd name#1", i64());
  m.new_variable(f, "größe", i64());
  Builder b(m, f, f->body);
  b.set(v, b.const_i64(1));
  std::unique_ptr<Module> back = parse(print(m));
  EXPECT_EQ(print(*back), print(m));
  EXPECT_EQ(back->functions[0]->symbol, f->symbol);
  EXPECT_EQ(back->functions[0]->name, f->name);
  EXPECT_EQ(back->functions[0]->variables[0]->name, "odd name#1");
  EXPECT_EQ(back->functions[0]->variables[1]->name, "größe");
}

TEST(Text, SpansArePrintedOnRequest) {
  Module m;
  Function* f = m.new_function("f");
  Builder b(m, f, f->body);
  b.set_span(Span{0, 12, 4, 12, 9});
  b.ret(nullptr);
  EXPECT_EQ(print(m).find('@', 7), std::string::npos);
  std::string text = print(m, {.spans = true});
  EXPECT_NE(text.find("return @12:4"), std::string::npos) << text;
  std::unique_ptr<Module> back = parse(text);
  EXPECT_EQ(back->functions[0]->body->ops[0]->span.line, 12u);
  EXPECT_EQ(back->functions[0]->body->ops[0]->span.col, 4u);
  EXPECT_EQ(print(*back, {.spans = true}), text);
}

TEST(Text, ValueNumbersAreKept) {
  std::string text = "func @f(%7 x: int64) -> int64 host {\n  %3 = add %7, %7\n  return %3\n}\n";
  std::unique_ptr<Module> m = parse(text);
  EXPECT_EQ(print(*m), text);
  EXPECT_EQ(m->functions[0]->next_value, 8u);
}

std::string error_of(const std::string& body) {
  try {
    parse("func @f(%0 x: int64) -> none host {\n" + body + "\n}\n");
    return "";
  } catch (const ParseError& e) {
    return e.what();
  }
}

TEST(Text, ErrorsNameTheirLine) {
  EXPECT_EQ(error_of("  %1 = frob %0"), "line 2: unknown op 'frob'");
  EXPECT_EQ(error_of("  %1 = add %0, %9"), "line 2: %9 is not defined");
  EXPECT_EQ(error_of("  %0 = add %0, %0"), "line 2: %0 is defined twice");
  EXPECT_EQ(error_of("  add %0, %0"), "line 2: add needs a result");
  EXPECT_EQ(error_of("  %1 = return"), "line 2: return has no result");
  EXPECT_EQ(error_of("  %1 = cast %0"), "line 2: cast needs a type");
  EXPECT_EQ(error_of("  %1 = cast %0 : i99"), "line 2: expected a type");
  EXPECT_EQ(error_of("  var.set s, %0"), "line 2: no such variable");
  EXPECT_EQ(error_of("\n\n  %1 = call @g(%0)"), "line 4: no function @g");
  EXPECT_EQ(error_of("  %1 = const abc : int64"), "line 2: expected an integer");
  EXPECT_EQ(error_of("  return %0 nonsense"), "line 2: unexpected text at the end of the line");
  EXPECT_EQ(error_of("  print \"abc"), "line 4: unterminated string");
  EXPECT_EQ(error_of("  while {"), "line 4: missing '}'");
  EXPECT_EQ(error_of("  %1 = sreg[tid.w]"), "line 2: unknown name 'tid.w'");
}

}  // namespace
}  // namespace cantil::ir
