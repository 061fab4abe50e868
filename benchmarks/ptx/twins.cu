// The kernels of _kernels.py as a CUDA programmer writes them: plain pointers, int sizes, no tuning beyond
// that.
#include <cuComplex.h>

#define TILE 16
extern "C" {

__global__ void vector_add(const float* x, const float* y, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = x[i] + y[i];
}

__global__ void saxpy(float a, const float* x, float* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x)
    y[i] = a * x[i] + y[i];
}

__global__ void matmul(const float* a, const float* b, float* c, int inner, int columns) {
  __shared__ float tile_a[TILE][TILE], tile_b[TILE][TILE];
  int tx = threadIdx.x, ty = threadIdx.y;
  int row = blockIdx.y * TILE + ty, col = blockIdx.x * TILE + tx;
  float total = 0;
  for (int start = 0; start < inner; start += TILE) {
    tile_a[ty][tx] = a[row * inner + start + tx];
    tile_b[ty][tx] = b[(start + ty) * columns + col];
    __syncthreads();
    for (int k = 0; k < TILE; k++) total += tile_a[ty][k] * tile_b[k][tx];
    __syncthreads();
  }
  c[row * columns + col] = total;
}

__global__ void transpose(const float* a, float* b, int rows, int columns) {
  __shared__ float tile[TILE][TILE + 1];
  int tx = threadIdx.x, ty = threadIdx.y;
  int x = blockIdx.x * TILE, y = blockIdx.y * TILE;
  if (y + ty < rows && x + tx < columns) tile[ty][tx] = a[(y + ty) * columns + x + tx];
  __syncthreads();
  if (x + ty < columns && y + tx < rows) b[(x + ty) * rows + y + tx] = tile[tx][ty];
}

__global__ void reduce(const float* a, float* out, int n) {
  __shared__ float partial[256];
  int t = threadIdx.x;
  float mine = 0;
  for (int i = blockIdx.x * blockDim.x + t; i < n; i += blockDim.x * gridDim.x) mine += a[i];
  partial[t] = mine;
  __syncthreads();
  for (int step = 128; step > 0; step >>= 1) {
    if (t < step) partial[t] += partial[t + step];
    __syncthreads();
  }
  if (t == 0) atomicAdd(out, partial[0]);
}

__global__ void jacobi(const float* a, float* b, int rows, int columns) {
  int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
  if (0 < i && i < rows - 1 && 0 < j && j < columns - 1)
    b[i * columns + j] = 0.25f * (a[(i - 1) * columns + j] + a[(i + 1) * columns + j] +
                                  a[i * columns + j - 1] + a[i * columns + j + 1]);
}

__global__ void n_body(const float* x, const float* y, const float* z, float* fx, float* fy, float* fz,
                       int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float ax = 0, ay = 0, az = 0;
  for (int j = 0; j < n; j++) {
    float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
    float r2 = dx * dx + dy * dy + dz * dz + 1e-9f;
    float inverse = 1.0f / (r2 * sqrtf(r2));
    ax += dx * inverse;
    ay += dy * inverse;
    az += dz * inverse;
  }
  fx[i] = ax;
  fy[i] = ay;
  fz[i] = az;
}

__global__ void mandelbrot(int* out, double step, int limit, int rows, int columns) {
  int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
  if (i >= rows || j >= columns) return;
  double cr = step * j - 2.2, ci = step * i - 1.0, zr = 0, zi = 0;
  int n = 0;
  while (n < limit && zr * zr + zi * zi <= 4.0) {
    double next = zr * zr - zi * zi + cr;
    zi = 2.0 * zr * zi + ci;
    zr = next;
    n++;
  }
  out[i * columns + j] = n;
}

__global__ void monte_carlo(long long points, long long* hits) {
  long long i = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned long long state = i * 0x9E3779B97F4A7C15ull + 1;
  long long mine = 0;
  for (long long k = 0; k < points; k++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double x = (state >> 11) * 1.1102230246251565e-16;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double y = (state >> 11) * 1.1102230246251565e-16;
    if (x * x + y * y < 1.0) mine++;
  }
  hits[i] = mine;
}

__global__ void histogram(const unsigned char* a, int* counts, int n) {
  __shared__ int bins[256];
  int t = threadIdx.x;
  bins[t] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + t; i < n; i += blockDim.x * gridDim.x) atomicAdd(&bins[a[i]], 1);
  __syncthreads();
  atomicAdd(&counts[t], bins[t]);
}

