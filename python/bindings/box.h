// Packed values of compiled code as Python objects.
#pragma once
#include <Python.h>

#include "ir/layout.h"

namespace cantil::bindings {

// Boxes values that lie one after another in a packed buffer. Takes over every owner in the leaves it walks,
// also when it fails (nullptr with an exception set). `keeper` becomes the base of arrays over memory that
// nobody counts (constants of the compiled code); it may be null.
class Boxer {
 public:
  Boxer(const ir::Packed& packed, const char* buffer, PyObject* keeper)
      : leaf_(packed.leaves.data()), buffer_(buffer), keeper_(keeper) {}

  PyObject* next(ir::TypeRef type) noexcept;

 private:
  PyObject* tuple(ir::TypeRef type);
  PyObject* array(ir::TypeRef type);
  void discard(ir::TypeRef type);
  void skip(ir::TypeRef type);
  template <typename T>
  T take();

  const ir::Leaf* leaf_;
  const char* buffer_;
  PyObject* keeper_;
};

// Boxes the value in its memory form at `at`, which keeps its counts. `packed` is ir::pack({type}).
PyObject* box_element(ir::TypeRef type, const ir::Packed& packed, const char* at);

}  // namespace cantil::bindings
