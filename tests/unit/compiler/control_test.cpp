// Loops, calls, exceptions, arrays and parallel loops in machine code.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "device_runtime/abi.h"
#include "tests/unit/compiler/run_ir.h"

namespace cantil::test {
namespace {

// Counts and sums what range(start, stop, step) gives, by the given integer type.
std::string range_text(const std::string& t, const std::string& step_constant = "") {
  return "func @f(%0 a: " + t + ", %1 b: " + t + ", %2 c: " + t +
         ") -> Tuple(int64, uint64) host {\n"
         "  var n: int64\n  var s: uint64\n"
         "  %3 = const 0 : int64\n  %4 = const 0 : uint64\n  %5 = const 1 : int64\n  var.set n, %3\n  "
         "var.set s, %4\n" +
         (step_constant.empty() ? "" : "  %20 = const " + step_constant + " : " + t + "\n") +
         "  for %6: " + t + " = %0 to %1 step " + (step_constant.empty() ? "%2" : "%20") +
         " {\n"
         "    %7 = var.get n\n    %8 = add %7, %5\n    var.set n, %8\n"
         "    %9 = var.get s\n    %10 = cast %6 : uint64\n    %11 = add %9, %10\n    var.set s, %11\n"
         "    %12 = const 1000 : int64\n    %13 = eq %8, %12\n    if %13 {\n      break\n    }\n"
         "  }\n  %14 = var.get n\n  %15 = var.get s\n  %16 = tuple.make %14, %15 : Tuple(int64, uint64)\n  "
         "return %16\n}\n";
}

struct Counted {
  int64_t n = 0;
  uint64_t sum = 0;
  bool operator==(const Counted&) const = default;
};

template <class T>
Counted python_range(T start, T stop, T step) {
  Counted c;
  for (__int128 i = start; step > 0 ? i < stop : i > stop; i += step) {
    c.n += 1;
    c.sum += static_cast<uint64_t>(static_cast<T>(i));
    if (c.n == 1000) break;
  }
  return c;
}

std::ostream& operator<<(std::ostream& o, const Counted& c) {
  return o << c.n << " iterations, sum " << c.sum;
}

template <class T>
void check_ranges(const std::string& name) {
  using L = std::numeric_limits<T>;
  std::vector<T> points = {
      0, 1, 5, 7, L::max(), static_cast<T>(L::max() - 3), L::min(), static_cast<T>(L::min() + 3)};
  std::vector<T> steps = {1, 2, 3, 7, L::max()};
  if (std::is_signed_v<T>)
    for (int s : {-1, -2, -3, -7}) steps.push_back(static_cast<T>(s)), points.push_back(static_cast<T>(s));
  if (std::is_signed_v<T>) steps.push_back(L::min());
  RunIr general(range_text(name));
  std::vector<std::unique_ptr<RunIr>> constant;
  for (T step : steps) constant.push_back(std::make_unique<RunIr>(range_text(name, std::to_string(step))));
  for (T start : points)
    for (T stop : points)
      for (size_t k = 0; k < steps.size(); ++k) {
        const Counted want = python_range<T>(start, stop, steps[k]);
        EXPECT_EQ(general.operator()<Counted>(start, stop, steps[k]), want)
            << name << " range(" << +start << ", " << +stop << ", " << +steps[k] << ")";
        EXPECT_EQ(constant[k]->operator()<Counted>(start, stop, steps[k]), want)
            << name << " constant step " << +steps[k] << " from " << +start << " to " << +stop;
      }
}

TEST(Loops, RangesOfEveryKind) {
  check_ranges<int8_t>("int8");
  check_ranges<uint8_t>("uint8");
  check_ranges<int32_t>("int32");
  check_ranges<int64_t>("int64");
  check_ranges<uint64_t>("uint64");
}

TEST(Loops, WhileWithContinueAndBreak) {
  // Sum of the odd numbers below n, stopping at 1000.
  RunIr f(R"(func @f(%0 n: int64) -> int64 host {
  var i: int64
  var s: int64
  %1 = const 0 : int64
  %2 = const 1 : int64
  var.set i, %1
  var.set s, %1
  while {
    %3 = var.get i
    %4 = lt %3, %0
    yield %4
  } do {
    %5 = var.get i
    %6 = add %5, %2
    var.set i, %6
    %7 = and %5, %2
    %8 = eq %7, %1
    if %8 {
      continue
    }
    %9 = var.get s
    %10 = add %9, %5
    var.set s, %10
    %11 = const 1000 : int64
    %12 = gt %10, %11
    if %12 {
      break
    } else {
    }
  }
  %13 = var.get s
  return %13
}
)");
  EXPECT_EQ(f.operator()<int64_t>(int64_t{10}), 25);
  EXPECT_EQ(f.operator()<int64_t>(int64_t{0}), 0);
  EXPECT_EQ(f.operator()<int64_t>(int64_t{1000}), 1024);
}

TEST(Calls, RecursionAndSeveralResults) {
  RunIr f(R"(func @fib(%0 n: int64) -> int64 host {
  %1 = const 2 : int64
  %2 = lt %0, %1
  if %2 {
    return %0
  }
  %3 = const 1 : int64
  %4 = sub %0, %3
  %5 = call @fib(%4)
  %6 = call @pair(%4)
  %7 = tuple.get[1] %6
  %8 = call @fib(%7)
  %9 = add %5, %8
  return %9
}
func @pair(%0 n: int64) -> Tuple(bool, int64) host {
  %1 = const 1 : int64
  %2 = sub %0, %1
  %3 = const true : bool
  %4 = tuple.make %3, %2 : Tuple(bool, int64)
  return %4
}
)");
  EXPECT_EQ(f.operator()<int64_t>(int64_t{20}), 6765);
}

