// Linear algebra that generated code calls: BLAS and LAPACK of the library that NumPy or SciPy bring, found
// at run time.
//
// Matrices are packed in column order unless strides are given. `kind` is the element type: 0 float32, 1
// float64, 2 complex64, 3 complex128. Results: 0 or LAPACK's info, or one of the codes below.
#pragma once
#include <cstdint>

#define CANTIL_RT_NO_LAPACK (-1000)  // no library has the routine
#define CANTIL_RT_NO_WORKSPACE (-1001)

extern "C" {

// r = a @ b, r in C order: a is rows × inner, b is inner × columns; the strides are in elements, and one of
// each matrix's is 1.
int64_t cantil_rt_gemm(int32_t kind, int64_t rows, int64_t inner, int64_t columns, const void* a,
                       int64_t a_row, int64_t a_column, const void* b, int64_t b_row, int64_t b_column,
                       void* r);
// r = a @ v.
int64_t cantil_rt_gemv(int32_t kind, int64_t rows, int64_t columns, const void* a, int64_t a_row,
                       int64_t a_column, const void* v, int64_t v_stride, void* r);

// Sums of products; the strides are in bytes.
double cantil_rt_dot_f64(int64_t n, const double* a, int64_t a_stride, const double* b, int64_t b_stride);
float cantil_rt_dot_f32(int64_t n, const float* a, int64_t a_stride, const float* b, int64_t b_stride);

int64_t cantil_rt_lapack_solve(int32_t kind, int64_t n, int64_t columns, void* a, void* b);  // b becomes x
int64_t cantil_rt_lapack_lu(int32_t kind, int64_t n, void* a, int64_t* pivots);              // pivots from 1
int64_t cantil_rt_lapack_cholesky(int32_t kind, int64_t n, void* a);                         // lower half
int64_t cantil_rt_lapack_eigh(int32_t kind, int32_t vectors, int32_t upper, int64_t n, void* a, void* w);
// w is complex; so is v (n × n), or null.
int64_t cantil_rt_lapack_eigvals(int32_t kind, int64_t n, void* a, void* w);
int64_t cantil_rt_lapack_eig(int32_t kind, int64_t n, void* a, void* w, void* v);
// mode: 'N' (only s), 'S' or 'A'.
int64_t cantil_rt_lapack_svd(int32_t kind, int32_t mode, int64_t m, int64_t n, void* a, void* s, void* u,
                             void* vt);
int64_t cantil_rt_lapack_qr(int32_t kind, int64_t m, int64_t n, void* a, void* tau);
// q: m × columns, its first k columns from cantil_rt_lapack_qr.
int64_t cantil_rt_lapack_q(int32_t kind, int64_t m, int64_t columns, int64_t k, void* q, const void* tau);
// b has max(m, n) rows.
int64_t cantil_rt_lapack_lstsq(int32_t kind, int64_t m, int64_t n, int64_t columns, void* a, void* b, void* s,
                               double rcond, int64_t* rank);
}

namespace cantil::device_runtime {

// Where a routine is that no loaded library has: given by the bindings, which ask SciPy. Null when it is
// nowhere; its integers are C's int. Called once for each routine.
void set_lapack_lookup(void* (*lookup)(const char* name)) noexcept;

}  // namespace cantil::device_runtime
