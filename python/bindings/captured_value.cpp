// Freezing captured objects: numbers keep their width, arrays their bytes, library functions their names.
#include "python/bindings/captured_value.h"

#include "python/bindings/numpy_api.h"

#include <cstring>

#include "frontend/exception_classes.h"
#include "frontend/library_names.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/extension_objects.h"
#include "python/bindings/external_function.h"
#include "python/bindings/object_table.h"
#include "python/bindings/public_names.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

using frontend::Captured;
using Kind = Captured::Kind;

namespace {

Captured make(Kind kind, std::string text = {}) {
  Captured c;
  c.kind = kind;
  c.text = std::move(text);
  return c;
}

// A class's name without its module, as messages show it.
std::string type_name(PyObject* object) {
  std::string name = Py_TYPE(object)->tp_name;
  size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

Captured other(PyObject* object) { return make(Kind::Other, type_name(object)); }

bool is_instance(PyObject* object, PyObject* cls) {
  int yes = PyObject_IsInstance(object, cls);
  check_status(yes);
  return yes;
}

PyObject* enum_class() {
  static PyObject* cls = import_attribute("enum", "Enum").release();
  return cls;
}

// Any number, of Python or of NumPy, as its type's value.
Captured number(PyObject* object, ir::TypeRef type) {
  Captured c;
  c.type = type;
  switch (type->kind) {
    case ir::TypeKind::Bool:
      c.kind = Kind::Bool;
      c.scalar.i = PyObject_IsTrue(object);
      break;
    case ir::TypeKind::Int: {
      c.kind = Kind::Int;
      Ref value = checked(PyNumber_Index(object));
      if (type->is_signed) {
        c.scalar.i = PyLong_AsLongLong(value.get());
      } else {
        c.scalar.i = static_cast<int64_t>(PyLong_AsUnsignedLongLong(value.get()));
      }
      break;
    }
    case ir::TypeKind::Float: {
      c.kind = Kind::Float;
      c.scalar.f = PyFloat_AsDouble(object);
      break;
    }
    case ir::TypeKind::Complex: {
      c.kind = Kind::Complex;
      Py_complex value = PyComplex_AsCComplex(object);
      c.scalar.f = value.real;
      c.scalar.im = value.imag;
      break;
    }
    default:
      return other(object);
  }
  if (PyErr_Occurred()) throw PythonError{};
  return c;
}

Captured text(PyObject* object) {
  if (PyBytes_Check(object))
    return make(Kind::Bytes, {PyBytes_AS_STRING(object), static_cast<size_t>(PyBytes_GET_SIZE(object))});
  Ref bytes = checked(PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
  return make(Kind::Str,
              {PyBytes_AS_STRING(bytes.get()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.get()))});
}

// A frozen copy, C contiguous: what compiled code sees does not change when the array does.
Captured array(PyObject* object) {
  auto* source = reinterpret_cast<PyArrayObject*>(object);
  ir::TypeRef type = type_of_array(source);
  const bool plain = PyArray_CheckExact(object) || type_name(object) == "memmap";
  if (!type || !plain) return other(object);
  Ref copy = checked(PyArray_NewCopy(source, NPY_CORDER));
  auto* a = reinterpret_cast<PyArrayObject*>(copy.get());
  Captured c =
      make(Kind::Array, {static_cast<const char*>(PyArray_DATA(a)), static_cast<size_t>(PyArray_NBYTES(a))});
  c.type = ir::array_type(type->elem(), PyArray_NDIM(a), ir::Layout::C, /*readonly=*/true);
  c.shape.assign(PyArray_DIMS(a), PyArray_DIMS(a) + PyArray_NDIM(a));
  return c;
}

struct RecursionGuard {
  RecursionGuard() {
    if (Py_EnterRecursiveCall(" while capturing a value")) throw PythonError{};
  }
  ~RecursionGuard() { Py_LeaveRecursiveCall(); }
};

Captured tuple(PyObject* object, frontend::Function& self, PyObject* self_object) {
  RecursionGuard guard;
  Captured c = make(Kind::Tuple);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i)
    c.elems.push_back(captured_value(PyTuple_GET_ITEM(object, i), {}, self, self_object));
  if (PyTuple_CheckExact(object)) return c;
  Ref fields(PyObject_GetAttrString(object, "_fields"));
  if (!fields || !PyTuple_Check(fields.get()) || PyTuple_GET_SIZE(fields.get()) != PyTuple_GET_SIZE(object)) {
    PyErr_Clear();  // another subclass of tuple: its elements are all that compiled code sees
    return c;
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields.get()); ++i)
    c.names.push_back(text_of(PyTuple_GET_ITEM(fields.get(), i)));
  c.text = type_name(object);
  c.object_ref = keep_object(reinterpret_cast<PyObject*>(Py_TYPE(object)));  // to make results of this class
  return c;
}

