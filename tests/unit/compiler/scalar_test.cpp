// Arithmetic in machine code against the same in C++: exhaustively for 8 bits, at the edges for wider
// integers.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/compiler/run_ir.h"

namespace cantil::test {
namespace {

template <class T>
std::string type_name() {
  if (std::is_same_v<T, float>) return "float32";
  if (std::is_same_v<T, double>) return "float64";
  return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T));
}

// func f(out, xs, n, y): out[i] = xs[i] OP y — a loop, so that vectorised code is tested too; and the scalar
// form.
template <class T>
std::string scalar_text(const std::string& op) {
  const std::string t = type_name<T>();
  return "func @f(%0 x: " + t + ", %1 y: " + t + ") -> " + t + " host {\n  %2 = " + op +
         " %0, %1\n  return %2\n}\n";
}

template <class T>
std::string loop_text(const std::string& op) {
  const std::string t = type_name<T>(), a = "array(" + t + ", 1d, C)";
  return "func @f(%0 out: " + a + ", %1 xs: " + a + ", %2 y: " + t +
         ") -> none host {\n"
         "  %3 = array.dim[0] %1\n  %4 = const 0 : int64\n  %5 = const 1 : int64\n"
         "  for %6: int64 = %4 to %3 step %5 {\n"
         "    %7 = elem.load %1, %6\n    %8 = " +
         op + " %7, %2\n    elem.store %0, %6, %8\n  }\n}\n";
}

template <class T>
using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;

// What Python says, reduced to the width.
template <class T>
T expected(const std::string& op, T x, T y) {
  Wide<T> a = x, b = y;
  constexpr int bits = 8 * sizeof(T);
  if (op == "add") return static_cast<T>(a + b);
  if (op == "sub") return static_cast<T>(a - b);
  if (op == "mul") return static_cast<T>(a * b);
  if (op == "truncdiv") return static_cast<T>(a / b);
  if (op == "rem") return static_cast<T>(a % b);
  if (op == "floordiv" || op == "mod") {
    Wide<T> q = a / b, r = a % b;
    if (r != 0 && ((r < 0) != (b < 0))) {
      q -= 1;
      r += b;
    }
    return static_cast<T>(op == "mod" ? r : q);
  }
  if (op == "and") return static_cast<T>(a & b);
  if (op == "or") return static_cast<T>(a | b);
  if (op == "xor") return static_cast<T>(a ^ b);
  if (op == "min") return b < a ? y : x;
  if (op == "max") return a < b ? y : x;
  const bool outside = b < 0 || b >= bits;
  if (op == "shl") return outside ? T{0} : static_cast<T>(a << static_cast<int>(b));
  if (op == "shr")
    return outside ? (a < 0 ? static_cast<T>(-1) : T{0}) : static_cast<T>(a >> static_cast<int>(b));
  if (op == "mulhi") return static_cast<T>((a * b) >> bits);
  ADD_FAILURE() << op;
  return 0;
}

const std::vector<std::string> kOps = {"add", "sub", "mul", "floordiv", "mod", "truncdiv", "rem",  "and",
                                       "or",  "xor", "min", "max",      "shl", "shr",      "mulhi"};

bool divides(const std::string& op) {
  return op == "floordiv" || op == "mod" || op == "truncdiv" || op == "rem";
}

template <class T>
std::vector<T> edges() {
  using L = std::numeric_limits<T>;
  std::vector<T> v;
  for (int k = -9; k <= 9; ++k) v.push_back(static_cast<T>(k));
  for (int k = 0; k < 3; ++k) {
    v.push_back(static_cast<T>(L::min() + k));
    v.push_back(static_cast<T>(L::max() - k));
    v.push_back(static_cast<T>(L::max() / 2 + k));
  }
  for (unsigned b = 0; b < 8 * sizeof(T); ++b) v.push_back(static_cast<T>(T{1} << b));
  for (int k : {31, 32, 33, 63, 64, 65, 100, 127}) v.push_back(static_cast<T>(k));
  return v;
}

template <class T>
std::vector<T> all_or_edges() {
  if (sizeof(T) > 1) return edges<T>();
  std::vector<T> v;
  for (int k = 0; k < 256; ++k) v.push_back(static_cast<T>(k));
  return v;
}

template <class T>
class Integers : public ::testing::Test {};
using IntegerTypes =
    ::testing::Types<int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>;
