// cantil._core.Type: the Python face of an interned ir::TypeRef.
#include "python/bindings/type_object.h"

#include <unordered_map>

#include "ir/class_types.h"
#include "python/bindings/errors.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/object_table.h"
#include "python/bindings/record_types.h"
#include "python/bindings/ref.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

using ir::TypeKind;
using ir::TypeRef;

namespace {

struct TypeObject {
  PyObject_HEAD TypeRef type;
};

PyTypeObject* type_class = nullptr;
std::unordered_map<TypeRef, PyObject*>* objects =
    nullptr;  // kept for the life of the process, like the types
std::unordered_map<std::string_view, PyTypeObject*>* classes_by_kind = nullptr;

const char* const kKindNames[] = {
    "none",         "bool",        "int",          "float",           "complex",
    "tuple",        "array",       "optional",     "pointer",         "owner",
    "range",        "slice",       "object",       "buffer",          "closure",
    "choice",       "literal_int", "literal_bool", "literal_str",     "module",
    "builtin",      "function",    "type_object",  "exception_class", "exception_instance",
    "bound_method", "ellipsis",    "unknown"};
static_assert(std::size(kKindNames) == static_cast<size_t>(TypeKind::Unknown) + 1);

constexpr std::string_view kObjectKeys[] = {"list", "ListType", "set", "SetType", "DictType"};

// The name under which a type's class is registered: its kind's, with tuples told apart as Numba's classes
// do.
std::string_view class_key(TypeRef t) {
  if (ir::is_deferred(t)) return "deferred";
  if (ir::is_class_instance(t)) return "class_instance";
  if (t->is(TypeKind::Object))
    for (std::string_view key : kObjectKeys)
      if (key == t->name) return key;
  if (!t->is_tuple()) return kKindNames[static_cast<int>(t->kind)];
  bool uniform = !t->elems.empty();
  for (TypeRef elem : t->elems) uniform = uniform && elem == t->elems[0];
  if (!t->name.empty()) return uniform ? "namedunituple" : "namedtuple";
  return uniform ? "unituple" : "tuple";
}
constexpr std::string_view kTupleKeys[] = {"unituple", "namedtuple", "namedunituple", "deferred",
                                           "class_instance"};

TypeRef type_of(PyObject* self) { return reinterpret_cast<TypeObject*>(self)->type; }

TypeRef require_type(PyObject* object) {
  TypeRef t = type_denoted_by(object);
  if (!t) {
    PyErr_Format(PyExc_TypeError, "%R is not a type", object);
    throw PythonError{};
  }
  return t;
}

std::vector<TypeRef> require_types(PyObject* sequence) {
  Ref items = checked(PySequence_Fast(sequence, "a sequence of types is expected"));
  std::vector<TypeRef> types;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i)
    types.push_back(require_type(PySequence_Fast_GET_ITEM(items.get(), i)));
  return types;
}

// ---- Methods of the class ----

PyObject* type_new(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "types are made by the functions and classes of cantil.types");
  return nullptr;
}

PyObject* type_str(PyObject* self) {
  return guarded([&] { return make_str(type_of(self)->str()).release(); });
}

PyObject* type_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    Ref parse = import_attribute("cantil._core", "parse_type");
    return Py_BuildValue("O(N)", parse.get(), type_str(self));
  });
}

