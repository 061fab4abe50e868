// The library's snapshot as the front end reads it: index, trees, captures; and what damaged bytes do.
#include "frontend/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "frontend/library_names.h"
#include "frontend/library_values.h"
#include "support/diagnostics.h"

namespace cantil::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Captured::Kind;

const std::string& sample() {
  static const std::string bytes = [] {
    std::ifstream file(CANTIL_LIBRARY_SAMPLE, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }();
  return bytes;
}

uint32_t only(Library& l, const char* key) {
  const std::vector<uint32_t>& ids = l.overloads(key);
  EXPECT_EQ(ids.size(), 1u) << key;
  return ids.at(0);
}

std::vector<std::string> names(Library& l, const char* key) {
  std::vector<std::string> out;
  for (uint32_t id : l.overloads(key)) out.push_back(l.info(id).name);
  return out;
}

TEST(Library, OverloadsByCanonicalNameInFileOrder) {
  Library l(sample());
  EXPECT_EQ(l.size(), 8u);
  EXPECT_THAT(names(l, "numpy.absolute"), ElementsAre("absolute", "absolute_again"));
  EXPECT_THAT(names(l, "numpy.abs"), ElementsAre("absolute", "absolute_again"));
  EXPECT_THAT(names(l, "operator.add"), ElementsAre("add"));
  EXPECT_THAT(names(l, "operator.__add__"), ElementsAre("add"));
  EXPECT_THAT(names(l, "numpy.add"), ElementsAre("add"));
  EXPECT_THAT(names(l, "method:array.sum"), ElementsAre("array_sum"));
  EXPECT_THAT(names(l, "method:array.mean"), ElementsAre("array_mean"));
  EXPECT_THAT(names(l, "cantil.cuda.grid"), ElementsAre("grid"));
  EXPECT_THAT(names(l, "numba.cuda.grid"), ElementsAre("grid"));
  EXPECT_THAT(names(l, "numpy.ab"), IsEmpty());
  EXPECT_THAT(names(l, "zzz"), IsEmpty());
  EXPECT_THAT(l.keys(), ElementsAre("cantil.cuda.grid", "method:array.mean", "method:array.sum",
                                    "numpy.absolute", "numpy.add", "operator.add"));
}

TEST(Library, InfoHoldsDocstringAndDecorators) {
  Library l(sample());
  const LibraryFunction& f = l.info(l.overloads("numpy.abs")[0]);
  EXPECT_EQ(f.file, "first.py");
  EXPECT_EQ(f.doc, "The absolute value.");
  ASSERT_EQ(f.decorators.size(), 1u);
  EXPECT_EQ(f.decorators[0].name, "overload");
  EXPECT_EQ(f.decorators[0].key, "numpy.absolute");
  EXPECT_EQ(f.decorators[0].node->kind, syntax::NodeKind::Call);
  const LibraryFunction& m = l.info(only(l, "method:array.sum"));
  EXPECT_EQ(m.decorators[0].name, "overload_method");
  EXPECT_EQ(l.info(only(l, "operator.add")).decorators.size(), 2u);
}

TEST(Library, TreesHaveTheirLinesAndNoDocstring) {
  Library l(sample());
  uint32_t id = l.overloads("numpy.abs")[0];
  Function& f = l.function(id);
  EXPECT_TRUE(f.is_library);
  EXPECT_EQ(f.tree->root->name, "absolute");
  EXPECT_EQ(f.tree->root->span.line, l.info(id).line);
  ASSERT_EQ(f.tree->root->list[0].size(), 1u);
  EXPECT_EQ(f.tree->root->list[0][0]->kind, syntax::NodeKind::Return);
  EXPECT_THAT(f.tree->root->list[1], IsEmpty());
  EXPECT_EQ(file_name(f.tree->file), "stdlib/first.py");
  EXPECT_EQ(parameters(f.tree->root).positional, std::vector<std::string>{"x"});
  Function& empty = l.function(only(l, "method:array.sum"));
  ASSERT_EQ(empty.tree->root->list[0].size(), 1u);
  EXPECT_EQ(empty.tree->root->list[0][0]->kind, syntax::NodeKind::Pass);
  EXPECT_EQ(&l.function(id), &f);
}

TEST(Library, CapturesResolveWithoutPython) {
  Library l(sample());
  Function& f = l.function(only(l, "operator.add"));
  auto text = [&](const char* key) { return describe(f.captures.at(key)); };
  EXPECT_EQ(text("primitive"), "Builtin cantil.library.primitive");
  EXPECT_EQ(text("isinstance"), "Builtin builtins.isinstance");
  EXPECT_EQ(text("len"), "Builtin builtins.len");
  EXPECT_EQ(text("float32"), "Type float32");
  EXPECT_EQ(text("_ALIAS"), "Type float64");
  EXPECT_EQ(text("ValueError"), "ExceptionClass builtins.ValueError");
  EXPECT_EQ(text("_SEED"), "Int uint64 11400714819323198485");
  EXPECT_EQ(text("_WEIGHTS"), "Tuple (Float float64 0.5, Float float64 -1.5, Float float64 inf)");
  EXPECT_EQ(text("_SINGLE").substr(0, 18), "Float float32 0.10");
  EXPECT_EQ(f.captures.at("_SINGLE").scalar.f, static_cast<double>(0.1f));
  EXPECT_EQ(text("LIMIT"), "Int int64 7");
  EXPECT_EQ(text("norm"), "Builtin numpy.linalg.norm");
  EXPECT_EQ(text("np.newaxis"), "None");
  EXPECT_EQ(text("helper"), "Function helper");
  const Captured& table = f.captures.at("_TABLE");
  EXPECT_EQ(table.kind, Kind::Array);
  EXPECT_EQ(table.type->elem(), ir::int_type(16));
  EXPECT_THAT(table.shape, ElementsAre(2, 2));
  int16_t values[4];
  ASSERT_EQ(table.text.size(), sizeof values);
  std::memcpy(values, table.text.data(), sizeof values);
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 4));

  Function& g = l.function(l.overloads("numpy.abs")[0]);
  EXPECT_EQ(describe(g.captures.at("math.pi")).substr(0, 22), "Float float64 3.141592");
  EXPECT_EQ(describe(g.captures.at("np.linalg.norm")), "Builtin numpy.linalg.norm");
  EXPECT_EQ(g.captures.at("_MASK").scalar.i, (int64_t{1} << 53) - 1);
}

