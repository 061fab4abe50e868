// The routines behind numpy.linalg and matrix products, for both widths of Fortran's integers.
#include <algorithm>
#include <complex>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "device_runtime/blas/blas.h"
#include "device_runtime/blas/library.h"

using cantil::device_runtime::BlasFunction;
using cantil::device_runtime::Routine;

namespace {

template <class T>
struct RealOf {
  using type = T;
};
template <class T>
struct RealOf<std::complex<T>> {
  using type = T;
};
template <class T>
using Real = typename RealOf<T>::type;
template <class T>
constexpr bool is_complex = !std::is_same_v<T, Real<T>>;

// Fortran takes the addresses of everything.
template <class... A>
void call(BlasFunction f, A*... arguments) {
  reinterpret_cast<void (*)(A*...)>(f.address)(arguments...);
}

// f(element type, integer type) by kind and by the library's integers.
template <class F>
int64_t dispatch(int32_t kind, BlasFunction function, F f) {
  if (!function.address) return CANTIL_RT_NO_LAPACK;
  auto with = [&](auto integer) -> int64_t {
    switch (kind) {
      case 0:
        return f(float{}, integer);
      case 1:
        return f(double{}, integer);
      case 2:
        return f(std::complex<float>{}, integer);
      default:
        return f(std::complex<double>{}, integer);
    }
  };
  try {
    return function.wide ? with(int64_t{}) : with(int32_t{});
  } catch (const std::bad_alloc&) {
    return CANTIL_RT_NO_WORKSPACE;
  }
}

template <class Int, class T>
Int work_size(T answer) {
  return std::max<Int>(1, static_cast<Int>(std::real(answer)));
}

template <class T>
struct Workspace {
  explicit Workspace(int64_t n)
      : data(static_cast<T*>(std::malloc(static_cast<size_t>(std::max<int64_t>(n, 1)) * sizeof(T)))) {
    if (!data) throw std::bad_alloc();
  }
  ~Workspace() { std::free(data); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  T* data;
};

Routine gemm("gemm"), gemv("gemv"), gesv("gesv"), getrf("getrf"), potrf("potrf"), evd("syevd", "heevd"),
    geev("geev"), gesdd("gesdd"), geqrf("geqrf"), orgqr("orgqr", "ungqr"), gelsd("gelsd"), dot("dot");

template <class T>
T dot_product(int kind, int64_t n, const T* a, int64_t a_stride, const T* b, int64_t b_stride) {
  constexpr int64_t kSize = sizeof(T);
  BlasFunction f = dot.get(kind);
  if (!f.address || a_stride % kSize || b_stride % kSize || n > INT32_MAX) {
    T total = 0;
    auto at = [](const T* p, int64_t bytes) {
      T v;
      std::memcpy(&v, reinterpret_cast<const char*>(p) + bytes, sizeof v);
      return v;
    };
    for (int64_t i = 0; i < n; ++i) total += at(a, i * a_stride) * at(b, i * b_stride);
    return total;
  }
  // BLAS takes a vector that runs backwards by its lowest address.
  int64_t x = a_stride / kSize, y = b_stride / kSize;
  if (x < 0) a += (n - 1) * x;
  if (y < 0) b += (n - 1) * y;
  if (f.wide)
    return reinterpret_cast<T (*)(const int64_t*, const T*, const int64_t*, const T*, const int64_t*)>(
        f.address)(&n, a, &x, b, &y);
  auto n32 = static_cast<int32_t>(n), x32 = static_cast<int32_t>(x), y32 = static_cast<int32_t>(y);
  return reinterpret_cast<T (*)(const int32_t*, const T*, const int32_t*, const T*, const int32_t*)>(
      f.address)(&n32, a, &x32, b, &y32);
}

}  // namespace

extern "C" {

double cantil_rt_dot_f64(int64_t n, const double* a, int64_t a_stride, const double* b, int64_t b_stride) {
  return dot_product(1, n, a, a_stride, b, b_stride);
}
float cantil_rt_dot_f32(int64_t n, const float* a, int64_t a_stride, const float* b, int64_t b_stride) {
  return dot_product(0, n, a, a_stride, b, b_stride);
}

int64_t cantil_rt_gemm(int32_t kind, int64_t rows, int64_t inner, int64_t columns, const void* a,
                       int64_t a_row, int64_t a_column, const void* b, int64_t b_row, int64_t b_column,
                       void* r) {
  BlasFunction f = gemm.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    // r in C order is its transpose in Fortran's: rᵀ = bᵀ aᵀ.
    char of_b = b_column == 1 ? 'N' : 'T', of_a = a_column == 1 ? 'N' : 'T';
    Int m = static_cast<Int>(columns), n = static_cast<Int>(rows), k = static_cast<Int>(inner);
    Int ldb = std::max<Int>(static_cast<Int>(b_column == 1 ? b_row : b_column), 1);
    Int lda = std::max<Int>(static_cast<Int>(a_column == 1 ? a_row : a_column), 1);
    ldb = std::max(ldb, of_b == 'N' ? m : k);
    lda = std::max(lda, of_a == 'N' ? k : n);
    T one(1), zero(0);
    call(f, &of_b, &of_a, &m, &n, &k, &one, static_cast<const T*>(b), &ldb, static_cast<const T*>(a), &lda,
         &zero, static_cast<T*>(r), &m);
    return 0;
  });
}