PyObject* get_name(PyObject* self, void*) { return type_str(self); }
PyObject* get_kind(PyObject* self, void*) {
  return PyUnicode_FromString(kKindNames[static_cast<int>(type_of(self)->kind)]);
}
PyObject* get_bits(PyObject* self, void*) { return PyLong_FromLong(type_of(self)->bits); }
PyObject* get_signed(PyObject* self, void*) { return PyBool_FromLong(type_of(self)->is_signed); }
PyObject* get_ndim(PyObject* self, void*) { return PyLong_FromLong(type_of(self)->ndim); }
PyObject* get_layout(PyObject* self, void*) {
  return PyUnicode_FromStringAndSize(&"CFA"[static_cast<int>(type_of(self)->layout)], 1);
}
PyObject* get_readonly(PyObject* self, void*) { return PyBool_FromLong(type_of(self)->readonly); }
PyObject* get_aligned(PyObject* self, void*) { return PyBool_FromLong(type_of(self)->aligned); }
PyObject* get_value(PyObject* self, void*) { return PyLong_FromLongLong(type_of(self)->value); }
PyObject* get_text(PyObject* self, void*) {
  return guarded([&] { return make_str(type_of(self)->name).release(); });
}
PyObject* get_elems(PyObject* self, void*) {
  return guarded([&] {
    TypeRef t = type_of(self);
    Ref elems = checked(PyTuple_New(static_cast<Py_ssize_t>(t->elems.size())));
    for (size_t i = 0; i < t->elems.size(); ++i)
      PyTuple_SET_ITEM(elems.get(), static_cast<Py_ssize_t>(i), checked(wrap_type(t->elems[i])).release());
    return elems.release();
  });
}
PyObject* get_fields(PyObject* self, void*) {
  return guarded([&] {
    TypeRef t = type_of(self);
    Ref fields = checked(PyTuple_New(static_cast<Py_ssize_t>(t->fields.size())));
    for (size_t i = 0; i < t->fields.size(); ++i)
      PyTuple_SET_ITEM(fields.get(), static_cast<Py_ssize_t>(i), make_str(t->fields[i]).release());
    return fields.release();
  });
}
PyObject* get_np_number(PyObject* self, void*) { return PyLong_FromLong(dtype_number(type_of(self))); }

