// The build's own promises: the language level and the internal checks of a development build.
#include <gtest/gtest.h>

namespace {

TEST(Build, IsCpp20WithChecksDefined) {
  EXPECT_GE(__cplusplus, 202002L);
#ifndef CANTIL_CHECKS
  FAIL() << "CANTIL_CHECKS must be defined as 0 or 1 for every file";
#endif
}

}  // namespace
