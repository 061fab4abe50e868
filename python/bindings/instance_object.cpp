// cantil._core.Instance: the face of an object of a user's class; cantil._core.Field: one of its fields.
//
// The object's first field points back at its face, so that an object that comes out of compiled code twice
// is one Python object. The face counts the object, the object does not count its face. Both change under
// the GIL only.
#include "python/bindings/instance_object.h"

#include <cstring>
#include <unordered_map>
#include <vector>

#include "frontend/typing/unify.h"
#include "ir/class_types.h"
#include "ir/layout.h"
#include "python/bindings/box.h"
#include "python/bindings/errors.h"
#include "python/bindings/lists.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"
#include "python/bindings/unbox.h"

namespace cantil::bindings {

using ir::TypeRef;

namespace {

struct Instance {
  PyObject_HEAD cantil_rt_owner* owner;
  TypeRef type;
};

PyTypeObject* instance_class = nullptr;
PyTypeObject* field_class = nullptr;

struct Classes {
  std::vector<PyTypeObject*> of_type;                             // by the type's number; null: not yet known
  std::unordered_map<PyTypeObject*, TypeRef> types;               // of compiled classes
  std::unordered_map<PyTypeObject*, PyTypeObject*> struct_faces;  // by the class of the type object
};

Classes& classes() {
  static auto* c = new Classes;
  return *c;
}

Instance* as_instance(PyObject* object) { return reinterpret_cast<Instance*>(object); }
bool is_instance(PyObject* object) {
  if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_HEAPTYPE)) return false;  // as numbers and tuples are
  return Py_TYPE(object)->tp_base == instance_class || PyObject_TypeCheck(object, instance_class);
}
char* data_of(cantil_rt_owner* owner) { return reinterpret_cast<char*>(owner) + CANTIL_RT_HEADER; }
PyObject*& face_of(cantil_rt_owner* owner) { return *reinterpret_cast<PyObject**>(data_of(owner)); }

cantil_rt_owner* allocate(TypeRef type) {
  std::vector<TypeRef> parts;
  for (const ir::ObjectField& f : ir::object_fields(type)) parts.push_back(f.type);
  const ir::OwnerMap map = ir::owner_map(parts);
  const auto size = static_cast<int64_t>(map.size);
  cantil_rt_owner* owner = map.any
                               ? cantil_rt_alloc_counted(size, size, map.words[0], map.words[1], map.words[2])
                               : cantil_rt_alloc(size);
  if (!owner) {
    PyErr_NoMemory();
    throw PythonError{};
  }
  if (!map.any) std::memset(data_of(owner), 0, map.size);
  return owner;
}

PyTypeObject* face_class(TypeRef type) {
  Classes& c = classes();
  const auto number = static_cast<size_t>(type->value);
  if (number < c.of_type.size() && c.of_type[number]) return c.of_type[number];
  Ref object = checked(wrap_type(type));  // of a structref: its proxy goes by the class of its type
  auto found = c.struct_faces.find(Py_TYPE(object.get()));
  if (found != c.struct_faces.end()) return found->second;
  PyErr_Format(PyExc_TypeError, "compiled code cannot return %s to Python: its class has no proxy",
               type->str().c_str());
  throw PythonError{};
}

void instance_dealloc(PyObject* self) {
  PyTypeObject* cls = Py_TYPE(self);
  if (cantil_rt_owner* owner = as_instance(self)->owner) {
    face_of(owner) = nullptr;
    release_owner(owner);
  }
  cls->tp_free(self);
  Py_DECREF(cls);
}

PyObject* instance_new(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "instances are made by calling their class");
  return nullptr;
}

// _blank(type): an instance whose fields are all zero or None.
PyObject* blank(PyObject*, PyObject* type) {
  return guarded([&]() -> PyObject* {
    TypeRef t = type_denoted_by(type);
    if (!t || !ir::is_class_instance(t)) return PyErr_Format(PyExc_TypeError, "%R is no class's type", type);
    return box_instance(t, allocate(t));
  });
}

PyObject* type_getter(PyObject* self, void*) { return wrap_type(as_instance(self)->type); }

PyGetSetDef instance_getset[] = {{"_numba_type_", type_getter, nullptr, "The type.", nullptr},
                                 {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot instance_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(instance_dealloc)},
                                {Py_tp_new, reinterpret_cast<void*>(instance_new)},
                                {Py_tp_getset, instance_getset},
                                {Py_tp_doc, const_cast<char*>("An instance of a class of compiled code.")},
                                {0, nullptr}};