PyGetSetDef type_getset[] = {{"name", get_name, nullptr, "The spelling of the type.", nullptr},
                             {"_kind", get_kind, nullptr, nullptr, nullptr},
                             {"_bits", get_bits, nullptr, nullptr, nullptr},
                             {"_signed", get_signed, nullptr, nullptr, nullptr},
                             {"_ndim", get_ndim, nullptr, nullptr, nullptr},
                             {"_layout", get_layout, nullptr, nullptr, nullptr},
                             {"_readonly", get_readonly, nullptr, nullptr, nullptr},
                             {"_aligned", get_aligned, nullptr, nullptr, nullptr},
                             {"_value", get_value, nullptr, nullptr, nullptr},
                             {"_text", get_text, nullptr, nullptr, nullptr},
                             {"_elems", get_elems, nullptr, nullptr, nullptr},
                             {"_fields", get_fields, nullptr, nullptr, nullptr},
                             {"_dtype_number", get_np_number, nullptr, nullptr, nullptr},
                             {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMethodDef type_methods[] = {{"__reduce__", type_reduce, METH_NOARGS, nullptr},
                              {nullptr, nullptr, 0, nullptr}};

PyType_Slot type_slots[] = {{Py_tp_new, reinterpret_cast<void*>(type_new)},
                            {Py_tp_repr, reinterpret_cast<void*>(type_str)},
                            {Py_tp_str, reinterpret_cast<void*>(type_str)},
                            {Py_tp_getset, type_getset},
                            {Py_tp_methods, type_methods},
                            {0, nullptr}};
PyType_Spec type_spec = {"cantil._core.Type", sizeof(TypeObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                         type_slots};

// ---- Functions of the module ----

PyObject* register_type_class(PyObject*, PyObject* args) {
  const char* kind = nullptr;
  PyObject* cls = nullptr;
  if (!PyArg_ParseTuple(args, "sO!", &kind, &PyType_Type, &cls)) return nullptr;
  auto add = [&](std::string_view key) {
    if (key != kind) return false;
    Py_INCREF(cls);
    (*classes_by_kind)[key] = reinterpret_cast<PyTypeObject*>(cls);
    return true;
  };
  bool known = false;
  for (const char* key : kKindNames) known = known || add(key);
  for (std::string_view key : kTupleKeys) known = known || add(key);
  for (std::string_view key : kObjectKeys) known = known || add(key);
  if (!known) return PyErr_Format(PyExc_ValueError, "no kind of type is called %s", kind);
  Py_RETURN_NONE;
}

PyObject* parse_type(PyObject*, PyObject* text) {
  return guarded([&]() -> PyObject* {
    if (!PyUnicode_Check(text)) return PyErr_Format(PyExc_TypeError, "a str is expected, not %R", text);
    TypeRef t = ir::parse_type(text_of(text));
    if (!t) Py_RETURN_NONE;
    return wrap_type(t);
  });
}

PyObject* make_array(PyObject*, PyObject* args) {
  PyObject* elem = nullptr;
  int ndim = 0, readonly = 0, aligned = 1;
  const char* layout = nullptr;
  if (!PyArg_ParseTuple(args, "Ois|pp", &elem, &ndim, &layout, &readonly, &aligned)) return nullptr;
  return guarded([&]() -> PyObject* {
    std::string_view l = layout;
    if (l != "C" && l != "F" && l != "A")
      return PyErr_Format(PyExc_ValueError, "the layout is 'C', 'F' or 'A', not '%s'", layout);
    if (ndim < 0 || ndim > NPY_MAXDIMS)
      return PyErr_Format(PyExc_ValueError, "an array has 0 to %d dimensions, not %d", NPY_MAXDIMS, ndim);
    return wrap_type(ir::array_type(require_type(elem), ndim,
                                    l == "C"   ? ir::Layout::C
                                    : l == "F" ? ir::Layout::F
                                               : ir::Layout::A,
                                    readonly, aligned));
  });
}

PyObject* make_tuple(PyObject*, PyObject* elems) {
  return guarded([&] { return wrap_type(ir::tuple_type(require_types(elems))); });
}

PyObject* make_named_tuple(PyObject*, PyObject* args) {
  PyObject *elems = nullptr, *cls = nullptr;
  if (!PyArg_ParseTuple(args, "OO!", &elems, &PyType_Type, &cls)) return nullptr;
  return guarded([&] { return wrap_type(named_tuple_of(cls, require_types(elems))); });
}

PyObject* make_optional(PyObject*, PyObject* elem) {
  return guarded([&] {
    TypeRef t = require_type(elem);
    return wrap_type(t->is(TypeKind::Optional) || t->is_none() ? t : ir::optional_type(t));
  });
}

PyObject* make_literal(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    if (PyBool_Check(value)) return wrap_type(ir::literal_bool(value == Py_True));
    if (PyLong_Check(value)) {
      int64_t i = PyLong_AsLongLong(value);
      if (i == -1 && PyErr_Occurred()) return nullptr;
      return wrap_type(ir::literal_int(i));
    }
    if (PyUnicode_Check(value)) return wrap_type(ir::literal_str(text_of(value)));
    return PyErr_Format(PyExc_TypeError, "%R has no literal type", value);
  });
}

// make_object(class name, parameter types): a container's type.
PyObject* make_object(PyObject*, PyObject* args) {
  const char* name = nullptr;
  PyObject* parameters = nullptr;
  if (!PyArg_ParseTuple(args, "sO", &name, &parameters)) return nullptr;
  return guarded([&]() -> PyObject* {
    std::vector<TypeRef> types = require_types(parameters);
    if (!ir::is_object_class(name, types.size()))
      return PyErr_Format(PyExc_TypeError, "there is no class '%s' of %zu parameters", name, types.size());
    return wrap_type(ir::object_type(name, std::move(types)));
  });
}

PyObject* unliteral(PyObject*, PyObject* type) {
  return guarded([&] { return wrap_type(ir::unliteral(require_type(type))); });
}

PyObject* as_type(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    TypeRef t = type_denoted_by(object);
    if (!t) Py_RETURN_NONE;
    return wrap_type(t);
  });
}

PyObject* typeof_object(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    TypeRef t = typeof_value(value);
    if (!t) Py_RETURN_NONE;
    return wrap_type(t);
  });
}

