// Types: interning, Numba's spelling, and the reader of both that and signature strings.
#include "ir/type.h"

#include <gtest/gtest.h>

#include <thread>

namespace cantil::ir {
namespace {

TEST(Type, EqualTypesAreOnePointer) {
  EXPECT_EQ(array_type(f64(), 2, Layout::C), array_type(f64(), 2, Layout::C));
  EXPECT_NE(array_type(f64(), 2, Layout::C), array_type(f64(), 2, Layout::F));
  EXPECT_NE(array_type(f64(), 2, Layout::C), array_type(f64(), 2, Layout::C, true));
  EXPECT_NE(array_type(f64(), 2, Layout::C), array_type(f64(), 2, Layout::C, false, false));
  EXPECT_EQ(tuple_type({i64(), f64()}), tuple_type({i64(), f64()}));
  EXPECT_NE(literal_int(1), literal_int(2));
  EXPECT_NE(named_tuple_type("P", {"x"}, {i64()}, 0), named_tuple_type("P", {"y"}, {i64()}, 0));
  EXPECT_NE(named_tuple_type("P", {"x"}, {i64()}, 0), named_tuple_type("P", {"x"}, {i64()}, 1));
  EXPECT_NE(named_tuple_type("P", {"x"}, {i64()}, 0), tuple_type({i64()}));
}

TEST(Type, InterningFromManyThreadsAgrees) {
  constexpr int kTypes = 200;
  std::vector<std::vector<TypeRef>> found(8, std::vector<TypeRef>(kTypes));
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&mine] {
      for (int i = 0; i < kTypes; ++i) mine[static_cast<size_t>(i)] = tuple_type({literal_int(i), f64()});
    });
  for (auto& t : threads) t.join();
  for (const auto& mine : found) EXPECT_EQ(mine, found[0]);
}

// As numba 0.68.1 prints them.
TEST(Type, SpellsAsNumbaDoes) {
  EXPECT_EQ(none_type()->str(), "none");
  EXPECT_EQ(bool_type()->str(), "bool");
  EXPECT_EQ(int_type(8, false)->str(), "uint8");
  EXPECT_EQ(complex_type(128)->str(), "complex128");
  EXPECT_EQ(array_type(f64(), 2, Layout::C)->str(), "array(float64, 2d, C)");
  EXPECT_EQ(array_type(f64(), 1, Layout::C, true)->str(), "readonly array(float64, 1d, C)");
  EXPECT_EQ(array_type(f64(), 1, Layout::A, true, false)->str(), "unaligned readonly array(float64, 1d, A)");
  EXPECT_EQ(tuple_type({i64(), i64(), i64()})->str(), "UniTuple(int64 x 3)");
  EXPECT_EQ(tuple_type({i64(), float_type(32)})->str(), "Tuple(int64, float32)");
  EXPECT_EQ(tuple_type({})->str(), "Tuple()");
  EXPECT_EQ(named_tuple_type("P", {"x", "y"}, {i64(), i64()}, 0)->str(), "P(int64 x 2)");
  EXPECT_EQ(named_tuple_type("P", {"x", "y"}, {i64(), f64()}, 0)->str(), "P(int64, float64)");
  EXPECT_EQ(optional_type(f64())->str(), "OptionalType(float64)");
  EXPECT_EQ(literal_int(5)->str(), "Literal[int](5)");
  EXPECT_EQ(literal_bool(true)->str(), "Literal[bool](True)");
  EXPECT_EQ(literal_str("ab")->str(), "Literal[str](ab)");
  EXPECT_EQ(pointer_type(f64())->str(), "float64*");
  EXPECT_EQ(range_type(int_type(64, false))->str(), "range_state_uint64");
  EXPECT_EQ(slice_type(3)->str(), "slice<a:b>");
  EXPECT_EQ(slice_type(7)->str(), "slice<a:b:c>");
  EXPECT_EQ(type_object(i64())->str(), "class(int64)");
  EXPECT_EQ(exception_class("builtins.ValueError", -1)->str(), "ValueError");
  EXPECT_EQ(exception_instance(exception_class("builtins.ValueError", -1), {})->str(), "ValueError(...)");
  EXPECT_EQ(unknown_type()->str(), "undefined");
}

