// Python values into the packed form of ir/layout.h.
//
// Where the host's memory is the target, an array's owner leaf counts the Python object for the length of the
// call. A kernel's arrays live elsewhere: an ArraySource supplies their addresses, and owners are null.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ir/layout.h"
#include "python/bindings/numpy_api.h"

namespace cantil::bindings {

// Writes the leaves of an array argument whose memory is not used in place.
class ArraySource {
 public:
  virtual ~ArraySource() = default;
  struct View {
    void* data;
    const npy_intp* shape;
    const npy_intp* strides;  // in bytes
  };
  // Throws PythonError or another exception when the value cannot be used.
  virtual View view(ir::TypeRef type, PyObject* value) = 0;
};

// Writes one value of type `type` into the memory at `at` (all zero before): the owners that it holds are
// counted.
void unbox_element(const ir::Packed& packed, ir::TypeRef type, PyObject* value, char* at);

class ArgumentPlan {
 public:
  explicit ArgumentPlan(const std::vector<ir::TypeRef>& types);

  size_t size() const { return packed_.size; }
  bool has_lists() const { return has_lists_; }
  const ir::Packed& packed() const { return packed_; }

  // Fills `buffer` (size() bytes, 8-byte aligned). False with a Python exception set when a value does not
  // convert; then nothing is held.
  bool unbox(PyObject* const* values, char* buffer, ArraySource* arrays = nullptr) const noexcept;
  // Drops what unbox() took hold of.
  void release(char* buffer) const noexcept {
    for (size_t offset : owners_) release_at(buffer + offset);
  }

 private:
  enum class Kind : uint8_t { Float64, Int64, Array, Text, Other };
  struct Argument {
    Kind kind;
    bool strides;  // Array: layout A
    uint8_t ndim;
    size_t offset;
    size_t leaf;
    ir::TypeRef type;
  };
  static void release_at(char* slot) noexcept;

  ir::Packed packed_;
  std::vector<Argument> arguments_;
  bool has_lists_ = false;
  std::vector<size_t> owners_;  // offsets of the owner leaves
};

}  // namespace cantil::bindings