int64_t cantil_rt_gemv(int32_t kind, int64_t rows, int64_t columns, const void* a, int64_t a_row,
                       int64_t a_column, const void* v, int64_t v_stride, void* r) {
  BlasFunction f = gemv.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    bool row_order = a_column == 1;
    char trans = row_order ? 'T' : 'N';
    Int m = static_cast<Int>(row_order ? columns : rows), n = static_cast<Int>(row_order ? rows : columns);
    Int lda = std::max({static_cast<Int>(row_order ? a_row : a_column), m, Int{1}});
    Int step = static_cast<Int>(v_stride), one_step = 1;
    // BLAS takes a vector that runs backwards by its lowest address.
    const T* x = static_cast<const T*>(v);
    if (v_stride < 0) x += (columns - 1) * v_stride;
    T one(1), zero(0);
    call(f, &trans, &m, &n, &one, static_cast<const T*>(a), &lda, x, &step, &zero, static_cast<T*>(r),
         &one_step);
    return 0;
  });
}

int64_t cantil_rt_lapack_solve(int32_t kind, int64_t n, int64_t columns, void* a, void* b) {
  BlasFunction f = gesv.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    Int size = static_cast<Int>(n), nrhs = static_cast<Int>(columns), ld = std::max<Int>(size, 1), info = 0;
    Workspace<Int> pivots(n);
    call(f, &size, &nrhs, static_cast<T*>(a), &ld, pivots.data, static_cast<T*>(b), &ld, &info);
    return info;
  });
}

int64_t cantil_rt_lapack_lu(int32_t kind, int64_t n, void* a, int64_t* pivots) {
  BlasFunction f = getrf.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    Int size = static_cast<Int>(n), ld = std::max<Int>(size, 1), info = 0;
    Workspace<Int> rows(n);
    call(f, &size, &size, static_cast<T*>(a), &ld, rows.data, &info);
    std::copy(rows.data, rows.data + n, pivots);
    return info;
  });
}

int64_t cantil_rt_lapack_cholesky(int32_t kind, int64_t n, void* a) {
  BlasFunction f = potrf.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    char lower = 'L';
    Int size = static_cast<Int>(n), ld = std::max<Int>(size, 1), info = 0;
    call(f, &lower, &size, static_cast<T*>(a), &ld, &info);
    return info;
  });
}

int64_t cantil_rt_lapack_eigh(int32_t kind, int32_t vectors, int32_t upper, int64_t n, void* a, void* w) {
  BlasFunction f = evd.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using R = Real<T>;
    using Int = decltype(integer);
    char job = vectors ? 'V' : 'N', half = upper ? 'U' : 'L';
    Int size = static_cast<Int>(n), ld = std::max<Int>(size, 1), info = 0, ask = -1;
    T work_answer(0);
    R real_answer(0);
    Int int_answer = 0;
    if constexpr (is_complex<T>)
      call(f, &job, &half, &size, static_cast<T*>(a), &ld, static_cast<R*>(w), &work_answer, &ask,
           &real_answer, &ask, &int_answer, &ask, &info);
    else
      call(f, &job, &half, &size, static_cast<T*>(a), &ld, static_cast<R*>(w), &work_answer, &ask,
           &int_answer, &ask, &info);
    if (info) return info;
    Int lwork = work_size<Int>(work_answer), lreal = work_size<Int>(real_answer),
        lint = std::max<Int>(1, int_answer);
    Workspace<T> work(lwork);
    Workspace<Int> ints(lint);
    if constexpr (is_complex<T>) {
      Workspace<R> reals(lreal);
      call(f, &job, &half, &size, static_cast<T*>(a), &ld, static_cast<R*>(w), work.data, &lwork, reals.data,
           &lreal, ints.data, &lint, &info);
    } else {
      call(f, &job, &half, &size, static_cast<T*>(a), &ld, static_cast<R*>(w), work.data, &lwork, ints.data,
           &lint, &info);
    }
    return info;
  });
}

