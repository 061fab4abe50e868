// Leaves, the packed form and the memory form.
#include "ir/layout.h"

#include <gtest/gtest.h>

namespace cantil::ir {
namespace {

std::string shape(TypeRef t) {
  static const char* kNames[] = {"i8", "i16", "i32", "i64", "f16", "f32", "f64", "ptr", "owner"};
  std::vector<Leaf> leaves;
  append_leaves(t, 0, leaves);
  std::string out;
  for (const Leaf& l : leaves)
    out += std::string(kNames[static_cast<size_t>(l.kind)]) + "@" + std::to_string(l.offset) + " ";
  return out;
}

TEST(Layout, LeavesOfEachKind) {
  EXPECT_EQ(shape(none_type()), "");
  EXPECT_EQ(shape(bool_type()), "i8@0 ");
  EXPECT_EQ(shape(int_type(32, false)), "i32@0 ");
  EXPECT_EQ(shape(float_type(16)), "f16@0 ");
  EXPECT_EQ(shape(complex_type(64)), "f32@0 f32@4 ");
  EXPECT_EQ(shape(tuple_type({int_type(8), f64(), tuple_type({bool_type(), int_type(16)})})),
            "i8@0 f64@8 i8@16 i16@18 ");
  EXPECT_EQ(shape(optional_type(f64())), "i8@0 f64@8 ");
  EXPECT_EQ(shape(pointer_type(f64())), "ptr@0 ");
  EXPECT_EQ(shape(array_type(f64(), 2, Layout::C)), "owner@0 ptr@8 i64@16 i64@24 ");
  EXPECT_EQ(shape(array_type(f64(), 1, Layout::A)), "owner@0 ptr@8 i64@16 i64@24 ");
  EXPECT_EQ(shape(array_type(f64(), 0, Layout::C)), "owner@0 ptr@8 ");
  EXPECT_EQ(shape(range_type(int_type(32))), "i32@0 i32@4 i32@8 ");
  EXPECT_EQ(shape(slice_type(5)), "i64@0 i64@8 ");
  EXPECT_EQ(shape(literal_int(3)), "");
}

TEST(Layout, PackedValuesFollowEachOther) {
  Packed p =
      pack({bool_type(), f64(), none_type(), int_type(16), array_type(f64(), 1, Layout::C), int_type(8)});
  EXPECT_EQ(p.first_leaf, (std::vector<size_t>{0, 1, 2, 2, 3, 6}));
  ASSERT_EQ(p.leaves.size(), 7u);
  EXPECT_EQ(p.leaves[1].offset, 8u);
  EXPECT_EQ(p.leaves[2].offset, 16u);
  EXPECT_EQ(p.leaves[3].offset, 24u);
  EXPECT_EQ(p.leaves[6].offset, 48u);
  EXPECT_EQ(p.size, 56u);
  EXPECT_EQ(pack({}).size, 0u);
}

TEST(Layout, MemoryFormHasTailPadding) {
  EXPECT_EQ(memory_size(f64()), 8u);
  EXPECT_EQ(memory_size(bool_type()), 1u);
  EXPECT_EQ(memory_size(complex_type(128)), 16u);
  EXPECT_EQ(memory_align(complex_type(128)), 8u);
  TypeRef t = tuple_type({f64(), int_type(8)});
  EXPECT_EQ(memory_size(t), 16u);
  EXPECT_EQ(memory_align(t), 8u);
  EXPECT_EQ(memory_size(tuple_type({int_type(16), int_type(8)})), 4u);
  EXPECT_EQ(memory_size(tuple_type({})), 0u);
}

TEST(Layout, CountedTypes) {
  TypeRef a = array_type(f64(), 1, Layout::C);
  EXPECT_TRUE(is_counted(a));
  EXPECT_TRUE(is_counted(owner_type()));
  EXPECT_TRUE(is_counted(tuple_type({i64(), tuple_type({a})})));
  EXPECT_TRUE(is_counted(optional_type(a)));
  EXPECT_FALSE(is_counted(tuple_type({i64()})));
  EXPECT_FALSE(is_counted(pointer_type(a)));
  EXPECT_FALSE(is_counted(f64()));
}

}  // namespace
}  // namespace cantil::ir