PyType_Spec instance_spec = {"cantil._core.Instance", sizeof(Instance), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, instance_slots};

// ---- Fields

// What a field holds and where: known when it is first used, since deferred types may come later.
struct FieldPlace {
  TypeRef type;
  size_t offset;
  ir::Packed packed;
  ir::OwnerMap owners;
};

struct Field {
  PyObject_HEAD TypeRef owner;
  std::string* name;
  FieldPlace* place;
};

Field* as_field(PyObject* object) { return reinterpret_cast<Field*>(object); }

const FieldPlace& place_of(Field* f) {
  if (f->place) return *f->place;
  const int i = ir::object_field(f->owner, *f->name);
  if (i < 0) {
    PyErr_Format(PyExc_AttributeError, "there is no field '%s'", f->name->c_str());
    throw PythonError{};
  }
  const ir::ObjectField& field = ir::object_fields(f->owner)[static_cast<size_t>(i)];
  f->place = new FieldPlace{field.type, field.offset, ir::pack({field.type}), ir::owner_map({field.type})};
  return *f->place;
}

bool check_owner(Field* f, PyObject* object) {
  if (is_instance(object) && as_instance(object)->type == f->owner) return true;
  PyErr_Format(PyExc_TypeError, "the field '%s' belongs to another class than %R", f->name->c_str(), object);
  return false;
}

PyObject* field_get(PyObject* self, PyObject* object, PyObject*) {
  if (!object || object == Py_None) return Py_NewRef(self);
  Field* f = as_field(self);
  if (!check_owner(f, object)) return nullptr;
  return guarded([&] {
    const FieldPlace& place = place_of(f);
    return box_element(place.type, place.packed, data_of(as_instance(object)->owner) + place.offset);
  });
}

void check_value(const Field* f, TypeRef type, PyObject* value) {
  TypeRef given = typeof_value(value);
  if (given == type) return;
  const bool numbers =
      given && given->is_number() && type->is_number() && (type->is_complex() || !given->is_complex());
  if (numbers || (given && frontend::can_convert(given, type))) return;
  const std::string shown = given ? given->str() : describe_untyped(value);
  throw CompileError(
      Diagnostic{Diag::FieldType, {}, {ir::class_name(f->owner), *f->name, type->str(), shown}, {}, ""});
}

int field_set(PyObject* self, PyObject* object, PyObject* value) {
  Field* f = as_field(self);
  if (!check_owner(f, object)) return -1;
  if (!value) {
    PyErr_Format(PyExc_AttributeError, "the field '%s' cannot be deleted", f->name->c_str());
    return -1;
  }
  return guarded(-1, [&] {
    const FieldPlace& place = place_of(f);
    char* at = data_of(as_instance(object)->owner) + place.offset;
    if (place.type == common_types.float64 && PyFloat_CheckExact(value)) {
      const double d = PyFloat_AS_DOUBLE(value);
      std::memcpy(at, &d, sizeof d);
      return 0;
    }
    check_value(f, place.type, value);
    const size_t size = ir::memory_size(place.type);
    std::vector<char> bytes(std::max<size_t>(place.owners.size, 8));
    ListScope lists;
    unbox_element(place.packed, place.type, value, bytes.data());
    std::vector<cantil_rt_owner*> old;
    for (size_t word = 0; place.owners.any && word < place.owners.size / 8; ++word)
      if (place.owners.words[word / 64] >> (word % 64) & 1) {
        cantil_rt_owner* owner;
        std::memcpy(&owner, at + 8 * word, sizeof owner);
        old.push_back(owner);
      }
    std::memcpy(at, bytes.data(), size);
    for (cantil_rt_owner* owner : old) release_owner(owner);
    return 0;
  });
}

void field_dealloc(PyObject* self) {
  PyTypeObject* cls = Py_TYPE(self);
  delete as_field(self)->name;
  delete as_field(self)->place;
  cls->tp_free(self);
  Py_DECREF(cls);
}

// Field(type, name)
PyObject* field_new(PyTypeObject* cls, PyObject* args, PyObject*) {
  PyObject* type = nullptr;
  const char* name = nullptr;
  if (!PyArg_ParseTuple(args, "Os", &type, &name)) return nullptr;
  return guarded([&]() -> PyObject* {
    TypeRef t = type_denoted_by(type);
    if (!t || !ir::is_class_instance(t)) return PyErr_Format(PyExc_TypeError, "%R is no class's type", type);
    Ref object = checked(cls->tp_alloc(cls, 0));
    as_field(object.get())->owner = t;
    as_field(object.get())->name = new std::string(name);
    return object.release();
  });
}