constexpr const char* kRaises =
    R"(site 0 = "builtins.ValueError"("too large:", _: int64, _: float32) in "inner" @7:3
func @outer(%0 n: int64) -> int64 host {
  var a: array(int64, 1d, C)
  %1 = const 80 : int64
  %2 = alloc[1] %1
  %3 = owner.data %2 : CPointer(int64)
  %4 = const 10 : int64
  %5 = array.make %2, %3, %4 : array(int64, 1d, C)
  var.set a, %5
  %6 = call @inner(%0) @3:5
  return %6
}
func @inner(%0 n: int64) -> int64 host {
  %1 = const 100 : int64
  %2 = gt %0, %1
  if %2 {
    %3 = const 0.5 : float32
    raise[0] %0, %3
  }
  %4 = add %0, %0
  return %4
}
site 1 = "builtins.MemoryError"() in "outer"
)";

TEST(Exceptions, CarryArgumentsAndFramesAndFreeWhatIsHeld) {
  RunIr f(kRaises);
  const int64_t live = cantil_rt_live_blocks();
  EXPECT_EQ(f.operator()<int64_t>(int64_t{21}), 42);
  int64_t result = 77;
  Packer p;
  p.add(int64_t{101});
  EXPECT_EQ(f.call(&result, p.data()), 1);
  EXPECT_EQ(result, 77) << "the result must stay untouched";
  const cantil_rt_error& error = *cantil_rt_this_error();
  EXPECT_EQ(error.site, 0);
  int64_t n;
  float x;
  std::memcpy(&n, error.args, 8);
  std::memcpy(&x, error.args + 8, 4);
  EXPECT_EQ(n, 101);
  EXPECT_EQ(x, 0.5f);
  ASSERT_EQ(error.frame_count, 1);
  const codegen::Frame& frame = f.compiled().info.frames.at(error.frames[0]);
  EXPECT_EQ(frame.function, "outer");
  EXPECT_EQ(frame.line, 3u);
  EXPECT_EQ(cantil_rt_live_blocks(), live);
}

TEST(Exceptions, BoundsCheckRaisesForBothEnds) {
  RunIr f(R"(site 0 = "builtins.IndexError"("index out of range") in "f"
func @f(%0 a: array(float64, 1d, C), %1 i: int64) -> float64 host {
  %2 = array.dim[0] %0
  %3 = index.wrap %1, %2
  bounds.check[0] %3, %2
  %4 = elem.load %0, %3
  return %4
}
)");
  double data[3] = {1, 2, 3};
  for (int64_t i = -5; i < 5; ++i) {
    Packer p;
    p.array(data, {3}).add(i);
    double x = 0;
    const bool inside = i >= -3 && i < 3;
    EXPECT_EQ(f.call(&x, p.data()), inside ? 0 : 1) << i;
    if (inside) {
      EXPECT_EQ(x, data[i < 0 ? i + 3 : i]);
    }
  }
}

