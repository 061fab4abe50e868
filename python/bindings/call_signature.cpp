// Binding a call's arguments to parameters as Python does.
#include "python/bindings/call_signature.h"

#include "python/bindings/helpers.h"

namespace cantil::bindings {

CallSignature::CallSignature(PyObject* function) : function_(Ref::borrow(function)) {
  auto* code = reinterpret_cast<PyCodeObject*>(PyFunction_GET_CODE(function));
  Ref names = attribute(reinterpret_cast<PyObject*>(code), "co_varnames");
  positional_ = code->co_argcount;
  positional_only_ = code->co_posonlyargcount;
  vararg_ = code->co_flags & CO_VARARGS;
  Py_ssize_t keyword_only = code->co_kwonlyargcount;

  auto add = [&](Py_ssize_t index, PyObject* default_value) {
    names_.push_back(Ref::borrow(PyTuple_GET_ITEM(names.get(), index)));
    defaults_.push_back(Ref::borrow(default_value));
  };
  PyObject* defaults = PyFunction_GET_DEFAULTS(function);
  Py_ssize_t first_default = positional_ - (defaults ? PyTuple_GET_SIZE(defaults) : 0);
  for (Py_ssize_t i = 0; i < positional_; ++i)
    add(i, i >= first_default ? PyTuple_GET_ITEM(defaults, i - first_default) : nullptr);
  if (vararg_) add(positional_ + keyword_only, nullptr);  // co_varnames has *args after the keyword-only ones
  PyObject* keyword_defaults = PyFunction_GET_KW_DEFAULTS(function);
  for (Py_ssize_t i = 0; i < keyword_only; ++i) {
    PyObject* name = PyTuple_GET_ITEM(names.get(), positional_ + i);
    add(positional_ + i, keyword_defaults ? PyDict_GetItem(keyword_defaults, name) : nullptr);
  }
  simple_count_ = vararg_ || keyword_only > 0 ? -1 : positional_;
}

void CallSignature::refuse(Py_ssize_t positional, PyObject* kwnames) const {
  Ref explain = helper("_binding", "explain");
  Ref keywords = kwnames ? Ref::borrow(kwnames) : checked(PyTuple_New(0));
  Ref text =
      checked(PyObject_CallFunction(explain.get(), "OnO", function_.get(), positional, keywords.get()));
  PyErr_SetObject(PyExc_TypeError, text.get());
  throw PythonError{};
}

std::vector<PyObject*> CallSignature::bind(PyObject* const* args, Py_ssize_t positional, PyObject* kwnames,
                                           Ref& holder) const {
  std::vector<PyObject*> bound(names_.size(), nullptr);
  if (positional > positional_ && !vararg_) refuse(positional, kwnames);
  for (Py_ssize_t i = 0; i < std::min(positional, positional_); ++i) bound[static_cast<size_t>(i)] = args[i];
  size_t vararg_at = static_cast<size_t>(positional_);
  if (vararg_) {
    Py_ssize_t extra = std::max<Py_ssize_t>(positional - positional_, 0);
    holder = checked(PyTuple_New(extra));
    for (Py_ssize_t i = 0; i < extra; ++i)
      PyTuple_SET_ITEM(holder.get(), i, Py_NewRef(args[positional_ + i]));
    bound[vararg_at] = holder.get();
  }
  for (Py_ssize_t k = 0; kwnames && k < PyTuple_GET_SIZE(kwnames); ++k) {
    PyObject* name = PyTuple_GET_ITEM(kwnames, k);
    size_t i = static_cast<size_t>(positional_only_);
    for (; i < names_.size(); ++i) {
      if (vararg_ && i == vararg_at) continue;
      if (names_[i].get() == name || PyUnicode_Compare(names_[i].get(), name) == 0) break;
    }
    if (i == names_.size() || bound[i]) refuse(positional, kwnames);
    bound[i] = args[positional + k];
  }
  for (size_t i = 0; i < names_.size(); ++i) {
    if (!bound[i]) bound[i] = defaults_[i].get();
    if (!bound[i]) refuse(positional, kwnames);
  }
  return bound;
}

}  // namespace cantil::bindings
