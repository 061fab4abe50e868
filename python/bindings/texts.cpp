// str and bytes across the border.
#include "python/bindings/texts.h"

#include "device_runtime/text/text.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {

namespace dr = device_runtime;

cantil_rt_owner* unbox_text(ir::TypeRef type, PyObject* object) {
  if (type->is_text() && PyUnicode_Check(object)) {
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(object) < 0) throw PythonError{};
#endif
    const Py_ssize_t n = PyUnicode_GET_LENGTH(object);
    const int kind = static_cast<int>(PyUnicode_KIND(object));
    cantil_rt_owner* text = own_object(object, PyUnicode_DATA(object), n * kind);
    dr::describe(text, n, kind);
    text->owners[dr::kHashWord] = static_cast<uint64_t>(reinterpret_cast<PyASCIIObject*>(object)->hash);
    return text;
  }
  if (type->is_bytes() && PyBytes_Check(object)) {
    const Py_ssize_t n = PyBytes_GET_SIZE(object);
    cantil_rt_owner* text = own_object(object, PyBytes_AS_STRING(object), n);
    dr::describe(text, n, 1);
    return text;
  }
  PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), object);
  throw PythonError{};
}

PyObject* box_text(ir::TypeRef type, cantil_rt_owner* text) noexcept {
  PyObject* object = object_of(text);
  // The characters of a str may serve as bytes, and the other way round.
  if (object && (type->is_text() ? PyUnicode_Check(object) : PyBytes_Check(object))) {
    Py_INCREF(object);
  } else if (!text) {
    PyErr_NoMemory();
  } else {
    const auto n = static_cast<Py_ssize_t>(dr::length_of(text));
    object = type->is_text() ? PyUnicode_FromKindAndData(dr::kind_of(text), text->data, n)
                             : PyBytes_FromStringAndSize(static_cast<const char*>(text->data), n);
    if (object && type->is_text() && text->owners[dr::kHashWord] != ~uint64_t{0})
      reinterpret_cast<PyASCIIObject*>(object)->hash = static_cast<Py_hash_t>(text->owners[dr::kHashWord]);
  }
  release_owner(text);
  return object;
}

namespace {

int64_t hash_bytes(const void* bytes, int64_t size) {
#if PY_VERSION_HEX >= 0x030E0000
  return Py_HashBuffer(bytes, size);
#else
  return _Py_HashBytes(bytes, size);
#endif
}

}  // namespace

void install_text_hooks() { dr::set_hash_function(hash_bytes); }

}  // namespace cantil::bindings