int64_t cantil_rt_lapack_eig(int32_t kind, int64_t n, void* a, void* w, void* v) {
  BlasFunction f = geev.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using R = Real<T>;
    using C = std::complex<R>;
    using Int = decltype(integer);
    char no = 'N', job = v ? 'V' : 'N';
    Int size = static_cast<Int>(n), ld = std::max<Int>(size, 1), one = 1, ask = -1, info = 0;
    T answer(0);
    if constexpr (is_complex<T>) {
      Workspace<R> reals(2 * n);
      call(f, &no, &job, &size, static_cast<T*>(a), &ld, static_cast<T*>(w), static_cast<T*>(nullptr), &one,
           static_cast<T*>(v), &ld, &answer, &ask, reals.data, &info);
      if (info) return info;
      Int lwork = work_size<Int>(answer);
      Workspace<T> work(lwork);
      call(f, &no, &job, &size, static_cast<T*>(a), &ld, static_cast<T*>(w), static_cast<T*>(nullptr), &one,
           static_cast<T*>(v), &ld, work.data, &lwork, reals.data, &info);
    } else {
      Workspace<R> re(n), im(n), vectors(v ? n * n : 1);
      call(f, &no, &job, &size, static_cast<T*>(a), &ld, re.data, im.data, static_cast<T*>(nullptr), &one,
           vectors.data, &ld, &answer, &ask, &info);
      if (info) return info;
      Int lwork = work_size<Int>(answer);
      Workspace<T> work(lwork);
      call(f, &no, &job, &size, static_cast<T*>(a), &ld, re.data, im.data, static_cast<T*>(nullptr), &one,
           vectors.data, &ld, work.data, &lwork, &info);
      auto* values = static_cast<C*>(w);
      auto* out = static_cast<C*>(v);
      for (int64_t j = 0; j < n; ++j) {
        values[j] = {re.data[j], im.data[j]};
        if (!v) continue;
        // A pair of conjugates has its real and its imaginary part in two columns.
        const R* x = vectors.data + j * n;
        if (im.data[j] == 0) {
          for (int64_t i = 0; i < n; ++i) out[j * n + i] = x[i];
        } else {
          const R* y = x + n;
          for (int64_t i = 0; i < n; ++i) {
            out[j * n + i] = {x[i], y[i]};
            out[(j + 1) * n + i] = {x[i], -y[i]};
          }
          ++j;
          values[j] = {re.data[j], im.data[j]};
        }
      }
    }
    return info;
  });
}

int64_t cantil_rt_lapack_eigvals(int32_t kind, int64_t n, void* a, void* w) {
  return cantil_rt_lapack_eig(kind, n, a, w, nullptr);
}