TEST(Arrays, LayoutsAndElementTypes) {
  // out = in at (i, j), in C order, F order and with strides.
  auto text = [](const std::string& type) {
    return "func @f(%0 a: " + type +
           ", %1 i: int64, %2 j: int64) -> Tuple(int32, int64, int64) host {\n  %3 = elem.load %0, %1, %2\n"
           "  %4 = array.stride[0] %0\n  %5 = array.stride[1] %0\n  %6 = tuple.make %3, %4, %5 : "
           "Tuple(int32, int64, int64)\n  return %6\n}\n";
  };
  struct R {
    int32_t x;
    int64_t s0, s1;
  };
  int32_t data[12];
  std::iota(data, data + 12, 0);
  RunIr c(text("array(int32, 2d, C)")), f(text("array(int32, 2d, F)")), a(text("array(int32, 2d, A)"));
  void* none = nullptr;
  const void* base = data;
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 4; ++j) {
      R r = c.operator()<R>(none, base, int64_t{3}, int64_t{4}, i, j);
      EXPECT_EQ(r.x, data[4 * i + j]);
      EXPECT_EQ(r.s0, 16);
      EXPECT_EQ(r.s1, 4);
      r = f.operator()<R>(none, base, int64_t{3}, int64_t{4}, i, j);
      EXPECT_EQ(r.x, data[i + 3 * j]);
      EXPECT_EQ(r.s0, 4);
      EXPECT_EQ(r.s1, 12);
      // Rows backwards, every second column.
      const void* last = data + 8;
      if (j < 2) {
        EXPECT_EQ((a.operator()<R>(none, last, int64_t{3}, int64_t{2}, int64_t{-16}, int64_t{8}, i, j).x),
                  data[4 * (2 - i) + 2 * j]);
      }
    }
}

TEST(Arrays, StoresOfEveryKindOfElement) {
  RunIr f(
      R"(func @f(%0 b: array(bool, 1d, C), %1 z: array(complex64, 1d, C), %2 h: array(float16, 1d, C), %3 t: array(int64, 0d, C)) -> none host {
  %4 = const 1 : int64
  %5 = elem.load %0, %4
  %6 = not %5
  elem.store %0, %4, %6
  %7 = elem.load %1, %4
  %8 = add %7, %7
  elem.store %1, %4, %8
  %9 = elem.load %2, %4
  %10 = add %9, %9
  elem.store %2, %4, %10
  %11 = elem.load %3
  %12 = add %11, %4
  elem.store %3, %12
}
)");
  bool b[2] = {true, true};
  float z[4] = {1, 2, 3, 4};
  uint16_t h[2] = {0x3c00, 0x3c00};  // 1.0
  int64_t t = 41;
  Packer p;
  p.array(b, {2}).array(z, {2}).array(h, {2}).array(&t, {});
  ASSERT_EQ(f.call(nullptr, p.data()), 0);
  EXPECT_TRUE(b[0]);
  EXPECT_FALSE(b[1]);
  EXPECT_EQ(z[2], 6);
  EXPECT_EQ(z[3], 8);
  EXPECT_EQ(z[0], 1);
  EXPECT_EQ(h[1], 0x4000);  // 2.0
  EXPECT_EQ(t, 42);
}

TEST(Arrays, ReturnedArraysAreOwnedByTheCaller) {
  RunIr f(R"(site 0 = "builtins.MemoryError"() in "f"
func @f(%0 n: int64) -> array(int64, 1d, C) host {
  var a: array(int64, 1d, C)
  %1 = const 8 : int64
  %2 = mul %0, %1
  %3 = alloc[0] %2
  %4 = owner.data %3 : CPointer(int64)
  %5 = array.make %3, %4, %0 : array(int64, 1d, C)
  var.set a, %5
  %6 = const 0 : int64
  %7 = const 1 : int64
  %8 = var.get a
  for %9: int64 = %6 to %0 step %7 {
    elem.store %8, %9, %9
  }
  %10 = var.get a
  return %10
}
)");
  const int64_t live = cantil_rt_live_blocks();
  struct A {
    cantil_rt_owner* owner;
    int64_t* data;
    int64_t n;
  };
  A a = f.operator()<A>(int64_t{100});
  EXPECT_EQ(cantil_rt_live_blocks(), live + 1);
  EXPECT_EQ(a.owner->count, 1);
  EXPECT_EQ(a.n, 100);
  EXPECT_EQ(a.data[99], 99);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data) % 64, 0u);
  cantil_rt_destroy(a.owner);
  EXPECT_EQ(cantil_rt_live_blocks(), live);
}

TEST(Optionals, AbsentAndPresent) {
  RunIr f(R"(func @f(%0 x: OptionalType(float64)) -> float64 host {
  %1 = optional.is_none %0
  if %1 {
    %2 = const -1.0 : float64
    return %2
  }
  %3 = optional.get %0
  return %3
}
)");
  EXPECT_EQ(f.operator()<double>(uint8_t{0}, 5.0), -1.0);
  EXPECT_EQ(f.operator()<double>(uint8_t{1}, 5.0), 5.0);
}

