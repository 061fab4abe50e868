// cantil._core.Container: a counted object and its type.
#include "python/bindings/container_object.h"

#include <map>
#include <string>

#include "ir/object_types.h"
#include "python/bindings/errors.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"

namespace cantil::bindings {

using ir::TypeRef;

namespace {

struct Container {
  PyObject_HEAD cantil_rt_owner* owner;
  TypeRef type;
};

PyTypeObject* container_class = nullptr;

// Python classes by the name of the object class that they stand for. Never destroyed.
std::map<std::string, PyObject*>& classes() {
  static auto* table = new std::map<std::string, PyObject*>;
  return *table;
}

Container* as_container(PyObject* object) { return reinterpret_cast<Container*>(object); }

void container_dealloc(PyObject* self) {
  PyTypeObject* cls = Py_TYPE(self);
  release_owner(as_container(self)->owner);
  cls->tp_free(self);
  Py_DECREF(cls);
}

// _create(class name, parameter types): gives this instance a new, empty object.
PyObject* create_method(PyObject* self, PyObject* args) {
  const char* name = nullptr;
  PyObject* parameters = nullptr;
  if (!PyArg_ParseTuple(args, "sO!", &name, &PyTuple_Type, &parameters)) return nullptr;
  return guarded([&]() -> PyObject* {
    std::vector<TypeRef> types;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(parameters); ++i) {
      TypeRef t = type_denoted_by(PyTuple_GET_ITEM(parameters, i));
      if (!t || t->is_none() || !ir::can_be_element(t)) {
        PyErr_Format(PyExc_TypeError, "%R is no type of elements", PyTuple_GET_ITEM(parameters, i));
        throw PythonError{};
      }
      types.push_back(t);
    }
    if (!ir::is_object_class(name, types.size())) {
      PyErr_Format(PyExc_TypeError, "there is no class '%s' of %zd parameters", name, types.size());
      throw PythonError{};
    }
    TypeRef type = ir::object_type(name, types);
    std::vector<TypeRef> parts;
    for (const ir::ObjectField& f : ir::object_fields(type)) parts.push_back(f.type);
    const ir::OwnerMap map = ir::owner_map(parts);
    const auto size = static_cast<int64_t>(map.size);
    cantil_rt_owner* owner = cantil_rt_alloc_counted(size, size, map.words[0], map.words[1], map.words[2]);
    if (!owner) return PyErr_NoMemory();
    release_owner(as_container(self)->owner);
    as_container(self)->owner = owner;
    as_container(self)->type = type;
    Py_RETURN_NONE;
  });
}

// _share(other): the same object as another instance's.
PyObject* share_method(PyObject* self, PyObject* other) {
  if (!PyObject_TypeCheck(other, container_class)) {
    PyErr_SetString(PyExc_TypeError, "a container is expected");
    return nullptr;
  }
  cantil_rt_retain(as_container(other)->owner);
  release_owner(as_container(self)->owner);
  as_container(self)->owner = as_container(other)->owner;
  as_container(self)->type = as_container(other)->type;
  Py_RETURN_NONE;
}

PyObject* parameters_getter(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Container* c = as_container(self);
    if (!c->type) Py_RETURN_NONE;
    Ref result = checked(PyTuple_New(static_cast<Py_ssize_t>(c->type->elems.size())));
    for (size_t i = 0; i < c->type->elems.size(); ++i)
      PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(i),
                       checked(wrap_type(c->type->elems[i])).release());
    return result.release();
  });
}

PyObject* type_getter(PyObject* self, void*) {
  const Container* c = as_container(self);
  if (!c->type) Py_RETURN_NONE;
  return wrap_type(c->type);
}

PyObject* identity_getter(PyObject* self, void*) { return PyLong_FromVoidPtr(as_container(self)->owner); }

PyObject* size_getter(PyObject* self, void*) {
  const cantil_rt_owner* owner = as_container(self)->owner;  // the first field of every class
  return PyLong_FromLongLong(owner ? *static_cast<const int64_t*>(owner->data) : 0);
}

PyMethodDef methods[] = {
    {"_create", create_method, METH_VARARGS, "_create(class, (types…)): a new, empty object."},
    {"_share", share_method, METH_O, "_share(other): the other's object."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef getset[] = {
    {"_parameters", parameters_getter, nullptr, "The types of keys and elements, or None.", nullptr},
    {"_numba_type_", type_getter, nullptr, "The type, or None.", nullptr},
    {"_identity", identity_getter, nullptr, "The object's address.", nullptr},
    {"_size", size_getter, nullptr, "How many elements there are.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(container_dealloc)},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, getset},
                       {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
                       {Py_tp_doc, const_cast<char*>("An object of compiled code.")},
                       {0, nullptr}};
PyType_Spec spec = {"cantil._core.Container", sizeof(Container), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                    slots};

PyObject* register_container(PyObject*, PyObject* args) {
  const char* name = nullptr;
  PyObject* cls = nullptr;
  if (!PyArg_ParseTuple(args, "sO!", &name, &PyType_Type, &cls)) return nullptr;
  if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(cls), container_class)) {
    PyErr_SetString(PyExc_TypeError, "a class derived from Container is expected");
    return nullptr;
  }
  Py_INCREF(cls);
  classes()[name] = cls;
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {{"register_container", register_container, METH_VARARGS,
                            "register_container(class name, class): what results of an object class become."},
                           {nullptr, nullptr, 0, nullptr}};

}  // namespace

TypeRef type_of_container(PyObject* object) {
  return PyObject_TypeCheck(object, container_class) ? as_container(object)->type : nullptr;
}

cantil_rt_owner* unbox_container(TypeRef type, PyObject* object) {
  if (type_of_container(object) != type) {
    PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), object);
    throw PythonError{};
  }
  cantil_rt_retain(as_container(object)->owner);
  return as_container(object)->owner;
}

PyObject* box_container(TypeRef type, cantil_rt_owner* owner) noexcept {
  PyObject* result = guarded([&] {
    const bool generator = ir::is_generator_object(type);
    Ref module =
        checked(PyImport_ImportModule(generator ? "cantil._generators" : "cantil.typed"));  // registers
    auto found = classes().find(type->name);
    if (found == classes().end()) {
      PyErr_Format(PyExc_TypeError, "compiled code cannot return %s to Python", type->str().c_str());
      throw PythonError{};
    }
    auto* cls = reinterpret_cast<PyTypeObject*>(found->second);
    Ref object = checked(cls->tp_alloc(cls, 0));
    cantil_rt_retain(owner);
    as_container(object.get())->owner = owner;
    as_container(object.get())->type = type;
    return object.release();
  });
  release_owner(owner);
  return result;
}

int add_container(PyObject* module) {
  container_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!container_class) return -1;
  Py_INCREF(container_class);
  if (PyModule_AddObject(module, "Container", reinterpret_cast<PyObject*>(container_class)) < 0) return -1;
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
