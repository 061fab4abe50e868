// A decorated Python function as the compiler sees it.
#include "python/bindings/user_function.h"

#include "python/bindings/capture.h"
#include "python/bindings/captured_value.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

using ir::TypeRef;

long option(PyObject* options, const char* name) {
  PyObject* value = PyDict_GetItemString(options, name);
  if (!value) return 0;
  long number = PyLong_AsLong(value);
  if (number == -1 && PyErr_Occurred()) throw PythonError{};
  return number;
}

std::vector<TypeRef> types_of(PyObject* sequence) {
  Ref items = checked(PySequence_Fast(sequence, "a sequence of types is expected"));
  std::vector<TypeRef> types;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(items.get(), i);
    TypeRef t = type_denoted_by(item);
    if (!t) {
      PyErr_Format(PyExc_TypeError, "%R is not a type", item);
      throw PythonError{};
    }
    types.push_back(ir::unliteral(t));
  }
  return types;
}

namespace {

// (neighborhood: a tuple of pairs of ints, standard_indexing: a tuple of names, (cval,) or ())
void read_stencil(PyObject* options, frontend::Function& f) {
  PyObject *neighborhood, *standard, *cval;
  if (!PyArg_ParseTuple(options, "O!O!O!", &PyTuple_Type, &neighborhood, &PyTuple_Type, &standard,
                        &PyTuple_Type, &cval))
    throw PythonError{};
  f.calling = frontend::Calling::Stencil;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(neighborhood); ++i) {
    long long low, high;
    if (!PyArg_ParseTuple(PyTuple_GET_ITEM(neighborhood, i), "LL", &low, &high)) throw PythonError{};
    f.stencil.neighborhood.emplace_back(low, high);
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(standard); ++i)
    f.stencil.standard_indexing.push_back(text_of(PyTuple_GET_ITEM(standard, i)));
  if (PyTuple_GET_SIZE(cval)) f.stencil.cval = captured_value(PyTuple_GET_ITEM(cval, 0), {}, f, nullptr);
}

}  // namespace

std::shared_ptr<frontend::Function> make_user_function(PyObject* py_func, PyObject* options,
                                                       frontend::FunctionRole role) {
  auto f = frontend::make_function();
  f->name = text_of(attribute(py_func, "__qualname__").get());
  Ref module = attribute(py_func, "__module__");
  if (PyUnicode_Check(module.get()))
    f->module = text_of(module.get());  // None under exec() with bare globals
  f->filename = text_of(attribute(PyFunction_GET_CODE(py_func), "co_filename").get());
  f->role = role;
  f->options.fastmath = static_cast<uint8_t>(option(options, "fastmath"));
  f->options.boundscheck = option(options, "boundscheck");
  f->options.numpy_errors = option(options, "numpy_errors");
  f->options.parallel = option(options, "parallel");
  f->options.nogil = option(options, "nogil");
  f->options.debug = option(options, "debug");
  f->options.inlining = static_cast<ir::Inline>(option(options, "inline"));
  f->options.max_threads = static_cast<int>(option(options, "max_threads"));
  f->options.min_blocks = static_cast<int>(option(options, "min_blocks"));
  f->options.max_registers = static_cast<int>(option(options, "max_registers"));
  if (PyObject* locals = PyDict_GetItemString(options, "locals")) {
    PyObject *name, *type;
    for (Py_ssize_t at = 0; PyDict_Next(locals, &at, &name, &type);) {
      Ref one = checked(PyTuple_Pack(1, type));
      f->options.locals[text_of(name)] = types_of(one.get())[0];
    }
  }
  if (PyObject* stencil = PyDict_GetItemString(options, "stencil")) read_stencil(stencil, *f);
  f->source_object = share(py_func);
  f->capture = [object = share(py_func)](frontend::Function& function) {
    GilHeld gil;
    capture_function(object.get(), function);
  };
  return f;
}

void read_signature(PyObject* signature, std::vector<TypeRef>& args, TypeRef& ret) {
  PyObject *ret_object = nullptr, *args_object = nullptr;
  if (!PyArg_ParseTuple(signature, "OO", &ret_object, &args_object)) throw PythonError{};
  args = types_of(args_object);
  ret = nullptr;
  Ref wanted = checked(PyTuple_Pack(1, ret_object));
  // None stands for "to be inferred"; void is the type object none, never the Python object None.
  if (ret_object != Py_None) ret = types_of(wanted.get())[0];
}

PyObject* wrap_types(const std::vector<TypeRef>& types) {
  Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(types.size())));
  for (size_t i = 0; i < types.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), checked(wrap_type(types[i])).release());
  return tuple.release();
}

void typeof_arguments(PyObject* const* values, size_t count, const frontend::Function& f,
                      std::vector<TypeRef>& types) {
  types.clear();
  for (size_t i = 0; i < count; ++i) {
    TypeRef t = typeof_value(values[i]);
    if (!t && PyLong_CheckExact(values[i])) {
      Ref text = checked(PyObject_Str(values[i]));
      throw CompileError(Diagnostic{Diag::OutOfRangeLiteral, {}, {text_of(text.get())}, {}, f.name});
    }
    if (!t) {
      Diagnostic d{
          Diag::UnknownArgumentType, {}, {std::to_string(i + 1), describe_untyped(values[i])}, {}, f.name};
      throw CompileError(std::move(d));
    }
    types.push_back(t);
  }
}

std::string type_list(const std::vector<TypeRef>& types) {
  std::string text;
  for (TypeRef t : types) text += (text.empty() ? "" : ", ") + t->str();
  return text;
}

}  // namespace cantil::bindings