PyMethodDef functions[] = {
    {"register_type_class", register_type_class, METH_VARARGS,
     "The Python class for objects of one kind of type."},
    {"parse_type", parse_type, METH_O, "The type with this spelling, or None."},
    {"make_array", make_array, METH_VARARGS, "make_array(dtype, ndim, layout, readonly=False, aligned=True)"},
    {"make_tuple", make_tuple, METH_O, "The tuple type of these element types."},
    {"make_named_tuple", make_named_tuple, METH_VARARGS, "make_named_tuple(element types, class)"},
    {"make_optional", make_optional, METH_O, "Optional of a type."},
    {"make_literal", make_literal, METH_O, "The literal type of an int, bool or str."},
    {"make_object", make_object, METH_VARARGS, "make_object(class name, types): a container's type."},
    {"unliteral", unliteral, METH_O, "The run-time type of a literal type."},
    {"as_type", as_type, METH_O,
     "The type denoted by a type, dtype, scalar class or None; None when it denotes none."},
    {"typeof", typeof_object, METH_O, "The type of a value as an argument, or None."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyObject* wrap_type(TypeRef type) {
  if (!type) Py_RETURN_NONE;
  if (auto found = objects->find(type); found != objects->end()) {
    Py_INCREF(found->second);
    return found->second;
  }
  if (classes_by_kind->empty()) {  // the classes register themselves on import
    Ref module(PyImport_ImportModule("cantil._types"));
    if (!module) return nullptr;
    if (auto found = objects->find(type); found != objects->end()) return Py_NewRef(found->second);
  }
  auto cls = classes_by_kind->find(class_key(type));
  if (cls == classes_by_kind->end()) {  // those of containers, classes and functions: a module of their own
    Ref module(PyImport_ImportModule("cantil._object_types"));
    if (!module) return nullptr;
    if (auto found = objects->find(type); found != objects->end()) return Py_NewRef(found->second);
    cls = classes_by_kind->find(class_key(type));
  }
  return wrap_type_as(type, cls == classes_by_kind->end() ? type_class : cls->second);
}

PyObject* wrap_type_as(TypeRef type, PyTypeObject* cls) {
  auto* object = reinterpret_cast<TypeObject*>(cls->tp_alloc(cls, 0));
  if (!object) return nullptr;
  object->type = type;
  (*objects)[type] = Py_NewRef(reinterpret_cast<PyObject*>(object));
  return reinterpret_cast<PyObject*>(object);
}

TypeRef unwrap_type(PyObject* object) {
  return PyObject_TypeCheck(object, type_class) ? type_of(object) : nullptr;
}

TypeRef type_denoted_by(PyObject* object) {
  if (TypeRef t = unwrap_type(object)) return t;
  if (object == Py_None) return ir::none_type();
  if (PyArray_DescrCheck(object)) {
    auto* descr = reinterpret_cast<PyArray_Descr*>(object);
    if (descr->type_num == NPY_VOID) return type_of_record(descr);
    return PyArray_ISNBO(descr->byteorder) ? type_of_dtype_number(descr->type_num) : nullptr;
  }
  if (!PyType_Check(object)) return nullptr;
  if (TypeRef t = type_of_class(object)) return t;
  if (object == reinterpret_cast<PyObject*>(&PyBool_Type)) return ir::bool_type();
  if (object == reinterpret_cast<PyObject*>(&PyLong_Type)) return ir::int_type(64);
  if (object == reinterpret_cast<PyObject*>(&PyFloat_Type)) return ir::float_type(64);
  if (object == reinterpret_cast<PyObject*>(&PyComplex_Type)) return ir::complex_type(128);
  if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(object), &PyGenericArrType_Type)) return nullptr;
  Ref descr(reinterpret_cast<PyObject*>(PyArray_DescrFromTypeObject(object)));
  if (!descr) {
    PyErr_Clear();
    return nullptr;
  }
  return type_of_dtype_number(reinterpret_cast<PyArray_Descr*>(descr.get())->type_num);
}

int add_type_object(PyObject* module) {
  objects = new std::unordered_map<TypeRef, PyObject*>;
  classes_by_kind = new std::unordered_map<std::string_view, PyTypeObject*>;
  type_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&type_spec));
  if (!type_class) return -1;
  Py_INCREF(type_class);
  if (PyModule_AddObject(module, "Type", reinterpret_cast<PyObject*>(type_class)) < 0) return -1;
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
