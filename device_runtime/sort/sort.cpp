// Sorting and argsorting lanes, by the functions that NumPy brings where the bindings gave them, else by the
// standard library's in NumPy's order.
#include "device_runtime/sort/sort.h"

#include <algorithm>
#include <atomic>
#include <complex>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>

namespace cantil::device_runtime {

namespace {

struct Half {
  uint16_t bits;
};

// ---- NumPy's order ----

template <class T>
bool less(T a, T b) {
  return a < b || (b != b && a == a);  // a NaN is larger than all others
}

bool less(Half a, Half b) {
  auto key = [](Half h) {
    if ((h.bits & 0x7fff) > 0x7c00) return 0x10000;                                    // NaN
    return h.bits & 0x8000 ? 0x8000 - (h.bits & 0x7fff) : 0x8000 + (h.bits & 0x7fff);  // both zeros are one
  };
  return key(a) < key(b);
}

// By real part, then by imaginary part; a NaN in either part goes behind.
template <class T>
bool less(std::complex<T> a, std::complex<T> b) {
  T x = a.real(), y = b.real();
  bool a_nan = a.imag() != a.imag(), b_nan = b.imag() != b.imag();
  if (x < y) return !a_nan || b_nan;
  if (x > y) return b_nan && !a_nan;
  if (x == y || (x != x && y != y)) return a.imag() < b.imag() || (b_nan && !a_nan);
  return y != y;
}

// ---- Who sorts ----

struct Sorters {
  std::atomic<SortFunction> sort{nullptr};
  std::atomic<ArgsortFunction> argsort{nullptr};
};

// Codes are below 0x500; widths are multiples of 8.
constexpr int kTypes = 0x500 / 8, kKinds = 3;
Sorters sorters[kTypes][kKinds];

Sorters& sorters_for(int32_t type, int32_t kind) { return sorters[type / 8 % kTypes][kind % kKinds]; }

template <class T>
bool sort_lane(const Sorters& by, T* data, int64_t n, int32_t kind) {
  if (SortFunction f = by.sort) return f(data, static_cast<intptr_t>(n), nullptr) == 0;
  auto in_order = [](T a, T b) { return less(a, b); };
  kind == 2 ? std::stable_sort(data, data + n, in_order) : std::sort(data, data + n, in_order);
  return true;
}

template <class T>
bool order_lane(const Sorters& by, const T* data, int64_t n, int64_t* order) {
  std::iota(order, order + n, int64_t{0});
  if (ArgsortFunction f = by.argsort)
    return f(const_cast<T*>(data), reinterpret_cast<intptr_t*>(order), static_cast<intptr_t>(n), nullptr) ==
           0;
  std::stable_sort(order, order + n, [&](int64_t a, int64_t b) { return less(data[a], data[b]); });
  return true;
}

// f(an element) for the type of this code.
template <class F>
bool with_type(int32_t type, F f) {
  switch (type) {
    case 0x108:
      return f(int8_t{});
    case 0x110:
      return f(int16_t{});
    case 0x120:
      return f(int32_t{});
    case 0x140:
      return f(int64_t{});
    case 0x10:
      return f(uint16_t{});
    case 0x20:
      return f(uint32_t{});
    case 0x40:
      return f(uint64_t{});
    case 0x210:
      return f(Half{});
    case 0x220:
      return f(float{});
    case 0x240:
      return f(double{});
    case 0x440:
      return f(std::complex<float>{});
    case 0x480:
      return f(std::complex<double>{});
    default:  // also bool
      return f(uint8_t{});
  }
}

}  // namespace

void set_sorters(int32_t type, int32_t kind, SortFunction sort, ArgsortFunction argsort) noexcept {
  sorters_for(type, kind).sort = sort;
  sorters_for(type, kind).argsort = argsort;
}

}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

int64_t cantil_rt_sort(int32_t type, int32_t kind, void* data, int64_t outer, int64_t n, int64_t inner) try {
  const Sorters& by = sorters_for(type, kind);
  bool done = with_type(type, [&](auto element) {
    using T = decltype(element);
    auto* all = static_cast<T*>(data);
    bool good = true;
    if (inner == 1) {
      for (int64_t o = 0; o < outer && good; ++o) good = sort_lane(by, all + o * n, n, kind);
      return good;
    }
    std::unique_ptr<T[]> lane(new T[static_cast<size_t>(n)]);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t j = 0; j < inner && good; ++j) {
        T* first = all + o * n * inner + j;
        for (int64_t k = 0; k < n; ++k) lane[static_cast<size_t>(k)] = first[k * inner];
        good = sort_lane(by, lane.get(), n, kind);
        for (int64_t k = 0; k < n; ++k) first[k * inner] = lane[static_cast<size_t>(k)];
      }
    return good;
  });
  return done ? 0 : 1;
} catch (const std::bad_alloc&) {
  return 1;
}

int64_t cantil_rt_argsort(int32_t type, int32_t kind, const void* data, int64_t outer, int64_t n,
                          int64_t inner, int64_t* order) try {
  const Sorters& by = sorters_for(type, kind);
  bool done = with_type(type, [&](auto element) {
    using T = decltype(element);
    auto* all = static_cast<const T*>(data);
    bool good = true;
    if (inner == 1) {
      for (int64_t o = 0; o < outer && good; ++o) good = order_lane(by, all + o * n, n, order + o * n);
      return good;
    }
    std::unique_ptr<T[]> lane(new T[static_cast<size_t>(n)]);
    std::unique_ptr<int64_t[]> out(new int64_t[static_cast<size_t>(n)]);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t j = 0; j < inner && good; ++j) {
        const T* first = all + o * n * inner + j;
        for (int64_t k = 0; k < n; ++k) lane[static_cast<size_t>(k)] = first[k * inner];
        good = order_lane(by, lane.get(), n, out.get());
        for (int64_t k = 0; k < n; ++k) order[(o * n + k) * inner + j] = out[static_cast<size_t>(k)];
      }
    return good;
  });
  return done ? 0 : 1;
} catch (const std::bad_alloc&) {
  return 1;
}
}