constexpr const char* kParallel = R"(site 0 = "builtins.ValueError"("bad", _: int64) in "f"
func @f(%0 a: array(float64, 1d, C), %1 bad: int64) -> Tuple(float64, int64, int64, float64) host {
  var s: float64
  var lowest: int64
  var bits: int64
  var product: float64
  var t: float64
  %2 = const 0 : int64
  %3 = const 1 : int64
  %4 = const 10.0 : float64
  var.set s, %4
  %5 = const 1000000 : int64
  var.set lowest, %5
  var.set bits, %2
  %6 = const 1.0 : float64
  var.set product, %6
  %7 = array.dim[0] %0
  parallel_for %8: int64 = %2 to %7 step %3 reduce(add s, min lowest, xor bits, mul product) {
    %9 = eq %8, %1
    if %9 {
      raise[0] %8
    }
    %10 = elem.load %0, %8
    var.set t, %10
    %11 = var.get s
    %12 = var.get t
    %13 = add %11, %12
    var.set s, %13
    %14 = var.get lowest
    %15 = min %14, %8
    var.set lowest, %15
    %16 = var.get bits
    %17 = xor %16, %8
    var.set bits, %17
    %18 = var.get product
    %19 = mul %18, %6
    var.set product, %19
    %20 = add %10, %6
    elem.store %0, %8, %20
  }
  %21 = var.get s
  %22 = var.get lowest
  %23 = var.get bits
  %24 = var.get product
  %25 = tuple.make %21, %22, %23, %24 : Tuple(float64, int64, int64, float64)
  return %25
}
)";

TEST(CompiledParallel, ReductionsAreFoldedInOrder) {
  RunIr f(kParallel);
  struct R {
    double s;
    int64_t lowest, bits;
    double product;
  };
  for (int64_t n : {0, 1, 2, 7, 1000, 100000}) {
    std::vector<double> a(n);
    double sum = 10;
    int64_t bits = 0;
    for (int64_t i = 0; i < n; ++i) {
      a[i] = static_cast<double>(i);
      sum += a[i];
      bits ^= i;
    }
    void* none = nullptr;
    const R r = f.operator()<R>(none, static_cast<const void*>(a.data()), n, int64_t{-1});
    EXPECT_EQ(r.s, sum);
    EXPECT_EQ(r.lowest, n ? 0 : 1000000);
    EXPECT_EQ(r.bits, bits);
    EXPECT_EQ(r.product, 1.0);
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(a[i], i + 1.0);
  }
}

TEST(CompiledParallel, SumsOfFloatsRepeatExactly) {
  RunIr f(kParallel);
  std::vector<double> a(50000);
  double first = 0;
  for (int round = 0; round < 5; ++round) {
    for (size_t i = 0; i < a.size(); ++i) a[i] = 1.0 / (1.0 + static_cast<double>(i));
    void* none = nullptr;
    struct R {
      double s;
      int64_t x, y;
      double z;
    };
    const R r = f.operator()<R>(none, static_cast<const void*>(a.data()), static_cast<int64_t>(a.size()),
                                int64_t{-1});
    if (round == 0) first = r.s;
    EXPECT_EQ(r.s, first);
  }
}

TEST(CompiledParallel, AnErrorInsideLeavesTheCaller) {
  RunIr f(kParallel);
  std::vector<double> a(20000, 1.0);
  Packer p;
  p.array(a.data(), {20000}).add(int64_t{12345});
  EXPECT_EQ(f.call(nullptr, p.data()), 1);
  int64_t n;
  std::memcpy(&n, cantil_rt_this_error()->args, 8);
  EXPECT_EQ(n, 12345);
}

TEST(VectorMath, LoopsUseSleefAndStayWithinOneUlp) {
  RunIr f(R"(func @f(%0 out: array(float64, 1d, C), %1 xs: array(float64, 1d, C)) -> none host {
  %2 = const 0 : int64
  %3 = const 1 : int64
  %4 = array.dim[0] %1
  for %5: int64 = %2 to %4 step %3 {
    %6 = elem.load %1, %5
    %7 = math[sin] %6
    %8 = math[exp] %7
    elem.store %0, %5, %8
  }
}
)");
  std::vector<double> xs(1003), out(1003);
  for (size_t i = 0; i < xs.size(); ++i) xs[i] = 0.01 * static_cast<double>(i) - 5;
  Packer p;
  p.array(out.data(), {1003}).array(xs.data(), {1003});
  ASSERT_EQ(f.call(nullptr, p.data()), 0);
  for (size_t i = 0; i < xs.size(); ++i) {
    const double want = std::exp(std::sin(xs[i]));
    EXPECT_LE(std::abs(out[i] - want), 4 * std::numeric_limits<double>::epsilon() * want) << xs[i];
  }
  if (cpu_codegen::host_features().find("+avx2") != std::string::npos) {
    EXPECT_NE(f.compiled().object.find("Sleef_sind"), std::string::npos) << "the loop was not vectorised";
  }
}

}  // namespace
}  // namespace cantil::test