TEST(Library, DefaultsAreValues) {
  Library l(sample());
  Function& f = l.function(only(l, "operator.add"));
  ASSERT_EQ(f.defaults.size(), 1u);
  EXPECT_EQ(describe(f.defaults[0]), "Int int64 9007199254740991");
  EXPECT_EQ(describe(f.kw_defaults.at("where")), "None");
  EXPECT_EQ(describe(f.kw_defaults.at("scale")), "Int int64 16");
  EXPECT_EQ(describe(f.kw_defaults.at("dtype")), "Type float32");
  EXPECT_EQ(describe(f.kw_defaults.at("kinds")), "Tuple (Type int64, Float float64 1.5)");
}

TEST(Library, FunctionsOfTheLibraryAreFilledWhenUsed) {
  Library l(sample());
  Function& f = l.function(only(l, "operator.add"));
  Function& helper = *f.captures.at("helper").function;
  EXPECT_EQ(helper.tree, nullptr);
  ensure_captured(helper);
  ASSERT_NE(helper.tree, nullptr);
  EXPECT_EQ(helper.captures.at("helper").function.get(), &helper);
  EXPECT_EQ(describe(helper.captures.at("cuda.threadIdx.x")), "Builtin cantil.cuda.threadIdx.x");
  EXPECT_EQ(describe(l.function(only(l, "cantil.cuda.grid")).captures.at("cuda.blockDim.x")),
            "Builtin cantil.cuda.blockDim.x");
}

TEST(Library, DamagedBytesAreRefused) {
  EXPECT_THROW(Library(""), InternalError);
  EXPECT_THROW(Library(sample().substr(0, sample().size() - 1)), InternalError);
  std::string other = sample();
  other[0] = 'X';
  EXPECT_THROW(Library{other}, InternalError);
}

TEST(Library, TheEmbeddedOneReadsWhole) {
  Library& l = library();
  EXPECT_EQ(l.hash().size(), 32u);
  for (uint32_t id = 0; id < l.size(); ++id) {
    EXPECT_FALSE(l.info(id).name.empty());
    EXPECT_NE(l.function(id).tree, nullptr) << l.info(id).name;
  }
  for (std::string_view key : l.keys()) EXPECT_THAT(l.overloads(key), ::testing::Not(IsEmpty())) << key;
}

TEST(Library, ALookUpReadsLittle) {
  auto start = std::chrono::steady_clock::now();
  Library l(sample());
  for (int i = 0; i < 100; ++i) l.overloads("key" + std::to_string(i));
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 5.0);  // tens of microseconds; the margin is for a busy machine
}

TEST(LibraryNames, Canonical) {
  EXPECT_EQ(canonical_name("numpy.mod"), "numpy.remainder");
  EXPECT_EQ(canonical_name("numba.prange"), "cantil.prange");
  EXPECT_EQ(canonical_name("numba"), "cantil");
  EXPECT_EQ(canonical_name("numbers.Number"), "numbers.Number");
  EXPECT_EQ(canonical_name("operator.__and__"), "operator.and_");
  EXPECT_EQ(canonical_name("operator.__lt__"), "operator.lt");
  EXPECT_TRUE(is_library_name("numpy.sin"));
  EXPECT_TRUE(is_library_name("math"));
  EXPECT_FALSE(is_library_name("mathematics.sin"));
  EXPECT_FALSE(is_library_name(""));
}

TEST(LibraryValues, EveryKind) {
  EXPECT_EQ(describe(library_value("builtins.int")), "Type int64");
  EXPECT_EQ(describe(library_value("numpy.uint8")), "Type uint8");
  EXPECT_EQ(describe(library_value("numpy.bool")), "Type bool");
  EXPECT_EQ(describe(library_value("cantil.types.complex64")), "Type complex64");
  EXPECT_EQ(describe(library_value("numpy")), "Module numpy");
  EXPECT_EQ(describe(library_value("numpy.linalg.LinAlgError")), "ExceptionClass numpy.linalg.LinAlgError");
  EXPECT_EQ(describe(library_value("builtins.StopIteration")), "ExceptionClass builtins.StopIteration");
  EXPECT_EQ(describe(library_value("builtins.range")), "Builtin builtins.range");
  EXPECT_TRUE(std::isnan(library_value("numpy.nan").scalar.f));
}

}  // namespace
}  // namespace cantil::frontend