TYPED_TEST_SUITE(Integers, IntegerTypes);

TYPED_TEST(Integers, OperatorsOneByOne) {
  using T = TypeParam;
  for (const std::string& op : kOps) {
    if (op == "mulhi" && sizeof(T) == 8)
      continue;  // 128 bits have no wider type to compare with; see MulHi64
    RunIr f(scalar_text<T>(op), false);
    for (T x : all_or_edges<T>())
      for (T y : all_or_edges<T>()) {
        if (divides(op) && y == 0) continue;
        ASSERT_EQ(+(f.template operator()<T>(x, y)), +expected<T>(op, x, y)) << op << " " << +x << ", " << +y;
      }
  }
}

TYPED_TEST(Integers, OperatorsInALoop) {
  using T = TypeParam;
  std::vector<T> xs = all_or_edges<T>(), out(xs.size());
  for (const std::string& op : kOps) {
    if (op == "mulhi" && sizeof(T) == 8) continue;
    RunIr f(loop_text<T>(op), true);
    for (T y : edges<T>()) {
      if (divides(op) && y == 0) continue;
      Packer p;
      const int64_t n = static_cast<int64_t>(xs.size());
      p.array(out.data(), {n}).array(xs.data(), {n}).add(y);
      ASSERT_EQ(f.call(nullptr, p.data()), 0);
      for (size_t i = 0; i < xs.size(); ++i)
        ASSERT_EQ(+out[i], +expected<T>(op, xs[i], y)) << op << " " << +xs[i] << ", " << +y;
    }
  }
}

// Constant divisors take other ways (shifts and masks for powers of two).
TYPED_TEST(Integers, ConstantDivisors) {
  using T = TypeParam;
  const std::string t = type_name<T>();
  for (const std::string op : {"floordiv", "mod", "truncdiv", "rem"})
    for (int c : {1, 2, 3, 7, 8, 64, -1, -2, -3, -8}) {
      const T y = static_cast<T>(c);
      if (!std::is_signed_v<T> && c < 0) continue;
      RunIr f("func @f(%0 x: " + t + ") -> " + t + " host {\n  %1 = const " + std::to_string(c) + " : " + t +
                  "\n  %2 = " + op + " %0, %1\n  return %2\n}\n",
              false);
      for (T x : all_or_edges<T>())
        ASSERT_EQ(+(f.template operator()<T>(x)), +expected<T>(op, x, y)) << op << " " << +x << ", " << c;
    }
}

TEST(Integers, MulHi64) {
  RunIr s(scalar_text<int64_t>("mulhi")), u(scalar_text<uint64_t>("mulhi"));
  for (int64_t x : edges<int64_t>())
    for (int64_t y : edges<int64_t>()) {
      EXPECT_EQ(s.operator()<int64_t>(x, y), static_cast<int64_t>((static_cast<__int128>(x) * y) >> 64));
      const uint64_t a = static_cast<uint64_t>(x), b = static_cast<uint64_t>(y);
      EXPECT_EQ(u.operator()<uint64_t>(a, b),
                static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64));
    }
}

TYPED_TEST(Integers, Unary) {
  using T = TypeParam;
  using U = std::make_unsigned_t<T>;
  const std::string t = type_name<T>();
  auto text = [&](const char* op) {
    return "func @f(%0 x: " + t + ") -> " + t + " host {\n  %1 = " + op + " %0\n  return %1\n}\n";
  };
  RunIr neg(text("neg")), bit_not(text("not")), popc(text("popc")), clz(text("clz")), ctz(text("ctz")),
      brev(text("brev"));
  constexpr int bits = 8 * sizeof(T);
  for (T x : all_or_edges<T>()) {
    const U u = static_cast<U>(x);
    int ones = 0, leading = 0, trailing = 0;
    U reversed = 0;
    for (int k = 0; k < bits; ++k) {
      ones += (u >> k) & 1;
      reversed = static_cast<U>(reversed << 1 | ((u >> k) & 1));
    }
    while (leading < bits && !((u >> (bits - 1 - leading)) & 1)) ++leading;
    while (trailing < bits && !((u >> trailing) & 1)) ++trailing;
    EXPECT_EQ(+neg.template operator()<T>(x), +static_cast<T>(U{0} - u));
    EXPECT_EQ(+bit_not.template operator()<T>(x), +static_cast<T>(~u));
    EXPECT_EQ(+popc.template operator()<T>(x), ones);
    EXPECT_EQ(+clz.template operator()<T>(x), leading);
    EXPECT_EQ(+ctz.template operator()<T>(x), trailing);
    EXPECT_EQ(+brev.template operator()<T>(x), +static_cast<T>(reversed));
  }
}