// A class that collections.namedtuple or typing.NamedTuple made; null for any other object.
Ref named_tuple_fields(PyObject* object) {
  if (!PyType_Check(object) || !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(object), &PyTuple_Type))
    return {};
  Ref fields(PyObject_GetAttrString(object, "_fields"));
  if (fields && PyTuple_Check(fields.get())) return fields;
  PyErr_Clear();
  return {};
}

Captured named_tuple_class(PyObject* object, PyObject* fields, frontend::Function& self,
                           PyObject* self_object) {
  Captured c = make(Kind::NamedTuple, reinterpret_cast<PyTypeObject*>(object)->tp_name);
  c.object_ref = keep_object(object);
  Ref defaults(PyObject_GetAttrString(object, "_field_defaults"));
  if (!defaults) PyErr_Clear();
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields); ++i) {
    PyObject* field = PyTuple_GET_ITEM(fields, i);
    c.names.push_back(text_of(field));
    PyObject* value =
        defaults && PyDict_Check(defaults.get()) ? PyDict_GetItem(defaults.get(), field) : nullptr;
    if (value) c.elems.push_back(captured_value(value, {}, self, self_object));
  }
  return c;
}

// numpy.polynomial.Polynomial: compiled code holds its coefficients, domain and window as a named tuple.
bool is_polynomial_class(PyObject* object) {
  return PyType_Check(object) &&
         std::strcmp(reinterpret_cast<PyTypeObject*>(object)->tp_name, "Polynomial") == 0 &&
         text_of(attribute(object, "__module__").get()) == "numpy.polynomial.polynomial";
}

Captured polynomial_class(PyObject* object) {
  Captured c = make(Kind::NamedTuple, "Polynomial");
  c.object_ref = keep_object(object);
  c.names = {"coef", "domain", "window"};
  for (const char* name : {"domain", "window"}) {
    Captured a = array(attribute(object, name).get());
    a.type = ir::array_type(a.type->elem(), 1, ir::Layout::C, true);
    c.elems.push_back(std::move(a));
  }
  return c;
}

// The object that "module.qualname" names in this process (borrowed from its module), or null.
Ref named_object(const std::string& module, const std::string& qualname) {
  Ref at = Ref::borrow(PyDict_GetItemString(PyImport_GetModuleDict(), module.c_str()));
  for (size_t from = 0; at && from <= qualname.size();) {
    size_t dot = std::min(qualname.find('.', from), qualname.size());
    at = Ref(PyObject_GetAttrString(at.get(), qualname.substr(from, dot - from).c_str()));
    from = dot + 1;
  }
  PyErr_Clear();
  return at;
}

Captured exception_class(PyObject* object) {
  Ref module = attribute(object, "__module__"), qualname = attribute(object, "__qualname__");
  if (!PyUnicode_Check(module.get()) || !PyUnicode_Check(qualname.get())) return other(object);
  std::string module_name = text_of(module.get()), name = text_of(qualname.get());
  Captured c = make(Kind::ExceptionClass, module_name + "." + name);
  Ref bases = attribute(object, "__mro__");
  for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(bases.get()); ++i) {
    PyObject* base = PyTuple_GET_ITEM(bases.get(), i);
    if (!PyExceptionClass_Check(base)) continue;
    Captured b = exception_class(base);
    if (b.kind == Kind::ExceptionClass) c.names.push_back(frontend::exception_key(b.text, b.object_ref));
  }
  if (named_object(module_name, name).get() != object) c.object_ref = keep_object(object);
  return c;
}