__global__ void black_scholes(const float* spot, const float* strike, const float* years, float* call,
                              float* put, int n) {
  const float rate = 0.02f, sigma = 0.3f;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    float root = sigma * sqrtf(years[i]);
    float d1 = (logf(spot[i] / strike[i]) + (rate + 0.5f * sigma * sigma) * years[i]) / root;
    float d2 = d1 - root;
    float n1 = 0.5f * erfcf(-d1 * 0.70710678f), n2 = 0.5f * erfcf(-d2 * 0.70710678f);
    float discounted = strike[i] * expf(-rate * years[i]);
    float value = spot[i] * n1 - discounted * n2;
    call[i] = value;
    put[i] = value - spot[i] + discounted;
  }
}

__global__ void scan(const float* a, float* out) {
  __shared__ float buffer[512];
  int t = threadIdx.x, n = blockDim.x, i = blockIdx.x * blockDim.x + t;
  buffer[t] = a[i];
  __syncthreads();
  for (int distance = 1; distance < n; distance *= 2) {
    float value = 0;
    if (t >= distance) value = buffer[t - distance];
    __syncthreads();
    buffer[t] += value;
    __syncthreads();
  }
  out[i] = buffer[t];
}

__global__ void softmax(const float* a, float* out, int rows, int columns) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  float largest = a[row * columns];
  for (int j = 1; j < columns; j++) largest = fmaxf(largest, a[row * columns + j]);
  float total = 0;
  for (int j = 0; j < columns; j++) {
    float value = expf(a[row * columns + j] - largest);
    out[row * columns + j] = value;
    total += value;
  }
  for (int j = 0; j < columns; j++) out[row * columns + j] /= total;
}

__global__ void bitonic(float* a) {
  __shared__ float buffer[512];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t, n = blockDim.x;
  buffer[t] = a[i];
  __syncthreads();
  for (int size = 2; size <= n; size *= 2) {
    for (int distance = size / 2; distance > 0; distance /= 2) {
      int other = t ^ distance;
      if (other > t) {
        float x = buffer[t], y = buffer[other];
        if ((x > y) == ((t & size) == 0)) {
          buffer[t] = y;
          buffer[other] = x;
        }
      }
      __syncthreads();
    }
  }
  a[i] = buffer[t];
}

__global__ void complex_axpy(cuFloatComplex a, const cuFloatComplex* x, cuFloatComplex* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x)
    y[i] = cuCaddf(cuCmulf(a, x[i]), y[i]);
}

__global__ void blur(const float* image, const float* weights, float* out, int rows, int columns) {
  int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
  if (i >= rows || j >= columns) return;
  float total = 0;
  for (int di = 0; di < 5; di++)
    for (int dj = 0; dj < 5; dj++) total += weights[di * 5 + dj] * image[(i + di) * (columns + 4) + j + dj];
  out[i * columns + j] = total;
}

__global__ void matvec(const float* a, const float* x, float* out, int rows, int columns) {
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  float total = 0;
  for (int k = 0; k < columns; k++) total += a[row * columns + k] * x[k];
  out[row] = total;
}

__global__ void heat_3d(const float* a, float* b, float rate, int ni, int nj, int nk) {
  int k = blockIdx.x * blockDim.x + threadIdx.x, j = blockIdx.y * blockDim.y + threadIdx.y,
      i = blockIdx.z * blockDim.z + threadIdx.z;
  if (0 < i && i < ni - 1 && 0 < j && j < nj - 1 && 0 < k && k < nk - 1) {
    int at = (i * nj + j) * nk + k;
    float centre = a[at];
    float around = a[at - nj * nk] + a[at + nj * nk] + a[at - nk] + a[at + nk] + a[at - 1] + a[at + 1];
    b[at] = centre + rate * (around - 6.0f * centre);
  }
}

__global__ void collatz(const long long* start, long long* steps, int size) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= size) return;
  long long n = start[i], count = 0;
  while (n > 1) {
    if (n & 1)
      n = 3 * n + 1;
    else
      n >>= 1;
    count++;
  }
  steps[i] = count;
}

__global__ void fir(const float* x, const float* taps, float* out, int n, int count) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float total = 0;
  for (int k = 0; k < count; k++) total += taps[k] * x[i + k];
  out[i] = total;
}

__global__ void polynomial(const float* x, float* out, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    float v = x[i], p = 0.1f;
    for (int k = 0; k < 8; k++) p = p * v + 0.7f;
    out[i] = p;
  }
}
}