TEST(Type, ReadsItsOwnSpellingBack) {
  TypeRef point = named_tuple_type("m.P", {"x", "y"}, {i64(), array_type(f64(), 1, Layout::A)}, -1);
  for (TypeRef t : {none_type(),
                    bool_type(),
                    int_type(16, false),
                    float_type(16),
                    complex_type(64),
                    point,
                    tuple_type({}),
                    tuple_type({i64()}),
                    tuple_type({point, f64()}),
                    tuple_type({f64(), f64()}),
                    array_type(f64(), 0, Layout::C),
                    array_type(complex_type(64), 3, Layout::F, true),
                    array_type(i64(), 1, Layout::A, true, false),
                    optional_type(array_type(f64(), 1, Layout::C)),
                    pointer_type(pointer_type(i64())),
                    owner_type(),
                    range_type(int_type(32)),
                    slice_type(0),
                    slice_type(1),
                    slice_type(2),
                    slice_type(5),
                    slice_type(6),
                    slice_type(7),
                    literal_int(-5),
                    literal_bool(false),
                    type_object(f64()),
                    unknown_type()})
    EXPECT_EQ(parse_type(exact_str(t)), t) << exact_str(t);
}

TEST(Type, ReadsSignatures) {
  EXPECT_EQ(parse_type("float64[:, ::1]"), array_type(f64(), 2, Layout::C));
  EXPECT_EQ(parse_type("f8[::1, :]"), array_type(f64(), 2, Layout::F));
  EXPECT_EQ(parse_type("f8[::1]"), array_type(f64(), 1, Layout::C));
  EXPECT_EQ(parse_type("i4[:]"), array_type(int_type(32), 1, Layout::A));
  EXPECT_EQ(parse_type(" u1 "), int_type(8, false));
  EXPECT_EQ(parse_type("c16"), complex_type(128));
  EXPECT_EQ(parse_type("b1"), bool_type());
  EXPECT_EQ(parse_type("boolean"), bool_type());
  EXPECT_EQ(parse_type("void"), none_type());
  EXPECT_EQ(parse_type("intp"), i64());
  EXPECT_EQ(parse_type("(i8, f4)"), tuple_type({i64(), float_type(32)}));
  EXPECT_EQ(parse_type("(i8,)"), tuple_type({i64()}));
  EXPECT_EQ(parse_type("(i8)"), i64());
  EXPECT_EQ(parse_type("UniTuple(i8, 3)"), tuple_type({i64(), i64(), i64()}));
  EXPECT_EQ(parse_type("Tuple((i8, f8))"), tuple_type({i64(), f64()}));
  EXPECT_EQ(parse_type("optional(f8)"), optional_type(f64()));
  EXPECT_EQ(parse_type("CPointer(f8)"), pointer_type(f64()));
  EXPECT_EQ(parse_type("Array(float64, 2, 'C', True, aligned=False)"),
            array_type(f64(), 2, Layout::C, true, false));
}

TEST(Type, RejectsWhatIsNoType) {
  for (const char* text : {"",
                           "x",
                           "i8[",
                           "i8[]",
                           "f8[::1, ::1]",
                           "f8[:, ::1, :]",
                           "(i8, f8",
                           "Tuple(i8",
                           "UniTuple(i8)",
                           "UniTuple(i8, -1)",
                           "UniTuple(i8, 99999999)",
                           "i8 f8",
                           "readonly f8",
                           "array(f8, 1d, X)",
                           "array(f8, 300d, C)",
                           "Literal[int](x)",
                           "slice<c>",
                           "range_state_float64",
                           "i8)",
                           "P#0(x)"})
    EXPECT_EQ(parse_type(text), nullptr) << text;
}

TEST(Type, PrefixStopsBehindTheType) {
  size_t used = 0;
  EXPECT_EQ(parse_type_prefix("array(float64, 1d, C) host {", used), array_type(f64(), 1, Layout::C));
  EXPECT_EQ(used, 21u);
  EXPECT_EQ(parse_type_prefix("int64 = %0 to %1", used), i64());
  EXPECT_EQ(used, 5u);
}

TEST(Type, UnliteralGoesIntoTuples) {
  EXPECT_EQ(unliteral(literal_int(3)), i64());
  EXPECT_EQ(unliteral(literal_bool(true)), bool_type());
  EXPECT_EQ(unliteral(tuple_type({literal_int(3), tuple_type({literal_bool(true)}), f64()})),
            tuple_type({i64(), tuple_type({bool_type()}), f64()}));
  TypeRef t = named_tuple_type("P", {"x"}, {literal_int(1)}, 4);
  EXPECT_EQ(unliteral(t), named_tuple_type("P", {"x"}, {i64()}, 4));
  EXPECT_EQ(unliteral(literal_str("a")), text_type());
}

}  // namespace
}  // namespace cantil::ir