PyType_Slot field_slots[] = {{Py_tp_new, reinterpret_cast<void*>(field_new)},
                             {Py_tp_dealloc, reinterpret_cast<void*>(field_dealloc)},
                             {Py_tp_descr_get, reinterpret_cast<void*>(field_get)},
                             {Py_tp_descr_set, reinterpret_cast<void*>(field_set)},
                             {Py_tp_doc, const_cast<char*>("A field of a class of compiled code.")},
                             {0, nullptr}};
PyType_Spec field_spec = {"cantil._core.Field", sizeof(Field), 0, Py_TPFLAGS_DEFAULT, field_slots};

// ---- Functions of the module

// register_face(type, class): instances of a compiled class are of this Python class.
PyObject* register_face(PyObject*, PyObject* args) {
  PyObject *type = nullptr, *cls = nullptr;
  if (!PyArg_ParseTuple(args, "OO!", &type, &PyType_Type, &cls)) return nullptr;
  return guarded([&]() -> PyObject* {
    TypeRef t = unwrap_type(type);
    auto* face = reinterpret_cast<PyTypeObject*>(cls);
    if (!t || !ir::is_class_instance(t) || !PyType_IsSubtype(face, instance_class))
      return PyErr_Format(PyExc_TypeError, "a class's type and a class derived from Instance are expected");
    Classes& c = classes();
    const auto number = static_cast<size_t>(t->value);
    if (c.of_type.size() <= number) c.of_type.resize(number + 1);
    Py_INCREF(cls);
    c.of_type[number] = face;
    c.types[face] = t;
    Py_RETURN_NONE;
  });
}

// register_proxy(class of types, class): what structrefs with such types are in Python.
PyObject* register_proxy(PyObject*, PyObject* args) {
  PyObject *types = nullptr, *cls = nullptr;
  if (!PyArg_ParseTuple(args, "O!O!", &PyType_Type, &types, &PyType_Type, &cls)) return nullptr;
  if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(cls), instance_class))
    return PyErr_Format(PyExc_TypeError, "a class derived from StructRefProxy is expected");
  Py_INCREF(types);
  Py_INCREF(cls);
  classes().struct_faces[reinterpret_cast<PyTypeObject*>(types)] = reinterpret_cast<PyTypeObject*>(cls);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"blank_instance", blank, METH_O, "blank_instance(type): an instance whose fields are all zero."},
    {"register_face", register_face, METH_VARARGS, "register_face(type, class)"},
    {"register_proxy", register_proxy, METH_VARARGS, "register_proxy(class of types, class)"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

TypeRef type_of_instance(PyObject* object) {
  return is_instance(object) ? as_instance(object)->type : nullptr;
}

TypeRef type_of_class(PyObject* cls) {
  const auto& types = classes().types;
  if (types.empty()) return nullptr;
  auto found = types.find(reinterpret_cast<PyTypeObject*>(cls));
  return found == types.end() ? nullptr : found->second;
}

cantil_rt_owner* unbox_instance(TypeRef type, PyObject* object) {
  if (type_of_instance(object) != type) {
    PyErr_Format(PyExc_TypeError, "%s is expected, not %R", ir::class_name(type).c_str(), object);
    throw PythonError{};
  }
  cantil_rt_owner* owner = as_instance(object)->owner;
  cantil_rt_retain(owner);
  return owner;
}

PyObject* box_instance(TypeRef type, cantil_rt_owner* owner) noexcept {
  if (PyObject* face = face_of(owner)) {
    Py_INCREF(face);
    release_owner(owner);
    return face;
  }
  PyObject* made = guarded([&] {
    PyTypeObject* cls = face_class(type);
    Ref object = checked(cls->tp_alloc(cls, 0));
    as_instance(object.get())->owner = owner;
    as_instance(object.get())->type = type;
    face_of(owner) = object.get();
    return object.release();
  });
  if (!made) release_owner(owner);
  return made;
}

int add_instance(PyObject* module) {
  instance_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&instance_spec));
  field_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&field_spec));
  if (!instance_class || !field_class) return -1;
  for (auto [name, cls] : {std::pair{"Instance", instance_class}, {"Field", field_class}}) {
    Py_INCREF(cls);
    if (PyModule_AddObject(module, name, reinterpret_cast<PyObject*>(cls)) < 0) return -1;
  }
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
