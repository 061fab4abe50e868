// Host arrays passed straight to a kernel: where the device sees them, and what comes back.
//
// Arrays that share memory share it on the device too: overlapping ranges of host memory become one piece of
// device memory, so that a kernel sees what Python code would see. Pinned, mapped and managed memory of ours
// is used in place.
#pragma once
#include <deque>
#include <vector>

#include "python/bindings/cuda_device.h"
#include "python/bindings/numpy_api.h"
#include "python/bindings/unbox.h"

namespace cantil::bindings {

// Whether a launch's argument is a NumPy array, or a tuple with one in it.
bool holds_host_array(PyObject* value);

class KernelArrays : public ArraySource {
 public:
  KernelArrays(CudaDevice& device, const std::shared_ptr<CudaStream>& stream)
      : device_(device), stream_(stream) {}

  // Finds the host arrays among a launch's arguments; copies them to the device. Throws.
  void copy_in(PyObject* const* values, size_t count);
  bool needs_copy_back() const { return !arrays_.empty(); }
  // After the kernel has ended: into every array that may be written to. Throws.
  void copy_back();

  View view(ir::TypeRef type, PyObject* value) override;

 private:
  struct Span {
    char* begin;
    char* end;
    std::shared_ptr<CudaMemory> memory;
  };
  void gather(PyObject* value);
  uint64_t address_of(const char* host) const;

  CudaDevice& device_;
  const std::shared_ptr<CudaStream>& stream_;
  std::vector<PyArrayObject*> arrays_;  // borrowed; those that are copied
  std::vector<Span> spans_;             // disjoint, in order
};

}  // namespace cantil::bindings