// A path through the library's documented modules; NumPy's inner ones lead to the same objects by other
// names.
bool is_public_path(const std::string& path) {
  return frontend::is_library_name(path) && path.find("._") == std::string::npos &&
         path.rfind("numpy.core.", 0) != 0;
}

// What a call may name: a function of the library by its canonical name, or one of another module by its
// path, for the message.
Captured function_or_class(PyObject* object, const std::string& path) {
  std::string name = is_public_path(path) ? path : public_name(object);
  if (!name.empty()) return make(Kind::Builtin, std::move(name));
  if (is_from_buffer(object)) return make(Kind::Builtin, "cffi.from_buffer");
  if (PyFunction_Check(object) || PyType_Check(object) || !PyCallable_Check(object)) return other(object);
  const bool native = PyCFunction_Check(object) || type_name(object) == "ufunc";
  if (!native) return other(object);
  if (!path.empty()) return make(Kind::Builtin, path);
  Ref module(PyObject_GetAttrString(object, "__module__")), own(PyObject_GetAttrString(object, "__name__"));
  PyErr_Clear();
  if (!own || !PyUnicode_Check(own.get())) return other(object);
  const bool has_module = module && PyUnicode_Check(module.get());
  return make(Kind::Builtin, (has_module ? text_of(module.get()) + "." : std::string()) + text_of(own.get()));
}

}  // namespace

bool is_namespace(PyObject* object) {
  if (PyModule_Check(object)) return true;
  if (type_denoted_by(object) || function_of(object)) return false;
  if (PyType_Check(object)) return !PyExceptionClass_Check(object);
  if (is_instance(object, enum_class())) return true;  // for .value and .name
  return is_own_object(object) || is_ffi(object) ||
         std::strcmp(Py_TYPE(object)->tp_name, "types.SimpleNamespace") == 0;
}

Captured captured_value(PyObject* object, const std::string& path, frontend::Function& self,
                        PyObject* self_object) {
  if (object == Py_None) return make(Kind::None);
  if (object == Py_Ellipsis) return make(Kind::Ellipsis);
  if (object == self_object) {
    Captured c = make(Kind::Function);
    c.function = std::shared_ptr<frontend::Function>(std::shared_ptr<void>(), &self);
    return c;
  }
  if (std::shared_ptr<frontend::Function> f = function_of(object)) {
    Captured c = make(Kind::Function);
    c.function =
        f.get() == &self ? std::shared_ptr<frontend::Function>(std::shared_ptr<void>(), &self) : std::move(f);
    return c;
  }
  if (std::string key = extension_key(object); !key.empty()) return make(Kind::Builtin, std::move(key));
  if (PyObject* twin = compiled_twin(object)) return captured_value(twin, {}, self, self_object);
  if (PyModule_Check(object)) {
    std::string name = path;
    if (name.empty()) name = frontend::canonical_name(text_of(attribute(object, "__name__").get()));
    return make(Kind::Module, std::move(name));
  }
  if (PyFunction_Check(object) || PyCFunction_Check(object)) return function_or_class(object, path);
  if (ir::TypeRef type = type_denoted_by(object)) {
    Captured c = make(Kind::Type);
    c.type = type;
    if (object == reinterpret_cast<PyObject*>(&PyLong_Type)) c.text = "builtins.int";
    if (object == reinterpret_cast<PyObject*>(&PyFloat_Type)) c.text = "builtins.float";
    return c;
  }
  if (Ref fields = named_tuple_fields(object))
    return named_tuple_class(object, fields.get(), self, self_object);
  if (is_polynomial_class(object)) return polynomial_class(object);
  if (PyExceptionClass_Check(object)) return exception_class(object);
  if (PyUnicode_Check(object) || PyBytes_Check(object)) return text(object);
  if (PyLong_Check(object) || PyFloat_Check(object) || PyComplex_Check(object) ||
      PyArray_IsScalar(object, Generic)) {
    ir::TypeRef type = typeof_value(object);
    return type ? number(object, type) : other(object);
  }
  if (PyTuple_Check(object)) return tuple(object, self, self_object);
  if (PyArray_Check(object)) return array(object);
  return function_or_class(object, path);
}

}  // namespace cantil::bindings