int64_t cantil_rt_lapack_svd(int32_t kind, int32_t mode, int64_t m, int64_t n, void* a, void* s, void* u,
                             void* vt) {
  BlasFunction f = gesdd.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using R = Real<T>;
    using Int = decltype(integer);
    char job = static_cast<char>(mode);
    int64_t least = std::min(m, n), most = std::max(m, n);
    Int rows = static_cast<Int>(m), columns = static_cast<Int>(n), ld = std::max<Int>(rows, 1), ask = -1,
        info = 0;
    Int ldv = static_cast<Int>(std::max<int64_t>(job == 'S' ? least : n, 1));
    T answer(0);
    Workspace<Int> ints(8 * least);
    Workspace<R> reals(
        !is_complex<T> ? 1
        : job == 'N'   ? 7 * least
                     : std::max(5 * least * least + 5 * least, 2 * most * least + 2 * least * least + least));
    auto run = [&](T* work, Int* lwork) {
      if constexpr (is_complex<T>)
        call(f, &job, &rows, &columns, static_cast<T*>(a), &ld, static_cast<R*>(s), static_cast<T*>(u), &ld,
             static_cast<T*>(vt), &ldv, work, lwork, reals.data, ints.data, &info);
      else
        call(f, &job, &rows, &columns, static_cast<T*>(a), &ld, static_cast<R*>(s), static_cast<T*>(u), &ld,
             static_cast<T*>(vt), &ldv, work, lwork, ints.data, &info);
    };
    run(&answer, &ask);
    if (info) return info;
    Int lwork = work_size<Int>(answer);
    Workspace<T> work(lwork);
    run(work.data, &lwork);
    return info;
  });
}

int64_t cantil_rt_lapack_qr(int32_t kind, int64_t m, int64_t n, void* a, void* tau) {
  BlasFunction f = geqrf.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    Int rows = static_cast<Int>(m), columns = static_cast<Int>(n), ld = std::max<Int>(rows, 1), ask = -1,
        info = 0;
    T answer(0);
    call(f, &rows, &columns, static_cast<T*>(a), &ld, static_cast<T*>(tau), &answer, &ask, &info);
    if (info) return info;
    Int lwork = std::max(work_size<Int>(answer), std::max<Int>(columns, 1));
    Workspace<T> work(lwork);
    call(f, &rows, &columns, static_cast<T*>(a), &ld, static_cast<T*>(tau), work.data, &lwork, &info);
    return info;
  });
}

int64_t cantil_rt_lapack_q(int32_t kind, int64_t m, int64_t columns, int64_t k, void* q, const void* tau) {
  BlasFunction f = orgqr.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using Int = decltype(integer);
    Int rows = static_cast<Int>(m), n = static_cast<Int>(columns), reflectors = static_cast<Int>(k);
    Int ld = std::max<Int>(rows, 1), ask = -1, info = 0;
    T answer(0);
    call(f, &rows, &n, &reflectors, static_cast<T*>(q), &ld, static_cast<const T*>(tau), &answer, &ask,
         &info);
    if (info) return info;
    Int lwork = std::max(work_size<Int>(answer), std::max<Int>(n, 1));
    Workspace<T> work(lwork);
    call(f, &rows, &n, &reflectors, static_cast<T*>(q), &ld, static_cast<const T*>(tau), work.data, &lwork,
         &info);
    return info;
  });
}

int64_t cantil_rt_lapack_lstsq(int32_t kind, int64_t m, int64_t n, int64_t columns, void* a, void* b, void* s,
                               double rcond, int64_t* rank) {
  BlasFunction f = gelsd.get(kind);
  return dispatch(kind, f, [&](auto t, auto integer) -> int64_t {
    using T = decltype(t);
    using R = Real<T>;
    using Int = decltype(integer);
    Int rows = static_cast<Int>(m), n_ = static_cast<Int>(n), nrhs = static_cast<Int>(columns), found = 0;
    Int ld = std::max<Int>(rows, 1), ldb = std::max({rows, n_, Int{1}}), ask = -1, info = 0;
    R limit = static_cast<R>(rcond), real_answer(0);
    T answer(0);
    Int int_answer = 0;
    auto run = [&](T* work, Int* lwork, R* reals, Int* ints) {
      if constexpr (is_complex<T>)
        call(f, &rows, &n_, &nrhs, static_cast<T*>(a), &ld, static_cast<T*>(b), &ldb, static_cast<R*>(s),
             &limit, &found, work, lwork, reals, ints, &info);
      else
        call(f, &rows, &n_, &nrhs, static_cast<T*>(a), &ld, static_cast<T*>(b), &ldb, static_cast<R*>(s),
             &limit, &found, work, lwork, ints, &info);
    };
    run(&answer, &ask, &real_answer, &int_answer);
    if (info) return info;
    Int lwork = work_size<Int>(answer);
    Workspace<T> work(lwork);
    Workspace<R> reals(work_size<Int>(real_answer));
    Workspace<Int> ints(int_answer);
    run(work.data, &lwork, reals.data, ints.data);
    *rank = found;
    return info;
  });
}
}
