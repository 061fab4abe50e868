// Binding a call's arguments to parameters as Python does: positions, keywords, defaults, *args.
#pragma once
#include <Python.h>

#include <vector>

#include "python/bindings/ref.h"

namespace cantil::bindings {

class CallSignature {
 public:
  // Reads the parameters of a Python function. Throws PythonError.
  explicit CallSignature(PyObject* function);

  // Whether `count` positional arguments without keywords are the bound values already.
  bool is_bound(Py_ssize_t count, PyObject* kwnames) const {
    return count == simple_count_ && (!kwnames || PyTuple_GET_SIZE(kwnames) == 0);
  }
  // How many values bind() gives: one a parameter, *args being one tuple.
  size_t count() const { return names_.size(); }

  // The bound values, borrowed from `args` and the defaults; the *args tuple is kept alive by `holder`.
  // Throws PythonError with Python's own TypeError for a call that does not fit.
  std::vector<PyObject*> bind(PyObject* const* args, Py_ssize_t positional, PyObject* kwnames,
                              Ref& holder) const;

 private:
  [[noreturn]] void refuse(Py_ssize_t positional, PyObject* kwnames) const;

  Ref function_;
  std::vector<Ref> names_;     // positional parameters, then *args, then keyword-only ones
  std::vector<Ref> defaults_;  // parallel to names_; null where there is none
  Py_ssize_t positional_ = 0;  // how many can be given by position
  Py_ssize_t positional_only_ = 0;
  bool vararg_ = false;
  Py_ssize_t simple_count_ = 0;  // -1 when a call always has to be bound
};

}  // namespace cantil::bindings
