// Number texts against what CPython 3.11 and NumPy 2.4 print.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "device_runtime/abi.h"
#include "device_runtime/number_text.h"

namespace {

using cantil::device_runtime::append_complex;
using cantil::device_runtime::append_float;

template <class Float>
std::string text(Float v) {
  std::string out;
  append_float(out, v);
  return out;
}

template <class Float>
std::string complex_text(Float re, Float im) {
  std::string out;
  append_complex(out, re, im);
  return out;
}

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(NumberText, FloatsAsCPythonWritesThem) {
  EXPECT_EQ(text(0.0), "0.0");
  EXPECT_EQ(text(-0.0), "-0.0");
  EXPECT_EQ(text(1.0), "1.0");
  EXPECT_EQ(text(-12.5), "-12.5");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(text(0.0001), "0.0001");
  EXPECT_EQ(text(0.00001), "1e-05");
  EXPECT_EQ(text(1.5e-7), "1.5e-07");
  EXPECT_EQ(text(123456789012345680.0), "1.2345678901234568e+17");
  EXPECT_EQ(text(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(text(1e15), "1000000000000000.0");
  EXPECT_EQ(text(1e16), "1e+16");
  EXPECT_EQ(text(1e22), "1e+22");
  EXPECT_EQ(text(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(text(5e-324), "5e-324");
  EXPECT_EQ(text(kInf), "inf");
  EXPECT_EQ(text(-kInf), "-inf");
  EXPECT_EQ(text(kNan), "nan");
  EXPECT_EQ(text(-kNan), "nan");
}

TEST(NumberText, Float32AsNumPyWritesThem) {
  EXPECT_EQ(text(0.1f), "0.1");
  EXPECT_EQ(text(1e-4f), "1e-04");
  EXPECT_EQ(text(2e-4f), "0.0002");
  EXPECT_EQ(text(999990.0f), "999990.0");
  EXPECT_EQ(text(1e6f), "1e+06");
  EXPECT_EQ(text(16777216.0f), "1.6777216e+07");
  EXPECT_EQ(text(1e16f), "1e+16");
  EXPECT_EQ(text(3.4028235e38f), "3.4028235e+38");
  EXPECT_EQ(text(1e-45f), "1e-45");
}

TEST(NumberText, ComplexNumbersAsCPythonWritesThem) {
  EXPECT_EQ(complex_text(1.0, 2.0), "(1+2j)");
  EXPECT_EQ(complex_text(0.0, 1.0), "1j");
  EXPECT_EQ(complex_text(-0.0, 1.0), "(-0+1j)");
  EXPECT_EQ(complex_text(0.0, -0.0), "-0j");
  EXPECT_EQ(complex_text(1.5, -0.25), "(1.5-0.25j)");
  EXPECT_EQ(complex_text(kNan, kNan), "(nan+nanj)");
  EXPECT_EQ(complex_text(kInf, -kInf), "(inf-infj)");
  EXPECT_EQ(complex_text(1e16, 1e-5), "(1e+16+1e-05j)");
  EXPECT_EQ(complex_text(0.1f, 2.0f), "(0.1+2j)");
}

std::string printed;

TEST(Print, OneCallIsHandedOverWhole) {
  cantil_rt_set_print_hook([](const char* piece, int64_t size) {
    printed += '[';
    printed.append(piece, static_cast<size_t>(size));
    printed += ']';
  });
  printed.clear();
  cantil_rt_print_begin();
  cantil_rt_print_i64(std::numeric_limits<int64_t>::min());
  cantil_rt_print_text(" ", 1);
  cantil_rt_print_u64(std::numeric_limits<uint64_t>::max());
  cantil_rt_print_text(" ", 1);
  cantil_rt_print_bool(1);
  cantil_rt_print_bool(0);
  cantil_rt_print_f64(2);
  cantil_rt_print_f32(0.1f);
  cantil_rt_print_c128(0, 1);
  cantil_rt_print_c64(1, 1);
  cantil_rt_print_text("\n", 1);
  cantil_rt_print_end();
  cantil_rt_print_begin();
  cantil_rt_print_end();
  cantil_rt_set_print_hook(nullptr);
  EXPECT_EQ(printed, "[-9223372036854775808 18446744073709551615 TrueFalse2.00.11j(1+1j)\n][]");
}

}  // namespace