TYPED_TEST(Integers, Comparisons) {
  using T = TypeParam;
  const std::string t = type_name<T>();
  auto text = [&](const char* op) {
    return "func @f(%0 x: " + t + ", %1 y: " + t + ") -> bool host {\n  %2 = " + op +
           " %0, %1\n  return %2\n}\n";
  };
  RunIr eq(text("eq")), ne(text("ne")), lt(text("lt")), le(text("le")), gt(text("gt")), ge(text("ge"));
  for (T x : edges<T>())
    for (T y : edges<T>()) {
      EXPECT_EQ(eq.template operator()<bool>(x, y), x == y);
      EXPECT_EQ(ne.template operator()<bool>(x, y), x != y);
      EXPECT_EQ(lt.template operator()<bool>(x, y), x < y);
      EXPECT_EQ(le.template operator()<bool>(x, y), x <= y);
      EXPECT_EQ(gt.template operator()<bool>(x, y), x > y);
      EXPECT_EQ(ge.template operator()<bool>(x, y), x >= y);
    }
}

template <class From, class To>
void check_casts() {
  RunIr f("func @f(%0 x: " + type_name<From>() + ") -> " + type_name<To>() +
          " host {\n  %1 = cast %0 : " + type_name<To>() + "\n  return %1\n}\n");
  for (From x : all_or_edges<From>()) {
    const To got = f.template operator()<To>(x);
    EXPECT_EQ(got, static_cast<To>(x)) << type_name<From>() << " to " << type_name<To>() << " of " << +x;
  }
}

template <class From>
void check_casts_from() {
  check_casts<From, int8_t>();
  check_casts<From, uint8_t>();
  check_casts<From, int16_t>();
  check_casts<From, uint16_t>();
  check_casts<From, int32_t>();
  check_casts<From, uint32_t>();
  check_casts<From, int64_t>();
  check_casts<From, uint64_t>();
  check_casts<From, float>();
  check_casts<From, double>();
}

TYPED_TEST(Integers, Casts) { check_casts_from<TypeParam>(); }

template <class F, class To>
void check_float_cast() {
  RunIr f("func @f(%0 x: " + type_name<F>() + ") -> " + type_name<To>() +
          " host {\n  %1 = cast %0 : " + type_name<To>() + "\n  return %1\n}\n");
  for (double x : {0.0, -0.0, 0.5, 0.99, 1.0, 1.5, 7.25, 100.75, 126.9})
    EXPECT_EQ(f.template operator()<To>(static_cast<F>(x)), static_cast<To>(static_cast<F>(x))) << x;
  if (std::is_signed_v<To>) {
    for (double x : {-0.5, -1.0, -1.99, -100.25, -128.0})
      EXPECT_EQ(f.template operator()<To>(static_cast<F>(x)), static_cast<To>(static_cast<F>(x))) << x;
  }
  const F high = std::ldexp(F{1}, 8 * sizeof(To) - (std::is_signed_v<To> ? 2 : 1));
  EXPECT_EQ(f.template operator()<To>(high), static_cast<To>(high));
  // Unsigned: negative numbers wrap, as NumPy's conversion on x86 does.
  if (!std::is_signed_v<To>) {
    EXPECT_EQ(f.template operator()<To>(F{-3}), static_cast<To>(-3));
  }
}

TYPED_TEST(Integers, CastsFromFloats) {
  check_float_cast<float, TypeParam>();
  check_float_cast<double, TypeParam>();
}

TEST(Floats, OperatorsAndComparisonsWithNan) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const std::vector<double> xs = {0.0, -0.0, 1.5, -2.25, 1e308, inf, -inf, nan, 3.0};
  auto binary = [](const char* op) {
    return "func @f(%0 x: float64, %1 y: float64) -> float64 host {\n  %2 = " + std::string(op) +
           " %0, %1\n  return %2\n}\n";
  };
  auto predicate = [](const char* op) {
    return "func @f(%0 x: float64, %1 y: float64) -> bool host {\n  %2 = " + std::string(op) +
           " %0, %1\n  return %2\n}\n";
  };
  RunIr add(binary("add")), sub(binary("sub")), mul(binary("mul")), div(binary("div")), min(binary("min")),
      max(binary("max"));
  RunIr eq(predicate("eq")), ne(predicate("ne")), lt(predicate("lt")), ge(predicate("ge"));
  auto same = [](double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  };
  for (double x : xs)
    for (double y : xs) {
      EXPECT_TRUE(same(add.operator()<double>(x, y), x + y)) << x << " " << y;
      EXPECT_TRUE(same(sub.operator()<double>(x, y), x - y)) << x << " " << y;
      EXPECT_TRUE(same(mul.operator()<double>(x, y), x * y)) << x << " " << y;
      EXPECT_TRUE(same(div.operator()<double>(x, y), x / y)) << x << " " << y;
      EXPECT_TRUE(same(min.operator()<double>(x, y), y < x ? y : x)) << x << " " << y;
      EXPECT_TRUE(same(max.operator()<double>(x, y), y > x ? y : x)) << x << " " << y;
      EXPECT_EQ(eq.operator()<bool>(x, y), x == y);
      EXPECT_EQ(ne.operator()<bool>(x, y), x != y);
      EXPECT_EQ(lt.operator()<bool>(x, y), x < y);
      EXPECT_EQ(ge.operator()<bool>(x, y), x >= y);
    }
}

TEST(Floats, HalfIsRoundedFromFloat) {
  RunIr f(
      "func @f(%0 x: float64) -> float64 host {\n  %1 = cast %0 : float16\n  %2 = add %1, %1\n  %3 = cast %2 "
      ": float64\n  return %3\n}\n");
  EXPECT_EQ(f.operator()<double>(1.5), 3.0);
  EXPECT_EQ(f.operator()<double>(2049.0), 4096.0);  // halves have 11 bits: ties go to even
  EXPECT_TRUE(std::isinf(f.operator()<double>(65504.0)));
}

TEST(Floats, Complex) {
  struct C {
    double re, im;
  };
  RunIr f(
      "func @f(%0 x: complex128, %1 y: complex128) -> complex128 host {\n  %2 = mul %0, %1\n  %3 = sub %2, "
      "%0\n  %4 = neg %3\n  return %4\n}\n");
  const C r = f.operator()<C>(C{1, 2}, C{3, -4});
  EXPECT_EQ(r.re, -(1.0 * 3 - 2.0 * -4 - 1));
  EXPECT_EQ(r.im, -(1.0 * -4 + 2.0 * 3 - 2));
}

TEST(Floats, MathFunctions) {
  auto text = [](const char* fn) {
    return "func @f(%0 x: float64) -> float64 host {\n  %1 = math[" + std::string(fn) +
           "] %0\n  return %1\n}\n";
  };
  EXPECT_EQ(RunIr(text("sin")).operator()<double>(0.7), std::sin(0.7));
  const volatile double x = 4.5;  // keeps g++ from folding the call, which rounds better than libm
  EXPECT_EQ(RunIr(text("gamma")).operator()<double>(4.5), std::tgamma(x));
  EXPECT_EQ(RunIr(text("rint")).operator()<double>(2.5), 2.0);
  EXPECT_EQ(RunIr(text("floor")).operator()<double>(-2.5), -3.0);
  EXPECT_EQ(RunIr(text("sqrt")).operator()<double>(2.0), std::sqrt(2.0));
  EXPECT_EQ(RunIr(text("rsqrt")).operator()<double>(4.0), 0.5);
  RunIr ldexp(
      "func @f(%0 x: float32, %1 n: int32) -> float32 host {\n  %2 = math[ldexp] %0, %1\n  return %2\n}\n");
  EXPECT_EQ(ldexp.operator()<float>(0.75f, int32_t{4}), 12.0f);
  auto predicate = [](const char* fn) {
    return "func @f(%0 x: float32) -> bool host fastmath {\n  %1 = math[" + std::string(fn) +
           "] %0\n  return %1\n}\n";
  };
  EXPECT_TRUE(RunIr(predicate("isnan")).operator()<bool>(std::nanf("")));
  EXPECT_TRUE(RunIr(predicate("isinf")).operator()<bool>(-INFINITY));
  EXPECT_FALSE(RunIr(predicate("isfinite")).operator()<bool>(INFINITY));
  EXPECT_TRUE(RunIr(predicate("signbit")).operator()<bool>(-0.0f));
}

}  // namespace
}  // namespace cantil::test
